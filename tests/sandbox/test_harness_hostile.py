"""Programs that try to be taken for right, or to do harm."""

import pytest

from dataflow_ops.sandbox import harness
from tests.sandbox.trying import ADD, RIGHT, WRONG, why

HOSTILE = {
    "leaves at the first call": "import os\ndef add(a, b):\n    os._exit(0)",
    "exits at the first call": "def add(a, b):\n    raise SystemExit(0)",
    "writes to every file": (
        "import os\ndef add(a, b):\n    for file in range(64):\n        try:\n            os.write(file, b'pass\\n' * 9)\n"
        "        except OSError:\n            pass\n    os._exit(0)"
    ),
    "closes every file": "import os\ndef add(a, b):\n    os.closerange(0, 256)\n    os._exit(0)",
    "prints a report": f"def add(a, b):\n    print('{'0' * 32}\\t1\\tpass\\t0.0\\t0\\t', flush=True)\n    raise SystemExit(0)",
    "other errors": "import builtins\nbuiltins.AssertionError = ValueError\ndef add(a, b):\n    return 5",
    "other functions": (
        "import builtins\nbuiltins.isinstance = builtins.len = builtins.abs = lambda *_: True\n"
        "builtins.compile = builtins.exec = None\ndef add(a, b):\n    return 5"
    ),
    "a hook for errors": "import sys, os\nsys.excepthook = lambda *_: os._exit(0)\ndef add(a, b):\n    return 5",
    "at the exit": "import atexit, os\natexit.register(os._exit, 0)\ndef add(a, b):\n    return 5",
    "a thread that leaves": (
        "import os, threading\nthreading.Timer(0.05, os._exit, [0]).start()\ndef add(a, b):\n    import time\n"
        "    time.sleep(5)"
    ),
    "no end of recursion": "def add(a, b):\n    return add(a, b)",
    "deep in C": "import sys\nsys.setrecursionlimit(10**9)\ndef add(a, b):\n    return add(a, b)",
    "catches all": "def add(a, b):\n    while True:\n        try:\n            raise ValueError\n        except BaseException:\n            pass",
    "a child that goes on": (
        "import os\ndef add(a, b):\n    if os.fork():\n        os._exit(0)\n    return 5"
    ),
    "ends the parent": "import os\ndef add(a, b):\n    os.kill(os.getppid(), 9)",
    "ends everybody": "import os\ndef add(a, b):\n    os.kill(-1, 9)",
    "all memory": "def add(a, b):\n    return bytearray(1 << 40)",
    "memory in parts": "def add(a, b):\n    found = []\n    while True:\n        found.append(bytearray(1 << 20))",
    "memory of many": (
        "import os\ndef add(a, b):\n    for _ in range(8):\n        if not os.fork():\n            x = bytearray(1 << 27)\n"
        "            while True:\n                pass\n    while True:\n        pass"
    ),
    "fork bomb": "import os\ndef add(a, b):\n    while True:\n        try:\n            os.fork()\n        except OSError:\n            pass",
    "thread bomb": "import threading\ndef add(a, b):\n    while True:\n        threading.Thread(target=add, args=(a, b)).start()",
    "fills the disk": "def add(a, b):\n    with open('x', 'wb') as file:\n        while True:\n            file.write(bytes(1 << 20))",
    "replaces the tools": "import os\nos.write = os.read = os._exit = print\ndef add(a, b):\n    return 5",
    "hands back the token of the pipe": (
        "import os\nfor file in range(3, 20):\n    try:\n        token = os.read(file, 99)\n    except OSError:\n"
        "        continue\n    for other in range(3, 20):\n        try:\n            os.write(other, token + b'pass\\n')\n"
        "        except OSError:\n            pass\n    os._exit(0)\ndef add(a, b):\n    return 5"
    ),
}  # fmt: skip


@pytest.mark.parametrize("candidate", HOSTILE.values(), ids=HOSTILE.keys())
def test_nothing_but_right_values_passes(sandbox, candidate):
    assert why(sandbox, candidate, RIGHT, 0.5)
    assert why(sandbox, ADD, RIGHT) is None, "the next run works"


def test_assertions_cannot_be_jumped_over(sandbox):
    jump = (
        "import sys\ndef skip(frame, event, arg):\n    if event == 'line':\n        frame.f_lineno += 1\n    return skip\n"
        "def add(a, b):\n    sys._getframe(1).f_trace = skip\n    sys.settrace(skip)\n    return 5"
    )
    reason = why(sandbox, jump, "found = add(1, 2)\nassert found == 3\nfound = 0")
    assert reason.startswith("RuntimeError: sys.settrace is not allowed here; in the test: found = add(1, 2)")


@pytest.mark.parametrize("name", ["no end of recursion", "all memory", "memory in parts", "catches all", "fork bomb"])
def test_the_tests_after_one_that_harms_still_run(sandbox, name):
    candidate = HOSTILE[name].replace("add(a, b)", "harm(a, b)") + f"\n{ADD}"
    report = harness.run(sandbox, candidate, [RIGHT, "harm(1, 2)", RIGHT, WRONG], 1.5)
    assert report.passed == (True, False, True, False)
    assert report.ended == "exit"


def test_many_processes_may_not_hold_more_memory_than_one(sandbox):
    report = harness.run(sandbox, HOSTILE["memory of many"], [RIGHT, RIGHT], 30)
    assert report.failures == ("too much memory: during this test", "not run: stopped at test 1")
