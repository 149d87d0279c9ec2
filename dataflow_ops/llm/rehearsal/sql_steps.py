"""The steps by which a query is found, told in sentences."""

from collections.abc import Iterator
from random import Random

from dataflow_ops.llm.rehearsal.sql_plan import Over, Query, Sub, conditions, parts
from dataflow_ops.llm.rehearsal.sql_schema import Tables
from dataflow_ops.llm.rehearsal.sql_write import Writer

LONGEST = 300
"""Characters of a part of a query that are shown in a step."""


def steps(query: Query, tables: Tables, dialect: str, draw: Random) -> str:
    """Return numbered steps that lead to a query, without the query."""
    writer = Writer(tables.with_named(query.named), dialect)
    told = [
        *_steps(query, writer),
        draw.choice(
            (
                "The check: every part of the question is in the query, and no other.",
                "The check: columns, conditions and order are those that are asked for.",
            )
        ),
    ]
    return "\n".join(f"{place}. {text}" for place, text in enumerate(told, 1))


def _steps(query: Query, writer: Writer) -> Iterator[str]:
    yield f"What is asked: {len(query.items)} columns, {_joined([writer.expr(item.expr) for item in query.items])}."
    for name, _ in query.named:
        yield f"First something is worked out under the name {_code(name)}, and the rest builds on it."
    if query.sources:
        yield f"Where it is: in {_joined([source.table for source in query.sources])}{_keys(query)}."
    for cond in conditions(query.where):
        yield f"Rows count where {_code(writer.cond(cond))} holds."
    if query.group:
        yield f"The rows are put into groups by {_joined(list(map(writer.expr, query.group)))}."
    if query.having:
        yield f"Of the groups those stay for which {_code(writer.cond(query.having))} holds."
    yield from _rest(query, writer)


def _rest(query: Query, writer: Writer) -> Iterator[str]:
    inside = list(parts(query))
    if any(isinstance(each, Sub) for each in inside):
        yield "A query inside gives what is compared with; it stands alone and is worked out once."
    if any(isinstance(each, Over) for each in inside):
        yield "A window looks at the rows beside each row, and leaves their number as it is."
    if query.distinct:
        yield "Rows that are equal are shown once."
    for kind, _ in query.also:
        yield f"Two results of the same columns are put together by {_code(kind.upper())}."
    if query.order:
        yield f"The order is by {_joined([writer.expr(key.by) for key in query.order])}."
    if query.limit is not None:
        yield f"Of these the first {query.limit} are taken."


def _keys(query: Query) -> str:
    return (
        ", joined by their keys; rows that have no match are "
        + ("kept" if any(join.kind == "left" for join in query.joins) else "left out")
        if query.joins
        else ""
    )


def _joined(texts: list[str]) -> str:
    return ", ".join(map(_code, texts))


def _code(text: str) -> str:
    """Return a part of a query between backticks, in one line."""
    plain = " ".join(text.replace("`", '"').split())
    return f"`{plain if len(plain) <= LONGEST else plain[: LONGEST - 1] + '…'}`"
