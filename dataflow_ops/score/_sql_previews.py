"""The first rows of a result, as a person or a report shows them."""

import json
from typing import Any

from dataflow_ops.databases.result import Result, Value

ROWS = 3
COLUMNS = 20
CHARACTERS = 80
"""Of one value."""
EXACT = 2**53
"""Whole numbers up to here are the same to every reader of JSON."""


def preview(result: Result) -> str:
    """Return the first rows as JSON, a list of lists; long values and wide rows are cut, which an ellipsis tells."""
    text = json.dumps([_row(row) for row in result.rows[:ROWS]], ensure_ascii=False)
    return text.encode("utf-8", "replace").decode()


def _row(row: tuple[Value, ...]) -> list[Any]:
    shown = [_value(value) for value in row[:COLUMNS]]
    return shown if len(row) <= COLUMNS else [*shown, "…"]


def _value(value: Value) -> Any:
    """Keep what JSON has, and write the rest as text."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int) and abs(value) <= EXACT:
        return value
    if isinstance(value, float) and abs(value) < float("inf"):
        return value
    text = value.hex() if isinstance(value, bytes) else str(value)
    return text if len(text) <= CHARACTERS else f"{text[:CHARACTERS]}…"
