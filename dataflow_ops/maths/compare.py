"""Whether answers are equal: by rules in this process, by algebra in a child that has a time limit."""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from dataflow_ops.child import Child, Lost
from dataflow_ops.domain import Domain
from dataflow_ops.errors import BadArgument
from dataflow_ops.maths.equality import same
from dataflow_ops.maths.forms import LONGEST, Form, decimal, folded, read
from dataflow_ops.maths.spelling import spelled

Pair = tuple[str, str]
MEMORY = 2 << 30
UNREADABLE = "algebra cannot read it"
MOST_LATE = 2
"""Times that an answer may exceed the limit; after that nobody tries it again in this call."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether two answers are equal; undecided counts as not equal, and `why` says what stood in the way."""

    equal: bool
    why: str = ""


EQUAL, DIFFERENT = Verdict(True), Verdict(False)


class Comparer:
    """Compares pairs of final answers; a context manager, since algebra runs in a process of its own.

    Answers that rules can tell apart never leave this process. The child starts with the first pair that needs algebra
    and serves all others; a pair that takes longer than `seconds` ends it, and is undecided. In the domain `general`
    answers are equal when they are the same words.
    """

    def __init__(self, *, domain: Domain = "math", seconds: float = 5.0) -> None:
        if not 0.01 <= seconds <= 3600:
            raise BadArgument(f"seconds={seconds!r}: expected 0.01 to 3600 for one pair of answers")
        self.domain, self._seconds = domain, seconds
        self._child = Child("dataflow_ops.maths._worker", seconds, MEMORY)
        self._known: dict[Pair, Verdict] = {}
        self._forms: dict[str, Form] = {}
        self._late: Counter[str] = Counter()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._child.__exit__(kind, error, trace)

    def compare(self, pairs: Sequence[Pair]) -> list[Verdict]:
        """Return the verdict on each pair, in order; a pair that was seen before costs nothing."""
        unsure = []
        for pair in dict.fromkeys(pairs):
            if pair not in self._known:
                verdict = self._by_rules(*pair)
                if verdict is None:
                    unsure.append(pair)
                else:
                    self._known[pair] = verdict
        self._by_algebra(unsure)
        return [self._known[pair] for pair in pairs]

    def _by_rules(self, left: str, right: str) -> Verdict | None:
        plain = decimal(left), decimal(right)
        if None not in plain:
            return EQUAL if plain[0] == plain[1] else DIFFERENT
        if left == right or (reverse := self._known.get((right, left))) is EQUAL:
            return EQUAL if left.strip() else DIFFERENT
        if reverse is not None:
            return reverse
        if self.domain != "math":
            return EQUAL if _words(left) == _words(right) != "" else DIFFERENT
        found = same(self._form(left), self._form(right))
        return None if found is None else EQUAL if found else DIFFERENT

    def _form(self, answer: str) -> Form:
        form = self._forms.get(answer)
        if form is None:
            form = self._forms[answer] = read(answer)
        return form

    def _by_algebra(self, pairs: Iterable[Pair]) -> None:
        """Ask the child, each pair in one order only."""
        for pair in {tuple(sorted(pair)): pair for pair in pairs}.values():
            if max(self._late[answer] for answer in pair) >= MOST_LATE:
                self._note(pair, None, "an answer in it took too long before")
            else:
                self._note(pair, *self._asked(pair))

    def _asked(self, pair: Pair) -> tuple[bool | None, str]:
        try:
            found = self._child.ask(json.dumps(pair).encode() + b"\n", self._seconds)
        except Lost as lost:
            return None, f"algebra gave no answer within {self._seconds:g} s: {lost}"
        return found, "" if found is not None else UNREADABLE

    def _note(self, pair: Pair, equal: bool | None, why: str) -> None:
        verdict = EQUAL if equal else Verdict(False, why) if why else DIFFERENT
        self._known[pair] = self._known[pair[::-1]] = verdict
        if equal is None and why != UNREADABLE:
            self._late.update(pair)


def _words(answer: str) -> str:
    return folded(spelled(answer)) if len(answer) <= LONGEST else answer.strip()
