"""Programs that take all they can get: each is ended, says at which limit, and the machine does not notice."""

import contextlib
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from dataflow_ops.sandbox.limits import Limits
from dataflow_ops.sandbox.run import Sandbox

TIGHT = Limits(wall_seconds=30, cpu_seconds=1, memory_mib=128, processes=12, disk_mib=16, output_kib=64)


@pytest.fixture(scope="module")
def tight():
    with Sandbox(TIGHT) as opened:
        yield opened


@pytest.fixture
def run(tight):
    def run(code, **files):
        found = tight.run(tight.python("main.py"), {"main.py": code.encode(), **files})
        assert tight.run(["/bin/echo", "next"]).stdout == b"next\n"
        return found

    return run


@pytest.mark.parametrize(
    ("code", "ended"),
    [
        ("while True: pass", "cpu time"),
        ("import os\nfor _ in range(3): os.fork()\nwhile True: pass", "cpu time"),
        ("import signal\nfor each in set(signal.Signals) - {9, 19}: signal.signal(each, lambda *_: 0)\nwhile 1: 0", "cpu time"),
        ("while True: print('x' * 10_000)", "output"),
        ("import sys\nwhile True: sys.stderr.write('x' * 10_000)", "output"),
        ("import os\nos.write(1, b'x' * 65_537)", "output"),
        ("import os\nfor _ in range(3): os.fork()\nwhile True: os.write(2, bytes(65_536))", "output"),
        ("x = [bytearray(1 << 20) for _ in range(200)]", "memory"),
        ("import os, time\nfor _ in range(3): os.fork()\nx = bytearray(30 << 20); time.sleep(100)", "memory"),
        ("import mmap\nx = mmap.mmap(-1, 200 << 20, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)\nwhile 1: x.write(bytes(9 << 20))", "memory"),
    ],
)  # fmt: skip
def test_it_is_ended_and_says_why(run, code, ended):
    found = run(code)
    assert (found.ended, found.code) == (ended, None)


@pytest.mark.parametrize(
    "code",
    [
        "import time; time.sleep(1000)",
        "import os, signal; os.kill(os.getpid(), signal.SIGSTOP)",
        "import os, time\nif os.fork(): os.wait()\ntime.sleep(1000)",
        "import os, time\nos.closerange(0, 256)\ntime.sleep(1000)",
        "import sys, threading\nsys.stdin.read(); x = threading.Lock()\nwhile True: x.acquire()",
    ],
)
def test_what_does_nothing_for_ever_is_ended(code):
    with Sandbox(Limits(wall_seconds=1)) as sandbox:
        found = sandbox.run(sandbox.python("main.py"), {"main.py": code.encode()})
        assert (found.ended, found.code) == ("wall time", None)
        assert found.seconds >= 1
        assert sandbox.run(["/bin/echo", "next"]).code == 0


def test_recursion_without_end_ends(run):
    found = run("def f(x): return f((x, x))\nimport sys; sys.setrecursionlimit(10**9); f(0)")
    assert found.ended in {"signal", "memory", "cpu time"}


def test_ten_gibibytes_are_not_given(run):
    found = run("x = bytearray(10 << 30)")
    assert (found.ended, found.code) == ("exit", 1)
    assert b"MemoryError" in found.stderr
    assert found.peak_mib < 100


def test_output_is_cut_at_the_limit(run):
    found = run("import os\nos.write(2, b'e' * 100)\nwhile True: os.write(1, b'x' * 1000)")
    assert found.stdout == b"x" * 65_536
    assert found.stderr == b"e" * 100


def test_output_of_exactly_the_limit_is_fine(run):
    found = run("import os\nos.write(1, b'x' * 65_536)")
    assert (found.ended, len(found.stdout)) == ("exit", 65_536)


def test_a_fork_bomb_gets_no_more_processes_than_allowed(run):
    found = run(
        """
import os, time
ends = os.pipe()
try:
    while os.fork(): os.write(ends[1], b"x")
    time.sleep(1000)
except BlockingIOError:
    print(len(os.read(ends[0], 1000)))
"""
    )
    assert (found.ended, found.stdout) == ("exit", b"11\n")


@pytest.mark.parametrize("bomb", [
    "import os\nwhile True:\n try: os.fork()\n except OSError: pass",
    "import os, subprocess, sys\nwhile True:\n try: subprocess.Popen([sys.executable, __file__])\n except OSError: pass",
    "import threading\ndef f():\n while True:\n  try: threading.Thread(target=f).start()\n  except RuntimeError: pass\nf()",
])  # fmt: skip
def test_bombs_of_processes_and_threads_end(run, bomb):
    assert run(bomb).ended in {"cpu time", "wall time", "memory", "output"}


def test_threads_count_as_processes(run):
    found = run(
        """
import threading
wait, count = threading.Event(), 1
try:
    while True:
        threading.Thread(target=wait.wait, daemon=True).start(); count += 1
except RuntimeError: print(count, flush=True); __import__("os")._exit(0)
"""
    )
    assert found.stdout == b"12\n"


@pytest.mark.parametrize("folder", ["/work", "/tmp", "/dev/shm"])
def test_a_large_file_does_not_fit(run, folder):
    found = run(
        f"""
import os, signal
path = {folder!r} + "/large"
try:
    with open(path, "wb", buffering=0) as file:
        for _ in range(1024): file.write(bytes(1 << 20))
except OSError as error: print(error.errno)
print(os.path.getsize(path) <= 16 << 20)
"""
    )
    assert found.stdout.split()[-1] == b"True"
    assert found.ended == "exit"


def test_files_in_all_folders_count_as_memory():
    code = b"""
for folder in ("/work", "/tmp", "/dev/shm"):
    with open(folder + "/large", "wb") as file: file.write(bytes(50 << 20))
__import__("time").sleep(0.1)
"""
    with Sandbox(Limits(memory_mib=100, disk_mib=60)) as sandbox:
        found = sandbox.run(sandbox.python("main.py"), {"main.py": code})
        assert found.ended == "memory"
        assert sandbox.run(["/bin/echo", "next"]).code == 0


def test_many_small_files_count_as_memory():
    code = b"""
import os
try: os.chdir("/dev/shm"); [os.close(os.open(str(number), os.O_CREAT)) for number in range(10_000_000)]
except OSError: pass
"""
    with Sandbox(Limits(memory_mib=64, cpu_seconds=30, wall_seconds=30)) as sandbox:
        assert sandbox.run(sandbox.python("main.py"), {"main.py": code}).ended == "memory"
        assert sandbox.run(["/bin/echo", "next"]).code == 0


def test_deep_folders_and_long_names(run):
    found = run("import os\nwhile True:\n os.mkdir('x' * 255); os.chdir('x' * 255)")
    assert found.ended in {"exit", "memory", "cpu time"}


def test_open_files_are_few(run):
    found = run("import os\nx = []\ntry:\n while True: x.append(os.pipe())\nexcept OSError: print(len(x))")
    assert int(found.stdout) < 150


def test_a_process_may_call_itself_what_it_likes(run):
    found = run(
        """
import ctypes, time
for name in (b"x) kB 1 2", b"VmRSS: 9 kB", b"\\n) Z 0 0", b"\\xff\\xfe) S"):
    ctypes.CDLL(None).prctl(15, name, 0, 0, 0); time.sleep(0.1)
x = bytearray(60 << 20); time.sleep(0.1)
"""
    )
    assert found.ended == "exit"
    assert found.peak_mib > 60


def test_a_process_that_cannot_be_looked_into_is_still_measured(run):
    hidden = "import ctypes, os, time; ctypes.CDLL(None).prctl(4, 0, 0, 0, 0)\n"
    assert run(hidden + "for _ in range(3): os.fork()\nx = bytearray(30 << 20); time.sleep(100)").ended == "memory"


def test_when_the_machine_is_short_of_memory_it_goes_first():
    marker = f"4321.{time.monotonic_ns()}"
    code = """
import sys
from dataflow_ops.sandbox.limits import Limits
from dataflow_ops.sandbox.run import Sandbox
with Sandbox(Limits(wall_seconds=30)) as sandbox: sandbox.run(["/bin/sleep", sys.argv[1]])
"""

    def offered():
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if (folder / "cmdline").read_bytes() == f"/bin/sleep\0{marker}\0".encode():
                    found.append((folder / "oom_score_adj").read_text().strip())
        return found

    with subprocess.Popen([sys.executable, "-c", code, marker]) as caller:
        until = time.monotonic() + 20
        while not (found := offered()) and time.monotonic() < until:
            time.sleep(0.02)
        caller.kill()
    assert found == ["1000"]


def test_nothing_is_left_in_memory_files_of_this_machine(run):
    before = os.statvfs("/dev/shm").f_bfree if Path("/dev/shm").exists() else 0
    run("import os; os.write(os.open('/dev/shm/x', os.O_CREAT | os.O_RDWR), bytes(10 << 20))")
    after = os.statvfs("/dev/shm").f_bfree if Path("/dev/shm").exists() else 0
    assert before - after < (5 << 20) // 4096
