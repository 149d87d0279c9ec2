"""Keep rows by the value of one column. A null value passes only where it is asked for."""

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from dataflow_ops.columns import get
from dataflow_ops.errors import BadArgument
from dataflow_ops.op import Reads


def between(
    table: pa.Table,
    *,
    column: Reads,
    at_least: float | None = None,
    at_most: float | None = None,
    above: float | None = None,
    below: float | None = None,
) -> pa.Table:
    """Keep rows whose `column` lies within the bounds given; null and NaN lie nowhere.

    Raises BadArgument when no bound is given, or `column` does not hold numbers.
    """
    values, kind = get(table, column), get(table, column).type
    if not any(is_(kind) for is_ in (pa.types.is_integer, pa.types.is_floating, pa.types.is_decimal, pa.types.is_null)):
        raise BadArgument(f"column {column!r} is {kind}: expected numbers")
    tests = ((pc.greater_equal, at_least), (pc.less_equal, at_most), (pc.greater, above), (pc.less, below))
    passed = [test(values, bound) for test, bound in tests if bound is not None]
    if not passed:
        raise BadArgument(f"column {column!r} has no bound: give at_least, at_most, above or below")
    for more in passed[1:]:
        passed[0] = pc.and_(passed[0], more)
    return table.filter(passed[0])


def one_of(table: pa.Table, *, column: Reads, values: list[Any], keep_null: bool = False) -> pa.Table:
    """Keep rows whose `column` holds one of `values`, or with `keep_null` nothing; BadArgument if not of its type."""
    found, wanted = get(table, column), [value for value in values if value is not None]
    try:
        allowed = pa.array(wanted, found.type)
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError) as error:
        raise BadArgument(f"column {column!r} is {found.type}: values={values!r} do not fit: {error}") from error
    passed = pc.is_in(found, value_set=allowed)
    return table.filter(pc.or_(passed, found.is_null()) if keep_null else passed)


def not_null(table: pa.Table, *, column: Reads) -> pa.Table:
    """Keep rows whose `column` holds a value."""
    return table.filter(get(table, column).is_valid())


def is_true(table: pa.Table, *, column: Reads) -> pa.Table:
    """Keep rows whose `column` is true; raise BadArgument when it does not hold true and false."""
    return table.filter(_truth(table, column))


def is_false(table: pa.Table, *, column: Reads) -> pa.Table:
    """Keep rows whose `column` is false; raise BadArgument when it does not hold true and false."""
    return table.filter(pc.invert(_truth(table, column)))


def _truth(table: pa.Table, name: str) -> pa.ChunkedArray:
    column = get(table, name)
    if pa.types.is_boolean(column.type):
        return column
    if pa.types.is_null(column.type):
        return column.cast(pa.bool_())
    raise BadArgument(f"column {name!r} is {column.type}: expected true and false")
