"""Plans written as SQL of SQLite, PostgreSQL or MySQL."""

from collections.abc import Mapping
from typing import cast

from dataflow_ops.databases.quoting import quoted
from dataflow_ops.databases.schema import Dialect
from dataflow_ops.llm.rehearsal.sql_plan import (
    ARITHMETIC,
    RANKS,
    All,
    Call,
    Col,
    Cond,
    Either,
    Exists,
    Expr,
    Item,
    Join,
    Key,
    Lit,
    Over,
    Query,
    Raw,
    Source,
    Sub,
    Test,
)
from dataflow_ops.llm.rehearsal.sql_schema import Tables, linked

DATES: Mapping[str, Mapping[str, str]] = {
    "sqlite": {
        "year": "strftime('%Y', {})", "month": "strftime('%m', {})", "year and month": "strftime('%Y-%m', {})",
    },
    "postgres": {
        "year": "EXTRACT(YEAR FROM {})", "month": "EXTRACT(MONTH FROM {})",
        "year and month": "TO_CHAR({}, 'YYYY-MM')",
    },
    "mysql": {"year": "YEAR({})", "month": "MONTH({})", "year and month": "DATE_FORMAT({}, '%Y-%m')"},
}  # fmt: skip


def text_of(text: str, dialect: str) -> str:
    """Return a text as a literal."""
    read = text.replace("\\", "\\\\") if dialect == "mysql" else text
    return "'" + read.replace("'", "''") + "'"


def written(query: Query, tables: Tables, dialect: str) -> str:
    """Return the statement for a query over `tables`."""
    return Writer(tables, dialect).query(query)


class Writer:
    """Writes the parts of a plan."""

    def __init__(self, tables: Tables, dialect: str):
        self.tables, self.dialect = tables, cast(Dialect, dialect if dialect in DATES else "sqlite")
        self.dates = DATES[self.dialect]
        self.nested = -1
        self.bare: list[bool] = []
        """Of the queries around, the innermost last: whether its columns need no name of their source."""

    def query(self, query: Query) -> str:
        """Write a query."""
        known = self.tables
        self.nested += 1
        named = ", ".join(map(self._named, query.named))
        body = self._body(query)
        self.nested -= 1
        self.tables = known
        return f"WITH {named}{self.gap}{body}" if named else body

    def _named(self, named: tuple[str, Query]) -> str:
        text = f"{self.name(named[0])} AS ({self.query(named[1])})"
        self.tables = self.tables.with_named([named])
        return text

    @property
    def gap(self) -> str:
        """What stands between clauses: those of the outermost query begin lines."""
        return " " if self.nested > 0 else "\n"

    def _body(self, query: Query) -> str:
        text = self._select(query)
        for kind, other in query.also:
            text += f"{self.gap}{kind.upper()}{self.gap}{self._select(other)}"
        bare = not query.also and self._is_bare(query)
        self.bare.append(bare)
        if query.order:
            text += f"{self.gap}ORDER BY {self._keys(query.order)}"
        self.bare.pop()
        text += f"{self.gap}LIMIT {query.limit}" if query.limit is not None else ""
        return text + (f"{self.gap}OFFSET {query.offset}" if query.offset is not None else "")

    def _is_bare(self, query: Query) -> bool:
        return len(query.sources) == 1 and not self.bare

    def _select(self, query: Query) -> str:
        self.bare.append(self._is_bare(query))
        text = "SELECT DISTINCT " if query.distinct else "SELECT "
        text += ", ".join(map(self._item, query.items))
        if query.source:
            text += f"{self.gap}FROM {self._source(query.source)}" + self._joins(query)
        text += f"{self.gap}WHERE {self.cond(query.where)}" if query.where else ""
        text += f"{self.gap}GROUP BY {', '.join(map(self.expr, query.group))}" if query.group else ""
        text += f"{self.gap}HAVING {self.cond(query.having)}" if query.having else ""
        self.bare.pop()
        return text

    def _item(self, item: Item) -> str:
        return self.expr(item.expr) + (f" AS {self.name(item.alias)}" if item.alias else "")

    def _source(self, source: Source) -> str:
        parts = source.table.split(".") if self.dialect == "postgres" else [source.table]
        return ".".join(map(self.name, parts)) + (f" AS {self.name(source.alias)}" if source.renamed else "")

    def _joins(self, query: Query) -> str:
        before, text = list(query.sources[:1]), ""
        for join in query.joins:
            text += self._join(join, before)
            before.append(join.source)
        return text

    def _join(self, join: Join, before: list[Source]) -> str:
        if join.kind == "cross":
            return f"{self.gap}CROSS JOIN {self._source(join.source)}"
        on = join.on or linked(self.tables, before, join.source)
        kind = "LEFT JOIN " if join.kind == "left" else "JOIN "
        return self.gap + kind + self._source(join.source) + (f" ON {self.cond(on)}" if on else " ON 1 = 1")

    def _keys(self, keys: tuple[Key, ...]) -> str:
        return ", ".join(self.expr(key.by) + (" DESC" if key.down else "") for key in keys)

    def name(self, name: str) -> str:
        """Write a name, quoted where it has to be."""
        return quoted(name, self.dialect)

    def expr(self, expr: Expr) -> str:
        """Write an expression."""
        match expr:
            case Col(of, name):
                return (
                    self.name(name) if not of or (self.bare and self.bare[-1]) else f"{self.name(of)}.{self.name(name)}"
                )
            case Lit(text, number):
                return text if number else text_of(text, self.dialect)
            case Raw(sql):
                return sql
            case Sub(query):
                return f"({self.query(query)})"
            case Over(call, within, by):
                return self._over(call, within, by)
            case Call(name, args):
                return self._call(name, args)

    def _over(self, call: Call, within: tuple[Expr, ...], by: tuple[Key, ...]) -> str:
        inside = f"PARTITION BY {', '.join(map(self.expr, within))}" if within else ""
        inside += (" " if within else "") + f"ORDER BY {self._keys(by)}" if by else ""
        return f"{self.expr(call)} OVER ({inside})"

    def _call(self, name: str, args: tuple[Expr, ...]) -> str:
        shown = [self._operand(each) if name in ARITHMETIC else self.expr(each) for each in args]
        if name in ARITHMETIC:
            return f" {ARITHMETIC[name]} ".join(shown)
        if name in self.dates:
            return self.dates[name].format(*shown)
        function, _, distinct = name.upper().partition(" ")
        if function == "COUNT" and not shown:
            return "COUNT(*)"
        return f"{function}({'DISTINCT ' if distinct and name not in RANKS else ''}{', '.join(shown)})"

    def _operand(self, expr: Expr) -> str:
        inner = isinstance(expr, Raw) or (isinstance(expr, Call) and expr.name in ARITHMETIC)
        return f"({self.expr(expr)})" if inner else self.expr(expr)

    def cond(self, cond: Cond) -> str:
        """Write a condition."""
        match cond:
            case All(items):
                return " AND ".join(
                    f"({self.cond(each)})" if isinstance(each, Either) else self.cond(each) for each in items
                )
            case Either(items):
                return " OR ".join(
                    f"({self.cond(each)})" if isinstance(each, All) else self.cond(each) for each in items
                )
            case Exists(query, negated):
                return f"{'NOT ' if negated else ''}EXISTS ({self.query(query)})"
            case Test():
                return self._test(cond)

    def _test(self, test: Test) -> str:
        left, right = self.expr(test.left), [self.expr(each) for each in test.right]
        match test.op:
            case "null" | "not null":
                return f"{left} IS {test.op.upper()}"
            case "between" | "not between":
                return f"{left} {test.op.upper()} {right[0]} AND {right[1]}"
            case "in" | "not in":
                listed = right[0] if isinstance(test.right[0], Sub) else f"({', '.join(right)})"
                return f"{left} {test.op.upper()} {listed}"
            case "holds":
                return f"({left})"
            case "near":
                return f"{left} MATCH embed({right[0]})"
            case _:
                return f"{left} {test.op.upper()} {right[0]}"
