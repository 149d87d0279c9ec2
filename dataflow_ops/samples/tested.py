"""Programs and their tests run once more, by a program of its own: what a run stored about them is not believed."""

import json
import secrets
from collections.abc import Iterable, Iterator, Sequence

from dataflow_ops.sandbox.job import Job
from dataflow_ops.sandbox.limits import Limits
from dataflow_ops.sandbox.run import Sandbox

Pair = tuple[str, Sequence[str]]
"""A program, and the tests it should pass."""

AGAIN = b"""
import json
import sys

token = sys.stdin.read()
with open("given.json", encoding="utf-8") as file:
    given = json.load(file)
program = compile(given["program"], "program.py", "exec")
for number, test in enumerate(given["tests"]):
    names = {"__name__": "program"}
    exec(program, names)
    before = set(names)
    exec(compile(test, f"test_{number}.py", "exec"), names)
    for name in sorted(set(names) - before):
        if name.startswith("test"):
            names[name]()
sys.__stdout__.write(f"\\n{token}\\n")
"""
"""Loads the program afresh for each test, and hands back a token at the end; what fails or leaves early does not."""


def passed_again(pairs: Iterable[Pair], limits: Limits = Limits()) -> list[bool]:  # noqa: B008 - it cannot change
    """Tell of each pair whether the program passes all of its tests, in the sandbox; no tests are not passed.

    Raises Permanent where there is no sandbox that works.
    """
    asked = [(pair, secrets.token_hex(16)) for pair in pairs]
    with Sandbox(limits) as sandbox:
        return list(_passed(sandbox, asked))


def _passed(sandbox: Sandbox, asked: Sequence[tuple[Pair, str]]) -> Iterator[bool]:
    command = sandbox.python("again.py")
    results = sandbox.map(Job(command, _files(pair), token.encode()) for pair, token in asked)
    for ((_, tests), token), result in zip(asked, results, strict=True):
        ended_well = result.ended == "exit" and result.code == 0
        yield bool(tests) and ended_well and result.stdout.endswith(f"\n{token}\n".encode())


def _files(pair: Pair) -> dict[str, bytes]:
    program, tests = pair
    return {"again.py": AGAIN, "given.json": json.dumps({"program": program, "tests": list(tests)}).encode()}
