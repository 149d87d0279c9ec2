"""Keep rows that a model accepted."""

import pyarrow as pa
import pyarrow.compute as pc

from dataflow_ops.errors import BadArgument, nearest
from dataflow_ops.op import Reasons


def accepted(table: pa.Table, *, objections: Reasons = "objections") -> pa.Table:
    """Keep rows that `score.prompted.verdict` has no objection to; a null list, never judged, does not pass.

    A row that goes is counted under its fault, with the reason the model gave beside it. Raises BadArgument when
    `objections` is not a column of lists.
    """
    if objections not in table.column_names:
        known = nearest(objections, table.column_names)
        raise BadArgument(f"there is no column {objections!r}: run score.prompted.verdict first; {known}")
    found = table[objections]
    if not (pa.types.is_list(found.type) or pa.types.is_large_list(found.type)):
        raise BadArgument(f"column {objections!r} is {found.type}: expected lists, a fault and a reason")
    return table.filter(pc.equal(pc.list_value_length(found), 0))
