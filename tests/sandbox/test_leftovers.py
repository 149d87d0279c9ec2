"""Nothing stays behind: no process, no zombie, no descriptor, no file, whoever ends first."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from dataflow_ops.sandbox.job import Job
from dataflow_ops.sandbox.limits import Limits
from dataflow_ops.sandbox.run import Sandbox

CALLER = """
import os, sys
from dataflow_ops.sandbox.job import Job
from dataflow_ops.sandbox.limits import Limits
from dataflow_ops.sandbox.run import Sandbox
with Sandbox(Limits(wall_seconds=100), at_once=2) as sandbox:
    print("ready", flush=True)
    list(sandbox.map([Job(["/bin/sleep", sys.argv[1]])] * 2))
"""


def named(marker):
    """Return the processes of this machine whose command line holds `marker`."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command = (folder / "cmdline").read_bytes()
        except OSError:
            continue
        if marker.encode() in command and int(folder.name) != os.getpid():
            found.append(int(folder.name))
    return found


def children():
    return [
        int(child)
        for thread in Path("/proc/self/task").iterdir()
        for child in (thread / "children").read_text().split()
    ]


def eventually(holds):
    until = time.monotonic() + 20
    while not holds() and time.monotonic() < until:
        time.sleep(0.02)
    return holds()


@pytest.mark.parametrize(
    "code",
    [
        "if os.fork(): os._exit(0)",
        "if os.fork(): os._exit(0)\nos.setsid()\nif os.fork(): os._exit(0)\nos.closerange(0, 256)",
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\nif os.fork(): os._exit(0)\nos.setsid()",
        "if os.fork(): os.kill(os.getpid(), 9)",
    ],
)
def test_no_process_outlives_its_run(sandbox, code):
    marker = f"4321.{time.monotonic_ns()}"
    program = f"import os, signal\n{code}\nos.execv('/bin/sleep', ['sleep', {marker!r}])"
    found = sandbox.run(sandbox.python("main.py"), {"main.py": program.encode()})
    assert found.ended in {"exit", "signal"}
    assert named(marker) == []


def test_no_process_outlives_a_limit():
    marker = f"4321.{time.monotonic_ns()}"
    code = f"import os\nfor _ in range(3): os.fork()\nos.setsid() if os.getpid() > 3 else 0\nos.execv('/bin/sleep', ['sleep', {marker!r}])"
    with Sandbox(Limits(wall_seconds=1)) as sandbox:
        assert sandbox.run(sandbox.python("main.py"), {"main.py": code.encode()}).ended == "wall time"
        assert named(marker) == []


def test_no_descriptor_child_or_file_stays():
    def held():
        return (
            len(list(Path("/proc/self/fd").iterdir())),
            children(),
            {path.name for path in Path(tempfile.gettempdir()).iterdir()},
        )

    jobs = [Job(["/bin/echo", "1"], {"x": b"1"}), Job(["/bin/sleep", "9"]), Job(["/bin/cat", "/dev/urandom"])]
    before = held()
    with Sandbox(Limits(wall_seconds=0.5), at_once=2) as sandbox:
        inside = len(list(Path("/proc/self/fd").iterdir()))
        assert [each.ended for each in sandbox.map(jobs * 2)] == ["exit", "wall time", "output"] * 2
        assert len(list(Path("/proc/self/fd").iterdir())) == inside
    after = held()
    assert after[:2] == before[:2]
    assert not any("bwrap" in name or "interpreter" in name for name in after[2] - before[2])


class Interrupted(BaseException):
    pass


def test_an_interrupted_call_ends_its_runs():
    def interrupt(*_):
        raise Interrupted

    marker, before = f"4321.{time.monotonic_ns()}", children()
    old = signal.signal(signal.SIGALRM, interrupt)
    with Sandbox(at_once=2) as sandbox:
        signal.setitimer(signal.ITIMER_REAL, 0.5)
        try:
            with pytest.raises(Interrupted):
                list(sandbox.map([Job(["/bin/sleep", marker])] * 3))
        finally:
            signal.signal(signal.SIGALRM, old)
        assert named(marker) == []
        assert children() == before
        assert sandbox.run(["/bin/echo", "next"]).code == 0


def test_a_caller_that_loses_interest_leaves_nothing_running(sandbox):
    marker = f"0.01{time.monotonic_ns()}"
    results = sandbox.map(Job(["/bin/sleep", marker]) for _ in range(100))
    next(results)
    assert named(marker) == []
    results.close()
    assert named(marker) == []


@pytest.mark.parametrize("wait", [0, 0.01, 0.3])
@pytest.mark.parametrize("sent", [signal.SIGKILL, signal.SIGTERM])
def test_runs_end_with_their_caller(sent, wait):
    marker = f"4321.{time.monotonic_ns()}"
    with subprocess.Popen([sys.executable, "-c", CALLER, marker], stdout=subprocess.PIPE) as caller:
        assert caller.stdout.readline() == b"ready\n"
        assert eventually(lambda: len(set(named(marker)) - {caller.pid}) > 0)
        time.sleep(wait)
        caller.send_signal(sent)
        caller.wait()
    assert eventually(lambda: named(marker) == [])
