"""A published version of the sample problems, held against the truth about them."""

from collections.abc import Iterator, Mapping
from typing import Any

from dataflow_ops import dataset
from dataflow_ops.samples.evaluate import Report
from dataflow_ops.samples.planted import keys, truth
from dataflow_ops.samples.problems_dealt import NAMES
from dataflow_ops.samples.solved import UNPROVEN, evaluate
from dataflow_ops.sources import Column
from dataflow_ops.store import Store

QUESTIONS = Column("question", tuple({question for question, _ in NAMES.values()} - {"question"}))
PUBLISHED = ("id", "question", "answer", "verified_by")
FAULTS = frozenset({"not_a_question", "language", "condition", "contradiction", "insufficient"})


def judge(store: Store, version: Mapping[str, Any], source: str) -> Report:
    """Compare what a version publishes, and why its run dropped the rest, with the truth in the folder `source`."""
    named = keys(store, source, QUESTIONS)
    rows = dataset.read(store, version, list(PUBLISHED)).to_pylist()
    published = [row | {"key": named.get(row["id"])} for row in rows]
    dropped = {named[row]: reason for row, reason in _dropped(store, version) if row in named}
    return evaluate(truth(store, source).values(), published, dropped)


def _dropped(store: Store, version: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the id of every row that a filter of reasons dropped with its reason."""
    for task in version["side_tables"]:
        for row in dataset.verdicts(store, version, task).select(["id", "dropped_by", "reasons"]).to_pylist():
            if row["dropped_by"] == "filters.reasons.none":
                reason = (row["reasons"] or [""])[0]
                yield row["id"], reason if reason.partition(":")[0] in FAULTS else f"{UNPROVEN}{reason}"
