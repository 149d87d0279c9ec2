"""The components of a query, counted in its parse tree. Imported inside functions: it loads the parser."""

from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple

from sqlglot import exp

from dataflow_ops.databases._tree import deeply, parsed
from dataflow_ops.databases.components import LABELS, Counts, label
from dataflow_ops.databases.result import Failed
from dataflow_ops.databases.schema import Dialect

PATTERNS = (exp.Like, exp.ILike, exp.Glob, exp.RegexpLike, exp.RegexpILike, exp.SimilarTo, exp.MatchAgainst)
PLACES: dict[type, str] = {
    exp.From: "from",
    exp.Join: "from",
    exp.Lateral: "from",
    exp.Where: "where",
    exp.Having: "having",
}
UNTYPED = frozenset({"total", "median", "json_group_array", "json_group_object", "json_objectagg", "every"})
"""Aggregates that the parser knows as functions."""
NO_CALLS = (exp.Binary, exp.Predicate, exp.Case, exp.If, exp.Cast, exp.AggFunc, exp.Array, exp.RowNumber)
PARTS = ("tables", "joins", "where_conditions", "group_columns", "having_conditions", "order_columns", "limits",
         "distincts", "aggregates", "windows", "functions", "ors", "likes", "ins", "exists", "cases")  # fmt: skip


class _Hard(NamedTuple):
    """What one query is judged by."""

    clauses: int
    nested: int
    extras: int

    @property
    def level(self) -> int:
        """Its place among the labels."""
        return LABELS.index(label(*self))


def counted(sql: str, dialect: Dialect) -> Counts | Failed:
    """Count what a query is made of."""
    tree = parsed(sql, dialect)
    return tree if isinstance(tree, Failed) else deeply(lambda: _counted(tree))


def _counted(tree: exp.Expr) -> Counts:
    selects = list(tree.find_all(exp.Select))
    hardest = max(map(_hard, selects), key=lambda hard: (hard.level, hard), default=_Hard(0, 0, 0))
    total: Counter[str] = Counter()
    for select in selects:
        total.update(_parts(select))
    for query in tree.find_all(exp.SetOperation, exp.Subquery):
        total.update(_ends(query))
    placed = Counter(filter(None, (_place(query) for query in tree.find_all(exp.Select, exp.SetOperation))))
    return Counts(
        columns=_width(tree),
        set_operations=sum(1 for _ in tree.find_all(exp.SetOperation)),
        common_tables=sum(1 for _ in tree.find_all(exp.CTE)),
        **{f"subqueries_{place}": placed[place] for place in ("from", "where", "having", "select", "elsewhere")},
        **{name: total[name] for name in PARTS},
        **hardest._asdict(),
    )


def _parts(select: exp.Expr) -> dict[str, int]:
    """Count what a SELECT has itself, without the queries in it."""
    own = list(_own(select))
    kinds: dict[str, Any] = {"tables": exp.Table, "joins": exp.Join, "ors": exp.Or, "likes": PATTERNS,
             "ins": exp.In, "exists": exp.Exists}  # fmt: skip
    group = select.args.get("group")
    return {
        **{name: sum(isinstance(node, kind) for node in own) for name, kind in kinds.items()},
        **_ends(select),
        "where_conditions": _conditions(select.args.get("where")),
        "having_conditions": _conditions(select.args.get("having")),
        "group_columns": 0 if group is None else max(1, len(group.expressions)),
        "distincts": int(bool(select.args.get("distinct"))),
        "windows": sum(isinstance(node, exp.Window) and node.arg_key != "windows" for node in own),
        "aggregates": sum(_is_aggregate(node) for node in own),
        "functions": sum(_is_function(node) for node in own),
        "cases": sum(isinstance(node, exp.Case) or _is_choice(node) for node in own),
    }


def _ends(query: exp.Expr) -> dict[str, int]:
    order = query.args.get("order")
    limit = query.args.get("limit") or query.args.get("fetch")
    return {"order_columns": len(order.expressions) if order else 0, "limits": int(bool(limit))}


def _own(query: exp.Expr) -> Iterator[exp.Expr]:
    """Yield the nodes of a query, without those of queries in it."""
    return query.walk(prune=lambda node: node is not query and isinstance(node, exp.Query | exp.With))


def _conditions(clause: exp.Expr | None) -> int:
    """Count the conditions that AND and OR join, without those of queries within."""
    return 0 if clause is None else 1 + sum(isinstance(node, exp.Connector) for node in _own(clause))


def _is_aggregate(node: exp.Expr) -> bool:
    if not isinstance(node, exp.AggFunc) and not (isinstance(node, exp.Anonymous) and node.name.lower() in UNTYPED):
        return False
    around = node.parent
    while isinstance(around, exp.Filter | exp.WithinGroup | exp.IgnoreNulls | exp.RespectNulls):
        around = around.parent
    return not isinstance(around, exp.Window)


def _is_choice(node: exp.Expr) -> bool:
    return isinstance(node, exp.If) and not isinstance(node.parent, exp.Case)


def _is_function(node: exp.Expr) -> bool:
    """Return whether this is a call; the parser wraps dates of some calls in conversions that nobody wrote."""
    if not isinstance(node, exp.Func) or isinstance(node, NO_CALLS) or type(node).__name__.startswith("TsOrDs"):
        return False
    return not (isinstance(node, exp.Anonymous) and node.name.lower() in UNTYPED)


def _place(query: exp.Expr) -> str | None:
    """Return which part of another query this one stands in; None for the outermost, arms of UNION and queries of WITH."""
    around = query.parent
    while isinstance(around, exp.Subquery):
        around = around.parent
    if around is None or isinstance(around, exp.SetOperation | exp.CTE):
        return None
    while (
        around is not None and type(around) not in PLACES and not isinstance(around, exp.Select | exp.Order | exp.Group)
    ):
        around = around.parent
    return "select" if isinstance(around, exp.Select) else PLACES.get(type(around), "elsewhere")


def _hard(select: exp.Expr) -> _Hard:
    """Judge a query by what it has itself, its set operations, and how many queries are directly within it."""
    parts = Counter(_parts(select))
    nested = sum(_place(node) is not None for node in _own(select) if node is not select and _is_body(node))
    around = select
    nested += _common(around)
    while isinstance(around.parent, exp.SetOperation | exp.Subquery):
        around = around.parent
        nested += isinstance(around, exp.SetOperation) + _common(around)
        parts.update(_ends(around))
    present = ("where_conditions", "group_columns", "having_conditions", "order_columns", "limits", "cases", "windows")
    clauses = sum(bool(parts[name]) for name in present) + sum(
        parts[name] for name in ("joins", "ors", "likes", "windows")
    )
    extras = sum(parts[name] > 1 for name in ("aggregates", "where_conditions", "group_columns", "functions"))
    return _Hard(clauses, nested, extras + _reckons(select))


def _is_body(node: exp.Expr) -> bool:
    return isinstance(node, exp.Select | exp.SetOperation | exp.Subquery)


def _common(query: exp.Expr) -> int:
    """Count the queries of a WITH; one more where they may call themselves."""
    known = query.args.get("with_")
    return 0 if known is None else len(known.expressions) + bool(known.args.get("recursive"))


def _reckons(select: exp.Expr) -> bool:
    """Return whether a query returns several columns of which one at least is more than a column of a table."""
    plain = [isinstance(each.unalias(), exp.Column | exp.Star) for each in select.expressions]
    return len(plain) > 1 and not all(plain)


def _width(tree: exp.Expr) -> int:
    """Return how many columns are selected; UNION has those of its first query."""
    while isinstance(tree, exp.SetOperation | exp.Subquery):
        tree = tree.this
    if isinstance(tree, exp.Values):
        return len(tree.expressions[0].expressions) if tree.expressions else 0
    return len(tree.expressions)
