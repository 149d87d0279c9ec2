"""Measure what a text shares with texts it must not have been copied from: decontamination."""

import unicodedata
from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dataflow_ops.columns import put
from dataflow_ops.errors import BadArgument, nearest
from dataflow_ops.op import Reads, Table, Writes

_MATCH = pa.struct([("benchmark", pa.string()), ("words", pa.string())])


def benchmark_overlap(
    table: pa.Table,
    *,
    text: Reads = "text",
    benchmark: Table = None,
    benchmark_text: str = "text",
    ngram: int = 13,
    min_words: int = 4,
    overlap: Writes = "benchmark_overlap",
    matched: Writes = "benchmark_match",
) -> pa.Table:
    """Measure which share of a text's word n-grams occurs in `benchmark`, 0 to 1, and tell the first that does.

    Words are compared in lower case and Unicode's NFKC form, without punctuation; of scripts without spaces each
    character is a word. A benchmark text of fewer than `ngram` words matches as a whole wherever it stands, one of fewer
    than `min_words` only a text that is nothing else; an n-gram that holds such a match counts. `matched` is null or a
    struct: `benchmark`, the `id` of the benchmark row (its number when it has none), and `words`, as they stand here.
    Hashes find candidates, the words decide: there are no false matches. (13-grams: Brown et al., 2020, appendix C.)
    """
    if ngram < 1:
        raise BadArgument(f"ngram={ngram!r}: expected 1 or more words")
    parts = list(_parts(_column(table, text, "text"), benchmark, benchmark_text, ngram, min_words))
    shares = pa.chunked_array([share for share, _ in parts], pa.float32())
    return put(put(table, overlap, shares), matched, pa.chunked_array([match for _, match in parts], _MATCH))


def _column(table: pa.Table, name: str, parameter: str) -> pa.ChunkedArray:
    if name not in table.column_names:
        raise BadArgument(f"{parameter}: there is no column {name!r}; {nearest(name, table.column_names)}")
    column = table[name]
    if pa.types.is_null(column.type):
        return column.cast(pa.string())
    if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
        raise BadArgument(f"{parameter}: column {name!r} holds {column.type}, expected strings")
    return column


def _parts(
    texts: pa.ChunkedArray, benchmark: pa.Table | None, column: str, ngram: int, min_words: int
) -> Iterator[tuple[pa.Array, pa.Array]]:
    """Yield shares and matches, chunk by chunk."""
    if benchmark is None or not benchmark.num_rows:
        for chunk in texts.chunks:
            zeros = pc.if_else(chunk.is_valid(), pa.scalar(0, pa.float32()), pa.scalar(None, pa.float32()))
            yield zeros, pa.nulls(len(chunk), _MATCH)
        return
    known = _Benchmark(benchmark, column, ngram, min_words)
    for chunk in texts.chunks:
        yield known.compare(chunk)


class _Benchmark:
    """The n-grams of a benchmark, ready to be looked up."""

    def __init__(self, rows: pa.Table, column: str, ngram: int, min_words: int) -> None:
        from dataflow_ops.score import _overlap_kernel  # noqa: PLC0415 - numba takes 0.5 s to import
        from dataflow_ops.score._text_kernel_unicode import flags  # noqa: PLC0415

        self._kernel, self._kinds = _overlap_kernel, flags()
        self._ids = rows["id"].cast(pa.string()) if "id" in rows.column_names else None
        data, offsets = _bytes(_normalized(_column(rows, column, "benchmark_text").combine_chunks()))
        starts, ends, hashes, self._firsts = _overlap_kernel.split(data, offsets, self._kinds)
        lengths = np.minimum(np.diff(self._firsts), ngram)
        lengths = np.unique(lengths[lengths > 0])
        least = min(min_words, ngram)
        tail = int(min(lengths[lengths >= least], default=ngram))
        table = _overlap_kernel.index(data, starts, ends, hashes, self._firsts, ngram, tail)
        self._settings = ((data, starts, ends), table, lengths, ngram, least, tail)

    def compare(self, texts: pa.Array) -> tuple[pa.Array, pa.Array]:
        """Return the share of each text's n-grams that is known, and the first match."""
        data, offsets = _bytes(_normalized(texts))
        totals, hits, matches = self._kernel.overlaps(data, offsets, self._kinds, *self._settings)
        null = pc.is_null(texts).to_numpy(zero_copy_only=False)
        shares = pa.array((hits / np.maximum(totals, 1)).astype(np.float32), mask=null)
        return shares, pa.array([self._match(data, *match) for match in matches.tolist()], _MATCH)

    def _match(self, data: np.ndarray, word: int, start: int, end: int) -> dict[str, Any] | None:
        if word < 0:
            return None
        row = int(np.searchsorted(self._firsts, word, side="right")) - 1
        name = str(row) if self._ids is None else self._ids[row].as_py()
        return {"benchmark": name, "words": data[start:end].tobytes().decode()}


def _normalized(texts: pa.Array) -> pa.Array:
    """Return texts in lower case and NFKC."""
    beyond = np.flatnonzero(pc.invert(pc.string_is_ascii(texts)).fill_null(False).to_numpy(zero_copy_only=False))
    if len(beyond):
        mask = np.zeros(len(texts), dtype=bool)
        mask[beyond] = True
        plain = [unicodedata.normalize("NFKC", text) for text in texts.take(pa.array(beyond)).to_pylist()]
        texts = pc.replace_with_mask(texts, pa.array(mask), pa.array(plain, type=texts.type))
    return pc.utf8_lower(texts).cast(pa.large_string())


def _bytes(texts: pa.Array) -> tuple[np.ndarray, np.ndarray]:
    """Return the UTF-8 of all texts back to back, and where each begins and the last one ends."""
    _, offsets, data = texts.buffers()
    if not len(texts):
        return np.empty(0, np.uint8), np.zeros(1, np.int64)
    begins = np.frombuffer(offsets, np.int64)[texts.offset : texts.offset + len(texts) + 1]
    return np.frombuffer(data, np.uint8) if data else np.empty(0, np.uint8), begins
