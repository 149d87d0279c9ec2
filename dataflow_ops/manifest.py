"""Commits: a small JSON object created once. What counts is what a manifest names; a loser of the race adopts the winner's."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from dataflow_ops.errors import BadSource
from dataflow_ops.store import Store


@dataclass(frozen=True)
class Batch:
    """What travels between tasks: where a manifest is, and how much it names."""

    manifest: str
    shards: int
    rows: int
    bytes: int

    @classmethod
    def parse(cls, value: Mapping[str, Any]) -> "Batch":
        """Read what came through XCom; BadSource when it is something else."""
        try:
            return cls(**value)
        except TypeError as error:
            raise BadSource(f"expected a batch {{manifest, shards, rows, bytes}}, not {value!r}") from error

    @classmethod
    def parse_all(cls, value: Any) -> list["Batch"]:
        """Read the batches of all mapped tasks: Airflow gives a list, of one task its value alone, of none nothing."""
        if value is None:
            return []
        return [cls.parse(value)] if isinstance(value, Mapping) else [cls.parse(each) for each in value]


def dump(value: Any) -> bytes:
    """Return JSON with sorted keys: the same value gives the same bytes."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2 | orjson.OPT_SERIALIZE_NUMPY)


def load(store: Store, uri: str) -> Any:
    """Read a manifest; BadSource when it is not there."""
    return orjson.loads(memoryview(store.read(uri)))


def find(store: Store, uri: str) -> Any | None:
    """Read a manifest, None when there is none yet."""
    return load(store, uri) if store.stat(uri) else None


def commit(store: Store, uri: str, value: Any) -> Any:
    """Create a manifest; return what it holds now, which is somebody else's value when they were first."""
    return orjson.loads(dump(value)) if store.create(uri, dump(value)) else load(store, uri)


def slug(text: str) -> str:
    """Return `text` as one safe part of a key; what had to be replaced is told apart by a hash at the end."""
    safe = re.sub(r"[^A-Za-z0-9_.=-]+", "-", text).strip("-.")
    return safe if safe == text else f"{safe}-{hashlib.sha256(text.encode()).hexdigest()[:6]}"
