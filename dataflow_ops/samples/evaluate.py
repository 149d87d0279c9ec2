"""How well a run did on sample data whose every document is known: what it should have kept, and what not."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dataflow_ops.errors import BadArgument, nearest

STRONG = "5%"
"""The strength of near duplicates that are reported on their own, outside the headline recall."""

Truth = Mapping[str, Any]


@dataclass(frozen=True)
class Measure:
    """A share, and the least it should be; a measure without a target is told for information only."""

    name: str
    hits: int
    total: int
    target: float | None = None

    @property
    def value(self) -> float | None:
        """Return the share, None where there is nothing to measure."""
        return self.hits / self.total if self.total else None

    @property
    def verdict(self) -> str:
        """Return "ok" or "MISSED", "" where there is no target or nothing to measure."""
        if self.target is None or self.value is None:
            return ""
        return "ok" if self.value >= self.target else "MISSED"

    @property
    def cells(self) -> tuple[str, ...]:
        """Return the measure as a row of a table."""
        value = "-" if self.value is None else f"{self.value:.4f}"
        target = "" if self.target is None else f">= {self.target:.2f}"
        return self.name, value, f"{self.hits:,}/{self.total:,}", target, self.verdict


@dataclass(frozen=True)
class Report:
    """What was measured, headline first."""

    measures: Sequence[Measure]

    @property
    def ok(self) -> bool:
        """Tell whether no target was missed."""
        return all(measure.verdict != "MISSED" for measure in self.measures)

    def render(self) -> str:
        """Return an aligned table: measure, value, counts, target, verdict."""
        rows = [("measure", "value", "count", "target", ""), *(measure.cells for measure in self.measures)]
        name, *rest = (max(map(len, column)) for column in zip(*rows, strict=True))
        lines = (
            "  ".join([row[0].ljust(name), *(cell.rjust(width) for cell, width in zip(row[1:], rest, strict=True))])
            for row in rows
        )
        return "\n".join(line.rstrip() for line in lines)


def evaluate(truth: Iterable[Truth], kept: Collection[str], dropped: Mapping[str, str]) -> Report:
    """Compare what a run kept and dropped with what was planted.

    `kept` are the keys in the published dataset; `dropped` gives the reason of each dropped key, one that begins with
    "unique" for duplicates. Of documents that are copies of each other it does not matter which one is kept, and junk
    counts as caught whatever rule caught it. BadArgument where `kept` has a key that the truth does not know.
    """
    known = {document["key"]: document for document in truth}
    published = set(kept)
    check(known, published, "kept documents")
    return Report([*_headline(known, published, dropped), *_details(known, published)])


def check(known: Mapping[str, Truth], given: Iterable[str], what: str) -> None:
    """Raise BadArgument where a key that was given, one of `what`, is not in the truth."""
    if strangers := sorted(set(given) - known.keys()):
        raise BadArgument(
            f"{len(strangers):,} {what} are not in the truth file, the first is {strangers[0]!r}: expected "
            f"the dataset and the truth file of the same sample; {nearest(strangers[0], list(known)[:5])}"
        )


def of_kind(known: Mapping[str, Truth], *kinds: str) -> list[str]:
    """Return the keys of some kinds."""
    return [key for key, row in known.items() if row["kind"] in kinds]


def share(name: str, keys: Sequence[str], hit: Callable[[str], bool], target: float | None = None) -> Measure:
    """Measure for which part of the keys something holds."""
    return Measure(name, sum(map(hit, keys)), len(keys), target)


def groups(known: Mapping[str, Truth]) -> dict[str, list[str]]:
    """Return for each key all those with the same original, itself among them."""
    members: dict[str, list[str]] = defaultdict(list)
    for key, row in known.items():
        members[row.get("of") or key].append(key)
    return {key: members[row.get("of") or key] for key, row in known.items()}


def _headline(known: Mapping[str, Truth], kept: set[str], dropped: Mapping[str, str]) -> Iterator[Measure]:
    together = groups(known)
    doubled = _kept_twice(together, known, kept)
    near = of_kind(known, "near_duplicate")
    mild = [key for key in near if known[key]["strength"] != STRONG]
    yield _exact(known, kept)
    yield share("near duplicates removed", mild, lambda key: key not in doubled, 0.98)
    yield _precision(known, together, dropped)
    yield share("junk removed", of_kind(known, "junk"), lambda key: key not in kept, 0.95)
    yield share("good documents kept", of_kind(known, "good"), lambda key: not kept.isdisjoint(together[key]), 0.98)
    yield share("other languages removed", of_kind(known, "other_language"), lambda key: key not in kept, 0.95)
    yield share("broken records rejected", of_kind(known, "broken"), lambda key: key not in kept, 1.0)
    for strength, keys in _by(known, near, "strength"):
        aside = ", not in the headline" if strength == STRONG else ""
        yield share(f"near duplicates: {strength}{aside}", keys, lambda key: key not in doubled)


def _details(known: Mapping[str, Truth], kept: set[str]) -> Iterator[Measure]:
    for defect, keys in _by(known, of_kind(known, "junk"), "defect"):
        yield share(f"junk: {defect}", keys, lambda key: key not in kept)


def _by(known: Mapping[str, Truth], keys: Iterable[str], field: str) -> list[tuple[str, list[str]]]:
    found: dict[str, list[str]] = defaultdict(list)
    for key in keys:
        found[known[key][field]].append(key)
    return sorted(found.items())


def _kept_twice(together: Mapping[str, Sequence[str]], known: Mapping[str, Truth], kept: set[str]) -> set[str]:
    """Return the near duplicates that were kept though another version of the same text was kept as well."""
    doubled: set[str] = set()
    for members in {tuple(group) for group in together.values()}:
        versions = sorted(kept.intersection(members), key=lambda key: known[key]["kind"] == "near_duplicate")
        doubled.update(key for key in versions[1:] if known[key]["kind"] == "near_duplicate")
    return doubled


def _exact(known: Mapping[str, Truth], kept: set[str]) -> Measure:
    """Of n documents with the same text, n - 1 have to go."""
    sets: dict[str, set[str]] = defaultdict(set)
    for key in of_kind(known, "exact_duplicate"):
        sets[known[key]["of"]].update((key, known[key]["of"]))
    surplus = sum(len(members) - 1 for members in sets.values())
    left = sum(max(0, len(members & kept) - 1) for members in sets.values())
    return Measure("exact duplicates removed", surplus - left, surplus, 1.0)


def _precision(
    known: Mapping[str, Truth], together: Mapping[str, Sequence[str]], dropped: Mapping[str, str]
) -> Measure:
    called = [key for key, reason in dropped.items() if key in known and reason.startswith("unique")]
    return share("of those dropped as duplicates, are", called, lambda key: len(together[key]) > 1, 0.99)
