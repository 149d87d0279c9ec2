"""Keep rows by what a column says against them."""

import pyarrow as pa
import pyarrow.compute as pc

from dataflow_ops.columns import get
from dataflow_ops.errors import BadArgument
from dataflow_ops.op import Reasons

NONE = "none"
"""What a model says where it has to choose a fault and finds none."""


def none(table: pa.Table, *, reasons: Reasons = "unverified") -> pa.Table:
    """Keep rows that have no reason to go: whose `reasons` is null, or the word `none`.

    A row that goes is counted under its reason, up to the first `: `. Raises BadArgument when `reasons` is not a column
    of strings; for lists of reasons there are `filters.rules.passed` and `filters.prompted.accepted`.
    """
    found = get(table, reasons)
    if pa.types.is_null(found.type):
        return table
    if not (pa.types.is_string(found.type) or pa.types.is_large_string(found.type)):
        raise BadArgument(
            f"column {reasons!r} is {found.type}: expected strings, null where a row may stay; "
            "for lists use filters.rules.passed"
        )
    return table.filter(pc.fill_null(pc.equal(found, NONE), True))
