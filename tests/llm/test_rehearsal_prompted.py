import random

import pytest

from dataflow_ops.llm.chat import Failure
from dataflow_ops.llm.form import build
from dataflow_ops.llm.rehearsal import prompted
from dataflow_ops.llm.schema import json_schema, read

TEXT = "Rivers carry water to the sea. They begin as springs. Salmon climb them."
FORM = build({"question": "text", "level": ["easy", "hard"], "share": {"number": [0, 1]}, "title": "words"})


def draw():
    return random.Random(1)


def test_a_column_is_a_sentence_of_the_text():
    assert prompted.column({"text": TEXT}, draw()).removeprefix("Rehearsed: ") in TEXT
    assert prompted.column({"text": ""}, draw()) == "Rehearsed: Nothing was given."


def test_columns_fit_the_form_and_hold_sentences():
    made = prompted.columns({"text": TEXT, "form": json_schema(FORM)}, draw())
    assert made["question"] == "Rivers carry water to the sea."
    assert made["level"] in ("easy", "hard")
    assert FORM.model_validate(made)


@pytest.mark.parametrize(("text", "count", "made"), [(TEXT, 2, 2), (TEXT, 9, 3), ("", 4, 1)])
def test_rows_are_as_many_as_sentences_and_no_more_than_asked_for(text, count, made):
    one = json_schema(FORM)
    form = {"properties": {"rows": {"items": one, "maxItems": count}}}
    found = prompted.rows({"text": text, "form": form, "count": count}, draw())["rows"]
    assert len(found) == made
    assert len({row["question"] for row in found}) == made


@pytest.mark.parametrize(
    ("words", "bounds", "rating"), [(0, (1, 5), 1), (50, (1, 5), 3), (1_000, (1, 5), 5), (1_000, (-3, 0), 0)]
)
def test_ratings_grow_with_length_within_their_bounds(words, bounds, rating):
    values = {"text": "word " * words, "at_least": bounds[0], "at_most": bounds[1]}
    assert prompted.rating(values, draw())["rating"] == rating


def test_a_label_that_the_text_names_is_chosen():
    assert prompted.label({"text": "About CITIES.", "choices": ["rivers", "cities"]}, draw())["label"] == "cities"
    assert prompted.label({"text": "About me.", "choices": ["rivers", "cities"]}, draw())["label"] in (
        "rivers",
        "cities",
    )


@pytest.mark.parametrize(("text", "verdict"), [("one two three four five", "accepted"), ("one", "dull")])
def test_short_texts_are_not_accepted(text, verdict):
    assert prompted.verdict({"text": text, "verdicts": ["accepted", "dull"]}, draw())["verdict"] == verdict


def test_prompts_with_other_holes_are_answered_from_what_fills_them():
    assert prompted.rewrite({"question": "a  b", "task": "Mend."}, draw()) == "a b"


def test_long_texts_stay_within_what_a_form_allows():
    made = prompted.columns({"text": "word" * 300_000, "form": json_schema(FORM)}, draw())
    assert not isinstance(read(FORM, FORM.model_validate(made).model_dump_json()), Failure)
