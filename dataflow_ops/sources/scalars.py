"""Numbers and booleans as the text of an optional column."""

from decimal import Decimal
from typing import Any

from dataflow_ops.sources.json_text import found, literal


def text_of(value: Any, name: str, raw: bytes | None) -> str | None:
    """Return the text of `value`, the field `name` of a record; None for NaN, which marks a value that is missing.

    A number stays as it is written in `raw`, the JSON of the record: 1e3, 0.50, any number of digits. Without `raw` it
    is written with the fewest digits that give it back, 5.0 as 5.0; a decimal with all of its own. Raises ValueError
    for a list, an object, and whatever else is neither text, number nor boolean.
    """
    match value:
        case str() if value != "NaN" or raw is None:
            return str(value)
        case bool():
            return "true" if value else "false"
        case float() | 0 | "NaN" if raw is not None:  # 0 may be written -0, and NaN is read as a string by that name
            return literal(raw, name)
        case int() | float():
            return str(value)
        case Decimal():
            return format(value, "f")
    raise ValueError(f"expected a string, a number or a boolean in {name!r}, found {found(value)}")
