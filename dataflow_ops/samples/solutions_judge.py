"""A published version of the sample solutions, held against the truth about them."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Set
from typing import Any

import orjson

from dataflow_ops import dataset
from dataflow_ops.samples.evaluate import Measure, Report
from dataflow_ops.samples.solutions import TRUTH
from dataflow_ops.sources import Column, find, records
from dataflow_ops.store import Store


def judge(store: Store, version: Mapping[str, Any], source: str) -> Report:
    """Compare what a version publishes with the truth in the folder `source`."""
    source = source.rstrip("/")
    keys = dict(_keys(store, source))
    kept = {keys[row] for row in dataset.read(store, version, ["id"])["id"].to_pylist()}
    lines = bytes(store.read(f"{source}/{TRUTH}")).splitlines()
    return evaluate({row["key"]: row["kind"] for row in map(orjson.loads, lines)}, kept)


def evaluate(truth: Mapping[str, str], kept: Set[str]) -> Report:
    """Count which right solutions were kept and which others were left out; `truth` gives the kind by key."""
    of: dict[str, list[str]] = defaultdict(list)
    for key, kind in truth.items():
        of[kind].append(key)
    right = of.pop("right", [])
    others = (
        Measure(f"{kind.replace('_', ' ')}: left out", sum(key not in kept for key in keys), len(keys), 1.0)
        for kind, keys in sorted(of.items())
    )
    return Report([Measure("right solutions kept", sum(key in kept for key in right), len(right), 0.95), *others])


def _keys(store: Store, source: str) -> Iterator[tuple[str, str]]:
    for file in find(store, f"{source}/").files:
        for chunk in records(store, file, [Column("question", ("instruction",))]):
            for row in chunk.rows.select(["id", "meta"]).to_pylist():
                yield row["id"], orjson.loads(row["meta"])["key"]
