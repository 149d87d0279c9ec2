"""Combinations of lists in an order that only the seed decides: who asks for more gets the same ones first."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from random import Random

from dataflow_ops.errors import BadArgument

Record = Mapping[str, str]


def draw(kinds: Sequence[Mapping[str, Sequence[str]]], rows: int, seed: int) -> Iterator[Record]:
    """Yield `rows` different records, each with one value of every list of one of `kinds`.

    BadArgument when there are not so many, or less than one is asked for.
    """
    places = [(kind, number) for kind in kinds for number in range(_size(kind))]
    if not 1 <= rows <= len(places):
        raise BadArgument(f"rows={rows!r}: expected 1 to {len(places):,}, as many as there are combinations")
    Random(seed).shuffle(places)  # noqa: S311 - to be repeatable
    return (_record(kind, number) for kind, number in places[:rows])


def _size(kind: Mapping[str, Sequence[str]]) -> int:
    size = 1
    for values in kind.values():
        size *= len(values)
    return size


def _record(kind: Mapping[str, Sequence[str]], number: int) -> Record:
    record = {}
    for name, values in kind.items():
        number, at = divmod(number, len(values))
        record[name] = values[at]
    return record


def write(folder: Path, name: str, records: Iterator[Record]) -> None:
    """Write records as JSON Lines into `folder`, which is made if it is missing; an older file is replaced."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = (json.dumps(record, ensure_ascii=False) + "\n" for record in records)
    (folder / name).write_text("".join(lines), "utf-8", newline="\n")
