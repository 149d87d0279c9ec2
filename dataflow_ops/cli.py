"""The command line: `dataflow-ops up | down | demo | run | status | logs | doctor`."""

import argparse
import json
import sys
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from dataflow_ops.errors import BadArgument, DataflowError, nearest
from dataflow_ops.local import control, doctor, seaweed
from dataflow_ops.local.client import USER, Airflow
from dataflow_ops.local.home import BUCKET, Home
from dataflow_ops.local.terminal import Terminal, table

SAMPLES = {
    "coding": "snippets",
    "coding_filter": "snippets",
    "coding_instructions": "code_instructions",
    "reasoning": "problems",
    "reasoning_filter": "solutions",
    "text": "text",
    "text2sql": "databases",
    "text2sql_filter": "sql_pairs",
    "text2sql_pairs": "sql_pairs",
    "text2sql_vector": "vector_databases",
    "text_conversations": "intents",
    "text_qa": "text",
    "text_sft_documents": "text",
    "text_sft_filter": "sft",
    "text_sft_topics": "topics",
    "text_synthesis": "text",
}
"""The sample that each pipeline is shown on."""
ABOUT = {"text2sql_filter": "databases", "text2sql_pairs": "databases"}
"""Samples that those of pipelines speak of."""
JUDGED = {
    "coding": "snippets_judge",
    "coding_filter": "snippets_filter_judge",
    "coding_instructions": "code_instructions_judge",
    "reasoning": "problems_judge",
    "reasoning_filter": "solutions_judge",
    "text": "judge",
    "text2sql": "databases_judge",
    "text2sql_filter": "sql_pairs_filter_judge",
    "text2sql_pairs": "sql_pairs_judge",
    "text2sql_vector": "vector_databases_judge",
}
"""The pipelines whose samples say what should come of them, and the module of `samples` that compares."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; return its exit code."""
    given = parser().parse_args(argv)
    terminal = Terminal()
    try:
        return COMMANDS[given.command](Home.find(), terminal, given)
    except DataflowError as problem:
        terminal.error(f"{problem}")
        return 1
    except KeyboardInterrupt:
        terminal.error("interrupted; what was started goes on in the background until `dataflow-ops down`")
        return 130


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    top = argparse.ArgumentParser(prog="dataflow-ops", description="DataFlow Ops on this machine.")
    commands = top.add_subparsers(dest="command", required=True, metavar="command")
    made = {name: commands.add_parser(name, help=text, description=text) for name, text in _HELP.items()}
    made["run"].add_argument("dag", help="id of a DAG")
    made["run"].add_argument("--conf", default="", help="parameters of the run: a JSON object")
    made["demo"].add_argument("dag", nargs="?", default="text", help=f"one of {', '.join(SAMPLES)}")
    made["logs"].add_argument("service", nargs="?", help="only this one, for example scheduler")
    made["logs"].add_argument("--lines", type=int, default=20)
    return top


_HELP = {
    "up": "Start the S3 server and Airflow in the background.",
    "down": "Stop them; data stay.",
    "demo": "Start everything, run a pipeline on sample data, show what became of every row.",
    "run": "Run a pipeline through the scheduler and wait for its end.",
    "status": "Show what runs, where, and how often it was restarted.",
    "logs": "Show the last lines of the logs.",
    "doctor": "Say what this machine lacks, and the cure.",
}


def up(home: Home, terminal: Terminal, _given: argparse.Namespace) -> int:
    """Start everything unless it runs."""
    _start(home, terminal)
    _show_addresses(home, terminal)
    return 0


def _start(home: Home, terminal: Terminal) -> None:
    with terminal.stage("starting the S3 server and Airflow"):
        if not control.up(home, terminal.progress):
            terminal.line("  they run already")


def _show_addresses(home: Home, terminal: Terminal) -> None:
    ports = home.ports()
    terminal.line(
        f"  Airflow   http://localhost:{ports['airflow']}   user {USER}, password {Airflow.at(home).password}"
    )
    terminal.line(
        f"  S3        {seaweed.endpoint(home)}   bucket {BUCKET}; keys in {home.root / 'secrets' / 's3.json'}"
    )
    terminal.line("  dataflow-ops down (or make down) stops them; data stay")


def down(home: Home, terminal: Terminal, _given: argparse.Namespace) -> int:
    """Stop everything."""
    terminal.line("stopped; data stay" if control.down(home) else "nothing runs")
    return 0


def run(home: Home, terminal: Terminal, given: argparse.Namespace) -> int:
    """Run a DAG to its end."""
    conf = _conf(given.conf)
    if not control.is_running(home):
        _start(home, terminal)
    return 1 if _run(home, terminal, given.dag, conf) is None else 0


def _conf(text: str) -> dict[str, Any]:
    try:
        conf = json.loads(text or "{}")
    except json.JSONDecodeError as error:
        raise BadArgument(f"the configuration of a run is a JSON object; {text!r} is not: {error}") from error
    if not isinstance(conf, dict):
        raise BadArgument(f"the configuration of a run is a JSON object, not {text!r}")
    return conf


def _run(home: Home, terminal: Terminal, dag: str, conf: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Run a DAG to its end and show it; return what its last task said, None when it failed."""
    from dataflow_ops.local import outcome, runs  # noqa: PLC0415 - the other commands do without

    with terminal.stage(f"running {dag}"):
        started = runs.trigger(Airflow.at(home), dag, conf)
        terminal.line(f"  http://localhost:{home.ports()['airflow']}/{started.page}")
        succeeded = started.follow(terminal)
    if succeeded:
        return outcome.show(home, started, terminal)
    terminal.error(f"the run failed: {started.run}")
    for line in started.failures():
        terminal.error(line)
    return None


def demo(home: Home, terminal: Terminal, given: argparse.Namespace) -> int:
    """Show the whole way from sample data to a dataset."""
    from dataflow_ops.local import outcome  # noqa: PLC0415 - the other commands do without

    dag, dataset = given.dag, f"s3://{BUCKET}/datasets/sample_{given.dag}"
    if dag not in SAMPLES:
        raise BadArgument(f"there is no sample for {dag!r}; {nearest(dag, SAMPLES)}")
    _start(home, terminal)
    with terminal.stage("putting sample data into S3"):
        for sample in filter(None, [SAMPLES[dag], ABOUT.get(dag)]):
            new, total = outcome.upload_samples(home, sample)
            terminal.line(f"  {total} files in s3://{BUCKET}/samples/{sample}/, {new} of them new")
    result = _run(home, terminal, dag, {"dataset": dataset})
    met = result is not None
    if result is not None and dag in JUDGED:
        with terminal.stage("comparing with what was planted in the sample"):
            met = outcome.show_judgement(home, {"dataset": dataset, **result}, SAMPLES[dag], JUDGED[dag], terminal)
    terminal.line()
    for line in table([(name, f"{seconds:.0f} s") for name, seconds in terminal.stages]):
        terminal.line(line)
    terminal.line()
    _show_addresses(home, terminal)
    return 0 if met else 1


def status(home: Home, terminal: Terminal, _given: argparse.Namespace) -> int:
    """Show the state of every service; the exit code is 0 when all is up."""
    report = control.status(home)
    terminal.line(f"{report['state']} {report.get('detail', '')}".rstrip())
    services = report["services"]
    if services:
        rows = [(name, str(each["pid"]), str(each["restarts"])) for name, each in services.items()]
        for line in table([("service", "process", "restarts"), *rows]):
            terminal.line(line)
        terminal.line(f"  for {(time.time() - report['since']) / 60:.0f} minutes")
        _show_addresses(home, terminal)
    return 0 if report["state"] == "up" else 1


def logs(home: Home, terminal: Terminal, given: argparse.Namespace) -> int:
    """Show the ends of the logs."""
    found = {path.stem: path for path in sorted(home.logs.glob("*.log"))}
    if given.service and given.service not in found:
        raise BadArgument(f"there is no log of {given.service!r}; {nearest(given.service, found)}")
    for name in [given.service] if given.service else found:
        terminal.line(f"== {found[name]}")
        with found[name].open(errors="replace") as file:
            for line in deque(file, maxlen=given.lines):
                terminal.line(line.rstrip("\n"))
    return 0


def diagnose(home: Home, terminal: Terminal, _given: argparse.Namespace) -> int:
    """Check this machine; the exit code is 0 when nothing is missing."""
    return doctor.report(home, terminal)


COMMANDS: Mapping[str, Callable[[Home, Terminal, argparse.Namespace], int]] = {
    "up": up,
    "down": down,
    "demo": demo,
    "run": run,
    "status": status,
    "logs": logs,
    "doctor": diagnose,
}

if __name__ == "__main__":
    sys.exit(main())
