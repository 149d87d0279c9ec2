from typing import Annotated, Literal

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, Field

from dataflow_ops.errors import BadArgument
from dataflow_ops.llm.chat import Failure, Kind
from dataflow_ops.llm.schema import Sentences, Words, arrow_type, fields, json_schema, read


class Turn(BaseModel):
    role: Literal["user", "assistant"]
    content: Sentences


class Whole(BaseModel):
    """All that a schema of ours may hold."""

    reason: Words
    score: Annotated[int, Field(ge=1, le=5)]
    share: float
    sound: bool
    maybe: Words | None = None
    turns: Annotated[list[Turn], Field(max_length=4)]


def test_a_schema_is_what_servers_want():
    schema = json_schema(Whole)
    assert "$ref" not in str(schema)
    assert "title" not in str(schema)
    assert "default" not in schema["properties"]["maybe"]
    assert schema["required"] == ["reason", "score", "share", "sound", "maybe", "turns"]
    assert schema["properties"]["turns"]["items"]["additionalProperties"] is False
    assert schema["properties"]["turns"]["items"]["required"] == ["role", "content"]


class Endless(BaseModel):
    text: str


class EndlessList(BaseModel):
    items: list[Words]


class EndlessInside(BaseModel):
    inner: Annotated[list[Endless], Field(max_length=2)]


class EndlessMaybe(BaseModel):
    text: str | None


@pytest.mark.parametrize(
    ("form", "message"),
    [
        (Endless, "Endless.text: string without maxLength"),
        (EndlessList, "EndlessList.items: array without maxItems"),
        (EndlessInside, "EndlessInside.inner.text: string without maxLength"),
        (EndlessMaybe, "EndlessMaybe.text: string without maxLength"),
    ],
)
def test_what_has_no_end_is_refused(form, message):
    with pytest.raises(BadArgument, match=message):
        json_schema(form)


def test_arrow_types_hold_what_a_form_holds():
    assert fields(Whole) == {
        "reason": pa.string(),
        "score": pa.int64(),
        "share": pa.float64(),
        "sound": pa.bool_(),
        "maybe": pa.string(),
        "turns": pa.list_(pa.struct([("role", pa.string()), ("content", pa.string())])),
    }
    assert fields(None) == {}
    with pytest.raises(BadArgument, match="a schema cannot hold <class 'bytes'>"):
        arrow_type(bytes)


class Judged(BaseModel):
    reason: Words
    score: Annotated[int, Field(ge=1, le=5)]


@pytest.mark.parametrize(
    "answer",
    [
        '{"reason": "short", "score": 2}',
        '  {"reason": " short ", "score": 2}\n',
        '```json\n{"reason": "short", "score": 2}\n```',
        'Here you are: {"reason": "short", "score": 2} I hope that helps! :}',
        '<think>{"reason": "no, wait", "score": 5}</think>{"reason": "short", "score": 2}',
        'Like {"score": 9}? No: {"reason": "short", "score": 2}',
        'In braces {like this} and then {"reason": "short", "score": 2}',
        '{"reason": "short", "score": "2"}',
        '{"reason": "short", "score": 2, "more": "than asked for"}',
    ],
)
def test_answers_are_read_out_of_what_models_wrap_around_them(answer):
    assert read(Judged, answer) == Judged(reason="short", score=2)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("", "answer: Invalid JSON"),
        ("I cannot rate this.", "the answer began 'I cannot rate this.'"),
        ('{"reason": "short"}', "score: Field required"),
        ('{"reason": "short", "score": 7}', "score: Input should be less than or equal to 5"),
        ('{"reason": "", "score": 3}', "reason: String should have at least 1 character"),
        ('{"reason": "short", "sco', "Invalid JSON"),
        ('[{"reason"', "Invalid JSON"),
        ("{" * 100_000, "Invalid JSON"),
        ('{"a":' * 20_000, "Invalid JSON"),
    ],
)
def test_what_cannot_be_read_says_why(answer, said):
    found = read(Judged, answer)
    assert isinstance(found, Failure)
    assert found.kind == Kind.UNPARSABLE
    assert said in found.detail
    assert len(found.detail) < 500


@settings(deadline=None)
@given(st.text())
def test_no_text_makes_reading_raise(text):
    assert isinstance(read(Judged, text), (Judged, Failure))


@settings(deadline=None)
@given(st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=200).filter(str.strip))
def test_what_fits_is_read_whole(reason):
    given = Judged(reason=reason, score=3)
    assert read(Judged, given.model_dump_json()) == given
