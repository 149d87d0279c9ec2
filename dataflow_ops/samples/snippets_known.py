"""What is known about the sample files of code, and which of them a version publishes."""

from collections.abc import Iterator, Mapping
from typing import Any

from dataflow_ops.samples.evaluate import Measure, groups, of_kind, share
from dataflow_ops.samples.snippets_dealt import NAMES
from dataflow_ops.sources import Column

Row = Mapping[str, Any]
CODE = Column("code", tuple({code for code, _ in NAMES.values()} - {"code"}))


def left_out(known: Mapping[str, Row], given: set[str]) -> Iterator[Measure]:
    """Measure whether files with faults, rows that cannot be read, and copies are left out; of copies one may stay."""
    yield share("broken files left out", of_kind(known, "broken"), lambda key: key not in given, 0.95)
    unreadable = [key for key in of_kind(known, "hostile") if known[key]["publish"] == "no"]
    yield share("unreadable rows left out", unreadable, lambda key: key not in given, 1.0)
    together = groups(known)

    def alone(key: str) -> bool:
        return key not in given or len(given.intersection(together[key])) == 1

    def without_original(key: str) -> bool:
        return key not in given or known[key]["of"] not in given

    yield share("exact duplicates left out", of_kind(known, "exact_duplicate"), without_original, 1.0)
    yield share("near duplicates left out", of_kind(known, "near_duplicate"), alone, 0.8)
