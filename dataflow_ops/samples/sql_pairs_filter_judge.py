"""Pairs of question and SQL that a filter without a model published, held against the truth about them."""

from collections.abc import Mapping, Sequence
from typing import Any

from dataflow_ops import dataset
from dataflow_ops.databases.opened import Databases
from dataflow_ops.samples.evaluate import Report, check, of_kind, share
from dataflow_ops.samples.planted import keys, truth
from dataflow_ops.samples.sql_again import PAIR, Row, kinds, pairs, sampled
from dataflow_ops.samples.sql_pairs_known import SQL, dropped, kept, left_out
from dataflow_ops.store import Store

PUBLISHED = PAIR
KINDS = ("db_id", "component_difficulty")


def judge(store: Store, version: Mapping[str, Any], source: str) -> Report:
    """Compare what a version publishes, and why its run dropped the rest, with the truth in the folder `source`."""
    known, named = truth(store, source), keys(store, source, SQL)
    rows = dataset.read(store, version, list(PUBLISHED)).to_pylist()
    reasons = {named[row]: reason for row, reason in dropped(store, version) if row in named}
    with sampled() as opened:
        return evaluate(known, [row | {"key": named[row["id"]]} for row in rows], reasons, opened)


def evaluate(
    known: Mapping[str, Row], published: Sequence[Row], reasons: Mapping[str, str], opened: Databases
) -> Report:
    """Measure what was kept and left out; `published` has the columns `PUBLISHED` and `key`, `reasons` keys as well.

    What a filter cannot see, a question that asks for something else, is told without a target. BadArgument where
    `published` has a key that the truth does not know.
    """
    given = {row["key"] for row in published}
    check(known, given, "published pairs")
    return Report(
        [
            *kept(known, given, "kept", 1.0, None),
            *left_out(known, given, reasons),
            *pairs(published, opened),
            share("left out: other question", of_kind(known, "other_question"), lambda key: key not in given),
            *kinds(published, KINDS),
        ]
    )
