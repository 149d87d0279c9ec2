import json

import pyarrow as pa
import pytest

from dataflow_ops.errors import BadArgument
from dataflow_ops.generate.conversations import replies, user_turns
from dataflow_ops.messages import MESSAGES
from dataflow_ops.op import REJECTED
from tests.llm.canned import canned

INTENT = pa.table({"id": ["a"], "category": ["Health"], "topic": ["Sleep"], "flow": ["doubt"], "persona": ["a nurse"]})


def asked(*questions):
    ids = pa.array([str(at) for at in range(len(questions))], pa.string())
    return pa.table({"id": ids, "questions": pa.array(questions, pa.list_(pa.string()))})


def replied(*texts):
    return json.dumps({"replies": texts})


def test_an_intent_becomes_questions_in_order():
    model = canned(json.dumps({"questions": ["1?", "2?", "3?"]}))
    made = user_turns(INTENT, model, at_least=2, at_most=4)
    assert made["questions"].to_pylist() == [["1?", "2?", "3?"]]
    content = "".join(message["content"] for message in model.backend.asked[0].chat.messages)
    assert "at least 2 and at most 4" in content
    assert all(value in content for value in ("Health", "Sleep", "doubt", "a nurse"))


@pytest.mark.parametrize("turns", [1, 5])
def test_too_few_and_too_many_questions_are_no_answer(turns):
    wrong = json.dumps({"questions": ["?"] * turns})
    made = user_turns(INTENT, canned(wrong, wrong), at_least=2, at_most=4)
    assert made[REJECTED][0].as_py().startswith("unparsable: questions: List should have at")


def test_bounds_that_hold_nothing_are_told():
    with pytest.raises(BadArgument, match="at_least=4 is more than at_most=3"):
        user_turns(INTENT, canned(), at_least=4, at_most=3)


def test_questions_and_replies_take_turns():
    table = asked(["1?", "2?"], ["3?"], ["4?", "5?"])
    made = replies(table, canned(replied("3!"), replied("1!", "2!"), replied("4!", "5!")))
    assert made["messages"].type == MESSAGES
    assert made["messages"][0].as_py() == [
        {"role": "user", "content": "1?"},
        {"role": "assistant", "content": "1!"},
        {"role": "user", "content": "2?"},
        {"role": "assistant", "content": "2!"},
    ]
    assert [[turn["content"] for turn in chat] for chat in made["messages"].to_pylist()[1:]] == [
        ["3?", "3!"],
        ["4?", "4!", "5?", "5!"],
    ]


@pytest.mark.parametrize("wrong", [replied("1!"), replied("1!", "2!", "3!"), replied("1!", " ")])
def test_another_number_of_replies_is_asked_for_again_and_then_rejected(wrong):
    made = replies(asked(["1?", "2?"]), model := canned(wrong, wrong))
    assert len(model.backend.asked) == 2
    assert made[REJECTED][0].as_py().startswith("unparsable: replies")
    assert made["messages"].to_pylist() == [None]


def test_a_repaired_number_of_replies_counts():
    made = replies(asked(["1?", "2?"]), canned(replied("1!"), replied("1!", "2!")))
    assert [turn["content"] for turn in made["messages"][0].as_py()] == ["1?", "1!", "2?", "2!"]


@pytest.mark.parametrize(
    ("questions", "reason"),
    [
        (None, "empty: there are no questions"),
        ([], "empty: there are no questions"),
        (["1?", None], "empty: one of the questions is empty"),
        (["1?", " \n"], "empty: one of the questions is empty"),
        (["?"] * 51, "too long: 51 questions; 50 is the most"),
    ],
)
def test_what_cannot_be_replied_to_is_not_asked(questions, reason):
    made = replies(asked(questions), canned())
    assert made[REJECTED][0].as_py().startswith(reason)
    assert made["messages"].type == MESSAGES


def test_a_column_of_something_else_is_told():
    with pytest.raises(BadArgument, match="'questions' is string: expected lists of strings"):
        replies(pa.table({"id": ["a"], "questions": ["1?"]}), canned())
    with pytest.raises(BadArgument, match="there is no column 'asked'"):
        replies(asked(["1?"]), canned(), questions="asked")
    with pytest.raises(BadArgument, match="list<item: int64>"):
        replies(pa.table({"id": ["a"], "questions": [[1]]}), canned())
