import pyarrow as pa

from dataflow_ops.generate.text import qa_style
from dataflow_ops.llm.chat import Completion
from dataflow_ops.op import REJECTED
from tests.llm.canned import canned


def test_a_document_is_sent_as_it_is_and_the_answer_kept_as_it_is():
    model = canned("Question: What is water?\nAnswer: Wet.", "Question: cut of")
    model.backend.outcomes[1] = Completion("Question: cut o", finish="length")
    made = qa_style(pa.table({"id": ["a", "b"], "text": ["Water\n is <b>wet</b>. $text", "x"]}), model, temperature=0.1)
    assert made["rewritten"].to_pylist() == ["Question: What is water?\nAnswer: Wet.", None]
    assert made[REJECTED][1].as_py().startswith("too long")
    request = model.backend.asked[0]
    assert "<document>\nWater\n is <b>wet</b>. $text\n</document>" in request.chat.messages[-1]["content"]
    assert (request.schema, request.sampling.temperature) == (None, 0.1)
