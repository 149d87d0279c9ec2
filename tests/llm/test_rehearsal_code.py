import ast
import json
from collections import Counter
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataflow_ops.fences import blocks, last_block
from dataflow_ops.llm.prompts import load
from dataflow_ops.llm.rehearsal import code, judge
from dataflow_ops.llm.rehearsal.code_bank import task_in, tasks

TASKS = list(tasks().values())
HOSTILE = [
    "",
    "?",
    "def",
    "x" * 200_000,
    "(" * 5_000,
    "-" * 15_000 + "1",
    "a" + ".a" * 9_000,
    "`" * 5_000,
    "\0",
    "१२ é",
    "f(",
]


def passed(program, tests):
    """Tell of each test whether a program passes it: programs of the bank that do no harm."""
    return [_passes(program, test) for test in tests]


def _passes(program, test):
    names = {}
    try:
        exec(program, names)
        exec(test, names)
        for name in [name for name in names if name.startswith("test_")]:
            names[name]()
    except Exception:  # noqa: BLE001 - whatever a wrong program raises
        return False
    return True


def solved(task, count=200):
    asked = code.instruction({"code": task.right[0], "language": "Python"}, Random(0))["instruction"]
    return [code.solution({"instruction": asked, "language": "Python"}, Random(seed)) for seed in range(count)]


def test_there_are_tasks_of_many_subjects():
    assert len(TASKS) >= 40
    assert len({task.subject for task in TASKS}) >= 7
    assert all(len(task.right) >= 2 and len(task.wrong) >= 2 and 6 <= len(task.tests) <= 10 for task in TASKS)
    assert sum(bool(task.misled) for task in TASKS) >= 10
    assert sum(len(task.harmful) for task in TASKS) >= 5


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_tests_tell_right_programs_from_wrong_ones(task):
    assert [passed(program, task.tests) for program in task.right] == [[True] * len(task.tests)] * len(task.right)
    assert not any(all(passed(program, task.tests)) for program in task.wrong)
    assert not any(any(passed(program, task.misled)) for program in task.right)
    assert len({*task.right, *task.wrong, *task.harmful}) == len(task.right) + len(task.wrong) + len(task.harmful)


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_a_task_is_found_again_in_all_that_is_said_about_it(task):
    asked = code.instruction({"code": task.right[-1], "language": "Python"}, Random(1))["instruction"]
    assert f"`def {task.signature}`" in asked
    assert task_in(asked) == task
    parts = code.enhanced({"instruction": asked}, Random(1))
    assert parts["signature"] == f"def {task.signature}"
    assert 2 <= len(parts["examples"]) <= 3
    for example in parts["examples"]:
        call, result = example.removeprefix(">>> ").split("\n")
        assert passed(task.right[0], [f"assert {call} == {result}"]) == [True]


@pytest.mark.parametrize("task", [task for task in TASKS[::7] if not task.harmful], ids=lambda task: task.name)
def test_programs_are_mostly_right_and_come_in_all_forms(task):
    answers = solved(task)
    written = [last_block(answer, {"python", "py"}) for answer in answers]
    right = sum(all(passed(program, task.tests)) for program in written if program)
    assert 110 < right < 180
    assert 2 < sum(not blocks(answer) for answer in answers) < 25
    assert 2 < sum(any(not block.complete for block in blocks(answer)) for answer in answers) < 25
    forms = Counter(tuple(block.tag for block in blocks(answer)) for answer in answers)
    assert {("python",), ("python", "python"), ("python", "text"), ("py",)} <= forms.keys()
    assert any(answer.count("~~~~") == 2 for answer in answers)
    programs = [program for program in written if program]
    assert all(ast.parse(program) for program in programs)
    assert sum(ast.get_docstring(ast.parse(program).body[-1]) is not None for program in programs) > len(programs) * 0.8


def test_harmful_programs_are_written_now_and_then():
    task = next(task for task in TASKS if task.harmful and "/etc/shadow" in task.harmful[0])
    assert 1 < sum("/etc/shadow" in answer for answer in solved(task)) < 25


def test_tests_are_those_of_the_task_and_at_times_a_misled_one():
    task = next(task for task in TASKS if task.misled)
    values = {"instruction": f"Write `def {task.signature}`.", "count": 5}
    written = [code.tests(values, Random(seed))["tests"] for seed in range(100)]
    assert {len(tests) for tests in written} == {5}
    assert all(len(set(tests)) == 5 and set(tests) <= {*task.tests, *task.misled} for tests in written)
    assert 30 < sum(bool(set(tests) & set(task.misled)) for tests in written) < 90
    assert len({tuple(tests) for tests in written}) > 20


@pytest.mark.parametrize("language", ["Python", "Rust"])
def test_what_is_not_known_gets_a_stub_that_fails_its_tests(language):
    values = {"code": "def toast(bread):\n    return bread", "language": language}
    asked = code.instruction(values, Random(0))["instruction"]
    assert "`toast`" in asked
    assert language in asked
    stub = code.solution({"instruction": asked, "language": language}, Random(0))
    (block,) = blocks(stub)
    assert block.tag == language.lower()
    tests = code.tests({"instruction": asked, "count": 8}, Random(0))["tests"]
    assert len(tests) >= 3
    assert all(ast.parse(test) for test in tests)
    assert not any(passed(block.text, tests))


def test_new_instructions_are_about_other_tasks():
    shown = "\n".join(f"def {task.signature}" for task in TASKS[:3])
    made = [code.new_instruction({"examples": shown}, Random(seed))["instruction"] for seed in range(200)]
    found = [task_in(each) for each in made]
    assert not {task.name for task in found if task} & {task.name for task in TASKS[:3]}
    assert len({task.name for task in found if task}) > 30
    assert 1 <= found.count(None) < 30


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: f"{text[:6]!r}")
@pytest.mark.parametrize("language", ["Python", "C++"])
def test_every_text_gets_an_answer(text, language):
    values = dict.fromkeys(("code", "instruction", "examples"), text) | {"language": language, "count": 3}
    for rule in (code.instruction, code.enhanced, code.new_instruction, code.solution, code.tests, judge.code):
        answer = rule(values, Random(0))
        json.dumps(answer)
        assert all(answer.values()) if isinstance(answer, dict) else answer


NAMES = st.one_of(st.text(max_size=40), st.sampled_from(["`class`", "`x²`(", "def if(a)", "`µ`", "lambda(", "é`f`"]))


@given(st.lists(NAMES, max_size=4).map(" ".join))
def test_what_is_said_about_any_text_is_python(text):
    values = {"instruction": text, "examples": text, "language": "Python", "count": "4"}
    ast.parse(f"{code.enhanced(values, Random(0))['signature']}: ...")
    assert all(ast.parse(test).body for test in code.tests(values, Random(0))["tests"])
    (block,) = blocks(code.solution(values, Random(0)))
    ast.parse(block.text)


@pytest.mark.parametrize("name", ["instruction", "enhanced", "new_instruction", "solution", "tests"])
def test_the_prompts_have_the_holes_that_are_read(name):
    known = {"code", "language", "instruction", "examples", "count"}
    assert load(f"code/{name}").holes <= known


def test_a_documented_program_is_rated_above_a_bare_one_and_prose_fails():
    task = TASKS[0]
    asked = f"Write `def {task.signature}`."
    bare, wordy = task.right[1], task.right[1].replace(":\n", ':\n    """Tell."""\n', 1)

    def rated(program):
        told = judge.code({"instruction": asked, "code": program}, Random(0))
        assert told.pop("feedback").startswith("Rehearsed")
        assert len(told) == 5
        assert all(1 <= each <= 10 for each in told.values())
        return sum(told.values()) / 5

    assert rated(wordy) > rated(bare) > rated("I would rather not.") == rated("")
    assert rated(wordy) >= 7.5
