"""A published version of the sample problems, held against the truth about them."""

from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from dataflow_ops import dataset
from dataflow_ops.samples.evaluate import Report
from dataflow_ops.samples.problems_dealt import NAMES, TRUTH
from dataflow_ops.samples.solved import UNPROVEN, evaluate
from dataflow_ops.sources import Column, find, records
from dataflow_ops.store import Store

QUESTIONS = Column("question", tuple({question for question, _ in NAMES.values()} - {"question"}))
PUBLISHED = ("id", "question", "answer", "verified_by")
FAULTS = frozenset({"not_a_question", "language", "condition", "contradiction", "insufficient"})


def judge(store: Store, version: Mapping[str, Any], source: str) -> Report:
    """Compare what a version publishes, and why its run dropped the rest, with the truth in the folder `source`."""
    source = source.rstrip("/")
    keys = dict(_keys(store, source))
    rows = dataset.read(store, version, list(PUBLISHED)).to_pylist()
    published = [row | {"key": keys.get(row["id"])} for row in rows]
    dropped = {keys[row]: reason for row, reason in _dropped(store, version) if row in keys}
    truth = map(orjson.loads, bytes(store.read(f"{source}/{TRUTH}")).splitlines())
    return evaluate(truth, published, dropped)


def _keys(store: Store, source: str) -> Iterator[tuple[str, str]]:
    """Yield the id of every problem that was read with its key: ids are the same however often one reads."""
    for file in find(store, f"{source}/").files:
        for chunk in records(store, file, [QUESTIONS]):
            for row in chunk.rows.select(["id", "meta"]).to_pylist():
                yield row["id"], orjson.loads(row["meta"])["key"]


def _dropped(store: Store, version: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the id of every row that a filter of reasons dropped with its reason."""
    for task in version["side_tables"]:
        for row in dataset.verdicts(store, version, task).select(["id", "dropped_by", "reasons"]).to_pylist():
            if row["dropped_by"] == "filters.reasons.none":
                reason = (row["reasons"] or [""])[0]
                yield row["id"], reason if reason.partition(":")[0] in FAULTS else f"{UNPROVEN}{reason}"
