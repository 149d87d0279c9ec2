"""How well a run did its task: of what was planted, how much is gone, and of the rest, how much with it."""

import gzip
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

import pyarrow.parquet as pq

from bench.plants import STRENGTHS


def survivors(folder: Path) -> set[str]:
    """Return the ids of the rows a run kept, from the Parquet or JSONL files it wrote."""
    return {id_ for file in sorted(folder.rglob("*")) if file.is_file() for id_ in _ids(file)}


def _ids(file: Path) -> Iterator[str]:
    if file.suffix == ".parquet":
        yield from pq.ParquetFile(file).read(columns=["id"])["id"].to_pylist()
    elif file.name.endswith((".jsonl", ".jsonl.gz")):
        with (gzip.open if file.suffix == ".gz" else open)(file, "rt") as lines:
            yield from (row["id"] for row in map(json.loads, lines) if "id" in row)


def share(hits: Iterable[bool]) -> float:
    """Return the share of true values, NaN of none."""
    hits = list(hits)
    return sum(hits) / len(hits) if hits else float("nan")


def quality(kept: set[str], rows: list[dict[str, str]]) -> dict[str, float]:
    """Return the recall of planted pairs by strength, of junk, and the share of all other documents dropped.

    A pair is found when not both of its documents survive.
    """
    pairs, junk, others = defaultdict(list), [], []
    planted = {row["of"] for row in rows if row["of"]}
    for row in rows:
        kind, _, name = row["kind"].partition(" ")
        if kind == "copy":
            pairs[name].append(not {row["id"], row["of"]} <= kept)
        elif kind == "junk":
            junk.append(row["id"] not in kept)
        elif row["id"] not in planted:
            others.append(row["id"] not in kept)
    return {name: share(pairs[name]) for name in STRENGTHS} | {"junk": share(junk), "others": share(others)}
