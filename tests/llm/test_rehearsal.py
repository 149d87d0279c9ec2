import json
import random

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from dataflow_ops import score
from dataflow_ops.errors import BadArgument
from dataflow_ops.llm.chat import Chat, Completion, Failure, Kind, Request, Usage
from dataflow_ops.llm.form import build
from dataflow_ops.llm.model import Model
from dataflow_ops.llm.prompts import Prompts, load
from dataflow_ops.llm.rehearsal import DIMENSIONS, Rehearsal
from dataflow_ops.llm.rehearsal.shapes import instance
from dataflow_ops.llm.schema import Passage, json_schema

FORM = build({"reason": "text", "level": ["easy", "hard"], "score": {"integer": [2, 4]}, "sound": "boolean"})
KINDS = st.sampled_from(
    [
        "words",
        "text",
        "passage",
        "boolean",
        ["a", "b"],
        ["only"],
        {"integer": [-3, -3]},
        {"integer": [0, 10]},
        {"number": [0.25, 0.5]},
        {"list": "words", "at_most": 2},
        {"list": "boolean", "at_least": 9, "at_most": 9},
        {"list": {"number": [0, 1]}, "at_most": 1},
    ]
)


def chats(number, prompt="given"):
    return [
        Chat(({"role": "user", "content": f"What is {each}?"},), prompt, {"text": f"{each}"}) for each in range(number)
    ]


def rehearse(rehearsal, number=200, schema=FORM):
    return Model("rehearsal", rehearsal).chat(chats(number), schema=schema)


def test_a_prompt_without_a_rule_is_answered_by_its_schema_and_the_same_each_time():
    answers = rehearse(Rehearsal())
    assert all(isinstance(answer.value, FORM) for answer in answers)
    assert len({answer.value.model_dump_json() for answer in answers}) > 50
    assert answers == rehearse(Rehearsal())
    assert [each.value for each in answers] != [each.value for each in rehearse(Rehearsal(seed=1))]


def test_without_a_schema_it_says_that_it_is_rehearsed():
    (answer,) = rehearse(Rehearsal(), 1, None)
    assert answer.value == "Rehearsed: What is 0?"
    assert answer.usage == Usage(requests=1)


def test_several_answers_differ():
    answers = Model("rehearsal", Rehearsal()).chat(chats(1), schema=FORM, n=8, temperature=1)
    assert len({answer.value.model_dump_json() for answer in answers}) > 4


def test_a_prompt_with_a_rule_is_answered_by_it():
    filled = load("prompted/rewrite").fill({"text": "0", "task": "Mend."})
    (answer,) = Model("rehearsal", Rehearsal()).chat([filled])
    assert answer.value == "0"


@pytest.mark.parametrize("prompt", ["", "given", "no_such/rule", "prompted/no_such", "no-identifier/rule", "os/getcwd"])
def test_names_without_a_rule_are_answered_all_the_same(prompt):
    (answer,) = Model("rehearsal", Rehearsal()).chat(chats(1, prompt), schema=FORM)
    assert answer.failure is None


@pytest.mark.parametrize("errors", [0.1, 0.5])
def test_about_the_part_that_was_asked_for_fails_in_each_way(errors):
    outcomes = []
    requests = [Request("rehearsal", chat, schema=json_schema(FORM)) for chat in chats(600)]
    Rehearsal(errors).complete(requests, lambda request, outcome: outcomes.append(outcome))
    right = [outcome for outcome in outcomes if isinstance(outcome, Completion) and _reads(outcome.text)]
    refused = [outcome for outcome in outcomes if isinstance(outcome, Failure)]
    assert {outcome.kind for outcome in refused} == {Kind.REFUSED}
    assert len(refused) == pytest.approx(600 * errors / 3, rel=0.4)
    broken = 600 - len(right) - len(refused)
    assert broken == pytest.approx(600 * errors / 3, rel=0.4)


def _reads(text):
    try:
        return bool(json.loads(text))
    except json.JSONDecodeError:
        return False


def test_failures_become_kinds_and_a_second_try_mends_some():
    kinds = {answer.failure.kind for answer in rehearse(Rehearsal(0.7)) if answer.failure}
    assert kinds == {Kind.REFUSED, Kind.UNPARSABLE}


@pytest.mark.parametrize(
    ("settings", "read"),
    [
        ("", Rehearsal()),
        ("errors=0.1", Rehearsal(0.1)),
        ("errors=0.1,seed=3", Rehearsal(0.1, 3)),
        ("seed=2,", Rehearsal(0, 2)),
    ],
)
def test_settings_are_read(settings, read):
    assert Rehearsal.parse(settings) == read


@pytest.mark.parametrize("settings", ["errors=2", "errors=-1", "errors=many", "seed=1.5", "error=0.1", "0.1"])
def test_settings_that_do_not_fit_are_refused(settings):
    with pytest.raises(BadArgument, match="rehearsal:"):
        Rehearsal.parse(settings)


def test_texts_that_share_words_are_near_to_each_other():
    near, same, far, empty = Rehearsal().embed(["a cat sat here", "A cat sat there", "stock prices fell again", ""])
    assert len(near) == DIMENSIONS
    assert sum(map(float.__mul__, near, near)) == pytest.approx(1)
    assert sum(map(float.__mul__, near, same)) > sum(map(float.__mul__, near, far)) + 0.3
    assert empty == [0.0] * DIMENSIONS


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(["a", "b", "c"]), KINDS, min_size=1), st.randoms(use_true_random=False))
def test_an_instance_fits_its_schema(fields, draw):
    form = build(fields)
    assert form.model_validate(instance(json_schema(form), draw))


def test_instances_of_what_pydantic_adds_fit_as_well():
    class Inner(BaseModel):
        text: Passage

    class Outer(BaseModel):
        inner: Inner
        maybe: Inner | None = None

    assert Outer.model_validate(instance(json_schema(Outer), random.Random(1)))


def test_a_prompt_with_other_holes_than_the_one_it_stands_in_for_is_answered_by_its_schema():
    own = Prompts(lambda uri: b"", {}).find("## user\nWhich? $text", "prompted/label")
    rows = pa.table({"id": ["a"], "text": ["x"]})
    made = score.prompted.label(rows, Model("rehearsal", Rehearsal()), prompt=own, choices=("red", "blue"))
    assert made["label"].to_pylist()[0] in ("red", "blue")
