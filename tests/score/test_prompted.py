import json

import pyarrow as pa
import pytest

from dataflow_ops.errors import BadArgument
from dataflow_ops.llm.chat import Failure, Kind
from dataflow_ops.llm.model import Model
from dataflow_ops.llm.rehearsal import Rehearsal
from dataflow_ops.op import REJECTED
from dataflow_ops.score import prompted
from tests.llm.canned import canned
from tests.rows import rows

OPS = {
    "rating": (prompted.rating, {}),
    "label": (prompted.label, {"choices": ["rivers", "cities"]}),
    "verdict": (prompted.verdict, {"faults": ["dull", "wrong"]}),
}


def answer(**fields):
    return json.dumps(fields)


def messages(llm):
    return "\n".join(message["content"] for message in llm.backend.asked[0].chat.messages)


def test_a_rating_lies_within_its_bounds_and_says_why():
    llm = canned(answer(reason="clear", rating=10), answer(reason="x", rating=11), answer(reason="x", rating=-1))
    made = prompted.rating(rows(text=["a", "b"]), llm, task="How clear?", at_least=0, at_most=10)
    assert made["rating"].to_pylist() == [10, None]
    assert made["rating_reason"].to_pylist() == ["clear", None]
    assert made[REJECTED].to_pylist()[1].startswith("unparsable: rating:")
    assert made.schema.field("rating").type == pa.int64()
    assert list(llm.backend.asked[0].schema["properties"]) == ["reason", "rating"], "reasons come before numbers"
    assert "a whole number from 0 to 10" in messages(llm)


def test_a_label_is_one_of_the_choices_and_the_model_is_told_which():
    llm = canned(answer(reason="water", label="rivers"), answer(reason="x", label="lakes"), "again")
    made = prompted.label(rows(text=["a", "b"]), llm, choices=["rivers", "cities"], task="What about?", label="kind")
    assert made["kind"].to_pylist() == ["rivers", None]
    assert '["rivers", "cities"]' in messages(llm)


def test_a_verdict_lists_objections_the_fault_first():
    llm = canned(
        answer(reason="fine", verdict="accepted"),
        answer(reason="yawn", verdict="dull"),
        Failure(Kind.REFUSED, "no"),
    )
    made = prompted.verdict(rows(text=["a", "b", "c"]), llm, task="Fun?", faults=["dull", "wrong"])
    assert made["verdict"].to_pylist() == ["accepted", "dull", None]
    assert made["verdict_reason"].to_pylist() == ["fine", "yawn", None]
    assert made["objections"].to_pylist() == [[], ["dull", "yawn"], None]
    assert made[REJECTED].to_pylist() == [None, None, "refused: no"]
    assert '["accepted", "dull", "wrong"]' in messages(llm)


def test_own_prompts_need_not_show_the_settings():
    llm = canned(answer(reason="r", rating=1))
    prompted.rating(rows(q=["a"], text=["b"]), llm, prompt="## user\nRate $q", columns={"q": "text"})
    assert messages(llm) == "Rate b"


@pytest.mark.parametrize(
    ("name", "settings", "message"),
    [
        ("rating", {"at_least": 5, "at_most": 1}, r"integer within \[5, 1\]"),
        ("label", {"choices": []}, "expected choices that differ"),
        ("label", {"choices": ["a", "a"]}, "expected choices that differ"),
        ("verdict", {"faults": []}, "expected one name or more"),
        ("verdict", {"faults": ["accepted"]}, "expected one name or more for what is not 'accepted'"),
        ("verdict", {"task": ""}, "asks for a task"),
    ],
)
def test_settings_that_do_not_fit_are_refused_before_anything_is_asked(name, settings, message):
    op, given = OPS[name]
    with pytest.raises(BadArgument, match=message):
        op(rows(text=["a"]), canned(), **({"task": "x"} | given | settings))


def rehearsed(name, table, **settings):
    op, given = OPS[name]
    return op(table, Model("rehearsal", Rehearsal(**settings)), task="Go.", **given)


@pytest.mark.parametrize("name", OPS)
def test_rehearsals_tell_rows_apart_and_take_whatever_a_cell_holds(name):
    texts = ["Rivers are long and cold and full of fish.", None, " \n", "两 $task 🦉 cities", "word " * 200_000]
    made = rehearsed(name, rows(text=texts))
    assert [bool(each) for each in made[REJECTED].to_pylist()] == [False, True, True, False, False]
    assert len(set(made[name].to_pylist())) > 2, "an answer, another one, and none"
    assert made.equals(rehearsed(name, rows(text=texts)))


@pytest.mark.parametrize("name", OPS)
def test_no_rows_keep_their_types(name):
    some, none = rehearsed(name, rows(text=["a"])), rehearsed(name, rows(text=["a"]).slice(0, 0))
    assert none.schema.equals(some.schema)


@pytest.mark.parametrize("name", OPS)
def test_rows_neither_come_nor_go_when_half_the_answers_fail(name):
    table = pa.table(
        {"id": [f"r{number}" for number in range(60)], "text": [f"Text {number}." for number in range(60)]}
    )
    made = rehearsed(name, table, errors=0.5)
    assert made["id"].equals(table["id"])
    assert 5 < 60 - made[REJECTED].null_count < 55
    assert made[name].is_null().equals(made[REJECTED].is_valid())
