"""Published pairs of question and SQL with reasoning, held against what is known of the pairs that they come from."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from dataflow_ops import dataset
from dataflow_ops.databases.opened import Databases
from dataflow_ops.samples.evaluate import Measure, Report, check, groups, of_kind, share
from dataflow_ops.samples.planted import keys, truth
from dataflow_ops.samples.sql_again import REASONED, Row, kinds, pairs, reasonings, sampled
from dataflow_ops.samples.sql_pairs_known import FAULTS, SQL, dropped, kept, kind, left_out
from dataflow_ops.store import Store

PUBLISHED = REASONED
KINDS = ("db_id", "question_style", "component_difficulty", "execution_difficulty", "transformation")

PROVEN = 0.5
"""Of right pairs, the least share that a model should answer alike most of the time."""


def judge(store: Store, version: Mapping[str, Any], source: str) -> Report:
    """Compare what a version publishes, and why its run dropped the rest, with the truth in the folder `source`."""
    known, named = truth(store, source), keys(store, source, SQL)
    rows = dataset.read(store, version, list(PUBLISHED)).to_pylist()
    reasons = {named[row]: reason for row, reason in dropped(store, version) if row in named}
    with sampled() as opened:
        return evaluate(known, [row | {"key": named.get(row["id"])} for row in rows], reasons, opened)


def evaluate(
    known: Mapping[str, Row], published: Sequence[Row], reasons: Mapping[str, str], opened: Databases
) -> Report:
    """Measure how good published pairs are; they have the columns `PUBLISHED` and `key`, null where they were made.

    `reasons` are those of rows that a filter of reasons dropped, by key. BadArgument where `published` has a key that the
    truth does not know.
    """
    given = {row["key"] for row in published if row["key"] is not None}
    check(known, given, "published pairs")
    return Report(
        [
            *pairs(published, opened),
            *reasonings(published, opened),
            *left_out(known, given, reasons),
            share("left out: other question", of_kind(known, "other_question"), lambda key: key not in given, 1.0),
            *_accounted(known, given, reasons),
            Measure("variations among the published", len(published) - len(given), len(published)),
            *kinds(published, KINDS),
        ]
    )


def _accounted(known: Mapping[str, Row], given: set[str], reasons: Mapping[str, str]) -> Iterator[Measure]:
    """Measure whether nothing was said against right SQL: what a model cannot prove is lost, not wrong."""
    together = groups(known)

    def unblamed(key: str) -> bool:
        return not any(kind(reasons.get(each, "")) in FAULTS for each in together[key])

    yield share("right pairs in whose SQL no fault was found", of_kind(known, "right"), unblamed, 1.0)
    yield from kept(known, given, "published", PROVEN, PROVEN)
