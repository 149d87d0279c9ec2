"""Published pairs of instruction and program that were made of given instructions, run again and held against them."""

from collections.abc import Mapping, Sequence
from typing import Any

from dataflow_ops import dataset
from dataflow_ops.samples.evaluate import Measure, Report, check, groups, of_kind, share
from dataflow_ops.samples.planted import keys, truth
from dataflow_ops.samples.snippets_judge import PUBLISHED, tested
from dataflow_ops.samples.snippets_known import Row
from dataflow_ops.sources import Column
from dataflow_ops.store import Store

INSTRUCTION = Column("instruction", ("prompt",))


def judge(store: Store, version: Mapping[str, Any], source: str) -> Report:
    """Compare what a version publishes with the truth in the folder `source`, and run its programs once more.

    Raises Permanent where there is no sandbox that works.
    """
    known, named = truth(store, source), keys(store, source, INSTRUCTION)
    rows = dataset.read(store, version, list(PUBLISHED)).to_pylist()
    return evaluate(known, [row | {"key": named.get(row["id"])} for row in rows])


def evaluate(known: Mapping[str, Row], published: Sequence[Row]) -> Report:
    """Measure how good published pairs are, made ones included: those have no key.

    BadArgument where `published` has a key that the truth does not know.
    """
    given = {row["key"] for row in published if row["key"] is not None}
    check(known, given, "published files")
    together = groups(known)

    def alone(key: str) -> bool:
        return key not in given or len(given.intersection(together[key])) == 1

    def reached(key: str) -> bool:
        return not given.isdisjoint(together[key])

    return Report(
        [
            *tested(published),
            share("sound instructions that reached the output", of_kind(known, "sound"), reached, 0.7),
            share("bad instructions left out", of_kind(known, "bad"), lambda key: key not in given, 0.9),
            share("unreadable rows left out", of_kind(known, "hostile"), lambda key: key not in given, 1.0),
            share("exact duplicates left out", of_kind(known, "exact_duplicate"), alone, 1.0),
            share("near duplicates left out", of_kind(known, "near_duplicate"), alone),
            Measure("new pairs among the published", len(published) - len(given), len(published)),
        ]
    )
