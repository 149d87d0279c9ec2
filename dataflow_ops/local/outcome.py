"""What goes into the demonstration and what comes out of a run."""

import tempfile
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from dataflow_ops import dataset, manifest
from dataflow_ops.errors import BadSource
from dataflow_ops.local import funnel, seaweed
from dataflow_ops.local.home import BUCKET, Home
from dataflow_ops.local.runs import Run
from dataflow_ops.local.terminal import Terminal
from dataflow_ops.samples.evaluate import Report
from dataflow_ops.store import Anywhere


def upload_samples(home: Home, name: str) -> tuple[int, int]:
    """Put the sample files called `name` into the bucket unless they are there; return how many are new, and of how many."""
    client, prefix = seaweed.client(home), f"samples/{name}/"
    listing = client.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix=prefix)
    there = {found["Key"] for page in listing for found in page.get("Contents", [])}
    with tempfile.TemporaryDirectory(dir=home.tmp) as folder:
        import_module(f"dataflow_ops.samples.{name}").write(Path(folder))
        files = {
            prefix + str(path.relative_to(folder)): path for path in sorted(Path(folder).rglob("*")) if path.is_file()
        }
        missing = files.keys() - there
        for key in sorted(missing):
            client.upload_file(str(files[key]), BUCKET, key)
    return len(missing), len(files)


def show(home: Home, run: Run, terminal: Terminal) -> Mapping[str, Any]:
    """Show what a run published and what became of its rows; return what its last task said.

    Of a run that found nothing new, the rows of the run that published the latest version are shown.
    """
    result: Mapping[str, Any] = run.result() or {}
    shown = result.get("funnel") or _funnel_of_latest(home, result)
    if shown:
        terminal.line()
        for line in funnel.render(manifest.load(store_of(home), shown)):
            terminal.line(line)
        terminal.line()
    for name in ("dataset", "version", "manifest", "note"):
        if result.get(name) is not None:
            terminal.line(f"  {name:<9} {result[name]}")
    return result


def _funnel_of_latest(home: Home, result: Mapping[str, Any]) -> str | None:
    latest = dataset.latest(store_of(home), result["dataset"]) if result.get("dataset") else None
    return latest["funnel"] if latest else None


def show_judgement(home: Home, result: Mapping[str, Any], sample: str, judge: str, terminal: Terminal) -> bool:
    """Show how well a run on sample data agrees with the truth about them; return whether targets are met.

    `result` is what the run said at its end; of one that found nothing new, the latest version is compared. `judge` is
    the module of `dataflow_ops.samples` that compares.
    """
    store = store_of(home)
    made = (
        manifest.load(store, result["manifest"]) if result.get("manifest") else dataset.latest(store, result["dataset"])
    )
    if made is None:
        raise BadSource(f"{result['dataset']!r} has no version yet: run `dataflow-ops demo` first")
    compare = import_module(f"dataflow_ops.samples.{judge}").judge
    report: Report = compare(store, made, f"s3://{BUCKET}/samples/{sample}")
    for line in report.render().splitlines():
        terminal.line(f"  {line}")
    return report.ok


def store_of(home: Home) -> Anywhere:
    """Return the store of a set-up."""
    return Anywhere(lambda: seaweed.client(home))
