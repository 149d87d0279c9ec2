"""Trigger a DAG through the scheduler, follow it, and say how it ended."""

import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from dataflow_ops.errors import BadArgument, Transient, nearest
from dataflow_ops.local.client import Airflow, Missing, quote
from dataflow_ops.local.terminal import Terminal

FINISHED = ("success", "failed", "upstream_failed", "skipped", "removed")
APPEARS_WITHIN = 45.0


@dataclass
class Run:
    """A run of a DAG."""

    airflow: Airflow
    dag: str
    run: str
    _told: dict[str, str] = field(default_factory=dict)

    @property
    def path(self) -> str:
        """Where the run is in the REST API."""
        return f"dags/{quote(self.dag)}/dagRuns/{quote(self.run)}"

    @property
    def page(self) -> str:
        """Where the run is in the user interface."""
        return f"dags/{quote(self.dag)}/runs/{quote(self.run)}"

    def follow(self, terminal: Terminal) -> bool:
        """Show tasks as they finish until the run has ended; return whether it succeeded."""
        while True:
            began = time.monotonic()
            state = self.airflow.get(self.path)["state"]
            self._tell(terminal)
            if state in ("success", "failed"):
                return bool(state == "success")
            # Asking costs the server as well: a run of a thousand tasks is asked for less often.
            time.sleep(min(max(1.0, 5 * (time.monotonic() - began)), 10.0))

    def instances(self) -> list[dict[str, Any]]:
        """Return all task instances of the run: those that have ended first, in the order in which they did."""
        # Airflow gives them by map index: of tasks that end within a second the last could come first.
        return sorted(self.airflow.pages(f"{self.path}/taskInstances", "task_instances"), key=_when_ended)

    def _tell(self, terminal: Terminal) -> None:
        instances = self.instances()
        for task, states in _by_task(instances).items():
            ended = all(state in FINISHED for state in states)
            troubled = {state: count for state, count in states.items() if state in ("failed", "up_for_retry")}
            text = _summary(states) if ended else _summary(troubled)
            if text and self._told.get(task) != text:
                self._told[task] = text
                terminal.progress(f"{task:<28} {text}")
        terminal.now(_summary(Counter(each["state"] or "waiting" for each in instances)))

    def result(self, task: str = "publish") -> Any:
        """Return what a task returned, None when there is no such thing."""
        path = f"{self.path}/taskInstances/{quote(task)}/xcomEntries/return_value"
        try:
            return self.airflow.get(path, stringify="false")["value"]
        except Missing:
            return None

    def failures(self) -> Iterator[str]:
        """Yield, for every failed task, its name and the errors in its log."""
        for each in self.instances():
            if each["state"] == "failed":
                index = f"[{each['map_index']}]" if each["map_index"] >= 0 else ""
                yield f"{each['task_id']}{index}, try {each['try_number']}:"
                yield from (f"    {line}" for line in self._errors(each))

    def _errors(self, instance: Mapping[str, Any]) -> list[str]:
        path = f"{self.path}/taskInstances/{quote(instance['task_id'])}/logs/{instance['try_number']}"
        log = self.airflow.get(path, map_index=instance["map_index"], full_content="true")
        lines = [line for entry in log["content"] if isinstance(entry, dict) for line in _error_lines(entry)]
        return list(dict.fromkeys(lines)) or ["its log shows no error: it was killed, or lost its worker"]


def _when_ended(instance: Mapping[str, Any]) -> tuple[bool, str]:
    return (instance["end_date"] is None, instance["end_date"] or "")


def _by_task(instances: list[dict[str, Any]]) -> dict[str, Counter[str]]:
    tasks: dict[str, Counter[str]] = {}
    for each in instances:
        tasks.setdefault(each["task_id"], Counter())[each["state"] or "waiting"] += 1
    return tasks


def _summary(states: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {state.replace('_', ' ')}" for state, count in sorted(states.items()))


def _error_lines(entry: Mapping[str, Any]) -> Iterator[str]:
    if entry.get("level") not in ("error", "critical"):
        return
    yield str(entry.get("event"))
    for problem in entry.get("error_detail") or []:
        yield f"{problem.get('exc_type')}: {problem.get('exc_value')}"


def trigger(airflow: Airflow, dag: str, conf: Mapping[str, Any]) -> Run:
    """Start a run of `dag` and return it; raise BadArgument when there is no such DAG or its file is broken."""
    wait_for(airflow, dag)
    airflow.patch(f"dags/{quote(dag)}", {"is_paused": False})
    body = {"logical_date": None, "conf": dict(conf)}
    return Run(airflow, dag, airflow.post(f"dags/{quote(dag)}/dagRuns", body)["dag_run_id"])


def wait_for(airflow: Airflow, dag: str) -> None:
    """Wait until Airflow knows `dag`: a file just written takes seconds."""
    deadline = time.monotonic() + APPEARS_WITHIN
    while True:
        try:
            airflow.get(f"dags/{quote(dag)}")
        except Missing:
            _raise_if_hopeless(airflow, dag, overdue=time.monotonic() > deadline)
            time.sleep(0.5)
        else:
            return


def _raise_if_hopeless(airflow: Airflow, dag: str, *, overdue: bool) -> None:
    broken = [each for each in airflow.pages("importErrors", "import_errors") if each["filename"].endswith(f"{dag}.py")]
    if broken:
        raise BadArgument(f"the file of DAG {dag!r} cannot be read:\n{broken[0]['stack_trace']}")
    known = [each["dag_id"] for each in airflow.pages("dags", "dags")]
    if overdue:
        raise BadArgument(f"there is no DAG {dag!r}; {nearest(dag, known)}")
    if not airflow.health():
        raise Transient("Airflow does not answer: see `dataflow-ops status`")
