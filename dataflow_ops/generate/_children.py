"""New rows beside those they were made of, which stay: a question and where it comes from, and nothing measured."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar
from zlib import crc32

import pyarrow as pa
import pyarrow.compute as pc

from dataflow_ops.columns import get, put
from dataflow_ops.errors import BadArgument
from dataflow_ops.llm.asking import child, with_values
from dataflow_ops.llm.chat import Answer, Llm
from dataflow_ops.op import ANSWERED_BY

STRINGS = pa.list_(pa.string())
T = TypeVar("T")


@dataclass(frozen=True)
class Columns:
    """What the columns that new rows have are called, and which more they take over from their parents."""

    question: str
    synthetic: str
    transformation: str
    carry: Sequence[str]
    field: str = "question"
    """The field of an answer that holds the text of a new row."""


@dataclass(frozen=True)
class Child:
    """A row wanted: the `number`-th of the row in place `parent`, made of `others` as well."""

    parent: int
    number: int
    transformation: str
    others: tuple[str, ...] = ()


def text_of(table: pa.Table, name: str) -> pa.ChunkedArray:
    """Return a column of text; BadArgument for one that is missing or holds something else."""
    kind = get(table, name).type
    if not any(fits(kind) for fits in (pa.types.is_string, pa.types.is_large_string, pa.types.is_null)):
        raise BadArgument(f"column {name!r} is {kind}: expected text")
    return table[name] if not pa.types.is_null(kind) else table[name].cast(pa.string())


def seeds(table: pa.Table, synthetic: str) -> list[int]:
    """Return the places of rows that no model made."""
    return [at for at, made in enumerate(_truth(table, synthetic).to_pylist()) if not made]


def in_turn(kinds: Sequence[T], count: int, row: str, seed: int) -> Iterator[tuple[int, T]]:
    """Number `count` of `kinds` in their order; where `row` begins is drawn, so that many rows have all about equally."""
    first = crc32(f"{seed} {row}".encode())
    for number in range(count):
        yield number, kinds[(first + number) % len(kinds)]


def _truth(table: pa.Table, name: str) -> pa.ChunkedArray:
    if name not in table.column_names:
        return pa.chunked_array([pa.nulls(table.num_rows, pa.bool_())])
    kind = table[name].type
    if not pa.types.is_boolean(kind) and not pa.types.is_null(kind):
        raise BadArgument(f"column {name!r} is {kind}: expected true and false, which say what a model made")
    return table[name].cast(pa.bool_())


def beside(
    table: pa.Table, llm: Llm, wanted: Sequence[Child], answers: Sequence[Answer], columns: Columns, *, made_by: str
) -> pa.Table:
    """Return the rows of `table`, then one for each of `wanted`; where its answer is a failure it says so.

    New rows keep who answered about their parents, so that what a rehearsal touched stays known as such.
    """
    given = put(table, columns.synthetic, pc.fill_null(_truth(table, columns.synthetic), False))
    parents, questions = table["id"].to_pylist(), text_of(table, columns.question).type
    ids = [child(parents[each.parent], made_by, each.number) for each in wanted]
    made: Mapping[str, pa.Array] = {
        "id": pa.array(ids, table["id"].type),
        columns.question: pa.array([each.value and getattr(each.value, columns.field) for each in answers], questions),
        "parents": _like(table, "parents", [[parents[each.parent], *each.others] for each in wanted], STRINGS),
        columns.synthetic: pa.array([True] * len(wanted), pa.bool_()),
        columns.transformation: _like(table, columns.transformation, [each.transformation for each in wanted]),
    }
    places = pa.array([each.parent for each in wanted], pa.int64())
    kept = [name for name in (*columns.carry, ANSWERED_BY) if name in table.column_names and name not in made]
    new = pa.table({**made, **{name: table[name].take(places) for name in kept}})
    return pa.concat_tables([given, with_values(new, llm, answers)], promote_options="default")


def _like(table: pa.Table, name: str, values: Sequence[object], kind: pa.DataType | None = None) -> pa.Array:
    """Hold values in the type that the column has, where there is one that says something."""
    there = table.schema.field(name).type if name in table.column_names else pa.null()
    return pa.array(values, (kind or pa.string()) if pa.types.is_null(there) else there)
