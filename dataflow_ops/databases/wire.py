"""Values of a database on their way between two processes, as JSON: what it has no type for is tagged."""

import base64
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from dataflow_ops.databases.result import Value

READ: dict[str, Callable[[Any], Value]] = {
    "bytes": base64.b64decode,
    "decimal": Decimal,
    "datetime": datetime.fromisoformat,
    "date": date.fromisoformat,
    "time": time.fromisoformat,
    "timedelta": lambda told: timedelta(*told),
    "uuid": UUID,
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
