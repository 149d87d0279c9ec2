"""How much of a result's limit its rows take."""

from collections.abc import Sequence
from decimal import Decimal

EACH = 16
"""Bytes that any value takes, about."""


def weight(row: Sequence[object]) -> int:
    """Return about how many bytes the values of a row take."""
    taken = EACH * len(row)
    for value in row:
        if isinstance(value, str | bytes):
            taken += len(value)
        elif isinstance(value, tuple | list):
            taken += weight(value)
        elif isinstance(value, Decimal):
            taken += len(value.as_tuple().digits)
    return taken
