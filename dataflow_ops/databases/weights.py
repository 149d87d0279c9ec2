"""How much of a result's limit its rows take."""

from collections.abc import Sequence
from decimal import Decimal

EACH = 16
"""Bytes that any value takes, about."""
LONG = (str, bytes)
NESTED = (tuple, list)
SHORT = frozenset({int, float, bool, type(None)})


def weight(row: Sequence[object]) -> int:
    """Return about how many bytes the values of a row take."""
    taken = EACH * len(row)
    for value in row:
        if type(value) in SHORT:
            continue
        if isinstance(value, LONG):
            taken += len(value)
        elif isinstance(value, NESTED):
            taken += weight(value)
        elif isinstance(value, Decimal):
            taken += len(value.as_tuple().digits)
    return taken
