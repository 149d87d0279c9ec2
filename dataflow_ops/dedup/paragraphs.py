"""Paragraphs that stand in several texts: page furniture, licence headers, quoted replies.

After the paragraph deduplication of CCNet (Wenzek et al., 2020). A paragraph is a line: what stands between
line feeds, blank lines included. `refine.paragraphs.drop_repeated` takes the repeated ones out.
"""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from dataflow_ops.columns import put
from dataflow_ops.dedup._text import Texts, texts
from dataflow_ops.op import Reads, Shards, Writes
from dataflow_ops.positions import starts

HASHES = pa.list_(pa.uint64())
POSITIONS = pa.list_(pa.int32())
HELD = 4_000_000
"""Paragraphs compared at a time: all shards are read once for each so many."""


def hashes(
    table: pa.Table, *, text: Reads = "text", paragraph_hashes: Writes = "paragraph_hashes", min_words: int = 5
) -> pa.Table:
    """Add a 64-bit hash of each paragraph, in a list; 0 for one of fewer than `min_words` words.

    Paragraphs that differ only in case, accents, punctuation and white space have the same hash; numbers count. In
    scripts without spaces every character is a word. The list of a null text is null.
    """
    found = [_hashes(chunk, min_words) for chunk in texts(table, text)]
    return put(table, paragraph_hashes, pa.chunked_array(found, HASHES))


def repeated(
    shards: Shards, *, paragraph_hashes: Reads = "paragraph_hashes", repeated: Writes = "repeated_paragraphs"
) -> Iterator[pa.Table]:
    """List, for each row with a paragraph that an earlier row has, the positions of such paragraphs in its text.

    Positions count from 0. The first row that has a paragraph keeps it, however often; rows of published shards are
    the earliest. Memory: a byte for each paragraph, and 50 for those of the 4 million compared at a time; the hashes
    are read once for every 4 million of them.
    """
    found = _repeated(shards, paragraph_hashes)
    for shard in range(shards.published, len(shards.counts)):
        table = shards.read(shard, ["id", paragraph_hashes])
        rows, lists = _positions(found[shard], _edges(table[paragraph_hashes]))
        yield pa.table({"id": table["id"].take(rows), repeated: lists})


def _hashes(chunk: Texts, min_words: int) -> pa.Array:
    from dataflow_ops.dedup._fold import fold_table  # noqa: PLC0415 - compiled code is loaded where it is used
    from dataflow_ops.dedup._kernels import count_lines, hash_lines  # noqa: PLC0415

    counts = count_lines(chunk.data, chunk.offsets, chunk.valid)
    values = np.empty(counts.sum(), np.uint64)
    hash_lines(chunk.data, chunk.offsets, chunk.valid, fold_table(), min_words, values)
    edges = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(edges), pa.array(values), mask=pa.array(~chunk.valid))


def _repeated(shards: Shards, column: str) -> list[NDArray[np.bool_]]:
    """Return, for each shard, which of its paragraphs an earlier row has."""
    from dataflow_ops.dedup._pairs import meet  # noqa: PLC0415

    found = [np.zeros(_edges(shards.read(shard, [column]).column(0))[-1], bool) for shard in range(len(shards.counts))]
    parts = 1 + sum(map(len, found)) // HELD
    for part in range(parts):
        keys, rows, places = _part(shards, column, part, parts)
        first, last, slots = _empty(len(keys)), _empty(len(keys)), _empty(1 << int(1.4 * len(keys)).bit_length())
        slots[:] = -1
        meet(keys, slots, first, last)
        again = (first >= 0) & (rows[first] < rows)
        for shard, (low, here) in enumerate(places):
            found[shard][here] |= again[low : low + len(here)]
    return found


def _empty(size: int) -> NDArray[np.int32]:
    return np.empty(size, np.int32)


def _part(
    shards: Shards, column: str, part: int, parts: int
) -> tuple[NDArray[np.uint64], NDArray[np.int32], list[tuple[int, NDArray[np.int32]]]]:
    """Return the hashes that are `part` modulo `parts`, the row of each, and where those of each shard are."""
    begins, keys, rows, places, size = starts(shards), [], [], [], 0
    for shard in range(len(shards.counts)):
        lists = shards.read(shard, [column]).column(0)
        values = _flat(lists)
        here = np.flatnonzero((values % np.uint64(parts) == part) & (values > 0))
        keys.append(values[here])
        rows.append((begins[shard] + _rows(here, _edges(lists))).astype(np.int32))
        places.append((size, here.astype(np.int32)))
        size += len(here)
    return np.concatenate([np.empty(0, np.uint64), *keys]), np.concatenate([_empty(0), *rows]), places


def _flat(lists: pa.ChunkedArray) -> NDArray[np.uint64]:
    return np.concatenate(
        [np.empty(0, np.uint64), *(chunk.flatten().to_numpy() for chunk in lists.cast(HASHES).chunks)]
    )


def _edges(lists: pa.ChunkedArray) -> NDArray[np.int64]:
    """Return where the values of each list begin among all, and their number at the end."""
    lengths = pc.list_value_length(lists.cast(HASHES)).fill_null(0).to_numpy()
    return np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)


def _rows(places: NDArray[np.int64], edges: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.searchsorted(edges, places, side="right") - 1


def _positions(found: NDArray[np.bool_], edges: NDArray[np.int64]) -> tuple[NDArray[np.int64], pa.Array]:
    """Return the rows that have something found, and a list for each: where in the row."""
    places = np.flatnonzero(found)
    owners = _rows(places, edges)
    rows, begins = np.unique(owners, return_index=True)
    offsets = pa.array(np.append(begins, len(places)).astype(np.int32))
    return rows, pa.ListArray.from_arrays(offsets, pa.array((places - edges[owners]).astype(np.int32)))
