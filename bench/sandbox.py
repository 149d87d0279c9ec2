"""What a run in the sandbox costs beside a bare process of the same interpreter: `python -m bench.sandbox`.

A run starts the interpreter and executes one small program that comes as a file. The bare process gets the same
program and options, no limits, no isolation. Processes run one and two at once. CPU time is that of all processes,
the watching one included.
"""

import argparse
import os
import platform
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from bench.report import table
from dataflow_ops.sandbox.job import Job
from dataflow_ops.sandbox.limits import Limits
from dataflow_ops.sandbox.run import Sandbox

PROGRAM = b"def double(x):\n    return 2 * x\n\nassert double(2) == 4\nprint('passed')\n"
OUTPUT = b"passed\n"


def isolated(runs: int, at_once: int) -> float:
    """Return the seconds that `runs` runs in the sandbox take."""
    with Sandbox(Limits(), at_once=at_once) as sandbox:
        jobs = [Job(sandbox.python("main.py"), {"main.py": PROGRAM})] * runs
        began = time.perf_counter()
        results = list(sandbox.map(jobs))
        took = time.perf_counter() - began
    if any(result.stdout != OUTPUT for result in results):
        raise SystemExit(f"a run failed: {next(result for result in results if result.stdout != OUTPUT)}")
    return took


def shell(runs: int, at_once: int) -> float:
    """Return the seconds of runs in the sandbox that start no interpreter."""
    with Sandbox(Limits(), at_once=at_once) as sandbox:
        began = time.perf_counter()
        list(sandbox.map([Job(["/bin/true"])] * runs))
        return time.perf_counter() - began


def bare(runs: int, at_once: int) -> float:
    """Return the seconds that `runs` bare processes take."""
    with _program() as path, Sandbox() as sandbox:
        command = sandbox.python(str(path))
        began = time.perf_counter()
        for first in range(0, runs, at_once):
            started = [_started(command) for _ in range(min(at_once, runs - first))]
            if any(process.communicate()[0] != OUTPUT for process in started):
                raise SystemExit("a bare run failed")
        return time.perf_counter() - began


def proof() -> float:
    """Return the seconds that opening a sandbox takes, with its proof that it isolates."""
    began = time.perf_counter()
    with Sandbox():
        return time.perf_counter() - began


@contextmanager
def _program() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "main.py"
        path.write_bytes(PROGRAM)
        yield path


def _started(command: Sequence[str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={})


def _line(name: str, work: Callable[[int, int], float], at_once: int, runs: int, repeats: int) -> list[str]:
    took, spent = [], []
    for _ in range(repeats):
        before = sum(os.times()[:4])
        took.append(work(runs, at_once) / runs)
        spent.append((sum(os.times()[:4]) - before) / runs)
    best, middle = min(took), statistics.median(took)
    return [
        name,
        str(at_once),
        f"{1 / best:.1f}",
        f"{1000 * best:.1f}",
        f"{1000 * middle:.1f}",
        f"{1000 * min(spent):.1f}",
    ]


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--runs", type=int, default=100)
    parser.add_argument("--repeats", type=int, default=5)
    given = parser.parse_args()
    contenders = [("bare interpreter", bare), ("sandbox, interpreter", isolated), ("sandbox, /bin/true", shell)]
    version = subprocess.run(["bwrap", "--version"], capture_output=True, text=True, check=True).stdout.strip()
    print(
        f"{platform.system()} {platform.release()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, "
        f"Python {platform.python_version()}, {version}, {'root' if os.geteuid() == 0 else 'not root'}; "
        f"{given.runs} runs, best and median of {given.repeats}\n"
    )
    lines = [_line(name, work, at_once, given.runs, given.repeats) for name, work in contenders for at_once in (1, 2)]
    print(table(["what", "at once", "runs/s", "ms/run, best", "median", "CPU ms/run, best"], lines))
    print(f"\nopening a sandbox: {1000 * min(proof() for _ in range(given.repeats)):.0f} ms")


if __name__ == "__main__":
    main()
