"""What can be said of a code file by rules alone: its language, how it is written, whether it parses."""

from collections.abc import Sequence

import pyarrow as pa

from dataflow_ops.columns import put, strings
from dataflow_ops.languages import By, decided_by_name, language_of
from dataflow_ops.op import Reads, Writes


def language(
    table: pa.Table,
    *,
    code: Reads = "code",
    path: Reads | None = "path",
    language: Writes = "language",
    language_by: Writes = "language_by",
) -> pa.Table:
    """Tell the programming language of a file, "Python" or "C++", and what told it.

    `language_by` is `name` (file name or its ending), `shebang` (the interpreter that the first line calls) or `content`
    (an editor's mode line, how the file begins, or keywords that speak clearly for one language). Endings of several
    languages, such as `.h`, `.m`, `.pl` and `.inc`, are settled by the content. Both are null where nothing tells it:
    there is no guess. With `path` None the content alone decides.
    """
    codes = strings(table, code)
    paths = strings(table, path).to_pylist() if path is not None else [None] * table.num_rows
    found: list[tuple[str | None, By | None]] = [(decided_by_name(each), "name") for each in paths]
    open_ = [row for row, (named, _) in enumerate(found) if named is None]
    for row, text in zip(open_, _rows(codes, open_), strict=True):
        found[row] = language_of(paths[row], text)
    told = put(table, language, pa.array([name for name, _ in found], pa.string()))
    return put(told, language_by, pa.array([by for _, by in found], pa.string()))


def _rows(column: pa.ChunkedArray, rows: Sequence[int]) -> list[str | None]:
    """Return some rows as Python strings: the others, most of the bytes, are never converted."""
    if not rows:
        return []
    wide = column.cast(pa.large_string())  # the offsets of what is taken may not fit into 32 bits
    found: list[str | None] = wide.take(pa.array(rows, pa.int64())).to_pylist()
    return found
