import subprocess
import sys
from importlib.resources import files

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dataflow_ops.errors import Permanent, Transient
from dataflow_ops.sandbox import harness
from dataflow_ops.sandbox.limits import Limits
from dataflow_ops.sandbox.result import Result
from dataflow_ops.sandbox.run import Sandbox
from tests.sandbox.trying import ADD, RIGHT, WRONG, why


@pytest.mark.parametrize(
    "test",
    [
        RIGHT,
        "assert add('é', '漢字🎈') == 'é漢字🎈'",
        "def test_add():\n    assert add(1, 2) == 3\n",
        "def check(a):\n    assert add(a, a) == 2 * a\nfor each in range(5):\n    check(each)\n",
        "async def test_add():\n    assert add(1, 2) == 3\n",
        "from solution import add as plus\nassert plus(1, 2) == 3",
        "import candidate\nassert candidate.add(1, 2) == 3",
        "import math\nassert math.isclose(add(0.1, 0.2), 0.3)",
        "try:\n    add(1, 'a')\nexcept TypeError:\n    pass\nelse:\n    raise AssertionError('no error')\n",
        "print('x' * 10_000_000)\nassert add(1, 2) == 3",
        "import sys\nsys.stderr.write('x' * 10_000_000)\nassert add(1, 2) == 3",
        "try:\n    input()\nexcept EOFError:\n    assert add(1, 2) == 3",
        "open('notes.txt', 'w').write('x')\nassert add(1, 2) == 3",
        "class Case:\n    def test(self):\n        assert add(1, 2) == 3\nCase().test()",
        "import unittest.mock\nwith unittest.mock.patch('builtins.input', lambda: '3'):\n    assert add(1, 2) == 3",
    ],
)
def test_what_comes_to_its_end_passes(sandbox, test):
    assert why(sandbox, ADD, test) is None


@pytest.mark.parametrize(
    ("test", "reason"),
    [
        (WRONG, "AssertionError; in the test: assert add(1, 2) == 4; left: 3, right: 4"),
        ("def test_add():\n    x = 5\n    assert add(1, 2) > x, 'small'\n",
         "AssertionError: small; in the test: assert add(1, 2) > x, 'small'; left: 3, right: 5"),
        ("assert (add(1,\n            2)\n        == 4)", "AssertionError; in the test: assert (add(1, 2) == 4); left: 3, right: 4"),
        ("assert add(1, 2) == 3; assert not add(1, 2)", "AssertionError; in the test: assert add(1, 2) == 3; assert not add(1, 2)"),
        ("assert add(1, 2) == 3\nassert not add(1, 2)", "AssertionError; in the test: assert not add(1, 2)"),
        ("assert 1 < add(1, 2) < 3", "AssertionError; in the test: assert 1 < add(1, 2) < 3"),
        ("add(1, 'a')", ("TypeError: unsupported operand type(s) for +: 'int' and 'str'; in the test: add(1, 'a'); "
                        "in the program: return a + b")),
        ("add(1)", "TypeError: add() missing 1 required positional argument: 'b'; in the test: add(1)"),
        ("assert mul(1, 2) == 2", "NameError: name 'mul' is not defined; in the test: assert mul(1, 2) == 2"),
        ("assert add(1,", "SyntaxError: '(' was never closed; in the test: line 1"),
        ("def test_add(a):\n    pass\n", "TypeError: test_add() missing 1 required positional argument: 'a'"),
        ("import numpy\nassert add(1, 2) == 3", "ModuleNotFoundError: No module named 'numpy'; in the test: import numpy"),
        ("raise SystemExit", "SystemExit; in the test: raise SystemExit"),
        ("add('a\\nb', 1)", ("TypeError: can only concatenate str (not \"int\") to str; in the test: add('a\\nb', 1); "
                           "in the program: return a + b")),
    ],
)  # fmt: skip
def test_what_fails_is_told_with_its_line_and_values(sandbox, test, reason):
    assert why(sandbox, ADD, test) == reason


def test_a_function_is_used_under_any_name(sandbox):
    candidate = f"import functools\n@functools.cache\n{ADD}"
    assert why(sandbox, candidate, "import solution\nplus = getattr(solution, 'add')\nassert plus(1, 2) == 3") is None
    assert why(sandbox, candidate, "from solution import add as plus\nassert plus(1, 2) == 3") is None


def test_little_memory_is_enough_for_little_programs():
    with Sandbox(Limits(memory_mib=64)) as sandbox:
        assert harness.run(sandbox, f"import re, typing, json\n{ADD}", [RIGHT]).failures == (None,)


def test_long_values_are_cut(sandbox):
    reason = why(sandbox, ADD, "assert add([7] * 10**6, []) == []")
    assert "left: [7, 7, " in reason
    assert reason.endswith("…, right: []")
    assert len(reason) < 400


UNUSED = "the test uses nothing that the program defines"


@pytest.mark.parametrize(
    "test",
    [
        "",
        "assert True",
        "def add(a, b):\n    return 3\nassert add(1, 2) == 3",
        "def check():\n    assert add(1, 2) == 4",
        "class TestAdd:\n    def test(self):\n        assert add(1, 2) == 4",
        "def test_add():\n    yield add(1, 2)",
        "import math\nassert math.sqrt(4) == 2",
        "from typing import List\nx: List = []\nassert len(x) == 0",
    ],
)
def test_a_test_that_uses_nothing_of_the_program_does_not_pass(sandbox, test):
    assert why(sandbox, f"import math\nfrom typing import List\n{ADD}", test) == UNUSED


@pytest.mark.parametrize(
    ("candidate", "reason"),
    [
        ("", "no code"),
        (" \n\t", "no code"),
        ("def add(a, b:\n  return", "SyntaxError: '(' was never closed; in the program: line 1"),
        ("\0", "SyntaxError: source code string cannot contain null bytes; in the program: line 1"),
        ("import numpy", "ModuleNotFoundError: No module named 'numpy'; in the program: import numpy"),
        ("import sys\nsys.exit(0)", "SystemExit: 0; in the program: sys.exit(0)"),
        ("import os\nos._exit(0)", "ended the process with status 0 before the end of the test"),
        ("while True:\n    pass", "no end within 0.5 s"),
        ("import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)", "ended by SIGSEGV"),
        ("(" * 100_000, "SyntaxError: too many nested parentheses; in the program: line 1"),
        ("x = 1" + "0" * 2**20, "too long: 1,048,644 characters with its tests, at most 1,048,576 expected"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt; in the program: raise KeyboardInterrupt"),
        ("class E(Exception):\n    def __str__(self):\n        raise self\nraise E", "E: <E>; in the program: raise E"),
    ],
)  # fmt: skip
def test_a_program_that_cannot_be_loaded_fails_every_test_for_that_reason(sandbox, candidate, reason):
    report = harness.run(sandbox, candidate, [RIGHT, WRONG, RIGHT], 0.5)
    assert report.passed == (False,) * 3
    assert report.failures == (reason,) * 3
    assert report.seconds < 3, "it is loaded once"


def test_tests_share_nothing(sandbox):
    candidate = f"seen = []\n{ADD}"
    test = "import os\nassert seen == [] and os.listdir() == []\nseen.append(add(1, 2))\nopen('x', 'w').close()\n"
    test += "os.makedirs('a/b')\nos.symlink('/', 'a/b/root')\nos.environ['HERE'] = 'x'"
    look = "import os\nassert 'HERE' not in os.environ\nassert add(1, 2) == 3"
    assert harness.run(sandbox, candidate, [test, test, look, test]).failures == (None,) * 4


def test_what_guards_the_main_program_does_not_run_and_classes_can_be_pickled(sandbox):
    candidate = (
        "import dataclasses, pickle\n@dataclasses.dataclass\nclass Point:\n    x: int\n"
        "if __name__ == '__main__':\n    raise SystemExit('no')\n"
    )
    assert why(sandbox, candidate, "import pickle\nassert pickle.loads(pickle.dumps(Point(1))) == Point(1)") is None


def test_processes_that_a_test_leaves_behind_are_gone_before_the_next(sandbox):
    leave = (
        "import os, time\ndef leave():\n    if not os.fork():\n        os.setsid()\n        if os.fork():\n"
        "            os._exit(0)\n        while True:\n            time.sleep(0.01)\n            open('/tmp/alive', 'w').close()\n"
    )
    look = "import os, time\ntime.sleep(0.2)\nassert not os.path.exists('/tmp/alive')\nassert add(1, 2) == 3"
    forget = "import os, time\nleave()\nwhile not os.path.exists('/tmp/alive'):\n    time.sleep(0.01)\n"
    clean = "import os\nos.unlink('/tmp/alive')\nassert add(1, 2) == 3"
    report = harness.run(sandbox, leave + ADD, [forget, clean, look])
    assert report.failures == (None, None, None)


def test_a_run_at_its_limit_says_which_and_what_was_not_run():
    with Sandbox(Limits(wall_seconds=1.5)) as sandbox:
        candidate = f"import time\n{ADD}"
        report = harness.run(sandbox, candidate, [RIGHT, "time.sleep(60)\nadd(1, 2)", RIGHT], 30)
        assert report.passed == (True, False, False)
        assert report.failures[1:] == ("too much wall time: during this test", "not run: stopped at test 2")
        assert report.ended == "wall time"


def test_trials_are_reported_in_order_also_several_at_once():
    trials = [harness.Trial(f"def add(a, b):\n    return {n}", [f"assert add(0, 0) == {n}", RIGHT]) for n in range(6)]
    trials[2] = harness.Trial("", [RIGHT, RIGHT])
    with Sandbox(Limits(), at_once=2) as sandbox:
        found = [report.passed for report in harness.run_all(sandbox, iter(trials))]
    assert found == [(n != 2, n == 3) for n in range(6)]


def test_no_tests_and_no_trials_are_nothing(sandbox):
    assert harness.run(sandbox, ADD, []).passed == ()
    assert list(harness.run_all(sandbox, [])) == []


def test_time_and_memory_are_those_of_the_tests(sandbox):
    report = harness.run(
        sandbox, ADD, ["import time\ntime.sleep(0.3)\nx = bytearray(100 << 20)\nassert add(1, 2) == 3"]
    )
    assert report.passed == (True,)
    assert report.seconds >= 0.3
    assert 100 <= report.peak_mib <= 256


class Given:
    """A sandbox that has answered already: what a report is made of is bytes from untrusted processes."""

    limits = Limits()

    def __init__(self, *results):
        self.results = results

    def python(self, *arguments):
        return ["python", *arguments]

    def map(self, jobs):
        return iter([result for _, result in zip(jobs, self.results, strict=True)])


@pytest.mark.parametrize(
    ("ended", "error"), [("exit", Permanent), ("signal", Permanent), ("memory", Permanent), ("wall time", Transient)]
)
def test_an_interpreter_that_does_not_start_is_no_verdict_on_the_program(ended, error):
    result = Result(ended, None, b"nothing to see\n", "kaputt é".encode(), 0.1, 0.1, 1.0)
    with pytest.raises(error, match="kaputt é"):
        harness.run(Given(result), ADD, [RIGHT])


@settings(max_examples=50, deadline=None)
@given(st.binary(max_size=200))
def test_bytes_without_the_secret_are_never_a_report(noise):
    result = Result("exit", 0, noise, b"", 0.1, 0.1, 1.0)
    with pytest.raises(Permanent):
        harness.run(Given(result), ADD, [RIGHT])


def test_outside_of_a_sandbox_the_program_runs_nothing():
    asked = harness._Asked(harness.Trial(ADD, [RIGHT]), 2.0).job(Given())
    source = files("dataflow_ops.sandbox").joinpath("_inside.py")
    done = subprocess.run([sys.executable, "-I", str(source)], input=asked.stdin, capture_output=True, check=False)
    assert (done.returncode, done.stdout) == (1, b"")
    assert b"this is no sandbox" in done.stderr
