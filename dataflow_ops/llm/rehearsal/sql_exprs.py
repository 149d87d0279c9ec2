"""Expressions and conditions read from the parse tree of a statement, as far as rules know them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dataflow_ops.llm.rehearsal.sql_plan import (
    Call,
    Col,
    Expr,
    Key,
    Lit,
    Over,
    Query,
    Raw,
    Source,
    Sub,
)
from dataflow_ops.llm.rehearsal.sql_schema import Tables

if TYPE_CHECKING:
    from sqlglot import exp

ARITHMETIC = {"add": "plus", "sub": "minus", "mul": "times", "div": "divided by"}
FUNCTIONS = {
    "count": "count", "sum": "sum", "avg": "avg", "min": "min", "max": "max", "upper": "upper", "lower": "lower",
    "abs": "abs", "rownumber": "row_number", "rank": "rank", "denserank": "dense_rank",
}  # fmt: skip
DATES = {"%Y": "year", "%m": "month", "%Y-%m": "year and month"}
HARMLESS = {"this", "big_int", "format", "expression", "binary"}
"""What calls may say beside their argument."""
DEEPEST, LONGEST_FORMULA = 40, 60
"""How deep a tree is followed; of how many nodes a formula is that is taken as it stands."""


class Unreadable(Exception):
    """A statement asks for what plans do not know."""


@dataclass(frozen=True)
class Seen:
    """A source and the name that columns of it are written with."""

    name: str
    source: Source


Scopes = tuple[tuple[Seen, ...], ...]
"""The sources that columns can be of; those of the innermost query last."""
Aliases = Mapping[str, Expr]


def told(node: "exp.Expr", known: set[str]) -> bool:
    """Tell whether a node has parts that are not known."""
    return any(value for name, value in node.args.items() if name not in known)


class ExprReader:
    """Reads what stands in the clauses of a statement."""

    def __init__(self, tables: Tables, dialect: str):
        self.tables, self.dialect, self.deep = tables, dialect, 0

    def query(self, node: "exp.Expr", around: Scopes) -> Query:
        """Read a query inside."""
        raise NotImplementedError

    def expr(self, node: "exp.Expr", scopes: Scopes, aliases: Aliases) -> Expr:
        """Read an expression; `aliases` are names of columns of the result."""
        self.deep += 1
        if self.deep > DEEPEST:
            raise Unreadable
        found = self._expr(node, scopes, aliases)
        self.deep -= 1
        return found

    def _expr(self, node: "exp.Expr", scopes: Scopes, aliases: Aliases) -> Expr:
        match node.key:
            case "column":
                return self._column(node, scopes, aliases)
            case "literal" | "neg" if (value := _value(node)) is not None:
                return value
            case "paren":
                return self.expr(node.this, scopes, aliases)
            case "subquery":
                return Sub(self.query(node, scopes))
            case "window":
                return self._window(node, scopes, aliases)
        return self._call(node, scopes, aliases) or self._raw(node, scopes, aliases)

    def _column(self, node: "exp.Expr", scopes: Scopes, aliases: Aliases) -> Expr:
        owner, name = node.text("table").lower(), node.name.lower()
        for scope in reversed(scopes):
            found = [
                Col(each.source.alias, column.name)
                for each in scope
                if not owner or each.name.lower() == owner
                if (table := self.tables.find(each.source.table)) and (column := table.by_name.get(name))
            ]
            if len(found) == 1:
                return found[0]
            if found or (not owner and scope is scopes[-1] and name in aliases):
                break
        if owner or name not in aliases:
            raise Unreadable
        return aliases[name]

    def _call(self, node: "exp.Expr", scopes: Scopes, aliases: Aliases) -> Expr | None:
        if node.key in ARITHMETIC:
            sides = (self.expr(each, scopes, aliases) for each in (node.this, node.expression))
            return Call(ARITHMETIC[node.key], tuple(sides))
        if node.key == "round" and not told(node, {"this", "decimals"}):
            return self._rounded(node, scopes, aliases)
        name, argument = FUNCTIONS.get(node.key), node.this
        if name == "count" and getattr(argument, "key", "") == "star":
            return Call("count")
        if name is None:
            name, argument = self._date(node)
        if name is None or told(node, HARMLESS):
            return None
        return self._with_argument(name, argument, scopes, aliases)

    def _with_argument(
        self, name: str, argument: "exp.Expr | str | None", scopes: Scopes, aliases: Aliases
    ) -> Expr | None:
        if argument is None or isinstance(argument, str):
            return Call(name)
        if argument.key != "distinct":
            return Call(name, (self.expr(argument, scopes, aliases),))
        if len(argument.expressions) != 1 or name not in ("count", "sum", "avg"):
            return None
        return Call(f"{name} distinct", (self.expr(argument.expressions[0], scopes, aliases),))

    def _rounded(self, node: "exp.Expr", scopes: Scopes, aliases: Aliases) -> Expr | None:
        places = node.args.get("decimals")
        if places is not None and places.key != "literal":
            return None
        inner = self.expr(node.this, scopes, aliases)
        return Call("round", (inner, Lit(places.name, number=True))) if places is not None else None

    def _date(self, node: "exp.Expr") -> "tuple[str | None, exp.Expr | None]":
        """Read the part of a date in the form that `sql_write` gives it, and in no other: types differ."""
        if node.key == "length":
            plain = self.dialect != "mysql" or node.args.get("binary")
            return ("length" if plain else None), node.this
        if node.key in ("year", "month") and self.dialect == "mysql":
            return node.key, _cast_away(node.this)
        if node.key == "extract" and self.dialect == "postgres":
            return {"YEAR": "year", "MONTH": "month"}.get(node.this.name.upper()), node.expression
        wanted = {"sqlite": {*DATES}, "postgres": {"%Y-%m"}, "mysql": {"%Y-%m"}}[self.dialect]
        form = node.args.get("format")
        if node.key == "timetostr" and form is not None and form.name in wanted:
            return DATES[form.name], _cast_away(node.this)
        return None, None

    def _window(self, node: "exp.Expr", scopes: Scopes, aliases: Aliases) -> Expr:
        call = self._call(node.this, scopes, aliases)
        if not isinstance(call, Call) or told(node, {"this", "partition_by", "order", "over"}):
            return self._raw(node, scopes, aliases)
        within = tuple(self.expr(each, scopes, aliases) for each in node.args.get("partition_by") or ())
        order = node.args.get("order")
        by = tuple(self._window_key(each, scopes, aliases) for each in (order.expressions if order else ()))
        return Over(call, within, by)

    def _window_key(self, node: "exp.Expr", scopes: Scopes, aliases: Aliases) -> Key:
        return Key(self.expr(node.this, scopes, aliases), self.down(node))

    def down(self, node: "exp.Expr") -> bool:
        """Tell whether an order is downwards; where nulls come has to be as the engine has it."""
        down = bool(node.args.get("desc"))
        if bool(node.args.get("nulls_first")) != (down if self.dialect == "postgres" else not down):
            raise Unreadable
        return down

    def _raw(self, node: "exp.Expr", scopes: Scopes, aliases: Aliases) -> Raw:
        """Take a formula as it stands, its columns with the names of their sources."""
        nodes = list(node.walk())
        if len(nodes) > LONGEST_FORMULA or any(each.key in ("select", "subquery", "star") for each in nodes):
            raise Unreadable
        copy = node.copy()
        for each in [each for each in copy.walk() if each.key == "column"]:
            col = self._column(each, scopes, aliases)
            if not isinstance(col, Col):
                raise Unreadable
            self._rename(each, col)
        return Raw(copy.sql(dialect=self.dialect))

    def _rename(self, node: "exp.Expr", col: Col) -> None:
        made = node.this.copy()
        made.set("this", col.of)
        made.set("quoted", True)
        node.set("table", made)

    def all_of(self, scope: Sequence[Seen], name: str | None) -> list[Expr]:
        """Return the columns that a star stands for."""
        chosen = [each for each in scope if name is None or each.name.lower() == name.lower()]
        tables = [(each.source.alias, self.tables.find(each.source.table)) for each in chosen]
        return [
            Col(alias, column.name) for alias, table in tables if table for column in table.columns if not column.hidden
        ]


def _value(node: "exp.Expr") -> Lit | None:
    if node.key == "literal":
        return Lit(node.name, number=not node.is_string)
    plain = node.this.key == "literal" and not node.this.is_string
    return Lit(f"-{node.this.name}", number=True) if plain else None


def _cast_away(node: "exp.Expr") -> "exp.Expr":
    """Return what stands in the conversions that the parser adds."""
    return _cast_away(node.this) if node.key in ("tsordstotimestamp", "tsordstodate") else node
