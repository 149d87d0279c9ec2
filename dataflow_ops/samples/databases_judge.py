"""Published questions over databases, with SQL and reasoning, held against the databases themselves."""

from collections.abc import Mapping, Sequence
from typing import Any

from dataflow_ops import dataset
from dataflow_ops.databases.opened import Databases
from dataflow_ops.samples.evaluate import Measure, Report
from dataflow_ops.samples.sql_again import REASONED, Row, kinds, pairs, reasonings, stored
from dataflow_ops.store import Store

PUBLISHED = REASONED
KINDS = ("db_id", "dialect", "question_style", "component_difficulty", "execution_difficulty", "transformation")
LABELS = ("easy", "medium", "hard", "extra hard")


def judge(store: Store, version: Mapping[str, Any], source: str) -> Report:
    """Run what a version publishes once more on the SQLite files in the folder `source`."""
    rows = dataset.read(store, version, list(PUBLISHED)).to_pylist()
    with stored(store, source) as opened:
        return evaluate(rows, opened)


def evaluate(published: Sequence[Row], opened: Databases) -> Report:
    """Measure how good published rows are; every database should have come to something."""
    reached = {row["db_id"] for row in published}
    labelled = sum({row["component_difficulty"], row["execution_difficulty"]} <= {*LABELS} for row in published)
    return Report(
        [
            *pairs(published, opened),
            *reasonings(published, opened),
            Measure("published with both difficulties", labelled, len(published), 1.0),
            Measure("databases with a published question", len(reached & {*opened.ids}), len(opened.ids), 1.0),
            *kinds(published, KINDS),
        ]
    )
