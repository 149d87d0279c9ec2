import json

import pyarrow as pa

from dataflow_ops.generate import sft
from dataflow_ops.llm.asking import child
from dataflow_ops.op import REJECTED
from tests.llm.canned import canned


def pair(number):
    return {"instruction": f"Do {number}.", "output": f"Done {number}."}


def test_each_pair_is_a_row_of_its_document():
    table = pa.table({"id": ["a", "b"], "text": ["One.", "Two."]})
    answers = [json.dumps({"pairs": each}) for each in ([pair(1), pair(2)], [pair(3)])]
    made = sft.pairs(table, canned(*answers), count=2)
    assert made["output"].to_pylist() == ["Done 1.", "Done 2.", "Done 3."]
    assert made["parents"].to_pylist() == [["a"], ["a"], ["b"]]
    assert made["id"][1].as_py() == child("a", "generate.sft.pairs", 1)
    assert made["synthetic"].to_pylist() == [True] * 3


def test_a_pair_without_output_rejects_the_document():
    half = json.dumps({"pairs": [{"instruction": "Do.", "output": ""}]})
    made = sft.pairs(pa.table({"id": ["a"], "text": ["One."]}), canned(half, half))
    assert made["id"].to_pylist() == ["a"]
    assert made[REJECTED][0].as_py().startswith("unparsable: pairs.0.output")


def test_a_topic_becomes_three_questions_that_keep_it():
    topic = {"topic": "Food", "domain": "Bread", "theme": "Cost", "task_type": "Advice"}
    table = pa.table({"id": ["a"]} | {name: [value] for name, value in topic.items()})
    model = canned(json.dumps({"hard": "H?\nWith a second line.", "easy": "E?", "medium": "M?"}))
    made = sft.questions(table, model)
    assert made["difficulty"].to_pylist() == ["easy", "medium", "hard"]
    assert made["instruction"].to_pylist() == ["E?", "M?", "H?\nWith a second line."]
    assert made.select(list(topic)).to_pylist() == [topic] * 3
    content = model.backend.asked[0].chat.messages[-1]["content"]
    assert all(value in content for value in topic.values())


def test_answer_critique_and_rewriting_follow_each_other():
    model = canned("Four.", "Too short.", "Two and two are four.")
    table = pa.table({"id": ["a"], "instruction": ["Add 2 and 2."]})
    rewritten = sft.rewrite_by_critique(sft.critique(sft.answers(table, model), model), model)
    assert rewritten.select(["output", "critique", "rewritten"]).to_pylist() == [
        {"output": "Four.", "critique": "Too short.", "rewritten": "Two and two are four."}
    ]
    last = model.backend.asked[-1].chat.messages[-1]["content"]
    assert all(part in last for part in ("Add 2 and 2.", "Four.", "Too short."))


def test_a_rewriting_may_take_the_place_of_the_reply():
    table = pa.table({"id": ["a"], "instruction": ["Add."], "output": ["4"], "critique": ["Short."]})
    made = sft.rewrite_by_critique(table, canned("Four it is."), rewritten="output")
    assert made.column_names[:4] == table.column_names
    assert made["output"].to_pylist() == ["Four it is."]
