"""Plans read from SQL, as far as rules know it: what they do not know is no plan."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, cast

from dataflow_ops.databases import parse
from dataflow_ops.databases.result import Failed
from dataflow_ops.databases.schema import Dialect
from dataflow_ops.llm.rehearsal.sql_conds import CondReader
from dataflow_ops.llm.rehearsal.sql_exprs import Scopes, Seen, Unreadable, told
from dataflow_ops.llm.rehearsal.sql_plan import Cond, Expr, Item, Join, Key, Lit, Query, Source, Test, conditions
from dataflow_ops.llm.rehearsal.sql_schema import Tables, linked

if TYPE_CHECKING:
    from sqlglot import exp

DIALECTS = ("sqlite", "postgres", "mysql")
LONGEST = 8_000
"""Characters of a statement that is read."""
_KNOWN = {"expressions", "from_", "joins", "where", "group", "having", "order", "limit", "offset", "distinct", "with_"}
"""The parts of a SELECT that are read; a statement with others is not."""
KINDS = ("", "INNER", "OUTER", "CROSS")
"""Of joins that are read."""


@lru_cache(maxsize=512)
def read(sql: str, tables: Tables, dialect: str) -> Query | None:
    """Return what a statement asks for; None where it does not parse, or is not understood."""
    if dialect not in DIALECTS or len(sql) > LONGEST:
        return None
    tree = parse.one(sql, cast(Dialect, dialect))
    if isinstance(tree, Failed):
        return None
    try:
        return _Reader(tables, dialect, tree).query(tree, ())
    except (Unreadable, RecursionError):
        return None


class _Reader(CondReader):
    """Reads the clauses of one statement."""

    def __init__(self, tables: Tables, dialect: str, tree: "exp.Expr"):
        super().__init__(tables, dialect)
        self.times = Counter(node.name.lower() for node in tree.walk() if node.key == "table")

    def query(self, node: "exp.Expr", around: Scopes) -> Query:
        """Read a query, with those it names."""
        known = self.tables
        named = tuple(self._named(each) for each in self._withs(node))
        node = node.this if node.key == "subquery" and not told(node, {"this", "with_"}) else node
        read = self._sets if node.key in ("union", "intersect", "except") else self._select
        query = read(node, around)
        self.tables = known
        return replace(query, named=(*named, *query.named))

    def _withs(self, node: "exp.Expr") -> "Sequence[exp.Expr]":
        clause = node.args.get("with_")
        if clause and clause.args.get("recursive"):
            raise Unreadable
        return clause.expressions if clause else ()

    def _named(self, node: "exp.Expr") -> tuple[str, Query]:
        name = node.alias or "inner"
        if (node.alias and node.args["alias"].args.get("columns")) or self.tables.find(name):
            raise Unreadable
        query = self.query(node.this, ())
        self.tables = self.tables.with_named([(name, query)])
        return name, query

    def _sets(self, node: "exp.Expr", around: Scopes) -> Query:
        parts = self._flat(node)
        first, *others = [(kind, self._select(each, around)) for kind, each in parts]
        if self.dialect != "sqlite" and len({kind for kind, _ in others}) > 1:
            raise Unreadable
        if any(query.order or query.limit is not None or query.named for _, query in (first, *others)):
            raise Unreadable
        query = replace(first[1], also=tuple(others))
        order = tuple(self._position(each, query) for each in _items(node, "order"))
        return replace(query, order=order, limit=_whole(node, "limit"), offset=_whole(node, "offset"))

    def _flat(self, node: "exp.Expr") -> "list[tuple[str, exp.Expr]]":
        node = node.this if node.key == "subquery" and not told(node, {"this"}) else node
        if node.key not in ("union", "intersect", "except"):
            return [("", node)]
        kind = node.key if node.args.get("distinct") else f"{node.key} all"
        return [*self._flat(node.this), (kind, node.expression)]

    def _position(self, node: "exp.Expr", query: Query) -> Key:
        """Read a key of several queries put together as the number of the column it names."""
        shown = [item.alias or getattr(item.expr, "name", "") for item in query.items]
        by = node.this
        if by.key == "literal" and not by.is_string:
            place = int(by.name) - 1
        else:
            place = (
                [each.lower() for each in shown].index(by.name.lower())
                if by.name.lower() in map(str.lower, shown)
                else -1
            )
        if not 0 <= place < len(shown):
            raise Unreadable
        return Key(Lit(str(place + 1), number=True), self.down(node))

    def _select(self, node: "exp.Expr", around: Scopes) -> Query:
        if node.key != "select" or told(node, _KNOWN):
            raise Unreadable
        known = self.tables
        named: list[tuple[str, Query]] = []
        seen, joins = self._sources(node, around, named)
        scopes = (*around, seen)
        items = tuple(item for each in node.expressions for item in self._items(each, scopes))
        distinct = node.args.get("distinct")
        if distinct and distinct.args.get("on"):
            raise Unreadable
        query = Query(
            items, seen[0].source if seen else None, joins, bool(distinct), self._where(node, "where", scopes)
        )
        query = self._grouped(node, query, scopes)
        self.tables = known
        return replace(query, named=tuple(named))

    def _grouped(self, node: "exp.Expr", query: Query, scopes: Scopes) -> Query:
        group = node.args.get("group")
        if group and told(group, {"expressions"}):
            raise Unreadable
        aliases = {item.alias.lower(): item.expr for item in query.items if item.alias}
        keys = tuple(self._key(each, query, scopes, aliases) for each in (group.expressions if group else ()))
        having = self._where(node, "having", scopes, aliases)
        order = tuple(self._ordered(each, query, scopes, aliases) for each in _items(node, "order"))
        limit, offset = _whole(node, "limit"), _whole(node, "offset")
        return replace(query, group=keys, having=having, order=order, limit=limit, offset=offset)

    def _key(self, node: "exp.Expr", query: Query, scopes: Scopes, aliases: Mapping[str, Expr]) -> Expr:
        """Read what rows are grouped or ordered by: a number is that of a column of the result."""
        if node.key == "literal" and not node.is_string:
            if not 0 < int(node.name) <= len(query.items):
                raise Unreadable
            return query.items[int(node.name) - 1].expr
        return self.expr(node, scopes, aliases)

    def _ordered(self, node: "exp.Expr", query: Query, scopes: Scopes, aliases: Mapping[str, Expr]) -> Key:
        """Read what rows are ordered by: a name alone is rather that of a column of the result."""
        by = node.this
        if by.key == "column" and not by.text("table") and by.name.lower() in aliases:
            return Key(aliases[by.name.lower()], self.down(node))
        return Key(self._key(by, query, scopes, aliases), self.down(node))

    def _where(
        self, node: "exp.Expr", clause: str, scopes: Scopes, aliases: Mapping[str, Expr] | None = None
    ) -> Cond | None:
        found = node.args.get(clause)
        return self.cond(found.this, scopes, aliases or {}) if found else None

    def _items(self, node: "exp.Expr", scopes: Scopes) -> list[Item]:
        if node.key == "star" or (node.key == "column" and node.this.key == "star"):
            owner = node.args.get("table") if node.key == "column" else None
            return [Item(col) for col in self.all_of(scopes[-1], owner.name if owner else None)]
        alias = node.alias if node.key == "alias" else None
        return [Item(self.expr(node.this if alias else node, scopes, {}), alias)]

    def _sources(
        self, node: "exp.Expr", around: Scopes, named: list[tuple[str, Query]]
    ) -> tuple[tuple[Seen, ...], tuple[Join, ...]]:
        clause = node.args.get("from_")
        if clause is None:
            return (), ()
        seen, joins = [self._source(clause.this, named)], []
        for each in node.args.get("joins") or ():
            new = self._source(each.this, named)
            joins.append(self._join(each, seen, new, around))
            seen.append(new)
        if len({each.source.alias.lower() for each in seen}) < len(seen):
            raise Unreadable
        return tuple(seen), tuple(joins)

    def _source(self, node: "exp.Expr", named: list[tuple[str, Query]]) -> Seen:
        if node.key == "subquery" and not told(node, {"this", "alias"}):
            named.append(self._named(node))
            return Seen(node.alias, Source(named[-1][0], named[-1][0]))
        if node.key != "table" or told(node, {"this", "alias", "db"}):
            raise Unreadable
        table = self.tables.find(node.name) or self.tables.find(f"{node.text('db')}.{node.name}")
        if table is None:
            raise Unreadable
        often = self.times[node.name.lower()] > 1
        return Seen(node.alias_or_name, Source(table.name, node.alias if often and node.alias else table.name))

    def _join(self, node: "exp.Expr", before: Sequence[Seen], new: Seen, around: Scopes) -> Join:
        kind = {"LEFT": "left", "": "inner"}.get(node.text("side"))
        if kind is None or told(node, {"this", "kind", "side", "on", "using"}) or node.text("kind") not in KINDS:
            raise Unreadable
        on = self._on(node, before, new, around)
        if on is None:
            return Join(new.source, "cross")
        same = linked(self.tables, [each.source for each in before], new.source)
        return Join(new.source, kind, None if same and _plain(same) == _plain(on) else on)

    def _on(self, node: "exp.Expr", before: Sequence[Seen], new: Seen, around: Scopes) -> Cond | None:
        if using := node.args.get("using"):
            return self.using([each.name for each in using], before, new)
        return self.cond(node.args["on"], (*around, (*before, new)), {}) if node.args.get("on") else None


def _plain(cond: Cond) -> frozenset[object]:
    """Return a condition so that the order of its parts and of their sides does not matter."""
    return frozenset(
        frozenset((each.left, *each.right)) if isinstance(each, Test) and each.op == "=" else each
        for each in conditions(cond)
    )


def _items(node: "exp.Expr", clause: str) -> "Sequence[exp.Expr]":
    found = node.args.get(clause)
    return found.expressions if found else ()


def _whole(node: "exp.Expr", clause: str) -> int | None:
    """Read the number of a LIMIT or an OFFSET."""
    found = node.args.get(clause)
    if found is None:
        return None
    number = found.args.get("expression")
    if found.key not in ("limit", "offset") or number is None or number.key != "literal" or not number.name.isdecimal():
        raise Unreadable
    return int(number.name)
