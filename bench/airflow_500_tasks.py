"""500 mapped tasks through the local set-up, with a scheduler killed half-way: seconds, failures, restarts.

python bench/airflow_500_tasks.py [--tasks 500] [--keep]
"""

import argparse
import json
import os
import shutil
import signal
import tempfile
import time
from collections import Counter
from pathlib import Path

from dataflow_ops.local import control
from dataflow_ops.local.client import Airflow, Missing
from dataflow_ops.local.home import Home

DAG = """
from airflow.sdk import dag, task


@dag(schedule=None, default_args={"retries": 0})
def many():
    @task
    def numbers():
        return list(range(TASKS))

    @task
    def square(number):
        return number * number

    @task
    def total(squares):
        return sum(squares)

    total(square.expand(number=numbers()))


many()
"""
LIMIT = 1500.0


def main() -> None:
    """Run the proof and print its numbers."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--tasks", type=int, default=500)
    parser.add_argument("--keep", action="store_true", help="keep the folder with logs and database")
    given = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="tasks-"))
    home = Home(folder / "home", folder / "project")
    (home.project / "dags").mkdir(parents=True)
    (home.project / "dags" / "many.py").write_text(DAG.replace("TASKS", str(given.tasks)))
    try:
        began = time.monotonic()
        control.up(home, lambda name: print(f"  {time.monotonic() - began:6.1f} s  starting {name}", flush=True))
        print(json.dumps(prove(home, given.tasks), indent=1))
    finally:
        control.down(home)
        if given.keep:
            print(folder)
        else:
            shutil.rmtree(folder)


def prove(home: Home, tasks: int) -> dict[str, object]:
    """Trigger the run, kill the scheduler in its middle, wait for the end."""
    airflow = Airflow.at(home)
    wait_for_dag(airflow)
    airflow.patch("dags/many", {"is_paused": False})
    run = airflow.post("dags/many/dagRuns", {"logical_date": None})["dag_run_id"]
    began, killed = time.monotonic(), None
    while True:
        state = airflow.get(f"dags/many/dagRuns/{run}")["state"]
        done = count(airflow, run, "success")
        print(f"  {time.monotonic() - began:6.1f} s  {state}, {done} tasks done", flush=True)
        if state in ("success", "failed") or time.monotonic() - began > LIMIT:
            break
        if killed is None and done >= tasks // 2:
            killed = time.monotonic() - began
            os.kill(control.status(home)["services"]["scheduler"]["pid"], signal.SIGKILL)
        time.sleep(5)
    timing = {"seconds": round(time.monotonic() - began, 1), "scheduler killed after": round(killed or 0, 1)}
    return {"state": state, **timing, **outcome(home, airflow, run)}


def wait_for_dag(airflow: Airflow) -> None:
    """Wait until the DAG processor has found the file."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        try:
            airflow.get("dags/many")
        except Missing:
            time.sleep(0.5)
        else:
            return
    raise TimeoutError("the DAG did not appear")


def count(airflow: Airflow, run: str, state: str) -> int:
    """Return how many task instances of the run are in `state`."""
    return int(airflow.get(f"dags/many/dagRuns/{run}/taskInstances", state=state, limit=1)["total_entries"])


def outcome(home: Home, airflow: Airflow, run: str) -> dict[str, object]:
    """Return the numbers of the proof."""
    instances = list(airflow.pages(f"dags/many/dagRuns/{run}/taskInstances", "task_instances"))
    services = control.status(home)["services"]
    return {
        "tasks": dict(Counter(each["state"] for each in instances)),
        "tries": dict(Counter(each["try_number"] for each in instances)),
        "restarts": {name: each["restarts"] for name, each in services.items()},
        "database is locked": sum(
            log.read_text(errors="replace").count("database is locked") for log in home.logs.iterdir()
        ),
        "cpus": os.cpu_count(),
        "load": os.getloadavg()[0],
    }


if __name__ == "__main__":
    main()
