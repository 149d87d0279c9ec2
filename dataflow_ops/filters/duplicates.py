"""Keep one row of those that say the same."""

import pyarrow as pa

from dataflow_ops.errors import BadArgument, nearest
from dataflow_ops.op import Reads


def unique(table: pa.Table, *, duplicate_of: Reads = "duplicate_of") -> pa.Table:
    """Keep rows that duplicate no other: whose `duplicate_of`, the id of the row they copy, is null.

    Raises BadArgument when there is no such column.
    """
    if duplicate_of not in table.column_names:
        known = nearest(duplicate_of, table.column_names)
        raise BadArgument(f"there is no column {duplicate_of!r}: find duplicates first; {known}")
    return table.filter(table[duplicate_of].is_null())
