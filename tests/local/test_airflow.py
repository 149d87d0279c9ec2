"""A real Airflow, started as `up` starts it."""

import json
import os
import signal
import time
from pathlib import Path
from textwrap import dedent

import pytest

from dataflow_ops.errors import BadArgument
from dataflow_ops.local import control, runs
from dataflow_ops.local.terminal import Terminal
from tests.waiting import wait_until


def write_dag(airflow, name, source):
    (airflow.dags / f"{name}.py").write_text("from airflow.sdk import dag, task\n" + dedent(source))


def test_dags_find_a_pool_for_gpus_and_the_connection_to_s3(airflow):
    assert airflow.api.get("pools/gpu")["slots"] == 1
    connection = airflow.api.get("connections/aws_default")
    assert connection["conn_type"] == "aws"
    assert json.loads(connection["extra"])["endpoint_url"] == airflow.s3.meta.endpoint_url


def test_all_of_it_is_healthy(airflow):
    health = airflow.api.health()
    assert {part: state["status"] for part, state in health.items()} == dict.fromkeys(
        ["metadatabase", "scheduler", "triggerer", "dag_processor"], "healthy"
    )


def test_the_second_up_changes_nothing(airflow):
    before = control.status(airflow.home)["services"]
    assert not control.up(airflow.home, lambda _: None)
    assert control.status(airflow.home)["services"] == before


def test_files_with_secrets_are_for_their_owner_alone(airflow):
    assert airflow.home.root.stat().st_mode & 0o077 == 0
    assert {path.stat().st_mode & 0o077 for path in (airflow.home.root / "secrets").iterdir()} == {0}


def test_a_run_is_followed_to_its_end(airflow, capsys):
    write_dag(
        airflow,
        "three",
        """
        @dag(schedule=None, params={"last": 3})
        def three():
            @task
            def numbers(params):
                return list(range(params["last"]))

            @task
            def square(number):
                import sys
                return [number * number, [name for name in ("pyarrow", "boto3", "pandas") if name in sys.modules]]

            @task
            def publish(squares):
                return {"squares": list(squares)}

            publish(square.expand(number=numbers()))

        three()
        """,
    )
    run = runs.trigger(airflow.api, "three", {"last": 2})
    assert run.follow(Terminal())
    # The second half of each: what tasks find imported, because the scheduler that forked them had.
    preloaded = ["pyarrow", "boto3", "pandas"]
    assert run.result() == {"squares": [[0, preloaded], [1, preloaded]]}
    shown = capsys.readouterr().out
    assert [line.split()[2:] for line in shown.splitlines()] == [
        ["numbers", "1", "success"],
        ["square", "2", "success"],
        ["publish", "1", "success"],
    ]


def test_a_failure_shows_the_task_and_the_error_of_its_log(airflow, capsys):
    write_dag(
        airflow,
        "broken",
        """
        @dag(schedule=None)
        def broken():
            @task(retries=0)
            def inverse(number):
                return 1 / number

            inverse.expand(number=[1, 0])

        broken()
        """,
    )
    run = runs.trigger(airflow.api, "broken", {})
    assert not run.follow(Terminal())
    failures = list(run.failures())
    assert failures[0] == "inverse[1], try 1:"
    assert "    ZeroDivisionError: division by zero" in failures


def test_a_dag_nobody_wrote_is_named_with_the_nearest_one(airflow, monkeypatch):
    monkeypatch.setattr(runs, "APPEARS_WITHIN", 0.0)
    runs.wait_for(airflow.api, "text")
    with pytest.raises(BadArgument, match="there is no DAG 'texd'; did you mean 'text'"):
        runs.trigger(airflow.api, "texd", {})


def test_a_dag_file_that_cannot_be_read_says_why(airflow):
    write_dag(airflow, "unreadable", "import nothing_of_this_name\n")
    with pytest.raises(BadArgument, match="nothing_of_this_name"):
        runs.trigger(airflow.api, "unreadable", {})
    (airflow.dags / "unreadable.py").unlink()


@pytest.mark.chaos
def test_a_run_outlives_the_death_of_every_service(airflow):
    write_dag(
        airflow,
        "long",
        """
        @dag(schedule=None)
        def long():
            @task(retries=3, retry_delay=1)
            def slow(number):
                import time
                time.sleep(3)

            slow.expand(number=list(range(12)))

        long()
        """,
    )
    airflow.s3.put_object(Bucket="dataflow", Key="before", Body=b"1")
    restarts = {name: each["restarts"] for name, each in control.status(airflow.home)["services"].items()}
    run = runs.trigger(airflow.api, "long", {})
    for service in ("scheduler", "api-server", "s3", "dag-processor", "triggerer"):
        wait_until(lambda: "running" in {each["state"] for each in run.instances()}, 90)
        os.kill(control.status(airflow.home)["services"][service]["pid"], signal.SIGKILL)
    assert run.follow(Terminal())
    wait_until(lambda: set(states(airflow)) == {"healthy"}, 90)
    after = {name: each["restarts"] for name, each in control.status(airflow.home)["services"].items()}
    assert after == {name: count + 1 for name, count in restarts.items()}
    assert airflow.s3.get_object(Bucket="dataflow", Key="before")["Body"].read() == b"1"


@pytest.mark.chaos
def test_a_task_that_is_killed_is_tried_again_at_once(airflow):
    write_dag(
        airflow,
        "suicide",
        """
        @dag(schedule=None)
        def suicide():
            @task(retries=1, retry_delay=1)
            def killed(ti=None):
                import os, signal
                if ti.try_number == 1:
                    os.kill(os.getpid(), signal.SIGKILL)

            killed()

        suicide()
        """,
    )
    began = time.monotonic()
    run = runs.trigger(airflow.api, "suicide", {})
    assert run.follow(Terminal())
    assert [each["try_number"] for each in run.instances()] == [2]
    assert time.monotonic() - began < 60


def states(airflow):
    return [part["status"] for part in airflow.api.health().values()]


def test_logs_do_not_grow_while_nothing_happens(airflow):
    sizes = {path.name: path.stat().st_size for path in Path(airflow.home.logs).iterdir()}
    airflow.api.get("version")
    assert {path.name: path.stat().st_size for path in Path(airflow.home.logs).iterdir()}["api-server.log"] == sizes[
        "api-server.log"
    ]
