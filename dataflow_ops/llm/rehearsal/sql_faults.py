"""Mistakes made on purpose, such as people make: a plan becomes that of another question."""

from collections.abc import Iterator
from dataclasses import replace
from random import Random

from dataflow_ops.llm.rehearsal.sql_plan import (
    AGGREGATES,
    Call,
    Cond,
    Expr,
    Item,
    Key,
    Query,
    Test,
    conditions,
    together,
)

TURNED = {">": "<", ">=": ">", "<": ">", "<=": "<", "=": "<>", "<>": "=", "in": "not in", "between": "not between"}
TURNED |= {"not in": "in", "not between": "between", "null": "not null", "not null": "null", "like": "not like"}
MISTAKEN = {"avg": "max", "sum": "avg", "min": "max", "max": "min", "count distinct": "count"}


def mistaken(query: Query, draw: Random) -> Query:
    """Return a query with one mistake: a comparison, an aggregate, an order or a part that is missing."""
    found = [each for each in _mistakes(query) if each != query]
    return draw.choice(found) if found else replace(query, limit=1 if query.limit != 1 else 2)


def misunderstood(query: Query, draw: Random) -> Query:
    """Return a query that asks something else: another comparison or another aggregate, else another mistake."""
    found = [each for each in (*_turned(query), *_other_measures(query)) if each != query]
    return draw.choice(found) if found else mistaken(query, draw)


def _mistakes(query: Query) -> Iterator[Query]:
    yield from _turned(query)
    yield from _forgotten(query)
    yield from _other_measures(query)
    yield replace(query, distinct=False)
    yield replace(query, having=None)
    yield from _put_otherwise(query)
    if len(query.items) > 1 and not query.also:
        yield replace(query, items=query.items[:-1])
    for place, (name, each) in enumerate(query.named):
        for wrong in _turned(each):
            yield replace(query, named=(*query.named[:place], (name, wrong), *query.named[place + 1 :]))
    for place, (kind, each) in enumerate(query.also):
        for wrong in _turned(each):
            yield replace(query, also=(*query.also[:place], (kind, wrong), *query.also[place + 1 :]))


def _put_otherwise(query: Query) -> Iterator[Query]:
    """Yield the query with another order or another number of rows."""
    if query.order:
        first = query.order[0]
        yield replace(query, order=(Key(first.by, not first.down), *query.order[1:]))
    if query.limit is not None:
        yield replace(query, limit=query.limit + 1)


def _turned(query: Query) -> Iterator[Query]:
    """Yield the query with one of its comparisons turned round."""
    for place, cond in enumerate(conditions(query.where)):
        if (wrong := _wrong(cond)) is not None:
            items = conditions(query.where)
            yield replace(query, where=together((*items[:place], wrong, *items[place + 1 :])))
    if query.having and (wrong := _wrong(query.having)) is not None:
        yield replace(query, having=wrong)


def _wrong(cond: Cond) -> Cond | None:
    if isinstance(cond, Test) and cond.op in TURNED:
        return replace(cond, op=TURNED[cond.op])
    return None


def _forgotten(query: Query) -> Iterator[Query]:
    """Yield the query without one of its conditions."""
    items = conditions(query.where)
    for place in range(len(items)):
        yield replace(query, where=together((*items[:place], *items[place + 1 :])))


def _other_measures(query: Query) -> Iterator[Query]:
    """Yield the query with one of its aggregates mistaken for another."""
    for place, item in enumerate(query.items):
        wrong = _mismeasured(item.expr)
        if wrong != item.expr:
            yield replace(query, items=(*query.items[:place], Item(wrong, item.alias), *query.items[place + 1 :]))


def _mismeasured(expr: Expr) -> Expr:
    match expr:
        case Call(name, args) if name in MISTAKEN and name in AGGREGATES:
            return Call(MISTAKEN[name], args)
        case Call(name, (first, *others)):
            return Call(name, (_mismeasured(first), *others))
    return expr


def misspelt(sql: str, name: str, draw: Random) -> str:
    """Return a statement in which one name is misspelt, so that it cannot run."""
    wrong = f"{name[:-1]}{draw.choice('xqz')}q" if len(name) > 1 else f"{name}_q"
    return sql.replace(name, wrong) if name in sql else f"{sql} GROUP ORDER"
