"""Rewrite a column of strings, touching only the rows that a search over the whole column points at."""

from collections.abc import Callable, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dataflow_ops.columns import get, put
from dataflow_ops.errors import BadArgument


def rewrite(table: pa.Table, column: str, needed: str, change: Callable[[str], str]) -> pa.Table:
    """Return `table` with `change` applied to `column` in the rows where the RE2 pattern `needed` is found."""
    texts = strings(table, column)
    chunks = [_rewrite_chunk(chunk, needed, change) for chunk in texts.chunks]
    if all(new is old for new, old in zip(chunks, texts.chunks, strict=True)):
        return table
    return replace(table, column, chunks)


def rewrite_counted(
    table: pa.Table, column: str, needed: str, change: Callable[[list[str]], list[tuple[str, int]]], found: str | None
) -> pa.Table:
    """Return `table` as `rewrite` does; `change` takes many texts and gives each anew, with how many places it changed.

    Column `found`, unless None, receives the counts; null where the text is.
    """
    texts = strings(table, column)
    parts = [_count_chunk(chunk, needed, change) for chunk in texts.chunks]
    if any(new is not old for (new, _), old in zip(parts, texts.chunks, strict=True)):
        table = replace(table, column, [new for new, _ in parts])
    if found is None:
        return table
    counts = pa.chunked_array([count for _, count in parts], pa.int64()) if parts else pa.nulls(len(table), pa.int64())
    return put(table, found, counts)


def strings(table: pa.Table, column: str) -> pa.ChunkedArray:
    """Return a column of strings; raise BadArgument when it is missing or holds something else."""
    texts = get(table, column)
    if pa.types.is_null(texts.type):
        return pa.chunked_array([], type=texts.type)
    if not (pa.types.is_string(texts.type) or pa.types.is_large_string(texts.type)):
        raise BadArgument(f"column {column!r} holds {texts.type}, expected strings; choose another column or cast it")
    return texts


def replace(table: pa.Table, column: str, chunks: list[pa.Array]) -> pa.Table:
    """Return `table` with the values of `column` replaced, its place, type and metadata kept."""
    index = table.column_names.index(column)
    field = table.schema.field(index)
    return table.set_column(index, field, pa.chunked_array(chunks, type=field.type))


def found_rows(chunk: pa.Array, pattern: str) -> np.ndarray:
    """Return the positions of the strings in which the RE2 `pattern` is found; never those of nulls."""
    return np.flatnonzero(pc.match_substring_regex(chunk, pattern).fill_null(False).to_numpy(zero_copy_only=False))


def line_by_line(text: str, needed: str, change: Callable[[str], str]) -> str:
    """Return `text` with `change` applied to the lines in which the RE2 pattern `needed` is found."""
    lines = text.split("\n")
    for row in found_rows(pa.array(lines, pa.large_string()), needed):
        lines[row] = change(lines[row])
    return "\n".join(lines)


def put_rows(chunk: pa.Array, rows: np.ndarray, new: list[str]) -> pa.Array:
    """Return `chunk` with the strings at `rows`, ascending, replaced by `new`; `chunk` itself when `rows` is empty."""
    if not len(rows):
        return chunk
    mask = np.zeros(len(chunk), dtype=bool)
    mask[rows] = True
    return pc.replace_with_mask(chunk, pa.array(mask), pa.array(new, type=chunk.type))


def cut(text: str, spans: Sequence[tuple[int, int, str]]) -> str:
    """Return `text` with a label in place of each span; spans come in order and apart."""
    pieces, at = [], 0
    for start, end, label in spans:
        pieces += [text[at:start], label]
        at = end
    return "".join([*pieces, text[at:]]) if spans else text


def _rewrite_chunk(chunk: pa.Array, needed: str, change: Callable[[str], str]) -> pa.Array:
    rows = found_rows(chunk, needed)
    if not len(rows):
        return chunk
    old = chunk.take(pa.array(rows)).to_pylist()
    new = [change(text) for text in old]
    changed = [at for at, (before, after) in enumerate(zip(old, new, strict=True)) if before != after]
    return put_rows(chunk, rows[changed], [new[at] for at in changed])


def _count_chunk(
    chunk: pa.Array, needed: str, change: Callable[[list[str]], list[tuple[str, int]]]
) -> tuple[pa.Array, pa.Array]:
    """Return the changed strings and how many places were changed in each; null for null."""
    rows = found_rows(chunk, needed)
    changed = change(chunk.take(pa.array(rows)).to_pylist())
    hits = [at for at, (_, count) in enumerate(changed) if count]
    counts = [0] * len(chunk)
    for at in hits:
        counts[rows[at]] = changed[at][1]
    known = pc.if_else(chunk.is_valid(), pa.array(counts, pa.int64()), pa.scalar(None, pa.int64()))
    return put_rows(chunk, rows[hits], [changed[at][0] for at in hits]), known
