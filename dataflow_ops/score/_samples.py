"""What several samples of a solution agree on."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations

import pyarrow as pa

from dataflow_ops.columns import get
from dataflow_ops.errors import BadArgument
from dataflow_ops.maths.boxed import last_boxed
from dataflow_ops.maths.compare import Verdict

TEXTS = (pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view, pa.types.is_null)
VALUES = (*TEXTS, pa.types.is_integer, pa.types.is_floating, pa.types.is_decimal, pa.types.is_boolean)
LISTS = (pa.types.is_list, pa.types.is_large_list, pa.types.is_fixed_size_list)

MOST_COMPARED = 16
"""Different answers of one row that are compared with each other; further ones, the rarest, count as they are spelled."""
SHOWN = 60
"""Characters of an answer that a reason shows."""

Pair = tuple[str, str]


@dataclass(frozen=True)
class Case:
    """One question: its samples, the final answer of each, and the reference answer where there is one."""

    samples: Sequence[str | None]
    finals: Sequence[str | None]
    gold: str | None

    @classmethod
    def of(cls, samples: Sequence[str | None] | None, gold: str | None) -> "Case":
        """Find the final answers of the samples."""
        found = list(samples or ())
        return cls(found, [last_boxed(each) if each else None for each in found], gold)

    @property
    def answers(self) -> list[str]:
        """The different answers, the most frequent first, then the earliest."""
        given = [final for final in self.finals if final is not None]
        return sorted(dict.fromkeys(given), key=lambda answer: -given.count(answer))

    @property
    def pairs(self) -> list[Pair]:
        """The pairs of answers to compare."""
        if self.gold is not None:
            return [(answer, self.gold) for answer in self.answers]
        return list(combinations(self.answers[:MOST_COMPARED], 2))


@dataclass(frozen=True)
class Outcome:
    """What came of a case; the answer, solution and agreement of one that is not verified are its best guess."""

    answer: str | None
    solution: str | None
    agreement: float | None
    verified_by: str | None = None
    unverified: str | None = None


def outcome(case: Case, verdicts: Callable[[Pair], Verdict], at_least: float) -> Outcome:
    """Verify by the reference answer, or by vote where there is none."""
    groups = _groups(case, verdicts)
    if not groups:
        return Outcome(None, None, 0.0 if case.samples else None, unverified=_no_answer(case))
    if case.gold is None:
        return _guess(case, groups[0], why := _no_vote(case, groups, at_least), None if why else "vote")
    right = [at for at, final in enumerate(case.finals) if final is not None and verdicts((final, case.gold)).equal]
    if right:
        return _guess(case, right, None, "gold")
    slow = next((f"; {why}" for pair in case.pairs if (why := verdicts(pair).why)), "")
    who = "most give" if len(groups[0]) > 1 and 2 * len(groups[0]) > len(case.samples) else "the first gives"
    given = f"{who} {shown(case.finals[groups[0][0]])}"
    return _guess(case, groups[0], f"no sample gives the reference answer: {shown(case.gold)}; {given}{slow}", None)


def shown(answer: str | None) -> str:
    """Quote an answer, cut where it is long."""
    return repr(answer if answer is None or len(answer) <= SHOWN else f"{answer[:SHOWN]}…")


def _guess(case: Case, places: Sequence[int], why: str | None, by: str | None) -> Outcome:
    first = places[0]
    return Outcome(case.finals[first], case.samples[first], len(places) / len(case.samples), by, why)


def _groups(case: Case, verdicts: Callable[[Pair], Verdict]) -> list[list[int]]:
    """Return the places of samples that agree, the largest group first.

    An answer must equal all answers of its group: `5` equals `5 cm` and `5 m`, which do not equal each other.
    """
    groups: list[list[str]] = []
    answers = case.answers
    for number, answer in enumerate(answers):
        alike = lambda other: _alike(verdicts, answer, other)  # noqa: E731, B023  # used before the loop goes on
        near = number < MOST_COMPARED
        group = next((each for each in groups if near and all(map(alike, each))), None) if case.gold is None else None
        groups.append([answer]) if group is None else group.append(answer)
    placed = [[at for at, final in enumerate(case.finals) if final in group] for group in groups]
    return sorted(placed, key=lambda places: (-len(places), places[0]))


def _alike(verdicts: Callable[[Pair], Verdict], answer: str, other: str) -> bool:
    return verdicts((other, answer)).equal


def _no_answer(case: Case) -> str:
    count = len(case.samples)
    if not count:
        return "no samples"
    return f"no boxed answer: none in {count} {'sample' if count == 1 else 'samples'}"


def _no_vote(case: Case, groups: Sequence[Sequence[int]], at_least: float) -> str | None:
    """Say why the largest group is no majority, the kind of reason before a colon; None if it is one."""
    count, most = len(case.samples), len(groups[0])
    tied = sum(len(group) == most for group in groups)
    if count == 1:
        return "one sample is no vote"
    if most > 1 and tied > 1:
        return f"the vote is a tie: {tied} answers with {most} samples each"
    if most < 2 or most / count < at_least:
        expected = f"at least {at_least:g} expected" if most / count < at_least else "at least 2 samples expected"
        return f"too few samples agree: {most} of {count}, {expected}"
    return None


def texts_of(table: pa.Table, name: str) -> list[str | None]:
    """Return a column as text, blank cells as none; numbers are answers as well."""
    column = get(table, name)
    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    if not any(fits(kind) for fits in VALUES):
        raise BadArgument(f"column {name!r} is {kind}: expected text or numbers, one answer in each row")
    return [None if value is None or not (text := str(value).strip()) else text for value in column.to_pylist()]


def samples_of(table: pa.Table, name: str) -> list[list[str | None] | None]:
    """Return a column of lists of texts; one without any value has no samples."""
    column = get(table, name)
    kind = column.type
    inner = kind.value_type if any(fits(kind) for fits in LISTS) else kind
    if not any(fits(inner) for fits in TEXTS) or (inner is kind and not pa.types.is_null(kind)):
        raise BadArgument(f"column {name!r} is {kind}: expected lists of texts, one text for each sample")
    found: list[list[str | None] | None] = column.to_pylist()
    return found
