import json

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dataflow_ops.llm.model import Model
from dataflow_ops.llm.rehearsal import Rehearsal
from dataflow_ops.op import ANSWERED_BY, REJECTED, describe
from dataflow_ops.score import judge
from tests.llm.canned import canned
from tests.rows import rows

OPS = {
    "sft": judge.sft,
    "qa": judge.qa,
    "document": judge.document,
    "language": judge.language,
    "instruction_tags": judge.instruction_tags,
    "instruction_complexity": judge.instruction_complexity,
    "code": judge.code,
}
FEEDBACK = {"question_feedback": "q", "alignment_feedback": "a", "verifiability_feedback": "v", "value_feedback": "d"}
PAIR = {"question_quality": 5, "answer_alignment": 4, "answer_verifiability": 3, "downstream_value": 2, **FEEDBACK}
DOCUMENT = {"structure": 1, "diversity": 2, "fluency": 3, "safety": 4, "educational_value": 5, "accuracy": 1}
DOCUMENT |= {"reason": "r"}
PROGRAM = {"feedback": "f", "correctness": 10, "completeness": 9, "clarity": 1, "best_practice": 6, "efficiency": 7}


def table_for(name, cells):
    reads = describe(OPS[name]).reads
    return pa.table(
        {"id": [str(at) for at in range(len(cells))]} | {each: pa.array(cells, pa.string()) for each in reads}
    )


@pytest.mark.parametrize(
    ("name", "answer", "columns"),
    [
        ("sft", {"reason": "r", "score": 0}, {"sft_score": 0, "sft_reason": "r"}),
        ("qa", PAIR, PAIR),
        ("document", DOCUMENT, {**DOCUMENT, "document_reason": "r"}),
        ("language", {"language": "yue"}, {"language": "yue"}),
        (
            "instruction_tags",
            {"tags": ["Code Debugging", "python", "code  debugging "]},
            {"intention_tags": ["code debugging", "python"], "intention_tag_count": 2},
        ),
        (
            "instruction_complexity",
            {"reason": "r", "complexity": 10},
            {"instruction_complexity": 10, "complexity_reason": "r"},
        ),
        ("code", PROGRAM, {**PROGRAM, "code_quality": 6.6, "code_feedback": "f"}),
    ],
)
def test_one_answer_fills_all_columns(name, answer, columns):
    llm = canned(json.dumps(answer))
    made = OPS[name](table_for(name, ["a"]), llm)
    (row,) = made.to_pylist()
    assert {column: row[column] for column in describe(OPS[name]).writes} == {
        column: columns[column] for column in describe(OPS[name]).writes
    }
    assert len(llm.backend.asked) == 1
    assert llm.backend.asked[0].sampling.temperature == 0


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("sft", {"reason": "r", "score": 6}),
        ("sft", {"reason": "r", "score": 4.5}),
        ("sft", {"reason": "", "score": 4}),
        ("qa", {**PAIR, "downstream_value": 0}),
        ("qa", {key: value for key, value in PAIR.items() if key != "value_feedback"}),
        ("document", {**DOCUMENT, "safety": 6}),
        ("language", {"language": "English"}),
        ("language", {"language": "e1"}),
        ("instruction_tags", {"tags": []}),
        ("instruction_tags", {"tags": ["tag"] * 21}),
        ("instruction_complexity", {"reason": "r", "complexity": 11}),
        ("code", {**PROGRAM, "clarity": 0}),
        ("code", {**PROGRAM, "clarity": 10.5}),
        ("code", {key: value for key, value in PROGRAM.items() if key != "efficiency"}),
    ],
)
def test_answers_out_of_bounds_are_rejected_and_never_a_score(name, answer):
    made = OPS[name](table_for(name, ["a"]), canned(*[json.dumps(answer)] * 2))
    assert made[REJECTED].to_pylist()[0].startswith("unparsable:")
    assert all(made[column].null_count == 1 for column in describe(OPS[name]).writes)


def test_the_context_of_an_instruction_is_shown_and_a_null_is_none():
    llm = canned(*[json.dumps({"reason": "r", "score": 1})] * 3)
    table = rows(instruction=["Sum up.", "Hi.", "Ho."], output=["x", "y", "z"], given=["A story.", None, " "])
    made = judge.sft(table, llm, context="given")
    assert made["sft_score"].to_pylist() == [1, 1, 1]
    shown = [request.chat.messages[-1]["content"] for request in llm.backend.asked]
    assert "<context>\nA story.\n</context>" in shown[0]
    assert all("<context>\n(none)\n</context>" in each for each in shown[1:])


def rehearsed(name, table, **settings):
    return OPS[name](table, Model("rehearsal", Rehearsal(**settings)))


CELLS = [
    "A river is long. Why is it so, and who measured it first?",
    None,
    "",
    "长江流入东海 $text 🦉\x00",
    "word " * 200_000,
    'def area(width: int) -> int:\n    """Return the area of a square."""\n    return width * width',
]


@pytest.mark.parametrize("name", OPS)
def test_rehearsals_tell_rows_apart_and_take_whatever_a_cell_holds(name):
    table = table_for(name, CELLS)
    made = rehearsed(name, table)
    assert [bool(each) for each in made[REJECTED].to_pylist()] == [False, True, True, False, False, False]
    values = made.select(describe(OPS[name]).writes).to_pylist()
    assert len({json.dumps(row) for row in values}) > 2, "an answer, another one, and none"
    assert set(made[ANSWERED_BY].to_pylist()) == {"rehearsal"}
    assert made.equals(rehearsed(name, table))


@settings(max_examples=50, deadline=None)
@given(st.lists(st.text(), min_size=1, max_size=5))
def test_no_text_makes_a_rehearsal_answer_out_of_bounds(cells):
    for name in OPS:
        assert REJECTED not in rehearsed(name, table_for(name, [f"{cell}." for cell in cells])).column_names


@pytest.mark.parametrize("name", OPS)
def test_large_strings_in_chunks_and_slices_are_judged_alike(name):
    table = table_for(name, CELLS[:4])
    large = pa.schema([(each.name, pa.large_string()) for each in table.schema])
    parts = pa.concat_tables([table.slice(2, 1), table.slice(3), table.slice(0, 1)]).cast(large)
    writes, whole = describe(OPS[name]).writes, rehearsed(name, table)
    for column in writes:
        assert rehearsed(name, parts)[column].to_pylist() == [whole[column].to_pylist()[at] for at in (2, 3, 0)]


@pytest.mark.parametrize("name", OPS)
def test_no_rows_keep_their_types(name):
    some, none = rehearsed(name, table_for(name, ["a"])), rehearsed(name, table_for(name, ["a"]).slice(0, 0))
    assert none.schema.equals(some.schema)


@pytest.mark.parametrize("name", OPS)
def test_rows_neither_come_nor_go_when_half_the_answers_fail(name):
    table = table_for(name, [f"Say {number} of something long enough." for number in range(60)])
    made = rehearsed(name, table, errors=0.5)
    assert made["id"].equals(table["id"])
    failed = made[REJECTED].is_valid()
    assert 5 < failed.to_pylist().count(True) < 55
    assert all(made[column].is_null().equals(failed) for column in describe(OPS[name]).writes)
