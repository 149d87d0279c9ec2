"""Problems dealt to files of several formats, with the truth about every one beside them."""

import csv
import io
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, Literal

import pyarrow as pa
import pyarrow.parquet as pq

from dataflow_ops.errors import BadArgument

TRUTH = "_truth.jsonl"
NAMES = {"lines": ("question", "answer"), "table": ("problem", "golden_answer"), "archive": ("instruction", "answer")}
"""What question and known answer are called in each file."""

Publish = Literal["yes", "no", "either"]


@dataclass(frozen=True)
class Problem:
    """A problem and the truth about it: `accepted` are ways to write the right answer, `gold` what the file says."""

    question: Any
    gold: Any = None
    kind: str = "sound"
    accepted: tuple[str, ...] = ()
    publish: Publish = "yes"
    fault: str | None = None
    of: int | None = None
    subject: str = "mathematics"


def write(folder: Path, problems: Sequence[Problem], seed: int) -> None:
    """Write `problems.jsonl`, `contest.csv`, `exam.parquet` and the truth into `folder`, in random order.

    What is hard to read is a line of the first file. BadArgument for a folder that holds anything.
    """
    if folder.exists() and any(folder.iterdir()):
        raise BadArgument(f"folder={str(folder)!r}: expected an empty folder or none, found files; remove them first")
    dealt: dict[str, list[tuple[int, Problem]]] = {name: [] for name in NAMES}
    rng = Random(seed)  # noqa: S311 - to be repeatable
    for number, problem in rng.sample(list(enumerate(problems)), len(problems)):
        plain = problem.kind != "hostile"
        dealt[rng.choices(list(NAMES), (2, 1, 1))[0] if plain else "lines"].append((number, problem))
    folder.mkdir(parents=True, exist_ok=True)
    for name, (file, encode) in _FORMATS.items():
        (folder / file).write_bytes(encode([_record(number, problem, *NAMES[name]) for number, problem in dealt[name]]))
    (folder / TRUTH).write_bytes(_lines(_truth(number, problem) for number, problem in enumerate(problems)))


def _record(number: int, problem: Problem, question: str, gold: str) -> Mapping[str, Any]:
    """Return the fields of a row: one without a question lacks the field, as one without an answer does."""
    fields = {question: problem.question, gold: problem.gold, "source": f"book {number % 7 + 1}"}
    return {"key": key(number)} | {name: value for name, value in fields.items() if value is not None}


def key(number: int) -> str:
    """Return what tells a problem from others."""
    return f"problem-{number:03}"


def _truth(number: int, problem: Problem) -> Mapping[str, Any]:
    return {
        "key": key(number),
        "kind": problem.kind,
        "subject": problem.subject,
        "accepted": list(problem.accepted),
        "gold": bool(str(problem.gold or "").strip()),
        "publish": problem.publish,
        "fault": problem.fault,
        "of": None if problem.of is None else key(problem.of),
    }


def _lines(records: Iterable[Mapping[str, Any]]) -> bytes:
    return b"".join(json.dumps(record, ensure_ascii=False).encode() + b"\n" for record in records)


def _csv(records: Iterable[Mapping[str, Any]]) -> bytes:
    table = io.StringIO()
    writer = csv.DictWriter(table, ["key", *NAMES["table"], "source"], lineterminator="\n")
    writer.writeheader()
    writer.writerows(records)
    return table.getvalue().encode()


def _parquet(records: Sequence[Mapping[str, Any]]) -> bytes:
    schema = pa.schema([(name, pa.string()) for name in ("key", *NAMES["archive"], "source")])
    sink = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(list(records), schema), sink, compression="zstd")
    return sink.getvalue()


_FORMATS: Mapping[str, tuple[str, Callable[[Sequence[Mapping[str, Any]]], bytes]]] = {
    "lines": ("problems.jsonl", _lines),
    "table": ("contest.csv", _csv),
    "archive": ("exam.parquet", _parquet),
}
