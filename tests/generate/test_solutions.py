import pyarrow as pa
import pytest

from dataflow_ops.generate import reasoning
from dataflow_ops.ledger import Ledger
from dataflow_ops.llm.chat import Completion, Failure, Kind
from dataflow_ops.op import REJECTED
from dataflow_ops.steps import Asking, Step, run_steps
from tests.llm.canned import canned
from tests.rows import rows

REFUSED = Failure(Kind.REFUSED, "no")


def test_each_row_has_as_many_solutions_as_its_gold_says():
    llm = canned("one", "two", *"1234")
    made = reasoning.solutions(rows(question=["a?", "b?"], gold=["2", " "]), llm, with_gold=2, temperature=0.9)
    assert made["solutions"].to_pylist() == [["one", "two"], ["1", "2", "3", "4"]]
    assert made["solutions"].type == pa.list_(pa.string())
    assert [request.sample for request in llm.backend.asked] == [0, 1, 0, 1, 2, 3]
    assert {request.sampling.temperature for request in llm.backend.asked} == {0.9}
    assert all("2" not in str(request.chat.messages[-1]) for request in llm.backend.asked)


def test_a_failed_sample_is_a_null_and_a_row_goes_when_all_of_them_failed():
    cut = Completion("It is", finish="length")
    llm = canned(REFUSED, "one", cut, "", cut, REFUSED, REFUSED, "")
    table = rows(question=["a?", "b?", ""], gold=pa.nulls(3))
    made = reasoning.solutions(table, llm)
    assert made["solutions"].to_pylist() == [[None, "one", None, None], None, None]
    assert made[REJECTED].to_pylist() == [
        None,
        "too long: the answer did not end within max_tokens: 'It is' …; none of 4 samples can be used",
        "empty: nothing in 'question'",
    ]


def test_a_single_sample_that_failed_says_what_happened():
    table = rows(question=["a?", "b?"], gold=["1", "2"])
    ledger = Ledger.open(table)
    step = Step.parse({"op": "generate.reasoning.solutions", "with": {}})
    left = run_steps([step], table, ledger, Asking(canned(REFUSED, "x"), 2))
    assert left["solutions"].to_pylist() == [["x"]]
    assert ledger.rejected().select(["id", "reason"]).to_pylist() == [{"id": "a", "reason": "refused: no"}]


@pytest.mark.parametrize("gold", [pa.nulls(2), pa.array([3, None]), pa.array(["x", ""], pa.large_string())])
def test_a_reference_may_be_of_any_type(gold):
    made = reasoning.solutions(rows(question=["a?", "b?"], gold=gold), canned(*["s"] * 8), without_gold=2)
    assert [len(each) for each in made["solutions"].to_pylist()] == [2 if gold[0].as_py() is None else 1, 2]
