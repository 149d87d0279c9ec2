"""Published questions that are answered by searching by meaning, held against the database itself."""

from collections.abc import Mapping
from typing import Any

from dataflow_ops import dataset
from dataflow_ops.databases import vectors
from dataflow_ops.samples import databases_judge
from dataflow_ops.samples.databases_judge import PUBLISHED
from dataflow_ops.samples.evaluate import Measure, Report
from dataflow_ops.samples.sql_again import stored
from dataflow_ops.store import Store

VARIED = "transformation"
"""A column that these have not: searches are not varied."""


def judge(store: Store, version: Mapping[str, Any], source: str) -> Report:
    """Run what a version publishes once more on the SQLite files in the folder `source`."""
    columns = [name for name in PUBLISHED if name != VARIED]
    rows = [{**row, VARIED: None} for row in dataset.read(store, version, columns).to_pylist()]
    searching = sum(searches(row["sql"]) for row in rows)
    with stored(store, source) as opened:
        measured = databases_judge.evaluate(rows, opened).measures
    return Report([Measure("published SQL that searches by meaning", searching, len(rows), 1.0), *measured])


def searches(sql: str) -> bool:
    """Tell whether a statement embeds a text."""
    asked: list[str] = []

    def embed(texts: list[str]) -> list[list[float]]:
        asked.extend(texts)
        return [[1.0]] * len(texts)

    vectors.filled(sql, embed)
    return bool(asked)
