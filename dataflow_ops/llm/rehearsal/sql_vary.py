"""One kind of change made to a plan."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType

from dataflow_ops.llm.rehearsal.sql_draw import Pen
from dataflow_ops.llm.rehearsal.sql_faults import TURNED
from dataflow_ops.llm.rehearsal.sql_plan import (
    Call,
    Col,
    Cond,
    Either,
    Exists,
    Item,
    Key,
    Lit,
    Over,
    Query,
    Source,
    Sub,
    Test,
    aggregated,
    changed,
    conditions,
    parts,
    together,
)
from dataflow_ops.llm.rehearsal.sql_schema import value_of

Change = Callable[[Query, Pen], Iterator[Query]]


def varied(query: Query, kind: str, pen: Pen) -> Query | None:
    """Return a plan changed in the way that `kind` names; None where no rule knows such a change."""
    known = kind.strip().lower()
    for change in (CHANGES.get(known, _more), _structured, _more):
        found = [each for each in change(query, pen) if each != query]
        if found:
            return pen.draw.choice(found)
    return None


def _valued(query: Query, pen: Pen) -> Iterator[Query]:
    """Yield the query with other values: those of the examples, another limit, a comparison turned round."""
    tables = {source.alias: pen.tables.find(source.table) for source in query.sources}
    tests = [each for each in parts(query.where) if isinstance(each, Test)]
    for test in tests:
        table = tables.get(test.left.of) if isinstance(test.left, Col) else None
        column = table.by_name.get(test.left.name.lower()) if table and isinstance(test.left, Col) else None
        if column and column.examples and test.op in ("=", "<>", "<", ">", "<=", ">="):
            for each in column.examples:
                yield _with(query, test, replace(test, right=(value_of(column, each),)))
    if query.limit is not None:
        yield replace(query, limit=query.limit + pen.draw.choice((1, 2, 5)))
    for test in tests:
        if test.op in ("<", ">", "<=", ">="):
            yield _with(query, test, replace(test, op=TURNED[test.op]))


def _with(query: Query, old: Cond, new: Cond) -> Query:
    made = changed(query.where, lambda part: new if part == old else part)
    return replace(query, where=made)


def _structured(query: Query, pen: Pen) -> Iterator[Query]:
    """Yield the query written otherwise, with the same result."""
    for cond in conditions(query.where):
        other = _otherwise(cond, query)
        if other is not None:
            items = tuple(other if each is cond else each for each in conditions(query.where))
            yield replace(query, where=together(items))
    if (wrapped := _wrapped(query, _own(query, pen))) is not None:
        yield wrapped


def _otherwise(cond: Cond, query: Query) -> Cond | None:
    match cond:
        case Test(Col() as left, "in", (Sub(inner),)) if _plain(inner, query):
            same = Test(inner.items[0].expr, "=", (left,))
            rows = (Item(Lit("1", number=True)),)
            return Exists(replace(inner, items=rows, distinct=False, where=together((same, *conditions(inner.where)))))
        case Test(left, "in", values) if len(values) > 1:
            return Either(tuple(Test(left, "=", (each,)) for each in values))
        case Test(left, "between", (low, high)):
            return together((Test(left, ">=", (low,)), Test(left, "<=", (high,))))
    return None


def _plain(inner: Query, query: Query) -> bool:
    """Tell whether rows of a query inside can be looked for one by one."""
    apart = not {each.alias for each in inner.sources} & {each.alias for each in query.sources}
    return apart and not (inner.also or inner.named or inner.group or inner.having or inner.limit or inner.order)


def _own(query: Query, pen: Pen) -> str:
    """Return a name that neither a table nor a query has."""
    return replace(pen, tables=pen.tables.with_named(query.named)).free("found")


def _wrapped(query: Query, own: str) -> Query | None:
    """Return the query as one that is named first and then shown whole, in its order."""
    shown = list(dict.fromkeys(item.expr for item in query.items))
    by = {Lit(str(place), number=True): expr for place, expr in enumerate(shown, 1)} if query.also else {}
    keys = [Key(by.get(key.by, key.by), key.down) if isinstance(key.by, Lit) else key for key in query.order]
    beside = [key.by for key in keys if key.by not in shown]
    if (beside and (query.distinct or query.also)) or not query.source or len(shown) < len(query.items):
        return None
    names = {expr: f"c{place}" for place, expr in enumerate(dict.fromkeys([*shown, *beside]), 1)}
    inner = replace(query, items=tuple(Item(expr, name) for expr, name in names.items()), named=())
    inner = inner if query.limit is not None or query.offset is not None else replace(inner, order=())
    order = tuple(Key(Col(own, names[key.by]), key.down) for key in keys)
    items = tuple(Item(Col(own, names[expr])) for expr in shown)
    return Query(items, Source(own, own), order=order, named=(*query.named, (own, inner)))


def _other_business(query: Query, pen: Pen) -> Iterator[Query]:
    """Yield another question about the same rows: groups of them, or other measures."""
    if query.also or query.named or query.source is None:
        return
    made = pen.grouped(query.source, query.joins)
    if made is not None:
        yield replace(made, where=query.where)
    measures = [Item(pen.measure(query.sources)) for _ in range(2)]
    if not query.group:
        yield Query(tuple(dict.fromkeys(measures)), query.source, query.joins, where=query.where)


def _more(query: Query, pen: Pen) -> Iterator[Query]:
    """Yield the query with one more condition, or one on its groups."""
    if query.also:
        return
    cond = pen.condition(query.sources)
    if cond is not None and cond not in conditions(query.where):
        yield replace(query, where=together((*conditions(query.where), cond)))
    if query.group and query.having is None:
        yield replace(query, having=Test(Call("count"), ">=", (Lit("2", number=True),)))
    plain = not query.group and not any(aggregated(item.expr) for item in query.items)
    if plain and query.source and query.limit is None and (above := pen.above_average(query.source)) is not None:
        yield replace(query, where=together((*conditions(query.where), above)))


def _featured(query: Query, pen: Pen) -> Iterator[Query]:
    """Yield the query with a rank or with the sum of the whole."""
    if query.also or query.distinct:
        return
    counts = [item.expr for item in query.items if isinstance(item.expr, Call) and aggregated(item.expr)]
    if counts:
        rank = Over(Call("rank"), (), (Key(counts[0], down=True),))
        yield replace(query, items=(*query.items, Item(rank, "place")))
    if not query.group and not counts:
        numbers = [col for col, _ in pen.columns(query.sources, "number", "date")]
        by = pen.group(query.sources)
        if numbers and by is not None:
            rank = Over(Call("dense_rank"), (by,), (Key(pen.draw.choice(numbers), down=True),))
            yield replace(query, items=(*query.items, Item(rank, "place")))


CHANGES: Mapping[str, Change] = MappingProxyType({
    "values": _valued,
    "structure": _structured,
    "business": _other_business,
    "complexity": _more,
    "features": _featured,
    "efficiency": _structured,
})  # fmt: skip
