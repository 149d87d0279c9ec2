import pytest

from dataflow_ops.llm.rehearsal.code_bank import tasks
from dataflow_ops.samples.tested import passed_again
from dataflow_ops.sandbox.limits import Limits

QUICK = Limits(wall_seconds=3, cpu_seconds=2)
DOUBLE = "def double(number):\n    return 2 * number\n"
RIGHT = "assert double(4) == 8"


@pytest.mark.parametrize(
    ("program", "tests", "passes"),
    [
        (DOUBLE, [RIGHT], True),
        (DOUBLE, ["def test_zero():\n    assert double(0) == 0", RIGHT], True),
        (DOUBLE, [RIGHT, "assert double(4) == 9"], False),
        (DOUBLE, ["def test_zero():\n    assert double(0) == 1"], False),
        (DOUBLE, [], False),
        (DOUBLE, ["assert double("], False),
        ("def double(number:\n", [RIGHT], False),
        ("", [RIGHT], False),
        (
            "counts = []\ndef double(n):\n    counts.append(n)\n    return len(counts)",
            ["assert double(1) == 1"] * 2,
            True,
        ),
        (DOUBLE + "print('ä' * 10)", [RIGHT], True),
        ("import os\nos._exit(0)", [RIGHT], False),
        ("raise SystemExit(0)", [RIGHT], False),
        (DOUBLE.replace("2 * number", "'\ud800'"), [RIGHT], False),
    ],
)
def test_a_pair_passes_when_all_of_its_tests_come_to_their_end(program, tests, passes):
    assert passed_again([(program, tests)], QUICK) == [passes]


def test_harmful_programs_pass_nothing_and_the_next_pair_is_judged_alone():
    harmful = [(program, task.tests) for task in tasks().values() for program in task.harmful]
    assert len(harmful) >= 5
    assert passed_again([*harmful, (DOUBLE, [RIGHT])], QUICK) == [False] * len(harmful) + [True]


def test_nothing_to_run():
    assert passed_again([]) == []
