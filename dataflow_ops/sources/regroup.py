"""Chunks regrouped into shards of about the same size."""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dataflow_ops.errors import BadArgument
from dataflow_ops.sources.columns import Chunk


def shards(chunks: Iterable[Chunk], *, shard_bytes: int) -> Iterator[Chunk]:
    """Regroup `chunks`, of one file after the other, into shards that end with the record that fills `shard_bytes`.

    Rows and rejects both count, by the bytes of their strings and contents, in the order of their files: where a shard ends does not
    depend on how records were chunked. Holds one shard in memory.
    """
    if shard_bytes < 1:
        raise BadArgument(f"shard_bytes must be at least 1, found {shard_bytes}")
    parts: list[Chunk] = []
    room = shard_bytes
    for chunk in chunks:
        for part, size, is_full in _cut(chunk, room, shard_bytes):
            parts.append(part)
            room -= size
            if is_full:
                yield _joined(parts)
                parts, room = [], shard_bytes
    if parts:
        yield _joined(parts)


def _cut(chunk: Chunk, room: int, shard_bytes: int) -> Iterator[tuple[Chunk, int, bool]]:
    """Yield parts of a chunk, the bytes of each, and whether it fills the shard it belongs to."""
    is_row, sizes = _in_order(chunk)
    ends = np.cumsum(sizes)
    rows_before, total, done, start = np.cumsum(is_row), len(sizes), 0, 0
    while start < total:
        end = int(np.searchsorted(ends, done + room)) + 1
        is_full = end <= total
        end = min(end, total)
        first, last = (int(rows_before[start - 1]) if start else 0), int(rows_before[end - 1])
        rows = chunk.rows.slice(first, last - first)
        rejects = chunk.rejects.slice(start - first, (end - last) - (start - first))
        yield Chunk(rows, rejects), int(ends[end - 1]) - done, is_full
        start, done, room = end, int(ends[end - 1]), shard_bytes


def _in_order(chunk: Chunk) -> tuple[np.ndarray, np.ndarray]:
    """Return whether each record of a chunk is a row, and its size, in the order of the file."""
    numbers = np.concatenate([table["source_row"].to_numpy() for table in (chunk.rows, chunk.rejects)])
    order = np.argsort(numbers, kind="stable")
    sizes = np.concatenate([_sizes(chunk.rows), _sizes(chunk.rejects)])
    return order < chunk.rows.num_rows, sizes[order]


def _sizes(table: pa.Table) -> np.ndarray:
    total = np.zeros(table.num_rows, np.int64)
    for column in table.columns:
        if pa.types.is_string(column.type) or pa.types.is_large_binary(column.type):
            total += pc.fill_null(pc.binary_length(column), 0).to_numpy()
    return total


def _joined(parts: Sequence[Chunk]) -> Chunk:
    rows, rejects = (
        pa.concat_tables(tables) for tables in zip(*((part.rows, part.rejects) for part in parts), strict=True)
    )
    return Chunk(rows, rejects)
