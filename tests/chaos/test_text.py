"""Processes killed in the middle of the text DAG: the run succeeds, and what it publishes is the same to the byte."""

import signal
import time

import psutil
import pytest

from dataflow_ops.local.processes import leftovers, mark
from tests.pipelines import Pipeline, states

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(900)]

OUTAGE = 20.0
"""Seconds for which the S3 server is away."""


@pytest.fixture(scope="module")
def undisturbed(airflow):
    """What a run publishes that nobody disturbs."""
    pipeline = Pipeline(airflow)
    pipeline.put_sample(600)
    pipeline.run()
    return pipeline


def published(pipeline):
    """The files of the latest version, by content, in their order; the index as well."""
    parts = pipeline.version()["parts"]
    return [(part["sha256"], part["rows"], part["index"]["sha256"]) for part in parts]


def task_processes(airflow):
    """The processes in which tasks of the set-up run now."""
    return [
        each
        for each in leftovers(mark(airflow.home.root))
        if "airflow worker -- " in " ".join(title(each)) and "<idle>" not in " ".join(title(each))
    ]


def title(process):
    try:
        return process.cmdline()
    except psutil.NoSuchProcess:
        return []


def kill_a_task(airflow, run, task, seconds=120):
    """Kill the process of a running task of that name; return how often it had been tried."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        running = [each for each in run.instances() if each["state"] == "running" and each["task_id"] == task]
        victims = [each for each in task_processes(airflow) if any(ti["id"] in " ".join(title(each)) for ti in running)]
        if victims:
            victims[0].send_signal(signal.SIGKILL)
            return
        time.sleep(0.1)
    pytest.fail(f"no task {task!r} was seen running: {states(run)}")


def keep_down(airflow, service, seconds):
    """Kill a service, and again whenever it is started again, for some seconds; return how often."""
    deadline, killed = time.monotonic() + seconds, 0
    while time.monotonic() < deadline:
        for process in leftovers(mark(airflow.home.root, service)):
            process.kill()
            killed += 1
        time.sleep(0.2)
    return killed


def wait_for_task(run, task, seconds=180):
    deadline = time.monotonic() + seconds
    while not any(each["task_id"] == task and each["state"] in ("running", "success") for each in run.instances()):
        assert time.monotonic() < deadline, f"{task} never ran: {states(run)}"
        time.sleep(0.2)


def test_a_task_killed_in_the_middle_changes_nothing(airflow, undisturbed):
    pipeline = Pipeline(airflow)
    run = pipeline.start(source=undisturbed.source)
    kill_a_task(airflow, run, "refined.good")
    assert pipeline.finish(run, 600) == "success", "\n".join(run.failures())
    assert max(each["try_number"] for each in run.instances() if each["task_id"] == "refined.good") == 2
    assert published(pipeline) == published(undisturbed)


def test_an_s3_server_that_is_killed_for_20_seconds_changes_nothing(airflow, undisturbed):
    pipeline = Pipeline(airflow)
    run = pipeline.start(source=undisturbed.source)
    wait_for_task(run, "refined.clean")
    assert keep_down(airflow, "s3", OUTAGE) >= 1
    assert pipeline.finish(run, 600) == "success", "\n".join(run.failures())
    assert published(pipeline) == published(undisturbed)
