"""Rows of chunks, made of rows of documents."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from dataflow_ops.columns import get, put, strings
from dataflow_ops.documents.chunking import Chunk, Settings, chunks
from dataflow_ops.errors import BadArgument
from dataflow_ops.llm.asking import child
from dataflow_ops.op import REJECTED

STRINGS = pa.list_(pa.string())
PLACES = pa.list_(pa.struct([("page", pa.int64()), ("box", pa.list_(pa.float64()))]))
FIELDS = ("kind", "text", "begin", "end")
"""What a block has to say of itself."""


@dataclass(frozen=True)
class Names:
    """What the columns that are read and written are called; what is carried over is kept as it is."""

    text: str
    blocks: str | None
    carry: Sequence[str]
    chunk: str
    chunk_number: str
    headings: str
    pages: str
    places: str
    begin: str
    end: str
    chunk_tokens: str
    oversize: str

    @property
    def written(self) -> list[str]:
        """The columns of a chunk, in their order."""
        return [self.chunk, self.chunk_number, self.headings, self.pages, self.places, self.begin, self.end,
                self.chunk_tokens, self.oversize]  # fmt: skip

    def check(self) -> None:
        """Raise BadArgument unless all columns written are different ones, and none says whose row it is."""
        taken = [*self.written, "id", "parents"]
        if twice := sorted({name for name in taken if taken.count(name) > 1}):
            raise BadArgument(
                f"{twice} are named for more than one column: expected different names, not id or parents"
            )


def chunked(table: pa.Table, names: Names, settings: Settings, *, made_by: str) -> pa.Table:
    """Return a row for each chunk of each document, in order; a document without text stays and says why.

    A chunk has an `id` made of the document's, `made_by` and its number, the document as `parents`, and the columns
    carried over; nothing else of the document, whose text and pictures would be kept once for each chunk.
    """
    names.check()
    texts, blocks = strings(table, names.text), _blocks(table, names.blocks)
    gone = table[REJECTED].to_pylist() if REJECTED in table.column_names else [None] * table.num_rows
    made: dict[str, list[Any]] = {name: [] for name in names.written}
    source: list[int] = []
    why: list[str | None] = []
    for row, (text, has, reason) in enumerate(zip(_values(texts), blocks, gone, strict=True)):
        found = [] if text is None or reason else chunks(text, has, settings)
        _add(made, names, text or "", found)
        source += [row] * max(len(found), 1)
        why += [None] * len(found) if found else [reason or f"empty: nothing in {names.text!r}"]
    return _table(table, names, made, source, why, made_by=made_by)


def _add(made: Mapping[str, list[Any]], names: Names, text: str, found: Sequence[Chunk]) -> None:
    """Add the values of the chunks of a document, or for none of them a row of nulls."""
    for number, each in enumerate(found):
        values = (
            text[each.begin : each.end], number, each.headings, each.pages, _placed(each), each.begin, each.end,
            each.tokens, each.oversize,
        )  # fmt: skip
        for name, value in zip(names.written, values, strict=True):
            made[name].append(value)
    if not found:
        for name in names.written:
            made[name].append(None)


def _placed(chunk: Chunk) -> list[dict[str, Any]]:
    return [{"page": place.page, "box": place.box} for place in chunk.places]


def _table(
    table: pa.Table,
    names: Names,
    made: Mapping[str, list[Any]],
    source: Sequence[int],
    why: Sequence[str | None],
    *,
    made_by: str,
) -> pa.Table:
    parents, numbers = table["id"].take(pa.array(source, pa.int64())), made[names.chunk_number]
    given = zip(parents.to_pylist(), numbers, strict=True)
    ids = [parent if number is None else child(parent, made_by, number) for parent, number in given]
    kinds = (_kind(table, names.text), pa.int64(), STRINGS, pa.list_(pa.int64()), PLACES, pa.int64(), pa.int64(),
             pa.int64(), pa.bool_())  # fmt: skip
    kept = [name for name in names.carry if name in table.column_names and name not in (*names.written, "id")]
    columns = {"id": pa.array(ids, table["id"].type)}
    columns |= {name: table[name].take(pa.array(source, pa.int64())) for name in kept}
    made_of = [
        None if number is None else [parent] for parent, number in zip(parents.to_pylist(), numbers, strict=True)
    ]
    columns["parents"] = pa.array(made_of, STRINGS)
    columns |= {name: pa.array(made[name], kind) for name, kind in zip(names.written, kinds, strict=True)}
    rows = pa.table(columns)
    return rows if not any(why) else put(rows, REJECTED, pa.array(why, pa.string()))


def _kind(table: pa.Table, text: str) -> pa.DataType:
    kind = table.schema.field(text).type
    return kind if pa.types.is_string(kind) or pa.types.is_large_string(kind) else pa.string()


def _values(column: pa.ChunkedArray) -> Iterator[Any]:
    """Yield the values of a column one by one: a shard of documents is not held twice."""
    for chunk in column.chunks:
        for at in range(len(chunk)):
            yield chunk[at].as_py()


def _blocks(table: pa.Table, name: str | None) -> Iterator[Any]:
    """Yield the blocks of each row, None where it has none; BadArgument for a column that holds something else."""
    if name is None:
        return iter([None] * table.num_rows)
    column = get(table, name)
    if pa.types.is_null(column.type):
        return iter([None] * table.num_rows)
    listed = pa.types.is_list(column.type) or pa.types.is_large_list(column.type)
    inside = column.type.value_type if listed else None
    has = [each.name for each in inside] if inside is not None and pa.types.is_struct(inside) else []
    if missing := [each for each in FIELDS if each not in has]:
        raise BadArgument(
            f"column {name!r} is {column.type}: expected lists of blocks with {missing}, as extract.documents.parsed "
            "writes them; with blocks=None headings, tables and code are read from the Markdown"
        )
    return _values(column)
