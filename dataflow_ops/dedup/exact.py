"""Rows whose text is the same: byte for byte, or but for case, punctuation and white space."""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from dataflow_ops.columns import put
from dataflow_ops.dedup._text import Texts, texts
from dataflow_ops.op import InMemory, Reads, Shards, Writes
from dataflow_ops.positions import ids_of, joined, sparse, starts

HASH = pa.binary(16)


def content_hash(
    table: pa.Table, *, text: Reads = "text", content_hash: Writes = "content_hash", normalize: bool = False
) -> pa.Table:
    """Add the 128-bit XXH3 hash of the text.

    With `normalize`, texts that differ only in case, accents, punctuation and white space have the same hash; digits
    count, and a text without any letter is taken as it is. A null text has a null hash: it is no one's duplicate.
    """
    digests = _normalized if normalize else _verbatim
    chunks = [pa.array(digests(chunk), HASH, mask=~chunk.valid) for chunk in texts(table, text)]
    return put(table, content_hash, pa.chunked_array(chunks, HASH))


def duplicates(
    shards: Shards, *, content_hash: Reads = "content_hash", duplicate_of: Writes = "duplicate_of"
) -> Iterator[pa.Table]:
    """Name, for each row whose content an earlier row has, the first row that has it.

    Rows of published shards come first and are never named duplicates. Memory: about 60 bytes a row, and the ids of
    the rows named.
    """
    repeats, firsts = _repeats(*_hashes(shards, content_hash), int(starts(shards)[shards.published]))
    yield from sparse(shards, repeats, {duplicate_of: ids_of(shards, firsts)})


def mark(df: pd.DataFrame, *, text: Reads = "text", duplicate_of: Writes = "duplicate_of") -> pd.DataFrame:
    """Name, for each row whose text an earlier row of the same table has, the first row that has it.

    This looks no further than the table it is given: `content_hash` and `duplicates` compare all shards.
    """
    table = pa.Table.from_pandas(df[["id", text]], preserve_index=False)
    found = duplicates(InMemory([content_hash(table, text=text)]), duplicate_of=duplicate_of)
    return joined(df, next(found))


def _verbatim(chunk: Texts) -> Iterator[bytes]:
    from xxhash import xxh3_128_digest  # noqa: PLC0415 - a task that only compares does not need it

    data, edges = chunk.data.data, chunk.offsets.tolist()
    for low, high in pairwise(edges):
        yield xxh3_128_digest(data[low:high])


def _normalized(chunk: Texts) -> Iterator[bytes]:
    from xxhash import xxh3_128_digest  # noqa: PLC0415

    from dataflow_ops.dedup._fold import fold_table  # noqa: PLC0415 - compiled code is loaded where it is used
    from dataflow_ops.dedup._kernels import all_words  # noqa: PLC0415

    fold = fold_table()
    for low, high in pairwise(chunk.offsets):
        words, letters = all_words(chunk.data, low, high, fold)
        yield xxh3_128_digest(words.data if letters else chunk.data.data[low:high])


def _hashes(shards: Shards, column: str) -> tuple[NDArray[np.uint64], NDArray[np.bool_]]:
    """Return the hashes of all rows, two numbers each, and which rows have one."""
    edges = starts(shards)
    hashes, known = np.zeros((edges[-1], 2), np.uint64), np.zeros(edges[-1], bool)
    for shard in range(len(shards.counts)):
        low = edges[shard]
        for chunk in shards.read(shard, [column]).column(0).chunks:
            rows = slice(low, low := low + len(chunk))
            known[rows] = chunk.is_valid().to_numpy(zero_copy_only=False)
            # cast: a column of nulls only may have lost its type
            whole = chunk.cast(HASH).fill_null(bytes(16))
            hashes[rows] = np.frombuffer(whole.buffers()[1], np.uint64)[2 * whole.offset :][: 2 * len(whole)].reshape(
                -1, 2
            )
    return hashes, known


def _repeats(
    hashes: NDArray[np.uint64], known: NDArray[np.bool_], published: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the positions of rows that repeat an earlier one, in order, and of the first row that each repeats."""
    rows = np.flatnonzero(known)
    order = rows[np.lexsort((hashes[rows, 1], hashes[rows, 0]))]  # stable: of equal rows the first comes first
    ordered = hashes[order]
    repeats = np.zeros(len(order), bool)
    repeats[1:] = (ordered[1:] == ordered[:-1]).all(axis=1)
    heads = order[np.maximum.accumulate(np.where(repeats, 0, np.arange(len(order))))]
    repeats &= order >= published
    by_position = np.argsort(order[repeats])
    return order[repeats][by_position], heads[repeats][by_position]
