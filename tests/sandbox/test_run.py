"""What comes back from a run."""

import os
import threading

import pytest

from dataflow_ops.errors import BadArgument
from dataflow_ops.sandbox.job import Job
from dataflow_ops.sandbox.limits import Limits
from dataflow_ops.sandbox.run import Sandbox


@pytest.mark.parametrize(
    ("code", "ended", "status"),
    [
        ("pass", "exit", 0),
        ("raise SystemExit(7)", "exit", 7),
        ("1 / 0", "exit", 1),
        ("import os; os._exit(128)", "exit", 128),
        ("import os; os.abort()", "signal", None),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "signal", None),
        ("import ctypes; ctypes.string_at(0)", "signal", None),
        ("import os; os._exit(255)", "exit", 255),
    ],
)
def test_how_it_ended(run, code, ended, status):
    found = run(code)
    assert (found.ended, found.code) == (ended, status)


def test_what_it_read_and_wrote(sandbox):
    code = b"import sys; sys.stdout.write(sys.stdin.read().upper()); sys.stderr.write(open('pkg/a b').read())"
    files = {"main.py": code, "pkg/a b": "ä".encode()}
    found = sandbox.run(sandbox.python("main.py"), files, b"abc" * 30_000)
    assert found.stdout == b"ABC" * 30_000
    assert found.stderr.decode() == "ä"


def test_input_that_nobody_reads(sandbox):
    assert sandbox.run(["/bin/echo", "1"], {}, bytes(1 << 22)).stdout == b"1\n"


def test_arguments_arrive_as_they_are(sandbox):
    given = ["", "a b", "$(id)", "-x", "é", "\n"]
    code = b"import sys; print(sys.argv[1:])"
    found = sandbox.run(sandbox.python("main.py", *given), {"main.py": code})
    assert found.stdout.decode().strip() == str(given)


def test_long_arguments_arrive(sandbox):
    found = sandbox.run(["/bin/sh", "-c", 'printf %s "$*" | wc -c', "sh", *["x" * 131_000] * 7])
    assert int(found.stdout) == 7 * 131_000 + 6


def test_a_program_that_is_not_there(sandbox):
    found = sandbox.run(["no-such-program"])
    assert (found.ended, found.code) == ("exit", 127)
    assert b"no-such-program" in found.stderr


def test_the_standard_library_is_there_and_installed_packages_are_not(run):
    found = run("import sys, json, ssl, sqlite3, decimal\ntry:\n import pytest\nexcept ImportError: print('none')")
    assert (found.stdout, found.stderr) == (b"none\n", b"")


def test_processes_threads_and_temporary_files_work(run):
    found = run(
        """
import asyncio, multiprocessing, subprocess, tempfile, threading
with multiprocessing.get_context("fork").Pool(2) as pool:
    print(pool.map(abs, [-1, -2]))
threads = [threading.Thread(target=tempfile.mkdtemp) for _ in range(4)]
[thread.start() for thread in threads], [thread.join() for thread in threads]
print(subprocess.run(["id", "-u"], capture_output=True, text=True).stdout, asyncio.run(asyncio.sleep(0, "slept")))
"""
    )
    assert found.stdout == b"[1, 2]\n1000\n slept\n"


def test_time_and_memory_are_measured(run):
    small = run("pass")
    large = run("import time\nx = bytearray(200 << 20)\nwhile time.process_time() < 0.5: pass")
    assert small.peak_mib < 60
    assert 200 < large.peak_mib < 300
    assert 0.4 < large.cpu_seconds < 1.5
    assert large.seconds >= 0.5


def test_memory_of_children_is_a_sum_and_shared_pages_count_once(run):
    apart = run(
        "import os, time\nfor _ in range(3):\n if os.fork() == 0: break\nx = bytearray(50 << 20); time.sleep(0.5)"
    )
    shared = run(
        "import os, time\nx = bytearray(100 << 20)\nfor _ in range(3):\n if os.fork() == 0: break\ntime.sleep(0.5)"
    )
    assert 200 < apart.peak_mib < 300
    assert 100 < shared.peak_mib < 180


def test_time_of_children_that_nobody_waits_for_counts(run):
    found = run(
        """
import os, signal, time
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
for _ in range(3):
    if os.fork() == 0:
        while time.process_time() < 0.4: pass
        os._exit(0)
time.sleep(2.5)
"""
    )
    assert found.cpu_seconds > 0.8


@pytest.mark.parametrize("at_once", [1, 2, 3])
def test_results_come_in_the_order_of_the_jobs(at_once):
    jobs = [Job(["/bin/sh", "-c", f"sleep 0.{number % 3}; echo {number}"]) for number in range(8)]
    with Sandbox(at_once=at_once) as sandbox:
        found = list(sandbox.map(iter(jobs)))
    assert [int(each.stdout) for each in found] == list(range(8))


def test_one_run_does_not_hold_up_another():
    jobs = [Job(["/bin/sleep", "60"]), Job(["/bin/echo", "1"]), Job(["/bin/echo", "2"])]
    with Sandbox(Limits(wall_seconds=2), at_once=2) as sandbox:
        found = list(sandbox.map(jobs))
    assert [each.ended for each in found] == ["wall time", "exit", "exit"]
    assert max(each.seconds for each in found[1:]) < found[0].seconds


def test_nothing_is_run_for_no_jobs(sandbox):
    assert list(sandbox.map([])) == []


def test_files_that_do_not_fit_are_refused():
    with Sandbox(Limits(disk_mib=1)) as sandbox, pytest.raises(BadArgument, match="disk_mib=1"):
        sandbox.run(["/bin/true"], {"x": bytes(2 << 20)})


def test_outside_of_its_block_it_runs_nothing():
    with pytest.raises(BadArgument, match="with Sandbox"):
        Sandbox().run(["/bin/true"])


@pytest.mark.parametrize("at_once", [0, 65, 1.0, True, "2"])
def test_places_are_counted(at_once):
    with pytest.raises(BadArgument, match="at_once"):
        Sandbox(at_once=at_once)


def test_it_works_in_a_thread_and_in_a_forked_process(sandbox):
    found = []
    thread = threading.Thread(target=lambda: found.append(sandbox.run(["/bin/echo", "1"]).stdout))
    thread.start()
    thread.join()
    assert found == [b"1\n"]
    child = os.fork()
    if child == 0:
        with Sandbox() as own:
            os._exit(own.run(["/bin/sh", "-c", "exit 42"]).code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 42
