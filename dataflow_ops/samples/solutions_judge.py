"""A published version of the sample solutions, held against the truth about them."""

from collections import defaultdict
from collections.abc import Mapping, Set
from typing import Any

from dataflow_ops import dataset
from dataflow_ops.samples.evaluate import Measure, Report
from dataflow_ops.samples.planted import keys, truth
from dataflow_ops.sources import Column
from dataflow_ops.store import Store

QUESTION = Column("question", ("instruction",))


def judge(store: Store, version: Mapping[str, Any], source: str) -> Report:
    """Compare what a version publishes with the truth in the folder `source`."""
    named = keys(store, source, QUESTION)
    kept = {named[row] for row in dataset.read(store, version, ["id"])["id"].to_pylist()}
    return evaluate({key: row["kind"] for key, row in truth(store, source).items()}, kept)


def evaluate(known: Mapping[str, str], kept: Set[str]) -> Report:
    """Count which right solutions were kept and which others were left out; `known` gives the kind by key."""
    of: dict[str, list[str]] = defaultdict(list)
    for key, kind in known.items():
        of[kind].append(key)
    right = of.pop("right", [])
    others = (
        Measure(f"{kind.replace('_', ' ')}: left out", sum(key not in kept for key in keys), len(keys), 1.0)
        for kind, keys in sorted(of.items())
    )
    return Report([Measure("right solutions kept", sum(key in kept for key in right), len(right), 0.95), *others])
