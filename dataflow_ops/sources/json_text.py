"""Records to JSON text and back, without silent changes."""

import base64
import json
import math
import re
from typing import Any

import orjson

# orjson reads an integer beyond 64 bits as a float; such a float shows an exponent of two digits when written again.
_ROUNDED = re.compile(rb"\de[+]?\d\d")


def read_object(raw: bytes) -> dict[str, Any] | str:
    """Return the JSON object in `raw`, or why there is none. NaN and infinities become the strings that name them."""
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        if b"NaN" not in raw and b"Infinity" not in raw:
            return _why(raw, error)
        try:
            value = _exact(raw)
        except (ValueError, RecursionError):
            return _why(raw, error)
    return value if type(value) is dict else f"expected a JSON object, found {found(value)}"


def _exact(raw: bytes) -> Any:
    value = json.loads(raw, parse_constant=str)
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
    fields = {key: value for key, value in json.loads(raw, parse_constant=str).items() if key not in names}
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
    kinds = {dict: "an object", list: "a list", str: "a string", bool: "a boolean", int: "a number", float: "a number"}
    shown = "" if isinstance(value, dict | list | str) else f", {value}"
    return f"{kinds.get(type(value), type(value).__name__)}{shown[:60]}"
