"""Take a column of texts out of a table, put a measured column in."""

import pyarrow as pa

from dataflow_ops.errors import BadArgument, nearest


def strings(table: pa.Table, name: str) -> pa.ChunkedArray:
    """Return a column of (large) strings; raise BadArgument when it is missing or of another type."""
    if name not in table.column_names:
        raise BadArgument(f"there is no column {name!r}; {nearest(name, table.column_names)}")
    column = table[name]
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        return column
    if pa.types.is_null(column.type) or pa.types.is_string_view(column.type):
        return column.cast(pa.large_string())
    raise BadArgument(f"column {name!r} is {column.type}: expected a string column")


def with_column(table: pa.Table, name: str, values: pa.Array) -> pa.Table:
    """Return `table` with a column, in the place of one of the same name."""
    if name in table.column_names:
        return table.set_column(table.column_names.index(name), name, values)
    return table.append_column(name, values)
