"""Values of a database on their way between two processes, as JSON: what it has no type for is tagged.

Results go as columns. A column that JSON can say as it is goes as it is, which its types tell at once; only the others
are looked at value by value, on both sides.
"""

import base64
import math
from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from operator import itemgetter
from typing import Any
from uuid import UUID

from dataflow_ops.databases.result import Value
from dataflow_ops.databases.weights import EACH, weight

LEAST, MOST = -(1 << 63), (1 << 64) - 1
"""Whole numbers that every reader of JSON reads as such."""
NOTHING = type(None)
TEXTS, NUMBERS = frozenset({str, NOTHING}), frozenset({int, float, bool, NOTHING})
AS_THEY_ARE = frozenset({str, bool, NOTHING})
READ: dict[str, Callable[[Any], Value]] = {
    "bytes": base64.b64decode,
    "decimal": Decimal,
    "datetime": datetime.fromisoformat,
    "date": date.fromisoformat,
    "time": time.fromisoformat,
    "timedelta": lambda told: timedelta(*told),
    "uuid": UUID,
    "int": int,
    "float": float,
}


def tagged(value: object) -> object:
    """Return what JSON has no type for as something that it has; what is not a value of ours as text."""
    match value:
        case bytes() | bytearray() | memoryview():
            return {"bytes": base64.b64encode(value).decode()}
        case datetime() | date() | time():
            return {type(value).__name__: value.isoformat()}
        case timedelta():
            return {"timedelta": [value.days, value.seconds, value.microseconds]}
        case Decimal() | UUID():
            return {type(value).__name__.lower(): str(value)}
    return str(value)


def row(told: list[Any]) -> tuple[Value, ...]:
    """Return a row as it was before it was tagged."""
    return tuple(_value(each) if isinstance(each, list | dict) else each for each in told)


def _value(told: Any) -> Value:
    if isinstance(told, list):
        return row(told)
    if isinstance(told, dict):
        ((kind, text),) = told.items()
        return READ[kind](text)
    return told


def packed(rows: Sequence[tuple[Any, ...]], width: int) -> tuple[dict[str, Any], int]:
    """Return the columns of rows as JSON has them, and about how many bytes their values take."""
    columns, marked, taken = [], [], 0
    for at in range(width):
        values: list[Any] = list(map(itemgetter(at), rows))
        kinds = set(map(type, values))
        if kinds <= TEXTS:
            taken += EACH * len(values) + sum(map(len, filter(None, values)))
        elif kinds <= NUMBERS and _sayable(values, kinds):
            taken += EACH * len(values)
        else:
            taken += weight(values)
            marked.append(at)
            values = [_told(value) for value in values]
        columns.append(values)
    return {"count": len(rows), "columns": columns, "tagged": marked}, taken


def unpacked(told: dict[str, Any]) -> tuple[tuple[Value, ...], ...]:
    """Return the rows whose columns were packed."""
    columns: list[Sequence[Value]] = told["columns"]
    for at in told["tagged"]:
        columns[at] = row(told["columns"][at])
    return tuple(zip(*columns, strict=True)) if columns else ((),) * told["count"]


def _sayable(values: Sequence[Any], kinds: set[type]) -> bool:
    """Return whether JSON has all of these numbers: whole ones of 64 bits, and fractions that are finite."""
    present = [*filter(None, values)]
    if int in kinds and (min(present, default=0) < LEAST or max(present, default=0) > MOST):
        return False
    return float not in kinds or math.isfinite(sum(present))  # one that is not finite leaves no sum that is


def _told(value: Any) -> object:
    kind = type(value)
    if kind in AS_THEY_ARE:
        return value
    if kind is int:
        return value if LEAST <= value <= MOST else {"int": str(value)}
    if kind is float:
        return value if math.isfinite(value) else {"float": repr(value)}
    return [_told(each) for each in value] if isinstance(value, list | tuple) else tagged(value)
