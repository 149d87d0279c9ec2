"""Records to JSON text and back, without silent changes."""

import base64
import json
import math
import re
from typing import Any

import orjson

# orjson reads an integer beyond 64 bits as a float; such a float shows an exponent of two digits when written again.
_ROUNDED = re.compile(rb"\de[+]?\d\d")
_DIGITS = 300
"""An integer of so many digits, its sign included, is not too large for a float; it is still read fast."""


def read_object(raw: bytes) -> dict[str, Any] | str:
    """Return the JSON object in `raw`, or why there is none.

    NaN and infinities become the strings that name them, and a number too large for a float becomes `Beyond`.
    """
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        if b"NaN" not in raw and b"Infinity" not in raw and "infinity" not in str(error):
            return _why(raw, error)
        try:
            value = _exact(raw)
        except (ValueError, RecursionError):
            return _why(raw, error)
    return value if type(value) is dict else f"expected a JSON object, found {found(value)}"


class Beyond(str):
    """A number that is too large for a float, as it is written."""


def literal(raw: bytes, name: str) -> str | None:
    """Return the number under `name` in the JSON object `raw` as it is written there; None for NaN."""
    fields = json.loads(raw, parse_int=str, parse_float=str, parse_constant=_INFINITIES.get)
    value: str | None = fields[name]
    return value


_INFINITIES = {"Infinity": "Infinity", "-Infinity": "-Infinity"}


def _loads(raw: bytes) -> Any:
    return json.loads(raw, parse_constant=str, parse_int=_integer, parse_float=_float)


def _integer(digits: str) -> int | Beyond:
    return int(digits) if len(digits) <= _DIGITS else Beyond(digits)


def _float(digits: str) -> float | Beyond:
    value = float(digits)
    return value if math.isfinite(value) else Beyond(digits)


def _exact(raw: bytes) -> Any:
    value = _loads(raw)
    json.dumps(value, ensure_ascii=False).encode()  # a lone surrogate is no Unicode: UnicodeEncodeError
    return value


def _why(raw: bytes, error: ValueError) -> str:
    try:
        raw.decode()
    except UnicodeDecodeError as invalid:
        return invalid_utf8(invalid)
    return f"expected JSON: {error}"


def invalid_utf8(error: UnicodeDecodeError) -> str:
    """Say where bytes are not UTF-8."""
    return f"expected UTF-8, found byte 0x{error.object[error.start]:02x} at position {error.start:,}"


def without(raw: bytes, names: set[str], rest: bytes) -> bytes:
    """Return `rest`, the JSON of `raw` without `names`; read again where it may hold a rounded integer."""
    if not _ROUNDED.search(rest):
        return rest
    fields = {key: value for key, value in _loads(raw).items() if key not in names}
    return _slow_dump(fields)


def dump(value: Any) -> bytes:
    """Return JSON with sorted keys; what JSON has no form for becomes text (see `as_text`)."""
    try:
        return orjson.dumps(value, default=as_text, option=orjson.OPT_SORT_KEYS)
    except TypeError:  # integers beyond 64 bits, or deeper than orjson goes
        return _slow_dump(value)


def _slow_dump(value: Any) -> bytes:
    return json.dumps(value, default=as_text, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def as_text(value: Any) -> str:
    """Return text for a value that JSON has no form for: base64 for bytes, ISO 8601 for times, digits for decimals."""
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def finite(value: Any) -> Any:
    """Return `value` with NaN and infinities, at any depth, as the strings that JavaScript names them by."""
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if isinstance(value, dict):
        return {key: finite(item) for key, item in value.items()}
    return [finite(item) for item in value] if isinstance(value, list | tuple) else value


def found(value: Any) -> str:
    """Say what kind of value was found."""
    if value is None:
        return "null"
    kinds = {dict: "an object", list: "a list", str: "a string", bool: "a boolean"}
    kinds |= dict.fromkeys((int, float, Beyond), "a number")
    shown = "" if isinstance(value, dict | list) or type(value) is str else f", {value}"
    return f"{kinds.get(type(value), type(value).__name__)}{shown[:60]}"
