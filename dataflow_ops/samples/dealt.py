"""Rows of a sample dealt to a JSON Lines, a CSV and a Parquet file, with the truth about every one beside them."""

import csv
import io
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, Generic, TypeVar

import pyarrow as pa
import pyarrow.parquet as pq

from dataflow_ops.errors import BadArgument

TRUTH = "_truth.jsonl"
Record = Mapping[str, Any]
T = TypeVar("T")


@dataclass(frozen=True)
class Hand(Generic[T]):
    """How a sample is dealt: its files, and what they say of a row.

    `files` gives the columns of each file besides `key` and `source`, the JSON Lines first: it takes what others cannot
    hold, rows that are `odd`. `weights` say how many of the others go where. `record` returns the fields of a row under
    the columns given, null for those it lacks; `truth` what is known of it.
    """

    files: Mapping[str, tuple[str, ...]]
    weights: Sequence[int]
    record: Callable[[int, T, tuple[str, ...]], Record]
    truth: Callable[[int, T], Record]
    odd: Callable[[T], bool]


def deal(folder: Path, rows: Sequence[T], hand: Hand[T], seed: int) -> None:
    """Write the files and the truth into `folder`, rows in random order; BadArgument for one that holds anything."""
    need_empty(folder)
    names, rng = list(hand.files), Random(seed)  # noqa: S311 - to be repeatable
    dealt: dict[str, list[Record]] = {name: [] for name in names}
    for number, row in rng.sample(list(enumerate(rows)), len(rows)):
        name = names[0] if hand.odd(row) else rng.choices(names, hand.weights)[0]
        fields = hand.record(number, row, hand.files[name])
        dealt[name].append({field: value for field, value in fields.items() if value is not None})
    folder.mkdir(parents=True, exist_ok=True)
    for name, records in dealt.items():
        encode = _ENCODERS[Path(name).suffix]
        (folder / name).write_bytes(encode(records, ["key", *hand.files[name], "source"]))
    (folder / TRUTH).write_bytes(lines(hand.truth(number, row) for number, row in enumerate(rows)))


def need_empty(folder: Path) -> None:
    """Raise BadArgument for a folder that holds anything."""
    if folder.exists() and any(folder.iterdir()):
        raise BadArgument(f"folder={str(folder)!r}: expected an empty folder or none, found files; remove them first")


def lines(records: Iterable[Record], _columns: Sequence[str] = ()) -> bytes:
    """Return JSON Lines."""
    return b"".join(json.dumps(record, ensure_ascii=False).encode() + b"\n" for record in records)


def _csv(records: Iterable[Record], columns: Sequence[str]) -> bytes:
    table = io.StringIO()
    writer = csv.DictWriter(table, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(records)
    return table.getvalue().encode()


def _parquet(records: Iterable[Record], columns: Sequence[str]) -> bytes:
    schema = pa.schema([(name, pa.string()) for name in columns])
    sink = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(list(records), schema), sink, compression="zstd")
    return sink.getvalue()


_ENCODERS: Mapping[str, Callable[[Iterable[Record], Sequence[str]], bytes]] = {
    ".jsonl": lines,
    ".csv": _csv,
    ".parquet": _parquet,
}
