"""What goes into the demonstration and what comes out of a run."""

import json
import tempfile
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from dataflow_ops.local import funnel, seaweed
from dataflow_ops.local.home import BUCKET, Home
from dataflow_ops.local.runs import Run
from dataflow_ops.local.terminal import Terminal


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
    """Show what a run published and what became of its rows; return what its last task said."""
    result: Mapping[str, Any] = run.result() or {}
    if result.get("funnel"):
        terminal.line()
        for line in funnel.render(read_json(home, result["funnel"])):
            terminal.line(line)
        terminal.line()
    for name in ("dataset", "version", "manifest", "note"):
        if result.get(name) is not None:
            terminal.line(f"  {name:<9} {result[name]}")
    return result


def read_json(home: Home, uri: str) -> Any:
    """Return the content of a JSON file in the bucket of a set-up."""
    place = urlsplit(uri)
    answer = seaweed.client(home).get_object(Bucket=place.netloc, Key=place.path.lstrip("/"))
    return json.loads(answer["Body"].read())
