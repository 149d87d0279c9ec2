"""Choose, drop and rename columns."""

from collections.abc import Iterable

import pyarrow as pa

from dataflow_ops.errors import BadArgument, nearest


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


def _known(table: pa.Table, columns: Iterable[str]) -> None:
    for column in columns:
        if column not in table.column_names:
            raise BadArgument(f"there is no column {column!r}; {nearest(column, table.column_names)}")
