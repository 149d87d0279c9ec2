"""The form of an answer: a pydantic class on our side, a JSON schema on the wire, Arrow types in the shard."""

import json
import re
import types
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import pyarrow as pa
from pydantic import BaseModel, StringConstraints, ValidationError

from dataflow_ops.errors import BadArgument
from dataflow_ops.llm.chat import Failure, Kind

Words = Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True)]
"""A few words."""
Sentences = Annotated[str, StringConstraints(min_length=1, max_length=2_000, strip_whitespace=True)]
"""A reason, a question, feedback."""
Passage = Annotated[str, StringConstraints(min_length=1, max_length=20_000, strip_whitespace=True)]
"""An answer, a document."""

THOUGHT = re.compile(r"^\s*<think>.*?</think>", re.DOTALL)
SHOWN = 120
"""Characters of an answer that a message shows."""
UNBOUNDED = {"string": "maxLength", "array": "maxItems"}


@lru_cache
def json_schema(form: type[BaseModel]) -> dict[str, Any]:
    """Return the JSON schema of `form` as servers want it: no references, every property required, nothing unbounded.

    Raises BadArgument for a string without max_length or a list without one: a model that decodes by the schema might
    never come to an end.
    """
    whole = form.model_json_schema()
    schema = _plain(whole, whole.get("$defs", {}))
    for path, part in _parts(schema, form.__name__):
        missing = UNBOUNDED.get(str(part.get("type")))
        if missing and missing not in part and "enum" not in part and "const" not in part:
            raise BadArgument(f"{path}: {part['type']} without {missing}; bound every string and list of a schema")
    return schema


def _plain(part: Any, definitions: Mapping[str, Any]) -> Any:
    if isinstance(part, list):
        return [_plain(each, definitions) for each in part]
    if not isinstance(part, dict):
        return part
    if "$ref" in part:
        return _plain(definitions[part["$ref"].rpartition("/")[2]], definitions)
    kept = {key: value for key, value in part.items() if key not in ("title", "$defs", "default")}
    if "properties" in kept:
        properties = {name: _plain(value, definitions) for name, value in kept["properties"].items()}
        rest = {"additionalProperties": False, "required": list(properties)}
        return {"type": "object", "properties": properties, **rest}
    return {key: _plain(value, definitions) for key, value in kept.items()}


def _parts(part: Mapping[str, Any], path: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    yield path, part
    for name, inner in part.get("properties", {}).items():
        yield from _parts(inner, f"{path}.{name}")
    for inner in [*part.get("anyOf", ()), *([part["items"]] if "items" in part else [])]:
        yield from _parts(inner, path)


def read(form: type[BaseModel], text: str) -> BaseModel | Failure:
    """Read an answer: the whole text as JSON, else the first JSON object in it that fits.

    Models wrap what they are asked for in fences, thoughts and courtesies; paid answers are not thrown away for that.
    """
    text = THOUGHT.sub("", text).strip()
    try:
        return form.model_validate_json(text)
    except ValidationError as error:
        whole = error
    for found in _objects(text):
        try:
            return form.model_validate(found)
        except ValidationError as error:
            whole = error
    return Failure(Kind.UNPARSABLE, f"{_said(whole)}; the answer began {text[:SHOWN]!r}")


def _objects(text: str) -> Iterator[Any]:
    """Yield the JSON objects in `text`, each that begins after the end of the one before."""
    at, decoder = text.find("{"), json.JSONDecoder()
    tries = 0
    while at >= 0 and tries < 100:  # an answer of a thousand braces is no answer
        tries += 1
        try:
            found, end = decoder.raw_decode(text, at)
        except (json.JSONDecodeError, RecursionError):
            end = at + 1
        else:
            yield found
        at = text.find("{", end)


def _said(error: ValidationError) -> str:
    problems = [f"{'.'.join(map(str, each['loc'])) or 'answer'}: {each['msg']}" for each in error.errors()[:3]]
    return "; ".join(problems)


def fields(form: type[BaseModel] | None) -> dict[str, pa.DataType]:
    """Return the Arrow type of each field of `form`."""
    return {name: arrow_type(field.annotation) for name, field in (form.model_fields if form else {}).items()}


def arrow_type(hint: Any) -> pa.DataType:
    """Return the Arrow type that holds values of a type; BadArgument for one that no schema of ours uses."""
    simple = {str: pa.string(), int: pa.int64(), float: pa.float64(), bool: pa.bool_()}
    if hint in simple:
        return simple[hint]
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return arrow_type(arguments[0])
    if origin is Literal:
        return arrow_type(type(arguments[0]))
    if origin in (Union, types.UnionType):
        return arrow_type(next(each for each in arguments if each is not type(None)))
    if origin in (list, tuple):
        return pa.list_(arrow_type(arguments[0]))
    if isinstance(hint, type) and issubclass(hint, BaseModel):
        return pa.struct(list(fields(hint).items()))
    raise BadArgument(f"a schema cannot hold {hint!r}: expected text, numbers, booleans, lists or other schemas")
