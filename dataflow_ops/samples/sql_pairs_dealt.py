"""Pairs of question and SQL dealt to files of several formats, with the truth about every one beside them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from dataflow_ops.samples.dealt import TRUTH, Hand, deal

__all__ = ["NAMES", "TRUTH", "Pair", "key", "write"]

NAMES = {
    "pairs.jsonl": ("sql", "question", "db_id", "evidence"),
    "worksheet.csv": ("query", "question", "database"),
    "mined.parquet": ("SQL", "question", "db_id"),
}
"""What SQL, question and database are called in each file; evidence stands in the first alone."""

Publish = Literal["yes", "no", "either"]
Kind = Literal["right", "exact_duplicate", "reformatted", "broken", "other_question", "hostile"]


@dataclass(frozen=True)
class Pair:
    """A question with SQL and the truth about it: `reason` is how the reason begins for which it has to go."""

    sql: Any
    question: Any = None
    db_id: Any = None
    evidence: str | None = None
    kind: Kind = "right"
    publish: Publish = "yes"
    reason: str | None = None
    of: int | None = None


def write(folder: Path, pairs: Sequence[Pair], seed: int) -> None:
    """Write `pairs.jsonl`, `worksheet.csv`, `mined.parquet` and the truth into `folder`, in random order.

    What is hard to read, or has evidence, is a line of the first file. BadArgument for a folder that holds anything.
    """
    deal(folder, pairs, Hand(NAMES, (2, 1, 1), _record, _truth, _is_odd), seed)


def _is_odd(pair: Pair) -> bool:
    return pair.kind == "hostile" or pair.evidence is not None


def _record(number: int, pair: Pair, names: tuple[str, ...]) -> Mapping[str, Any]:
    """Return the fields of a row: one without SQL lacks the field, as one without a question does."""
    values = (pair.sql, pair.question, pair.db_id, pair.evidence)
    return {"key": key(number), **dict(zip(names, values, strict=False)), "source": f"sheet {number % 5 + 1}"}


def key(number: int) -> str:
    """Return what tells a pair from others."""
    return f"pair-{number:03}"


def _truth(number: int, pair: Pair) -> Mapping[str, Any]:
    return {
        "key": key(number),
        "kind": pair.kind,
        "db_id": pair.db_id if isinstance(pair.db_id, str) else None,
        "asked": bool(pair.question),
        "publish": pair.publish,
        "reason": pair.reason,
        "of": None if pair.of is None else key(pair.of),
    }
