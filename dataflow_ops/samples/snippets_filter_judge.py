"""Published files of code, held against what was planted in the sample."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from dataflow_ops import dataset
from dataflow_ops.samples.evaluate import Measure, Report, check, groups, of_kind, share
from dataflow_ops.samples.planted import keys, truth
from dataflow_ops.samples.snippets_known import CODE, Row, left_out
from dataflow_ops.store import Store

PUBLISHED = ("id", "code", "language")


def judge(store: Store, version: Mapping[str, Any], source: str) -> Report:
    """Compare the files that a version publishes with the truth in the folder `source`."""
    known, named = truth(store, source), keys(store, source, CODE)
    rows = dataset.read(store, version, list(PUBLISHED)).to_pylist()
    return evaluate(known, [row | {"key": named[row["id"]]} for row in rows])


def evaluate(known: Mapping[str, Row], published: Sequence[Row]) -> Report:
    """Measure what was kept and left out; `published` has key, code and language of each row.

    BadArgument where it has a key that the truth does not know.
    """
    given = {row["key"]: row for row in published}
    check(known, given, "published files")
    return Report([*_kept(known, given), *left_out(known, set(given)), *_secrets(known, given), *_faults(known, given)])


def _kept(known: Mapping[str, Row], given: Mapping[str, Row]) -> Iterator[Measure]:
    together = groups(known)
    good = of_kind(known, "sound", "licensed")
    yield share("good files kept", good, lambda key: not given.keys().isdisjoint(together[key]), 0.9)
    named = [key for key in given if known[key]["language"]]
    yield share("languages right", named, lambda key: given[key]["language"] == known[key]["language"], 0.98)


def _secrets(known: Mapping[str, Row], given: Mapping[str, Row]) -> Iterator[Measure]:
    planted = [secret for row in known.values() for secret in row["secrets"]]
    published = "\n".join(row["code"] or "" for row in given.values())
    hidden = sum(secret not in published for secret in planted)
    yield Measure("planted secrets in no published file", hidden, len(planted), 1.0)
    yield share("files with secrets kept without them", of_kind(known, "secret"), lambda key: key in given)


def _faults(known: Mapping[str, Row], given: Mapping[str, Row]) -> Iterator[Measure]:
    of: dict[str, list[str]] = defaultdict(list)
    for key in of_kind(known, "broken"):
        of[known[key]["fault"]].append(key)
    for fault, broken in sorted(of.items()):
        yield share(f"broken: {fault.replace('_', ' ')}", broken, lambda key: key not in given)
