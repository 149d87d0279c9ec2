"""The shapes of queries of each level of complexity, in which a plan is drawn."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from random import Random
from types import MappingProxyType

from dataflow_ops.llm.rehearsal.sql_draw import LEVELS, MOST_COLUMNS, Pen, Wish
from dataflow_ops.llm.rehearsal.sql_plan import (
    Call,
    Col,
    Cond,
    Item,
    Key,
    Lit,
    Over,
    Query,
    Source,
    Sub,
    Test,
    conditions,
    together,
)
from dataflow_ops.llm.rehearsal.sql_schema import Tables

TRIES = 8


def drawn(tables: Tables, wish: Wish, draw: Random) -> Query | None:
    """Return a plan of a level, of the next simpler one where the schema has no more; None where there is no table."""
    if not tables.tables:
        return None
    pen = Pen(tables, draw, replace(wish, columns=min(max(wish.columns, 1), MOST_COLUMNS)))
    level = LEVELS.index(wish.level) if wish.level in LEVELS else 0
    for name in reversed(LEVELS[: level + 1]):
        for _ in range(TRIES):
            if query := draw.choice(SHAPES[name])(pen):
                return pen.dressed(query)
    return None


def listed(pen: Pen) -> Query | None:
    """Return rows that meet a condition, at times in an order, at times the first of them."""
    table = pen.start()
    source = Source(table.name, table.name)
    items = pen.shown([source], pen.wish.columns)
    where = _both(pen, [source]) if pen.draw.random() < 0.9 else None
    key = (Key(pen.draw.choice(items).expr, pen.draw.random() < 0.5),) if pen.draw.random() < 0.6 else ()
    limit = pen.draw.choice((None, 3, 5, 10)) if key else None
    return Query(items, source, where=where, order=key, limit=limit)


def _both(pen: Pen, sources: Sequence[Source]) -> Cond | None:
    found = [cond for _ in range(pen.draw.choice((1, 1, 2))) if (cond := pen.condition(sources))]
    return together(tuple(dict.fromkeys(found)))


def counted(pen: Pen) -> Query | None:
    """Return numbers about the rows of a table that meet a condition."""
    table = pen.start()
    source = Source(table.name, table.name)
    measures = dict.fromkeys(pen.measure([source]) for _ in range(pen.wish.columns))
    return Query(tuple(map(Item, measures)), source, where=pen.condition([source]))


def different(pen: Pen) -> Query | None:
    """Return the different values of columns."""
    table = pen.start()
    source = Source(table.name, table.name)
    items = pen.shown([source], min(pen.wish.columns, 2))
    return Query(items, source, distinct=True, where=pen.condition([source]), order=(Key(items[0].expr),))


def grouped(pen: Pen) -> Query | None:
    """Return groups of the rows of one or two tables."""
    return pen.grouped(*pen.joined(pen.draw.choice((0, 1))))


def listed_together(pen: Pen) -> Query | None:
    """Return rows of a table with what belongs to them in another."""
    source, joins = pen.joined(1)
    sources = (source, *(join.source for join in joins))
    items = pen.shown(sources, max(pen.wish.columns, 2))
    return Query(items, source, joins, where=_both(pen, sources)) if joins else None


def larger_groups(pen: Pen) -> Query | None:
    """Return the groups of joined rows that are large enough."""
    source, joins = pen.joined(pen.draw.choice((1, 2)))
    query = pen.grouped(source, joins)
    if query is None or not joins:
        return None
    having = Test(Call("count"), ">=", (Lit(pen.draw.choice("123"), number=True),))
    return replace(query, having=having)


def above(pen: Pen) -> Query | None:
    """Return the rows with more than the average."""
    source, joins = pen.joined(pen.draw.choice((0, 1)))
    cond = pen.above_average(source)
    if cond is None:
        return None
    sources = (source, *(join.source for join in joins))
    items = pen.shown(sources, pen.wish.columns)
    more = pen.condition(sources) if pen.draw.random() < 0.4 else None
    return Query(items, source, joins, where=together((cond, more) if more else (cond,)))


def with_children(pen: Pen) -> Query | None:
    """Return the rows that others point to, or that none does."""
    table = pen.start()
    source = Source(table.name, table.name)
    cond = pen.with_child(source)
    return Query(pen.shown([source], pen.wish.columns), source, where=cond) if cond else None


def among(pen: Pen) -> Query | None:
    """Return the rows whose key is found in another table."""
    table = pen.start()
    source = Source(table.name, table.name)
    found = pen.child_of(source)
    match found:
        case (child, Test(Col() as left, "=", (Col() as right,))):
            inner = Query((Item(left),), child, where=pen.condition([child]))
            return Query(pen.shown([source], pen.wish.columns), source, where=Test(right, "in", (Sub(inner),)))
    return None


def ranked(pen: Pen) -> Query | None:
    """Return the first of each group, by a rank within it."""
    inner = pen.ranked(*pen.joined(pen.draw.choice((1, 2))))
    if inner is None:
        return None
    name = pen.free("ranked")
    names = [column.name for column in pen.tables.standing_for(name, inner).columns]
    if len({each.lower() for each in names}) < len(names) or not all(names):
        return None
    where = Test(Col(name, "place"), "<=", (Lit(pen.draw.choice("123"), number=True),))
    items = tuple(Item(Col(name, each)) for each in names)
    return Query(items, Source(name, name), where=where, named=((name, inner),))


def groups_above(pen: Pen) -> Query | None:
    """Return the groups with more than the average of all groups."""
    query = pen.grouped(*pen.joined(pen.draw.choice((1, 2))))
    if query is None or not query.joins:
        return None
    first, measure = query.items[:2]
    inner = replace(query, items=(Item(first.expr, "part"), Item(measure.expr, "amount")), order=())
    name = pen.free("parts")
    source, amount = Source(name, name), Col(name, "amount")
    average = Sub(Query((Item(Call("avg", (amount,))),), source))
    items = (Item(Col(name, "part")), Item(amount))
    return Query(
        items, source, where=Test(amount, ">=", (average,)), order=(Key(amount, down=True),), named=((name, inner),)
    )


def put_together(pen: Pen) -> Query | None:
    """Return what two conditions give, put together or without what both have."""
    source, joins = pen.joined(2)
    sources = (source, *(join.source for join in joins))
    one, other = pen.condition(sources), pen.condition(sources)
    if one is None or other is None or one == other:
        return None
    items = pen.shown(sources, pen.wish.columns)
    kind = pen.draw.choice(("union", "union", "except", "intersect"))
    others = ((kind, Query(items, source, joins, where=other)),)
    return Query(items, source, joins, where=one, also=others, order=(Key(Lit("1", number=True)),))


def shares(pen: Pen) -> Query | None:
    """Return large groups of rows that also have others pointing to them, with their part of the whole."""
    query = larger_groups(pen)
    if query is None or query.source is None:
        return None
    cond = pen.above_average(query.source)
    where = together((*conditions(query.where), *((cond,) if cond else ())))
    whole = Over(Call("sum", (Call("count"),)))
    return replace(query, where=where, items=(*query.items, Item(whole, "whole")))


Shape = Callable[[Pen], Query | None]
SHAPES: Mapping[str, tuple[Shape, ...]] = MappingProxyType({
    "simple": (listed, listed, counted, different),
    "moderate": (grouped, grouped, listed_together),
    "complex": (larger_groups, above, with_children, among),
    "highly complex": (ranked, groups_above, put_together, shares),
})  # fmt: skip
