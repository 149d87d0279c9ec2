"""A published version of the sample, held against the truth about its documents."""

from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from dataflow_ops import dataset
from dataflow_ops.samples.evaluate import Report, evaluate
from dataflow_ops.samples.text import TRUTH
from dataflow_ops.sources import Column, find, records
from dataflow_ops.store import Store


def judge(store: Store, version: Mapping[str, Any], source: str) -> Report:
    """Compare what a version keeps, and what its run dropped as duplicates, with the truth in the folder `source`."""
    source = source.rstrip("/")
    keys = dict(_keys(store, source))
    kept = {keys[row] for row in dataset.read(store, version, ["id"])["id"].to_pylist()}
    dropped = {keys[row]: reason for row, reason in _dropped(store, version)}
    return evaluate(map(orjson.loads, bytes(store.read(f"{source}/{TRUTH}")).splitlines()), kept, dropped)


def _keys(store: Store, source: str) -> Iterator[tuple[str, str]]:
    """Yield the id of every row that was read with the key of its document: ids are the same however often one reads."""
    for file in find(store, f"{source}/").files:
        for chunk in records(store, file, [Column("text", ("content",))]):
            for row in chunk.rows.select(["id", "meta"]).to_pylist():
                yield row["id"], orjson.loads(row["meta"])["doc"] if row["meta"] else file.uri.rpartition("/")[2]


def _dropped(store: Store, version: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the id of every dropped row with the op that dropped it."""
    for task in version["side_tables"]:
        for row in dataset.verdicts(store, version, task).select(["id", "dropped_by"]).to_pylist():
            if row["dropped_by"]:
                yield row["id"], row["dropped_by"].removeprefix("filters.duplicates.")
