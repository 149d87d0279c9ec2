import pyarrow as pa
import pytest

from dataflow_ops.errors import BadArgument
from dataflow_ops.llm.chat import Failure, Kind
from dataflow_ops.llm.model import Model
from dataflow_ops.llm.rehearsal import Rehearsal
from dataflow_ops.op import REJECTED, describe
from dataflow_ops.refine import prompted
from tests.llm.canned import canned
from tests.rows import rows


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string()])
def test_the_column_is_changed_in_its_place_and_keeps_its_type(kind):
    table = rows(body=pa.array(["teh cat", "b"], kind), score=[1, 2])
    made = prompted.rewrite(table, canned("the cat", "b"), text="body", task="Mend the spelling.", raw="before")
    assert made["body"].to_pylist() == ["the cat", "b"]
    assert made["before"].to_pylist() == ["teh cat", "b"]
    assert made.column_names[:3] == ["id", "body", "score"]
    assert made.schema.field("body").type == made.schema.field("before").type == kind
    assert table["body"].to_pylist() == ["teh cat", "b"]


def test_a_row_without_an_answer_keeps_its_text_and_says_why():
    llm = canned(Failure(Kind.REFUSED, "no"), "c!")
    made = prompted.rewrite(rows(text=["a", None, "c"]), llm, task="Shout.")
    assert made["text"].to_pylist() == ["a", None, "c!"]
    assert made[REJECTED].to_pylist() == ["refused: no", "empty: nothing in 'text'", None]
    assert "raw" not in made.column_names


def test_own_prompts_take_other_columns_beside_the_text():
    llm = canned("x")
    table = rows(body=["a"], tongue=["Greek"])
    prompted.rewrite(table, llm, text="body", prompt="## user\n$text in $language", columns={"language": "tongue"})
    assert llm.backend.asked[0].chat.messages[0]["content"] == "a in Greek"


def test_the_hole_of_the_text_is_filled_by_the_text_unless_another_column_is_named():
    llm = canned("x")
    table = rows(body=["a"], draft=["b"])
    prompted.rewrite(table, llm, text="body", prompt="## user\n$text", columns={"text": "draft"})
    assert llm.backend.asked[0].chat.messages[0]["content"] == "b"


def test_a_missing_task_or_column_is_named():
    with pytest.raises(BadArgument, match="asks for a task"):
        prompted.rewrite(rows(text=["a"]), canned())
    with pytest.raises(BadArgument, match="there is no column 'language'"):
        prompted.rewrite(rows(text=["a"]), canned(), prompt="## user\n$text in $language")


def test_it_declares_what_it_changes():
    what = describe(prompted.rewrite, text="body", raw="before", task="x")
    assert (what.reads, what.writes) == (("body",), ("body", "before"))


def test_rehearsals_take_whatever_a_cell_holds_and_no_rows_keep_their_types():
    table = rows(text=["a  b", None, "", "字 $task\x00 🦉", "word " * 200_000])
    made = prompted.rewrite(table, Model("rehearsal", Rehearsal()), task="Mend.")
    assert made["text"].to_pylist()[0] == "a b"
    assert made[REJECTED].to_pylist() == [None, *["empty: nothing in 'text'"] * 2, None, None]
    none = prompted.rewrite(table.slice(0, 0), Model("rehearsal", Rehearsal()), task="Mend.")
    assert none.schema.field("text").type == pa.string()


def test_rows_neither_come_nor_go_when_half_the_answers_fail():
    table = pa.table(
        {"id": [f"r{number}" for number in range(60)], "text": [f"Text {number}." for number in range(60)]}
    )
    made = prompted.rewrite(table, Model("rehearsal", Rehearsal(errors=0.5)), task="Mend.", raw="raw")
    assert made["id"].equals(table["id"])
    assert made["raw"].equals(table["text"])
    assert made["text"].null_count == 0
    assert 5 < 60 - made[REJECTED].null_count < 55
