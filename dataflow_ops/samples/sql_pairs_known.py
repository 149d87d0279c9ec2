"""What is known about the sample pairs of question and SQL, and why a run dropped those that it did not publish."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from dataflow_ops import dataset
from dataflow_ops.samples.evaluate import Measure, groups, of_kind, share
from dataflow_ops.samples.sql_again import Row
from dataflow_ops.samples.sql_pairs_dealt import NAMES
from dataflow_ops.sources import Column
from dataflow_ops.store import Store

SQL = Column("sql", tuple({names[0] for names in NAMES.values()} - {"sql"}))
FAULTS = frozenset(
    {"syntax", "refused", "unknown name", "time", "memory", "error", "cut", "no rows", "unstable", "no SQL"}
)
"""How reasons begin that are about the SQL alone."""


def dropped(store: Store, version: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the id of every row that a filter of reasons dropped, with the first of its reasons."""
    for task in version["side_tables"]:
        for row in dataset.verdicts(store, version, task).select(["id", "dropped_by", "reasons"]).to_pylist():
            if row["dropped_by"] == "filters.reasons.none":
                yield row["id"], (row["reasons"] or [""])[0]


def kind(reason: str) -> str:
    """Return what a reason begins with, before its colon."""
    return reason.partition(":")[0]


def left_out(known: Mapping[str, Row], given: Collection[str], reasons: Mapping[str, str]) -> Iterator[Measure]:
    """Measure whether what is broken or there twice is left out, and for the reason that was planted.

    `given` are the keys of published rows, `reasons` those of rows that a filter of reasons dropped. What does not come
    as far as that filter, such as a row without SQL, has no reason to compare.
    """
    of: dict[str, list[str]] = defaultdict(list)
    for key in of_kind(known, "broken"):
        of[known[key]["reason"]].append(key)
    for reason, keys in sorted(of.items()):
        yield share(f"left out: {reason}", keys, lambda key: key not in given, 1.0)
    unreadable = [key for key in of_kind(known, "hostile") if known[key]["publish"] == "no"]
    yield share("left out: rows that cannot be read", unreadable, lambda key: key not in given, 1.0)
    told = [key for keys in of.values() for key in keys if key in reasons]
    yield share("dropped for the reason planted", told, lambda key: kind(reasons[key]) == known[key]["reason"], 1.0)
    for name in ("exact_duplicate", "reformatted"):
        yield Measure(f"left out: {name.replace('_', ' ')}", *_once(known, given, name), 1.0)


def _once(known: Mapping[str, Row], given: Collection[str], copies: str) -> tuple[int, int]:
    """Return how many of some copies are left out, or stand for the others of the same original; and of how many."""
    together, keys = groups(known), of_kind(known, copies)
    alone = [key for key in keys if key not in given or sum(each in given for each in together[key]) == 1]
    return len(alone), len(keys)


def kept(
    known: Mapping[str, Row], given: Collection[str], wanted: str, asked: float, rest: float | None
) -> list[Measure]:
    """Measure how many right pairs are published: those with a question, and those without; and the least of each."""
    together = groups(known)

    def published(key: str) -> bool:
        return any(each in given for each in together[key])

    right = of_kind(known, "right")
    with_one = [key for key in right if known[key]["asked"]]
    without = [key for key in right if not known[key]["asked"]]
    return [
        share(f"right pairs {wanted}, with a question", with_one, published, asked),
        share(f"right pairs {wanted}, without a question", without, published, rest),
    ]
