"""How many of the problems that a run published have the right answer, by a comparison of its own."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

from dataflow_ops.llm.rehearsal.solver import solve
from dataflow_ops.llm.rehearsal.solver_values import shown
from dataflow_ops.samples.evaluate import Measure, Report, check, groups, share

Row = Mapping[str, Any]
UNPROVEN = "not verified: "
"""How a reason begins for which a problem is left out because no solution to it was proven right."""

_LONGEST = 1_000
"""Characters of an answer that can be a number."""
_TEXT = re.compile(r"\\(?:text|mathrm|mbox)\s*\{([^{}]*)\}")
_IDLE = re.compile(r"\\left(?![a-z])|\\right(?![a-z])|\\[,;! ]|\^\{?\\circ\}?|[$°\s]|\{,\}")
_FRACTION = re.compile(r"(-?)(?:\\[dt]?frac\{(-?\d+)\}\{(\d+)\}|(\d+)/(\d+))")
_MIXED = re.compile(r"(\d+) (\d+)/(\d+)")
_DECIMAL = re.compile(r"-?\d+(\.\d+)?")


def exact(answer: str) -> Fraction | str:
    """Return the value of a number, fraction, mixed number or percentage, of anything else its text without layout."""
    mixed = _MIXED.fullmatch(answer.strip())
    if mixed and int(mixed[3]):
        return int(mixed[1]) + Fraction(int(mixed[2]), int(mixed[3]))
    plain = _IDLE.sub("", _TEXT.sub(r"\1", answer)).replace("π", "\\pi").lower().removesuffix(".")
    number = re.sub(r"(?<=\d),(?=\d{3}(\D|$))", "", plain) if "(" not in plain and "{" not in plain else plain
    if len(number) > _LONGEST:
        return plain
    if number.endswith("%"):
        value = exact(number.rstrip("%\\"))
        return value / 100 if isinstance(value, Fraction) else number
    if _DECIMAL.fullmatch(number):
        return Fraction(number)
    found = _FRACTION.fullmatch(number)
    above, below = (found[2] or found[4], found[3] or found[5]) if found else ("", "0")
    return Fraction(int(f"{above}"), int(below)) * (-1 if found and found[1] else 1) if int(below) else plain


def is_right(answer: str | None, accepted: Iterable[str]) -> bool:
    """Tell whether an answer is one of the accepted ones."""
    return answer is not None and exact(answer) in {exact(each) for each in accepted}


def evaluate(truth: Iterable[Row], published: Sequence[Row], dropped: Mapping[str, str]) -> Report:
    """Compare what a run published with what is known about the problems of the sample.

    `published` has key (null in rows that were made), question, answer and verified_by of each row; `dropped` the reason
    of each dropped problem, beginning with `UNPROVEN` where no solution was proven right. A made row is right when its
    answer is the one that the rules of the rehearsal get without mistakes. Of copies it does not matter which is kept.
    BadArgument where `published` has a key that the truth does not know.
    """
    known = {row["key"]: row for row in truth}
    given = {row["key"]: row for row in published if row["key"] is not None}
    check(known, given, "published problems")
    made = [row for row in published if row["key"] is None]
    return Report([*_answers(known, given, made), *_left_out(known, given), *_kept(known, given, dropped, made)])


def _answers(known: Mapping[str, Row], given: Mapping[str, Row], made: Sequence[Row]) -> Iterator[Measure]:
    solvable = [key for key in given if known[key]["accepted"]]
    yield share("published answers right", solvable, lambda key: _right(given[key], known[key]), 1.0)
    wrong_reference = [row for row in made if not _right_by_rule(row)]
    yield Measure("answers to new questions right", len(made) - len(wrong_reference), len(made), 1.0)
    rows = [*given.values(), *made]
    yield Measure("published with how it was verified", sum(bool(row["verified_by"]) for row in rows), len(rows), 1.0)


def _right(row: Row, known: Row) -> bool:
    return is_right(row["answer"], known["accepted"])


def _right_by_rule(row: Row) -> bool:
    value = solve(row["question"])
    return value is not None and is_right(row["answer"], [shown(value)])


def _left_out(known: Mapping[str, Row], given: Mapping[str, Row]) -> Iterator[Measure]:
    broken = [key for key, row in known.items() if row["kind"] == "broken"]
    yield share("broken problems left out", broken, lambda key: key not in given, 1.0)
    unreadable = [key for key, row in known.items() if row["kind"] == "hostile" and row["publish"] == "no"]
    yield share("unreadable rows left out", unreadable, lambda key: key not in given, 1.0)
    for kind, name in (("exact_duplicate", "exact"), ("near_duplicate", "near")):
        copies = [key for key, row in known.items() if row["kind"] == kind]
        yield share(f"{name} duplicates left out", copies, lambda key: not _is_surplus(key, known, given), 1.0)


def _is_surplus(copy: str, known: Mapping[str, Row], given: Mapping[str, Row]) -> bool:
    return copy in given and known[copy]["of"] in given


def _kept(
    known: Mapping[str, Row], given: Mapping[str, Row], dropped: Mapping[str, str], made: Sequence[Row]
) -> Iterator[Measure]:
    together = groups(known)
    wanted = [key for key, row in known.items() if row["kind"] == "sound"]

    def published(key: str) -> bool:
        return not given.keys().isdisjoint(together[key])

    def accounted(key: str) -> bool:
        return published(key) or any(dropped.get(each, "").startswith(UNPROVEN) for each in together[key])

    yield share("sound problems published, or none of their solutions right", wanted, accounted, 1.0)
    yield share("sound problems published", wanted, published, 0.6)
    unknown = [key for key in wanted if not known[key]["gold"]]
    yield share("those without a known answer published", unknown, published, 0.4)
    yield Measure("new questions among the published", len(made), len(given) + len(made))
