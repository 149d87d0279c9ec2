"""Run Python programs against tests, inside the sandbox.

Each test runs in a child process of its own, on a program that is loaded afresh, in an empty folder; whatever it leaves
running is ended before the next, and its folder is removed. A test passes when it comes to its end: the child then
finds a token that nobody had before and hands it back. Leaving early, printed reports, closed files, other built-in
functions, trace functions and caught exceptions yield no pass, nor does a test that uses nothing of the program. Before
its first test each program meets one that must fail, and a program that passes it passes nothing.

What this cannot prove: program and test share one process, as they do under pytest. A program written against this very
harness can find the token through the frames of its own stack, can change what modules that the test imports do, and
can return objects that equal everything. It may be taken for right then; what it can reach is still the sandbox alone.
"""

import marshal
import secrets
import signal
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from importlib.util import MAGIC_NUMBER
from types import CodeType

from dataflow_ops.errors import Permanent, Transient
from dataflow_ops.sandbox.job import Job
from dataflow_ops.sandbox.result import Ending, Result
from dataflow_ops.sandbox.run import Sandbox

LONGEST = 1 << 20
"""Characters of a program with its tests: a longer one is not run."""
CHILD_SHARE = 0.9
"""The part of the memory limit that one process of a test may map, so that its MemoryError comes before the limit."""
PROGRAM = "harness.pyc"
CELLS = 6
FORGED = "the program passes a test that must fail: none of what it passes counts"


@dataclass(frozen=True)
class Trial:
    """A program and the tests to run it against."""

    candidate: str
    tests: Sequence[str]


@dataclass(frozen=True)
class Report:
    """What came of a trial, test by test; `failures` is None where a test passed.

    `seconds` is wall time of the tests, without the start of the sandbox; `peak_mib` the most memory held at once.
    """

    passed: tuple[bool, ...]
    failures: tuple[str | None, ...]
    seconds: float
    peak_mib: float
    ended: Ending


def run(sandbox: Sandbox, candidate: str, tests: Sequence[str], seconds_per_test: float = 2.0) -> Report:
    """Run `candidate` against each of `tests`, pieces of Python that see its names.

    A test is statements; functions among them whose name starts with `test` are called. What a test writes to standard
    output and error is thrown away, standard input is empty.

    Raises:
        Permanent: Python does not start in the sandbox; Transient where it had no time to. Never for what code does.
    """
    return next(run_all(sandbox, [Trial(candidate, tests)], seconds_per_test))


def run_all(sandbox: Sandbox, trials: Iterable[Trial], seconds_per_test: float = 2.0) -> Iterator[Report]:
    """Run trials, as many at once as `sandbox` does, and yield their reports in order."""
    asked = [_Asked(trial, seconds_per_test) for trial in trials]
    results = sandbox.map(each.job(sandbox) for each in asked if not each.refusal)
    for each in asked:
        yield each.refused() if each.refusal else _read(each, next(results))


@dataclass(frozen=True)
class _Asked:
    """A trial, with what makes its report one that only the harness can have written."""

    trial: Trial
    seconds: float
    secret: str = field(default_factory=lambda: secrets.token_hex(16))
    nonce: str = field(default_factory=lambda: secrets.token_hex(8))

    @property
    def refusal(self) -> str:
        """Why it is not run at all; empty if it is."""
        size = len(self.trial.candidate) + sum(map(len, self.trial.tests))
        if size > LONGEST:
            return f"too long: {size:,} characters with its tests, at most {LONGEST:,} expected"
        return "" if self.trial.candidate.strip() else "no code"

    def refused(self) -> Report:
        """Report on what is not run."""
        count = len(self.trial.tests)
        return Report((False,) * count, (self.refusal,) * count, 0.0, 0.0, "exit")

    def job(self, sandbox: Sandbox) -> Job:
        """Say how the sandbox runs it."""
        asked = {
            "candidate": self.trial.candidate,
            "tests": list(self.trial.tests),
            "control": f"raise AssertionError({self.nonce!r})",
            "nonce": self.nonce,
            "secret": self.secret,
            "seconds": float(self.seconds),
            "memory": int(sandbox.limits.memory_mib * CHILD_SHARE * (1 << 20)),
            "verdict": _code("_verdict.py"),
        }
        return Job(sandbox.python(PROGRAM), {PROGRAM: _program()}, marshal.dumps(asked))


@cache
def _code(name: str) -> CodeType:
    return compile(files(__package__).joinpath(name).read_text("utf-8"), name, "exec", dont_inherit=True)


@cache
def _program() -> bytes:
    """Return the harness, compiled: the interpreter inside is of the same version."""
    return MAGIC_NUMBER + bytes(12) + marshal.dumps(_code("_inside.py"))


@dataclass(frozen=True)
class _Line:
    """What the harness says of one test."""

    kind: str
    seconds: float
    peak_mib: float
    text: str

    def why(self, limit: float) -> str | None:
        """Say why the test failed; None if it passed."""
        if self.kind == "pass":
            return None
        said = {
            "late": f"no end within {limit:g} s",
            "fake": "wrote a false report",
            "exit": f"ended the process with status {self.text} before the end of the test",
            "kill": f"ended by {_signal(self.text)}",
        }
        return said.get(self.kind, self.text)


def _signal(number: str) -> str:
    known = {str(each.value): each.name for each in signal.Signals}
    return known.get(number, f"signal {number}")


def _read(asked: _Asked, result: Result) -> Report:
    """Make a report of what the harness wrote."""
    lines = [line.split(b"\t") for line in result.stdout.split(b"\n") if line.startswith(asked.secret.encode() + b"\t")]
    if not lines:
        raise _not_started(result)
    found = {int(cells[1]): _line(cells) for cells in lines if len(cells) == CELLS}
    control = found[0].why(asked.seconds) if found else f"{_ending(result)}: while the program was loaded"
    why: list[str | None]
    if control is None or asked.nonce not in control:
        why = [FORGED if control is None else control] * len(asked.trial.tests)
    else:
        why = [found[number].why(asked.seconds) for number in range(1, len(found))]
        why += _unreported(len(why), len(asked.trial.tests), result)
    return _report(why, result, list(found.values()))


def _line(cells: Sequence[bytes]) -> _Line:
    kind, seconds, peak, text = (cell.decode("utf-8", "replace") for cell in cells[2:])
    return _Line(kind, float(seconds), int(peak) / 1024, text)


def _unreported(reported: int, tests: int, result: Result) -> Iterator[str]:
    for number in range(reported, tests):
        yield (
            f"{_ending(result)}: during this test" if number == reported else f"not run: stopped at test {reported + 1}"
        )


def _ending(result: Result) -> str:
    return "ended the process it was started by" if result.ended in ("exit", "signal") else f"too much {result.ended}"


def _report(why: Sequence[str | None], result: Result, found: Sequence[_Line]) -> Report:
    seconds = sum(line.seconds for line in found) if result.ended == "exit" else result.seconds
    peak = max([result.peak_mib, *(line.peak_mib for line in found)])
    return Report(tuple(each is None for each in why), tuple(why), seconds, peak, result.ended)


def _not_started(result: Result) -> Exception:
    """Tell a slow machine from one where it cannot work: nothing of the program has run by then."""
    said = result.stderr.decode("utf-8", "replace").strip()[-500:]
    how = f"{result.ended}, status {result.code}, after {result.seconds:.1f} s: {said or 'nothing said'}"
    if result.ended in ("wall time", "cpu time"):
        return Transient(f"Python did not start in the sandbox in time ({how}): is the machine overloaded?")
    return Permanent(
        f"Python does not start in the sandbox ({how}): raise memory_mib and processes, or check the sandbox"
    )
