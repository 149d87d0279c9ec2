"""The form of an answer as plain data: what a DAG file or a plan can say of the fields it wants.

    {"question": "text", "level": ["easy", "hard"], "score": {"integer": [1, 5]}, "tags": {"list": "words", "at_most": 5}}

A field is a few `words`, a `text` of some sentences, a `passage` as long as a document, a `boolean`; one of a list of
choices; an `integer` or a `number` within bounds; or a `list` of any of these with `at_most` so many. Everything is
bounded: a model that decodes by the form comes to an end.
"""

import json
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, create_model

from dataflow_ops.errors import BadArgument, nearest
from dataflow_ops.llm.schema import Passage, Sentences, Words
from dataflow_ops.op import ANSWERED_BY

Fields = dict[str, Any]
"""A setting that is the form of an answer; its names become columns."""

KINDS: Mapping[str, Any] = {"words": Words, "text": Sentences, "passage": Passage, "boolean": bool}
BOUNDED: Mapping[str, type] = {"integer": int, "number": float}
MOST_FIELDS = 50
MOST_ITEMS = 1_000
LONGEST = 200
"""Characters of a choice."""
EXPECTED = (
    "expected 'words', 'text', 'passage', 'boolean', a list of choices, {'integer': [1, 5]}, {'number': [0, 1]} "
    "or {'list': 'words', 'at_most': 5}"
)


def build(fields: Mapping[str, Any]) -> type[BaseModel]:
    """Return the pydantic class of `fields`; BadArgument says which field does not fit, and what would.

    >>> answer = build({"level": ["easy", "hard"], "score": {"integer": [1, 5]}})
    >>> answer.model_validate_json('{"level": "easy", "score": 3}')
    Form(level='easy', score=3)
    """
    if not isinstance(fields, Mapping) or not 0 < len(fields) <= MOST_FIELDS:
        raise BadArgument(f"fields={fields!r}: expected 1 to {MOST_FIELDS} fields, such as {{'answer': 'text'}}")
    for name in fields:
        _check_name(name)
    try:
        return _built(json.dumps(dict(fields)))
    except (TypeError, ValueError) as error:
        if isinstance(error, BadArgument):
            raise
        raise BadArgument(f"fields={fields!r}: {error}; {EXPECTED}") from error


@lru_cache
def _built(fields: str) -> type[BaseModel]:
    """Build the class once for all shards: its JSON schema is remembered with it."""
    types: dict[str, Any] = {name: (_type(name, given), ...) for name, given in json.loads(fields).items()}
    return create_model("Form", __config__=ConfigDict(protected_namespaces=()), **types)


def _check_name(name: Any) -> None:
    if not isinstance(name, str) or not re.fullmatch(r"[^\W\d_]\w{0,62}", name):
        raise BadArgument(f"field {name!r}: expected a name of letters, digits and `_` that begins with a letter")
    if hasattr(BaseModel, name):
        raise BadArgument(f"field {name!r}: that name is taken; choose another, such as '{name}_text'")
    if name in ("id", "parents", ANSWERED_BY):
        raise BadArgument(f"field {name!r}: rows are accounted for by it; choose another name")


def _type(name: str, given: Any) -> Any:
    if isinstance(given, str):
        if given not in KINDS:
            raise BadArgument(f"field {name!r} is {given!r}; {nearest(given, KINDS)}; {EXPECTED}")
        return KINDS[given]
    if isinstance(given, list):
        return _choice(name, given)
    if isinstance(given, dict):
        return _list(name, given) if "list" in given else _between(name, given)
    raise BadArgument(f"field {name!r} is {given!r}: {EXPECTED}")


def _choice(name: str, choices: list[Any]) -> Any:
    texts = [each for each in choices if isinstance(each, str) and 0 < len(each) <= LONGEST]
    if not texts or len(set(texts)) != len(choices):
        raise BadArgument(
            f"field {name!r} is {choices!r}: expected choices that differ, each 1 to {LONGEST} characters"
        )
    return Literal[tuple(texts)]


def _between(name: str, given: dict[str, Any]) -> Any:
    kind, bounds = next(iter(given.items()), ("", None))
    if kind not in BOUNDED or len(given) != 1:
        raise BadArgument(f"field {name!r} is {given!r}: {EXPECTED}")
    pair = bounds if isinstance(bounds, list) and len(bounds) == 2 else ["", ""]
    if not (all(_is_number(each, kind) for each in pair) and pair[0] <= pair[1]):
        raise BadArgument(f"field {name!r}: {kind} within {bounds!r}; expected two bounds, [least, most]")
    return Annotated[BOUNDED[kind], Field(ge=pair[0], le=pair[1])]


def _is_number(value: Any, kind: str) -> bool:
    fits = int if kind == "integer" else (int, float)
    return isinstance(value, fits) and not isinstance(value, bool) and abs(value) <= 1e15


def _is_size(value: Any) -> bool:
    return type(value) is int and 0 <= value <= MOST_ITEMS


def _list(name: str, given: dict[str, Any]) -> Any:
    most, least = given.get("at_most"), given.get("at_least", 0)
    sound = _is_size(most) and _is_size(least) and least <= most != 0
    if not sound or given.keys() - {"list", "at_most", "at_least"}:
        raise BadArgument(
            f"field {name!r} is {given!r}: expected {{'list': …, 'at_most': n}} with n from 1 to {MOST_ITEMS}, "
            "and `at_least` no more than that"
        )
    if isinstance(given["list"], dict) and "list" in given["list"]:
        raise BadArgument(f"field {name!r} is a list of lists: expected a list of words, choices or numbers")
    return Annotated[list[_type(name, given["list"])], Field(min_length=least, max_length=most)]  # type: ignore[misc]
