"""Keep rows by the rules they break."""

import pyarrow as pa
import pyarrow.compute as pc

from dataflow_ops.errors import BadArgument, nearest
from dataflow_ops.op import Reasons


def passed(table: pa.Table, *, failed: Reasons = "failed_rules") -> pa.Table:
    """Keep rows that break no rule: whose list `failed` is empty; a null list, never judged, does not pass.

    Raises BadArgument when `failed` is not a column of lists.
    """
    if failed not in table.column_names:
        raise BadArgument(
            f"there is no column {failed!r}: run score.rules.failed first; {nearest(failed, table.column_names)}"
        )
    verdicts = table[failed]
    if not (pa.types.is_list(verdicts.type) or pa.types.is_large_list(verdicts.type)):
        raise BadArgument(f"column {failed!r} is {verdicts.type}: expected lists of rule names")
    return table.filter(pc.equal(pc.list_value_length(verdicts), 0))
