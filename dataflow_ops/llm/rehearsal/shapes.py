"""Something that fits a JSON schema, made of plain words."""

import random
from collections.abc import Mapping
from typing import Any

WORDS = ("river", "stone", "winter", "garden", "market", "letter", "bridge", "summer", "engine", "window", "forest")


def instance(schema: Mapping[str, Any], draw: random.Random) -> Any:
    """Return a value that fits `schema`: one of its choices, a number within its bounds, words within its length."""
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return draw.choice(list(schema["enum"]))
    if "anyOf" in schema:
        return instance(schema["anyOf"][0], draw)
    return _OF_TYPE[str(schema.get("type", "object"))](schema, draw)


def _object(schema: Mapping[str, Any], draw: random.Random) -> dict[str, Any]:
    return {name: instance(inner, draw) for name, inner in schema.get("properties", {}).items()}


def _array(schema: Mapping[str, Any], draw: random.Random) -> list[Any]:
    size = max(int(schema.get("minItems", 1)), min(3, int(schema.get("maxItems", 3))))
    return [instance(schema["items"], draw) for _ in range(size)]


def _string(schema: Mapping[str, Any], draw: random.Random) -> str:
    words = " ".join(draw.choices(WORDS, k=12))
    most, least = int(schema.get("maxLength", 200)), int(schema.get("minLength", 0))
    return words[:most].strip().ljust(least, "x")


def _number(schema: Mapping[str, Any], draw: random.Random) -> float:
    low, high = _bounds(schema)
    return round(draw.uniform(low, high), 3)


def _integer(schema: Mapping[str, Any], draw: random.Random) -> int:
    low, high = _bounds(schema)
    return draw.randint(int(low), int(high))


def _bounds(schema: Mapping[str, Any]) -> tuple[float, float]:
    low = float(schema.get("minimum", schema.get("exclusiveMinimum", 0)))
    return low, float(schema.get("maximum", schema.get("exclusiveMaximum", low + 10)))


def _boolean(_: Mapping[str, Any], draw: random.Random) -> bool:
    return draw.random() < 0.8


_OF_TYPE = {
    "object": _object,
    "array": _array,
    "string": _string,
    "number": _number,
    "integer": _integer,
    "boolean": _boolean,
}
