"""The true similarity of pairs of rows: their texts are read shard by shard, the shingles of a few held at a time."""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from dataflow_ops.dedup._sketch import Bands
from dataflow_ops.dedup._text import texts
from dataflow_ops.positions import Positions, starts, take, within

HELD = 8_000_000
"""Shingles held at a time, 8 bytes each."""
Shingles = NDArray[np.uint64]


def jaccard(bands: Bands, text: str, one: Positions, other: Positions) -> NDArray[np.float32]:
    """Return the Jaccard similarity of the shingles of row `one[i]` and row `other[i]`."""
    from dataflow_ops.dedup._kernels import overlap  # noqa: PLC0415 - compiled code is loaded where it is used

    similarity = np.zeros(len(one), np.float32)
    by_one = np.argsort(one, kind="stable")
    for block in _blocks(bands, one[by_one]):
        pairs = by_one[block]
        held = dict(_shingled(bands, text, np.unique(one[pairs])))
        pairs = pairs[np.argsort(other[pairs], kind="stable")]
        rows, firsts = np.unique(other[pairs], return_index=True)
        for (_, shingles), group in zip(_shingled(bands, text, rows), np.split(pairs, firsts[1:]), strict=True):
            for pair in group:
                similarity[pair] = overlap(held[int(one[pair])], shingles)
    return similarity


def _blocks(bands: Bands, rows: Positions) -> Iterator[slice]:
    """Cut sorted, repeated `rows` where the words of those before come to HELD."""
    distinct, firsts = np.unique(rows, return_index=True)
    words = take(bands.shards, f"{bands.column}.words", distinct, pa.int64()).to_numpy()
    block = np.cumsum(words) // HELD
    starts_of = firsts[np.flatnonzero(np.diff(block, prepend=-1))]
    yield from map(slice, starts_of, [*starts_of[1:], len(rows)])


def _shingled(bands: Bands, text: str, rows: Positions) -> Iterator[tuple[int, Shingles]]:
    """Yield the distinct shingles of sorted `rows`, in their order."""
    from dataflow_ops.dedup._fold import fold_table  # noqa: PLC0415
    from dataflow_ops.dedup._kernels import shingles  # noqa: PLC0415

    edges, fold = starts(bands.shards), fold_table()
    for shard in range(len(bands.shards.counts)):
        here = rows[within(rows, edges, shard)]
        if not len(here):
            continue
        table = bands.shards.read(shard, [text]).take(pa.array(here - edges[shard]))
        chunks = texts(table, text)
        spans = (
            (chunk.data, *span) for chunk in chunks for span in zip(chunk.offsets, chunk.offsets[1:], strict=False)
        )
        for row, (data, low, high) in zip(here.tolist(), spans, strict=True):
            yield row, shingles(data, low, high, fold, bands.numbers, bands.ngram)
