"""What is known about the sample files of code, and which of them a version publishes."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import orjson

from dataflow_ops.errors import BadArgument, nearest
from dataflow_ops.samples.evaluate import Measure
from dataflow_ops.samples.snippets_dealt import NAMES, TRUTH
from dataflow_ops.sources import Column, find, records
from dataflow_ops.store import Store

Row = Mapping[str, Any]
CODE = Column("code", tuple({code for code, _ in NAMES.values()} - {"code"}))


def truth(store: Store, source: str) -> dict[str, Row]:
    """Return what is known about each file of the folder `source`, by its key."""
    lines = bytes(store.read(f"{source.rstrip('/')}/{TRUTH}")).splitlines()
    return {row["key"]: row for row in map(orjson.loads, lines)}


def keys(store: Store, source: str, column: Column = CODE) -> dict[str, str]:
    """Return the key of every row that can be read, by its id: ids are the same however often one reads."""
    return dict(_keys(store, source.rstrip("/"), column))


def _keys(store: Store, source: str, column: Column) -> Iterator[tuple[str, str]]:
    for file in find(store, f"{source}/").files:
        for chunk in records(store, file, [column]):
            for row in chunk.rows.select(["id", "meta"]).to_pylist():
                yield row["id"], orjson.loads(row["meta"])["key"]


def check(known: Mapping[str, Row], given: Iterable[str]) -> None:
    """Raise BadArgument where a published key is not in the truth."""
    if strangers := sorted(set(given) - known.keys()):
        raise BadArgument(
            f"{len(strangers):,} published files are not in the truth file, the first is {strangers[0]!r}: expected "
            f"the dataset and the truth file of the same sample; {nearest(strangers[0], list(known)[:5])}"
        )


def of_kind(known: Mapping[str, Row], *kinds: str) -> list[str]:
    """Return the keys of files of some kinds."""
    return [key for key, row in known.items() if row["kind"] in kinds]


def groups(known: Mapping[str, Row]) -> dict[str, list[str]]:
    """Return for each file itself and its copies, and the file it is a copy of."""
    members: dict[str, list[str]] = defaultdict(list)
    for key, row in known.items():
        members[row["of"] or key].append(key)
    return {key: members[row["of"] or key] for key, row in known.items()}


def share(name: str, of: Sequence[str], hit: Callable[[str], bool], target: float | None = None) -> Measure:
    """Measure for which part of the keys something holds."""
    return Measure(name, sum(map(hit, of)), len(of), target)


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
