import doctest

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dataflow_ops.errors import BadArgument
from dataflow_ops.llm import form as forms
from dataflow_ops.llm.form import MOST_FIELDS, build
from dataflow_ops.llm.schema import fields, json_schema, read

EVERY_KIND = {
    "title": "words",
    "question": "text",
    "story": "passage",
    "sound": "boolean",
    "level": ["easy", "hard"],
    "score": {"integer": [1, 5]},
    "share": {"number": [0, 1.5]},
    "tags": {"list": "words", "at_most": 5},
    "grades": {"list": {"integer": [-3, 3]}, "at_least": 2, "at_most": 2},
    "kinds": {"list": ["a", "b"], "at_most": 4},
}


def test_every_kind_of_field_becomes_a_schema_and_arrow_types():
    schema = json_schema(build(EVERY_KIND))
    assert list(schema["properties"]) == list(EVERY_KIND), "the order of fields is the order a model writes them in"
    assert schema["required"] == list(EVERY_KIND)
    assert schema["properties"]["title"] == {"type": "string", "minLength": 1, "maxLength": 200}
    assert schema["properties"]["level"]["enum"] == ["easy", "hard"]
    assert schema["properties"]["score"] == {"type": "integer", "minimum": 1, "maximum": 5}
    assert schema["properties"]["grades"]["minItems"] == schema["properties"]["grades"]["maxItems"] == 2
    assert list(fields(build(EVERY_KIND)).values()) == [
        pa.string(), pa.string(), pa.string(), pa.bool_(), pa.string(), pa.int64(), pa.float64(),
        pa.list_(pa.string()), pa.list_(pa.int64()), pa.list_(pa.string()),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("answer", "reads"),
    [
        ('{"level": "easy", "score": 5}', True),
        ('{"level": "easy", "score": 6}', False),
        ('{"level": "middling", "score": 5}', False),
        ('{"level": "easy"}', False),
    ],
)
def test_answers_are_held_to_the_form(answer, reads):
    found = read(build({"level": ["easy", "hard"], "score": {"integer": [1, 5]}}), answer)
    assert hasattr(found, "level") is reads


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "expected 1 to 50 fields"),
        ({f"field{number}": "text" for number in range(MOST_FIELDS + 1)}, "expected 1 to 50 fields"),
        ({"answer": "txt"}, r"field 'answer' is 'txt'; did you mean 'text'\?"),
        ({"answer": None}, "field 'answer' is None: expected 'words'"),
        ({"answer": {}}, "field 'answer' is {}: expected 'words'"),
        ({"an answer": "text"}, "field 'an answer': expected a name"),
        ({"_rejected": "text"}, "field '_rejected': expected a name"),
        ({"1st": "text"}, "field '1st': expected a name"),
        ({3: "text"}, "field 3: expected a name"),
        ({"id": "text"}, "field 'id': rows are accounted for by it"),
        ({"parents": "text"}, "field 'parents': rows are accounted for by it"),
        ({"json": "text"}, "field 'json': that name is taken; choose another, such as 'json_text'"),
        ({"level": []}, "expected choices that differ"),
        ({"level": ["a", "a"]}, "expected choices that differ"),
        ({"level": ["a", ""]}, "expected choices that differ"),
        ({"level": ["a", 3]}, "expected choices that differ"),
        ({"score": {"integer": [5, 1]}}, r"field 'score': integer within \[5, 1\]; expected two bounds"),
        ({"score": {"integer": [1]}}, "expected two bounds"),
        ({"score": {"integer": [0.5, 1]}}, "expected two bounds"),
        ({"score": {"number": [0, float("inf")]}}, "expected two bounds"),
        ({"score": {"number": [float("nan"), 1]}}, "expected two bounds"),
        ({"score": {"integer": [True, 5]}}, "expected two bounds"),
        ({"score": {"float": [0, 1]}}, "field 'score' is {'float'"),
        ({"tags": {"list": "words"}}, "'at_most': n"),
        ({"tags": {"list": "words", "at_most": 0}}, "'at_most': n"),
        ({"tags": {"list": "words", "at_most": True}}, "'at_most': n"),
        ({"tags": {"list": "words", "at_most": 10_000}}, "'at_most': n"),
        ({"tags": {"list": "words", "at_least": 3, "at_most": 2}}, "'at_most': n"),
        ({"tags": {"list": "words", "at_most": 2, "unique": True}}, "'at_most': n"),
        ({"tags": {"list": {"list": "words", "at_most": 2}, "at_most": 2}}, "a list of lists"),
        ({"answer": {"text": {1, 2}}}, "not JSON serializable"),
        ("text", "expected 1 to 50 fields"),
    ],
)
def test_what_is_no_form_is_refused_by_field(given, message):
    with pytest.raises(BadArgument, match=message):
        build(given)


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
)


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(["a", "b", "list", "ä"]), PLAIN, max_size=3))
def test_whatever_is_given_is_built_bounded_or_refused(given):
    try:
        form = build(given)
    except BadArgument:
        return
    json_schema(form)


def test_the_same_fields_are_the_same_class_and_another_order_is_another():
    assert build({"a": "text", "b": "words"}) is build({"a": "text", "b": "words"})
    assert build({"a": "text", "b": "words"}) is not build({"b": "words", "a": "text"})


def test_the_example_in_the_docstring_works():
    assert doctest.testmod(forms).attempted > doctest.testmod(forms).failed == 0
