"""Which of several programs to believe, by what they pass together."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Case:
    """What one row has to run: programs and tests as they were written, null where a model had no answer."""

    candidates: Sequence[str | None]
    tests: Sequence[str | None]

    @property
    def programs(self) -> list[str]:
        """The different programs, in their order; blank ones are none."""
        return _written(self.candidates)

    @property
    def checks(self) -> list[str]:
        """The different tests, in their order."""
        return _written(self.tests)


def _written(texts: Sequence[str | None]) -> list[str]:
    return list(dict.fromkeys(text for text in texts if text and text.strip()))


@dataclass(frozen=True)
class Choice:
    """The program that is chosen, the tests it passes, and how many of all tests that is; why it is not proven."""

    solution: str | None = None
    tests_kept: Sequence[str] = ()
    tests_run: int = 0
    agreement: float | None = None
    unproven: str | None = None


def choose(case: Case, passed: Mapping[str, Sequence[bool]], at_least: float, min_passed: int) -> Choice:
    """Choose a program by dual agreement; `passed` says of each program which of the tests it passes.

    Programs that pass exactly the same tests, at least one, form a set, and its score is √(programs) · tests. The set
    with the highest score is believed; among equals the one that passes more, then the one that comes first.
    """
    checks = case.checks
    if not case.programs or not checks:
        return Choice(tests_run=0, unproven="no tests" if case.programs else "no candidates")
    sets = _sets(case, passed)
    if not sets:
        return Choice(None, [], len(checks), 0.0, _too_few(0, 0, len(checks), at_least, min_passed))
    best = min(sets, key=lambda found: (-_score(sets[found], found), -sum(found), sets[found][0]))
    members, count = sets[best], sum(best)
    kept = [check for check, right in zip(checks, best, strict=True) if right]
    why = _too_few(count, max(map(sum, sets)), len(checks), at_least, min_passed)
    return Choice(case.candidates[members[0]], kept, len(checks), len(members) / len(case.candidates), why)


def _sets(case: Case, passed: Mapping[str, Sequence[bool]]) -> dict[tuple[bool, ...], list[int]]:
    """Return the places of candidates by the tests they pass; a program that was written twice counts twice."""
    found: dict[tuple[bool, ...], list[int]] = {}
    for place, candidate in enumerate(case.candidates):
        right = tuple(passed.get(candidate or "", ()))
        if any(right):
            found.setdefault(right, []).append(place)
    return found


def _score(members: Sequence[int], right: Sequence[bool]) -> float:
    return math.sqrt(len(members)) * sum(right)


def _too_few(passed: int, most: int, run: int, at_least: float, min_passed: int) -> str | None:
    """Say why `passed` of `run` tests prove nothing, the kind of reason before a colon; None if they do."""
    # A share of 0.6 of 5 tests is 3: what the multiplication adds to that is no test.
    expected = max(min_passed, math.ceil(at_least * run - 1e-9))
    if run < min_passed:
        return f"too few tests: {run}, at least {min_passed} expected"
    if passed >= expected:
        return None
    if most < expected:
        return f"no candidate passes enough tests: {most} of {run}, at least {expected} expected"
    return f"candidates that agree pass too few tests: {passed} of {run}, at least {expected} expected"
