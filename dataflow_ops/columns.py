"""Columns of tables: taken out, with a clear error where one is missing, and put in their place."""

from typing import TypeAlias

import pyarrow as pa

from dataflow_ops.errors import BadArgument, nearest

Values: TypeAlias = pa.Array | pa.ChunkedArray


def put(table: pa.Table, name: str, values: Values) -> pa.Table:
    """Return `table` with a column, in the place of one of that name or at the end."""
    place = table.schema.get_field_index(name)
    return table.append_column(name, values) if place < 0 else table.set_column(place, name, values)


def get(table: pa.Table, name: str) -> pa.ChunkedArray:
    """Return a column; BadArgument, with the nearest name, when it is missing."""
    if name not in table.column_names:
        raise BadArgument(f"there is no column {name!r}; {nearest(name, table.column_names)}")
    return table[name]


def strings(table: pa.Table, name: str) -> pa.ChunkedArray:
    """Return a column of (large) strings, large ones where it has nulls only; BadArgument for one of another type."""
    found = get(table, name)
    if pa.types.is_string(found.type) or pa.types.is_large_string(found.type):
        return found
    if pa.types.is_null(found.type) or pa.types.is_string_view(found.type):
        return found.cast(pa.large_string())
    raise BadArgument(f"column {name!r} is {found.type}: expected a string column")
