"""What a statement asks for, in a form that can be drawn, written as SQL, read from SQL, said in English and heard."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any, TypeAlias, cast


@dataclass(frozen=True)
class Col:
    """A column of a source; `of` is the name of the source in its query."""

    of: str
    name: str


@dataclass(frozen=True)
class Lit:
    """A text or a number that stands in the statement."""

    text: str
    number: bool = False


@dataclass(frozen=True)
class Call:
    """A function of `CALLS`, or an operation with two sides; `count` without an argument counts rows."""

    name: str
    args: tuple[Expr, ...] = ()


@dataclass(frozen=True)
class Raw:
    """A formula that is neither taken apart nor said in words."""

    sql: str


@dataclass(frozen=True)
class Over:
    """A function over the rows that share the values of `within`, in the order of `by`."""

    call: Call
    within: tuple[Expr, ...] = ()
    by: tuple[Key, ...] = ()


@dataclass(frozen=True)
class Sub:
    """A query that stands for its one value, or for a list of values."""

    query: Query


Expr: TypeAlias = Col | Lit | Call | Raw | Over | Sub


@dataclass(frozen=True)
class Test:
    """A comparison of `left`: see `OPERATORS`; behind `in` stand the values or one query, behind `holds` nothing."""

    __test__ = False

    left: Expr
    op: str
    right: tuple[Expr, ...] = ()


@dataclass(frozen=True)
class Exists:
    """Whether a query has rows."""

    query: Query
    negated: bool = False


@dataclass(frozen=True)
class All:
    """Conditions that all hold."""

    items: tuple[Cond, ...]


@dataclass(frozen=True)
class Either:
    """Conditions of which one holds."""

    items: tuple[Cond, ...]


Cond: TypeAlias = Test | Exists | All | Either


@dataclass(frozen=True)
class Key:
    """What rows are ordered by."""

    by: Expr
    down: bool = False


@dataclass(frozen=True)
class Source:
    """A table, or a query named before, under the name it has in the query."""

    table: str
    alias: str

    @property
    def renamed(self) -> bool:
        """Whether it has another name than its own."""
        return self.alias != self.table


@dataclass(frozen=True)
class Join:
    """A source beside those before it; without `on` it is joined by the one foreign key there is."""

    source: Source
    kind: str = "inner"
    """`inner`, `left` or `cross`."""
    on: Cond | None = None


@dataclass(frozen=True)
class Item:
    """A column of the result."""

    expr: Expr
    alias: str | None = None


@dataclass(frozen=True)
class Query:
    """One SELECT with the queries it names before, `named`, and those it is put together with, `also`.

    `order`, `limit` and `offset` are those of the whole; with `also` the keys are numbers of result columns.
    """

    items: tuple[Item, ...]
    source: Source | None = None
    joins: tuple[Join, ...] = ()
    distinct: bool = False
    where: Cond | None = None
    group: tuple[Expr, ...] = ()
    having: Cond | None = None
    also: tuple[tuple[str, Query], ...] = ()
    order: tuple[Key, ...] = ()
    limit: int | None = None
    offset: int | None = None
    named: tuple[tuple[str, Query], ...] = ()

    @property
    def sources(self) -> tuple[Source, ...]:
        """All sources, in their order."""
        return (*([self.source] if self.source else []), *(join.source for join in self.joins))


AGGREGATES = ("count", "count distinct", "sum", "avg", "min", "max", "sum distinct", "avg distinct")
ARITHMETIC = {"plus": "+", "minus": "-", "times": "*", "divided by": "/"}
RANKS = ("row_number", "rank", "dense_rank")
CALLS = (
    *AGGREGATES,
    *ARITHMETIC,
    *RANKS,
    "upper",
    "lower",
    "length",
    "abs",
    "round",
    "year",
    "month",
    "year and month",
)
SETS = ("union", "union all", "intersect", "except")
OPERATORS = (
    "=", "<>", "<", "<=", ">", ">=", "between", "not between", "in", "not in", "like", "not like", "null", "not null",
    "holds", "near",
)  # fmt: skip
OPPOSITE = {
    "=": "<>", "<": ">=", "<=": ">", "between": "not between", "in": "not in", "like": "not like", "null": "not null",
}  # fmt: skip
OPPOSITE |= {value: key for key, value in OPPOSITE.items()}


def conditions(cond: Cond | None) -> tuple[Cond, ...]:
    """Return the conditions that all have to hold."""
    if cond is None:
        return ()
    return cond.items if isinstance(cond, All) else (cond,)


def together(items: tuple[Cond, ...]) -> Cond | None:
    """Return one condition for those that all have to hold; None for none."""
    flat = tuple(each for item in items for each in conditions(item))
    return flat[0] if len(flat) == 1 else All(flat) if flat else None


def parts(node: Any) -> Iterator[Any]:
    """Yield a plan and all that it is made of, from the outside in."""
    yield node
    for each in vars(node).values() if is_dataclass(node) else ():
        yield from parts(each)
    for each in node if isinstance(node, tuple) else ():
        yield from parts(each)


def changed(node: Any, change: Callable[[Any], Any]) -> Any:
    """Return a plan in which `change` has been made to each part, from the inside out."""
    if isinstance(node, tuple):
        return tuple(changed(each, change) for each in node)
    if is_dataclass(node) and not isinstance(node, type):
        made = {field.name: changed(getattr(node, field.name), change) for field in fields(node)}
        return change(replace(node, **made))
    return node


def aggregated(expr: Expr) -> bool:
    """Tell whether an expression counts or sums rows up, queries inside it and windows left aside."""
    if isinstance(expr, Call):
        return expr.name in AGGREGATES or any(map(aggregated, expr.args))
    return False


def nameless(query: Query) -> Query:
    """Return a query without names of its columns, where nothing takes columns from it."""
    named = tuple((name, _nameless_inside(each)) for name, each in query.named)
    also = tuple((kind, nameless(each)) for kind, each in query.also)
    bare = tuple(Item(item.expr) for item in query.items)
    inside = _nameless_inside(replace(query, named=(), also=()))
    return cast(Query, replace(inside, items=_nameless_inside(bare), named=named, also=also))


def main_source(query: Query) -> Source | None:
    """Return the first source of a query that it does not name itself."""
    for name, each in query.named:
        if query.source and query.source.table == name:
            return main_source(each)
    return query.source


def _nameless_inside(node: Any) -> Any:
    return changed(node, lambda part: Sub(nameless(part.query)) if isinstance(part, Sub) else part)
