import json

import pyarrow as pa
import pytest

from dataflow_ops.errors import BadArgument
from dataflow_ops.generate import qa
from dataflow_ops.llm.asking import child
from dataflow_ops.op import REJECTED, describe
from tests.llm.canned import canned

TEXTS = pa.table({"id": ["a", "b"], "text": ["Rivers flow.", "Stones lie."]})


def said(*focuses):
    return json.dumps({"focuses": focuses})


def test_each_different_focus_is_a_row_of_its_text():
    made = qa.focuses(TEXTS, canned(said("Why", "What", "why"), said("Where")), count=3)
    assert made["focus"].to_pylist() == ["Why", "What", "Where"]
    assert made["text"].to_pylist() == ["Rivers flow.", "Rivers flow.", "Stones lie."]
    assert made["parents"].to_pylist() == [["a"], ["a"], ["b"]]
    assert made["id"].to_pylist() == [child(of, "generate.qa.focuses", n) for of, n in [("a", 0), ("a", 1), ("b", 0)]]


def test_more_than_were_asked_for_is_no_answer_and_is_mended_by_asking_again():
    model = canned(said("1", "2", "3"), said("4"), said("1", "2"))
    assert qa.focuses(TEXTS, model, count=2)["focus"].to_pylist() == ["1", "2", "4"]
    assert len(model.backend.asked) == 3
    assert model.backend.asked[0].schema["properties"]["focuses"]["maxItems"] == 2


def test_a_blank_focus_rejects_its_text():
    made = qa.focuses(TEXTS, canned(said(" "), said("x"), said()))
    assert made["id"].to_pylist()[1:] == ["a"]
    assert made[REJECTED].to_pylist()[1].startswith("unparsable: focuses")


@pytest.mark.parametrize("count", [0, 21, "many"])
def test_a_count_that_does_not_fit_is_told_before_anything_runs(count):
    with pytest.raises(BadArgument, match="count"):
        describe(qa.focuses, count=count)


def test_a_pair_is_asked_for_with_text_and_focus():
    model = canned(json.dumps({"question": " Why? ", "answer": "Because."}))
    made = qa.pairs(pa.table({"id": ["a"], "text": ["Rivers flow."], "focus": ["the cause"]}), model)
    assert made.select(["question", "answer"]).to_pylist() == [{"question": "Why?", "answer": "Because."}]
    content = model.backend.asked[0].chat.messages[-1]["content"]
    assert "Rivers flow." in content
    assert "the cause" in content
