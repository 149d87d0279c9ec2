from typing import Annotated

import pyarrow as pa
import pytest
from pydantic import BaseModel, Field

from dataflow_ops.columns import put
from dataflow_ops.errors import BadArgument
from dataflow_ops.llm.asking import ask, child, with_columns, with_rows
from dataflow_ops.llm.chat import Answer, Failure, Kind
from dataflow_ops.llm.prompts import Prompt
from dataflow_ops.llm.schema import Words
from dataflow_ops.op import ANSWERED_BY, REJECTED
from tests.llm.canned import canned
from tests.rows import rows

PROMPT = Prompt.parse("test", "## user\n$question about $text")
REFUSED = Answer(failure=Failure(Kind.REFUSED, "not this"))


class Part(BaseModel):
    name: Words


class Judged(BaseModel):
    reason: Words
    score: int
    parts: Annotated[list[Part], Field(max_length=3)] = []


def test_rows_are_asked_in_order_and_nulls_not_at_all():
    llm = canned("one", "three")
    answers = ask(rows(text=["a", None, "c"]), llm, PROMPT, {"text": "text", "question": ["x", "y", "z"]})
    assert [answer.value for answer in answers] == ["one", None, "three"]
    assert answers[1].failure == Failure(Kind.EMPTY, "nothing in 'text'")
    assert [request.chat.messages[0]["content"] for request in llm.backend.asked] == ["x about a", "z about c"]
    assert llm.backend.asked[1].chat.values == {"text": "c", "question": "z"}


@pytest.mark.parametrize("blank", [None, "", " \n\t"])
def test_blank_text_is_nothing_to_ask_about(blank):
    (answer,) = ask(rows(text=pa.array([blank], pa.string())), canned(), PROMPT, {"text": "text", "question": "id"})
    assert answer.failure.kind == Kind.EMPTY


def test_what_is_no_text_is_never_blank():
    assert ask(rows(text=[0]), canned("zero"), PROMPT, {"text": "text", "question": "id"})[0].value == "zero"


def test_a_null_among_given_values_is_named_by_its_hole():
    answers = ask(rows(text=["a"]), canned(), PROMPT, {"text": "text", "question": [None]})
    assert str(answers[0].failure) == "empty: nothing in 'question'"


def test_several_answers_stand_next_to_each_other():
    llm = canned("1", "2", "5", "6")
    answers = ask(rows(text=["a", None, "c"]), llm, PROMPT, {"text": "text", "question": "text"}, n=2)
    assert [answer.value for answer in answers] == ["1", "2", None, None, "5", "6"]
    assert [request.sample for request in llm.backend.asked] == [0, 1, 0, 1]


@pytest.mark.parametrize(
    ("holes", "message"),
    [
        ({"text": "text"}, r"'test' has a hole \$question that nothing fills"),
        ({"text": "text", "question": "text", "more": "text"}, r"'test' has no hole \$more"),
        ({"text": "txt", "question": "text"}, r"there is no column 'txt'; did you mean 'text'\?"),
    ],
)
def test_holes_that_do_not_fit_are_named_before_anything_is_asked(holes, message):
    with pytest.raises(BadArgument, match=message):
        ask(rows(text=["a"]), canned(), PROMPT, holes)


def test_values_keep_their_shape_in_a_prompt():
    table = rows(text=[["a", "b"]], question=[{"deep": "ü"}])
    llm = canned("yes")
    ask(table, llm, PROMPT, {"text": "text", "question": "question"})
    assert llm.backend.asked[0].chat.messages[0]["content"] == '{"deep": "ü"} about ["a", "b"]'


def test_a_column_with_dollars_fills_no_other_hole():
    llm = canned("yes")
    ask(rows(text=["costs $question and $$5"]), llm, PROMPT, {"text": "text", "question": "id"})
    assert llm.backend.asked[0].chat.messages[0]["content"] == "a about costs $question and $$5"


def test_answers_become_columns_of_the_types_of_the_form():
    answers = [Answer(Judged(reason="well", score=3, parts=[Part(name="p")])), REFUSED]
    table = with_columns(
        rows(text=["a", "b"]), canned(), answers, {"why": "reason", "grade": "score", "parts": "parts"}, schema=Judged
    )
    assert table.to_pylist() == [
        {"id": "a", "text": "a", "why": "well", "grade": 3, "parts": [{"name": "p"}], REJECTED: None,
         ANSWERED_BY: "canned"},
        {"id": "b", "text": "b", "why": None, "grade": None, "parts": None, REJECTED: "refused: not this",
         ANSWERED_BY: "canned"},
    ]  # fmt: skip
    assert table.schema.field("grade").type == pa.int64()
    assert table.schema.field("parts").type == pa.list_(pa.struct([("name", pa.string())]))


def test_without_failures_there_is_no_column_of_them_and_types_hold_for_no_rows():
    assert REJECTED not in with_columns(rows(text=["a"]), canned(), [Answer("x")], {"written": ""}).column_names
    none = with_columns(rows(text=["a"]).slice(0, 0), canned(), [], {"grade": "score"}, schema=Judged)
    assert none.schema.field("grade").type == pa.int64()
    assert none.schema.field(ANSWERED_BY).type == pa.string()


def test_the_first_failure_of_a_row_is_kept():
    table = rows(text=["a", "b"]).append_column(REJECTED, pa.array(["too long: of old", None], pa.string()))
    again = with_columns(table, canned(), [REFUSED, REFUSED], {"written": ""})
    assert again[REJECTED].to_pylist() == ["too long: of old", "refused: not this"]


@pytest.mark.parametrize(
    ("before", "now", "after"),
    [
        ("openai:a", "openai:b", "openai:b"),
        ("rehearsal", "openai:b", "rehearsal"),
        ("replay of openai:a", "openai:b", "replay of openai:a"),
        (None, "openai:b", "openai:b"),
        ("openai:a", "rehearsal", "rehearsal"),
    ],
)
def test_what_no_model_touched_keeps_its_stamp(before, now, after):
    llm = canned()
    llm.name = now
    table = rows(text=["a"]).append_column(ANSWERED_BY, pa.array([before], pa.string()))
    assert with_columns(table, llm, [Answer("x")], {"written": ""})[ANSWERED_BY].to_pylist() == [after]


def test_made_rows_name_their_parent_and_stand_in_its_place():
    table, types = rows(text=["a", "b", "c"], score=[1, 2, 3]), {"word": pa.string()}
    answers = [Answer(["x", "y"]), REFUSED, Answer([])]
    made = with_rows(table, canned(), answers, lambda value: [{"word": each} for each in value], types, made_by="m")
    shown = made.select(["id", "text", "score", "word", "parents", REJECTED]).to_pylist()
    assert [tuple(row.values()) for row in shown] == [
        (child("a", "m", 0), "a", 1, "x", ["a"], None),
        (child("a", "m", 1), "a", 1, "y", ["a"], None),
        ("b", "b", 2, None, None, "refused: not this"),
        ("c", "c", 3, None, None, "unparsable: the answer holds no row"),
    ]


def test_ids_of_made_rows_differ_by_parent_maker_and_number_and_stay_the_same():
    made = [child(parent, by, number) for parent in ("a", "b") for by in ("m", "n") for number in (0, 1)]
    assert len(set(made)) == 8
    assert child("a", "m", 0) == made[0]


def test_no_rows_make_no_rows_of_the_right_types():
    types = {"word": pa.string(), "synthetic": pa.bool_()}
    made = with_rows(rows(text=["a"]).slice(0, 0), canned(), [], list, types, made_by="m")
    assert made.num_rows == 0
    assert {name: made.schema.field(name).type for name in types} == types
    assert made.schema.field("parents").type == pa.list_(pa.string())


def test_a_column_is_put_in_its_place():
    table = put(rows(text=["a"], score=[1]), "text", pa.array(["b"]))
    assert table.column_names == ["id", "text", "score"]
    assert table["text"].to_pylist() == ["b"]
