"""What is known about the rows of a sample, and which row of a dataset is which of them."""

from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from dataflow_ops.samples.dealt import TRUTH
from dataflow_ops.sources import Column, find, records
from dataflow_ops.store import Store


def truth(store: Store, source: str) -> dict[str, Mapping[str, Any]]:
    """Return what is known about each row of the sample in the folder `source`, by its key."""
    lines = bytes(store.read(f"{source.rstrip('/')}/{TRUTH}")).splitlines()
    return {row["key"]: row for row in map(orjson.loads, lines)}


def keys(store: Store, source: str, column: Column) -> dict[str, str]:
    """Return the key of every row that can be read, by its id: ids are the same however often one reads."""
    return dict(_keys(store, source.rstrip("/"), column))


def _keys(store: Store, source: str, column: Column) -> Iterator[tuple[str, str]]:
    for file in find(store, f"{source}/").files:
        for chunk in records(store, file, [column]):
            for row in chunk.rows.select(["id", "meta"]).to_pylist():
                yield row["id"], orjson.loads(row["meta"])["key"]
