"""A supervisor with tiny programs, in a process of its own as in real life."""

import json
import os
import signal
import subprocess
import sys
import textwrap
import time

import psutil
import pytest

from dataflow_ops.local import processes
from dataflow_ops.local.processes import MARK, Service, leftovers, mark, stop
from dataflow_ops.local.supervisor import lock
from tests.waiting import wait_until

SLEEP = "Service('sleeper', ['sleep', '600'])"


@pytest.fixture
def root(tmp_path):
    (tmp_path / "logs").mkdir()
    yield tmp_path
    stop(mark(tmp_path), patience=1)


def start(root, plan):
    program = f"""
    import itertools, logging, sys
    from pathlib import Path
    from dataflow_ops.local.processes import Service
    from dataflow_ops.local.supervisor import supervise
    logging.basicConfig(level=logging.INFO)
    root, plans = Path({str(root)!r}), itertools.count(1)
    sys.exit(supervise(root, lambda: [{plan}]))
    """
    environment = {**os.environ, MARK: mark(root, "supervisor")}
    with (root / "logs" / "supervisor.log").open("a") as log:
        return subprocess.Popen([sys.executable, "-c", textwrap.dedent(program)], env=environment, stderr=log)


def report(root):
    path = root / "status.json"
    return json.loads(path.read_text()) if path.exists() else {"state": None, "services": {}}


def is_up(root):
    return lambda: report(root)["state"] == "up"


def pid_of(root, name="sleeper"):
    return report(root)["services"][name]["pid"]


def test_starts_in_order_and_stops_at_a_signal(root):
    order = f"open({str(root / 'order')!r}, 'a').write"
    plan = f"Service('first', ['sh', '-c', 'echo a >> order'], once=True), lambda: {order}('b'), {SLEEP}"
    process = start(root, plan)
    wait_until(is_up(root), 10)
    sleeper = psutil.Process(pid_of(root))
    assert (root / "order").read_text() == "a\nb"
    assert sleeper.cmdline() == ["sleep", "600"]
    process.send_signal(signal.SIGTERM)
    assert process.wait(10) == 0
    assert not list(leftovers(mark(root)))


@pytest.mark.chaos
def test_starts_again_what_was_killed(root):
    process = start(root, SLEEP)
    wait_until(is_up(root), 10)
    before = pid_of(root)
    os.kill(before, signal.SIGKILL)
    wait_until(lambda: report(root)["services"]["sleeper"]["restarts"] == 1, 10)
    assert psutil.pid_exists(pid_of(root))
    assert pid_of(root) != before
    assert "sleeper ended with code -9" in (root / "logs" / "supervisor.log").read_text()
    process.send_signal(signal.SIGTERM)
    process.wait(10)


@pytest.mark.chaos
def test_kills_the_orphans_of_what_was_killed(root):
    process = start(root, "Service('parent', ['sh', '-c', 'setsid sleep 601 & wait'])")
    wait_until(is_up(root), 10)
    wait_until(lambda: sleepers(root), 10)
    (orphan,) = sleepers(root)
    os.kill(pid_of(root, "parent"), signal.SIGKILL)
    wait_until(lambda: report(root)["services"]["parent"]["restarts"] == 1, 10)
    assert not orphan.is_running()
    process.send_signal(signal.SIGTERM)
    process.wait(10)


def sleepers(root):
    return [each for each in leftovers(mark(root, "parent")) if each.name() == "sleep"]


def test_waits_longer_before_each_restart_of_what_keeps_ending(root):
    start(root, "Service('broken', ['sleep', '0.5'])")
    log = root / "logs" / "supervisor.log"
    wait_until(lambda: log.read_text().count("ended with code 0") >= 3, 15)
    pauses = [line.rpartition(" in ")[2] for line in log.read_text().splitlines() if "starting it again" in line]
    assert pauses[:3] == ["1 s", "3 s", "7 s"]


def test_a_step_that_fails_stops_everything_and_says_where_to_look(root):
    process = start(root, f"{SLEEP}, Service('step', ['sh', '-c', 'exit 3'], once=True)")
    assert process.wait(15) == 1
    assert report(root)["state"] == "failed"
    assert report(root)["detail"] == f"step ended with code 3: see {root / 'logs' / 'step'}.log"
    assert not list(leftovers(mark(root)))


def test_an_optional_step_may_fail(root):
    start(root, f"Service('step', ['false'], once=True, optional=True), {SLEEP}")
    wait_until(is_up(root), 10)


def test_what_is_never_ready_is_given_up(root):
    process = start(root, "Service('slow', ['sleep', '600'], ready=lambda: False, patience=0.5)")
    assert process.wait(15) == 1
    assert "slow was not ready" in report(root)["detail"]


def test_what_ends_before_it_is_ready_is_given_up(root):
    process = start(root, "Service('stillborn', ['false'], ready=lambda: False)")
    assert process.wait(60) == 1
    assert report(root)["detail"] == f"stillborn ends before it is ready: see {root / 'logs' / 'stillborn'}.log"


def test_a_new_plan_may_do_better(root):
    start(root, "Service('choosy', ['sleep', '600'], ready=lambda plan=next(plans): plan > 1, patience=0.5)")
    wait_until(is_up(root), 15)
    assert "choosy was not ready" in (root / "logs" / "supervisor.log").read_text()


def test_a_second_one_leaves_the_first_alone(root):
    start(root, SLEEP)
    wait_until(is_up(root), 10)
    before = pid_of(root)
    assert start(root, SLEEP).wait(10) == 0
    assert lock(root) is None
    assert psutil.pid_exists(before)
    assert pid_of(root) == before


@pytest.mark.chaos
def test_takes_over_after_a_supervisor_that_was_killed(root):
    first = start(root, SLEEP)
    wait_until(is_up(root), 10)
    old = psutil.Process(pid_of(root))
    first.kill()
    first.wait(10)
    assert old.is_running()
    (root / "status.json").unlink()
    start(root, SLEEP)
    wait_until(is_up(root), 10)
    assert not old.is_running()


def test_finds_processes_that_rename_themselves(root):
    start(
        root,
        "Service('renamed', [sys.executable, '-c', 'import setproctitle, time; setproctitle.setproctitle(\"x\" * 3000); time.sleep(600)'])",
    )
    wait_until(is_up(root), 10)
    wait_until(lambda: psutil.Process(pid_of(root, "renamed")).cmdline()[0].startswith("xxx"), 10)
    assert [each.pid for each in leftovers(mark(root, "renamed"))] == [pid_of(root, "renamed")]


def test_a_long_log_is_put_aside_at_the_next_start(root, monkeypatch):
    monkeypatch.setattr(processes, "LONGEST_LOG", 10)
    (root / "logs" / "echo.log").write_text("eleven bytes")
    for text in ("new", "more"):
        Service("echo", ["echo", text]).start(root).wait(10)
    assert (root / "logs" / "echo.log.1").read_text() == "eleven bytes"
    assert (root / "logs" / "echo.log").read_text() == "new\nmore\n"


def test_a_passing_question_does_not_keep_a_supervisor_from_starting(root):
    with lock(root):
        process = start(root, SLEEP)
        time.sleep(0.3)
    wait_until(is_up(root), 10)
    assert process.poll() is None
