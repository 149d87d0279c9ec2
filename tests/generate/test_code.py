import ast
import json

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dataflow_ops.errors import BadArgument
from dataflow_ops.fences import blocks
from dataflow_ops.generate import code
from dataflow_ops.ledger import Ledger
from dataflow_ops.llm.chat import Completion, Failure, Kind
from dataflow_ops.op import ANSWERED_BY, REJECTED, describe
from dataflow_ops.steps import Asking, Step, run_steps
from tests.llm.canned import canned
from tests.rows import rows

REFUSED = Failure(Kind.REFUSED, "no")
ADD = "def add(a: int, b: int = 0) -> int:\n    return a + b"
TASK = {"signature": "def add(a: int, b: int = 0) -> int", "docstring": "Add.", "examples": [">>> add(1)\n1"]}

STUB = '''Write the Python function `add` so that it does what its docstring says.

```python
def add(a: int, b: int = 0) -> int:
    """Add.

    Examples:
    >>> add(1)
    1
    """
```'''


def instruction(text):
    return json.dumps({"instruction": text})


def asked(llm, number=0):
    return llm.backend.asked[number].chat.values


def run(op, table, llm, **with_):
    """Run a step as a task does; return what is left and the book."""
    ledger = Ledger.open(table)
    return run_steps([Step.parse({"op": op, "with": with_})], table, ledger, Asking(llm, table.num_rows)), ledger


@pytest.mark.parametrize(
    ("text", "language", "reply", "expected"),
    [
        (
            ADD,
            "Python",
            "Add two numbers.",
            "Add two numbers.\n\nUse this signature: `def add(a: int, b: int=0) -> int`.",
        ),
        (ADD, None, "Write `add`.", "Write `add`."),
        (ADD, "Python", "Write address.", "Write address.\n\nUse this signature: `def add(a: int, b: int=0) -> int`."),
        (
            "class Pile(list):\n    pass\n\ndef top(p):\n    return p[-1]\n\ndef _in(p): ...",
            "Python",
            "Pile it.",
            "Pile it.",
        ),
        (
            "class Heap:\n    pass\n\ndef top(p):\n    return p[-1]\n\ndef _in(p): ...",
            "python ",
            "Pile it.",
            "Pile it.\n\nUse these signatures:\n\n- `class Heap`\n- `def top(p)`",
        ),
        ("x = 1", "Python", "Set it.", "Set it."),
        ("def add(", "Python", "Add.", "Add."),
        (ADD, "Ruby", "Add.", "Add."),
    ],
)
def test_an_instruction_names_what_tests_will_call(text, language, reply, expected):
    table = rows(code=[text], language=pa.array([language], pa.string()))
    made = code.instructions(table, canned(instruction(reply)))
    assert made["instruction"].to_pylist() == [expected]
    assert made[ANSWERED_BY].to_pylist() == ["canned"]


LONG = '''import math


def mean(values):
    """Return the mean.

    Of nothing it is zero.
    It may be rounded.
    Nothing else is asked.
    """
    if not values:
        return 0.0
    total = math.fsum(values)
    return total / len(values)
'''


@pytest.mark.parametrize(
    ("said", "leaked"),
    [
        ("Write `mean`.", 0),
        (f"Write mean. {LONG[:130]}", 0),
        (f"Improve this:\n```python\n{LONG}```", 4),
        ("Write mean:\n  if not values:\n  total = math.fsum(values)\n", 0),
        ("Write mean:\n  if not values:\n  total = math.fsum(values)\n  return 0.0\n", 3),
    ],
)
def test_an_instruction_that_gives_the_code_away_is_rejected(said, leaked):
    made = code.instructions(rows(code=[LONG], language=["Python"]), canned(instruction(said)))
    if leaked:
        (why,) = made[REJECTED].to_pylist()
        told = f"unparsable: the instruction gives away {leaked} lines of the code, such as 'if not values:'"
        assert (made["instruction"].to_pylist(), why) == ([None], told)
    else:
        assert made["instruction"].to_pylist() == [said.strip()]


def test_the_model_is_told_the_code_and_its_language():
    llm = canned(*[instruction("Do.")] * 4)
    table = rows(code=["a", "b"], language=["Go", None])
    code.instructions(table, llm)
    code.instructions(table.drop_columns("language"), llm, language=None)
    told = [(asked(llm, number)["code"], asked(llm, number)["language"]) for number in range(4)]
    assert told == [("a", "Go"), ("b", "not known"), ("a", "not known"), ("b", "not known")]
    with pytest.raises(BadArgument, match="no column 'language'"):
        code.instructions(table.drop_columns("language"), llm)


def test_an_instruction_is_enhanced_and_the_old_one_kept():
    old = pa.chunked_array([["Add numbers", "Nothing"], ["x"]], pa.large_string())
    failing = json.dumps({**TASK, "signature": "class A"})
    llm = canned(json.dumps(TASK), REFUSED, failing, failing)
    made = code.enhanced(rows(instruction=old), llm)
    assert made["instruction"].to_pylist() == [STUB, "Nothing", "x"]
    assert made["instruction_before"].combine_chunks().equals(old.combine_chunks())
    assert made["instruction"].type == pa.large_string()
    assert [why and why.partition(":")[0] for why in made[REJECTED].to_pylist()] == [None, "refused", "unparsable"]
    assert "expected one line such as 'def area(width: float) -> float'" in made[REJECTED].to_pylist()[2]


@pytest.mark.parametrize(
    ("signature", "line"),
    [
        ("def f(x)", "def f(x)"),
        ("def f(x):\n", "def f(x)"),
        ("`f(x: int) -> str:`", "def f(x: int) -> str"),
        ("async def f()", "async def f()"),
        ("def f(x", None),
        ("class A", None),
        ("def f(): pass\ndef g()", None),
        ("def f(): pass; x", None),
        ("def f() -> int  # the area", None),
        ("import os\ndef f()", None),
        ("def f(x=" + "(" * 300 + "1)", None),
    ],
)
def test_a_signature_is_the_first_line_of_one_function(signature, line):
    llm = canned(*[json.dumps({**TASK, "signature": signature})] * 2)
    (text,) = code.enhanced(rows(instruction=["x"]), llm)["instruction"].to_pylist()
    assert text == "x" if line is None else f"```python\n{line}:\n" in text


@given(st.text(st.sampled_from("a \n\"'\\`é{\t"), max_size=40), st.text(st.sampled_from("`>\n f()'\"\\"), max_size=20))
@settings(deadline=None)
def test_any_docstring_makes_one_function_that_holds_it(docstring, example):
    reply = json.dumps({**TASK, "docstring": f"D. {docstring}", "examples": [f"> {example}"]})
    (text,) = code.enhanced(rows(instruction=["x"]), canned(reply, reply))["instruction"].to_pylist()
    (block,) = blocks(text)
    (function,) = ast.parse(block.text).body
    held = ast.get_docstring(function)
    assert [part for part in docstring.split() if part not in held] == []
    assert "Examples:\n>" in held


def fence(text, tag="python"):
    return f"So:\n```{tag}\n{text}\n```\nDone."


@pytest.mark.parametrize(
    ("reply", "program"),
    [
        (fence("x = 1"), "x = 1"),
        (fence("x = 1") + fence("x = 2"), "x = 2"),
        (fence("x = 1") + "\n" + fence("x = 2", "py"), "x = 2"),
        (fence("x = 1") + "\n" + fence("3", ""), "x = 1"),
        (fence("x = 1") + "\n" + fence("pip install x", "bash"), "x = 1"),
        (fence("x = 1") + "\n```python\nx = ", "x = 1"),
        (fence("def f(", ""), "def f("),
        (fence("a <- 1", "r"), None),
        ("```python\nx = 1", None),
        (fence("  "), None),
        (ADD, ADD),
        ("Sorry", None),
        ("x = 1", None),
        ("I cannot do that.", None),
        (Completion(fence("x = 1"), finish="length"), None),
        (REFUSED, None),
    ],
)
def test_the_program_is_the_last_complete_block_of_its_language(reply, program):
    made = code.solutions(rows(instruction=["Do."]), canned(reply, fence("y")), count=2)
    assert made["candidates"].to_pylist() == [[program, "y"]]
    assert made["candidates"].type == pa.list_(pa.string())


def test_a_row_without_any_program_is_rejected_and_says_why():
    table = rows(instruction=pa.chunked_array([["skip"], ["A", "B", "C", None]]).slice(1))
    llm = canned("No.", "no", REFUSED, "no", fence("x"), REFUSED)
    left, ledger = run("generate.code.solutions", table, llm, count=2)
    assert left["candidates"].to_pylist() == [["x", None]]
    why = ledger.rejected()["reason"].to_pylist()
    assert why[0].startswith("unparsable: no complete fenced block of Python; the reply ended 'No.'; none of 2 samples")
    assert why[1:] == ["refused: no; none of 2 samples can be used", "empty: nothing in 'instruction'"]


@pytest.mark.parametrize(
    ("settings", "programs"),
    [
        ({}, ["p", "p", "p"]),
        ({"language": "C++"}, ["c", "c", "c"]),
        ({"language_column": "wanted"}, ["c", "p", "p"]),
        ({"language_column": "wanted", "language": "Rust"}, ["c", "r", "r"]),
    ],
)
def test_the_language_is_a_setting_or_a_column(settings, programs):
    reply = fence("p") + "\n" + fence("c", "cpp") + "\n" + fence("r", "rust")
    table = rows(instruction=["A", "B", "C"], wanted=["C++", None, " "])
    made = code.solutions(table, canned(*[reply] * 3), count=1, **settings)
    assert made["candidates"].to_pylist() == [[each] for each in programs]


def test_the_model_sees_neither_tests_nor_code():
    table = rows(instruction=["Do."], code=["SECRET"], tests=[["SECRET"]], candidates=[["SECRET"]])
    llm = canned(fence("x"), json.dumps({"tests": ["assert f() == 1"]}))
    code.solutions(table, llm, count=1)
    code.tests(table, llm)
    assert [sorted(asked(llm, number)) for number in range(2)] == [
        ["instruction", "language"],
        ["count", "instruction"],
    ]
    assert "SECRET" not in str([request.chat.messages for request in llm.backend.asked])


def test_tests_are_as_many_as_wanted_and_the_fit_ones():
    replies = [
        ["assert f(1) == 1", "assert True", "assert f(2) == 2", "assert f(3) == 3"],
        ["x", "assert 1"],
        ["assert f("],
    ]
    llm = canned(*(json.dumps({"tests": each}) for each in replies), REFUSED)
    left, ledger = run("generate.code.tests", rows(instruction=["A", "B", "C", "D", ""]), llm, count=2)
    assert left["tests"].to_pylist() == [["assert f(1) == 1", "assert f(2) == 2"]]
    assert left["tests"].type == pa.list_(pa.string())
    assert ledger.rejected()["reason"].to_pylist() == [
        "unparsable: none of 2 tests can be used: 2 call nothing of the solution",
        "unparsable: none of 1 tests can be used: 1 do not parse",
        "refused: no",
        "empty: nothing in 'instruction'",
    ]
    assert asked(llm)["count"] == "2"


@pytest.mark.parametrize("op", [code.instructions, code.enhanced, code.new_instructions, code.solutions, code.tests])
def test_columns_that_are_not_there_or_hold_no_text_are_named(op):
    column = describe(op).reads[0]
    with pytest.raises(BadArgument, match=f"no column '{column}'"):
        op(pa.table({"id": ["a"]}), canned())
    with pytest.raises(BadArgument, match=f"column '{column}' is int64"):
        op(rows(**{column: [1]}), canned())


@pytest.mark.parametrize("op", [code.instructions, code.enhanced, code.new_instructions, code.solutions, code.tests])
def test_an_empty_table_and_one_of_nulls_stay(op):
    reads = describe(op).reads
    for kind in (pa.string(), pa.large_string(), pa.null()):
        for cells in ([], [None, None]):
            table = rows(**{each: pa.array(cells, kind) for each in reads})
            made = op(table, canned())
            assert made["id"].to_pylist() == table["id"].to_pylist()
            assert set(describe(op).writes) <= set(made.column_names)
