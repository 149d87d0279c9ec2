"""Choose, drop, rename, join and fence columns."""

from collections.abc import Iterable

import pyarrow as pa
import pyarrow.compute as pc

from dataflow_ops.columns import get, put, strings
from dataflow_ops.errors import BadArgument
from dataflow_ops.fences import fenced as block
from dataflow_ops.op import Reads, Writes

MOST_BYTES = 1 << 30
"""Of text that is joined to a column of strings with offsets of 32 bits; more takes those of 64."""


def keep(table: pa.Table, *, columns: list[str]) -> pa.Table:
    """Keep `columns`, in that order, and the `id` of every row."""
    _known(table, columns)
    kept = dict.fromkeys(columns)
    return table.select([*([] if "id" in kept or "id" not in table.column_names else ["id"]), *kept])


def drop(table: pa.Table, *, columns: list[str]) -> pa.Table:
    """Drop `columns`; `id` cannot go."""
    _known(table, columns)
    if "id" in columns:
        raise BadArgument("'id' cannot be dropped: rows are accounted for by it")
    return table.drop_columns(list(dict.fromkeys(columns)))


def rename(table: pa.Table, *, names: dict[str, str]) -> pa.Table:
    """Rename columns, `{"old": "new"}`, all at once, so that two may change places; `id` keeps its name."""
    _known(table, names)
    if names.get("id", "id") != "id":
        raise BadArgument("'id' cannot be renamed: rows are accounted for by it")
    renamed = [names.get(name, name) for name in table.column_names]
    twice = sorted({name for name in renamed if renamed.count(name) > 1})
    if twice:
        raise BadArgument(f"names={names!r} would give two columns the name {twice[0]!r}; drop or rename the other one")
    return table.rename_columns(renamed)


def join(
    table: pa.Table, *, columns: list[str], text: Writes = "text", separator: str = "\n", null: str | None = None
) -> pa.Table:
    """Join the texts of `columns`, in that order, with `separator` between them.

    Where one of them is null `null` stands for it; without that the whole is null. A column called `text` that is there
    already is replaced. Raises BadArgument when a column does not hold strings.
    """
    _known(table, columns)
    if not columns:
        raise BadArgument("columns=[]: expected the names of the columns to join, ['question', 'solution'] for example")
    kind = _joined_type(table, columns, separator)
    parts = [table[name].cast(kind) for name in columns]
    how = {"null_handling": "emit_null"} if null is None else {"null_handling": "replace", "null_replacement": null}
    joined = pc.binary_join_element_wise(*parts, pa.scalar(separator, kind), **how)
    return put(table, text, joined)


def fence(table: pa.Table, *, text: Reads, fenced: Writes, tag: str = "") -> pa.Table:
    """Put each text into a fenced block of Markdown with `tag`, such as `python`; null where it is null.

    Line ends at its end go, and the fence is longer than any run of backticks in the text. Raises BadArgument when a
    column does not hold strings.
    """
    texts = strings(table, text)
    blocks = [each and block(each.rstrip("\r\n"), tag) for each in texts.to_pylist()]
    return put(table, fenced, pa.array(blocks, texts.type))


def _joined_type(table: pa.Table, columns: Iterable[str], separator: str) -> pa.DataType:
    size = 0
    for name in columns:
        kind = table[name].type
        if not (pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_null(kind)):
            raise BadArgument(f"column {name!r} is {kind}: expected strings; cast it first, or leave it out")
        size += table[name].nbytes + table.num_rows * len(separator.encode())
    large = size > MOST_BYTES or any(pa.types.is_large_string(table[name].type) for name in columns)
    return pa.large_string() if large else pa.string()


def _known(table: pa.Table, columns: Iterable[str]) -> None:
    for column in columns:
        get(table, column)
