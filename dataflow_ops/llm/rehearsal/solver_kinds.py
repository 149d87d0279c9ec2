"""Kinds of problems that a rehearsed solver knows: how they are worded, and how they are worked out.

A wording is plain text in which `#` stands for a number, `±` for a number with its sign, `@` for a list of numbers, `~`
for a word, and `…` for anything in between.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from random import Random
from typing import Any

from dataflow_ops.llm.rehearsal.solver_values import Value

_NUMBER = r"-?\d{1,12}(?:,\d{3}){0,4}(?:\.\d{1,12})?"
_LIST = rf"({_NUMBER}(?:(?:, and |, | and ){_NUMBER}){{0,40}})"
_TOKENS = {"#": rf"({_NUMBER})", "±": r"([+-] ?\d{1,12})", "@": _LIST, "~": r"([A-Za-z]+)", "…": r".{0,120}?"}
_SEPARATOR = re.compile(r", and |, | and ")
_SPLIT = re.compile("([#±@~]| ?… ?)")


def number(text: str) -> Fraction:
    """Read a number, with or without thousands separators and a space behind its sign."""
    return Fraction(text.replace(",", "").replace(" ", ""))


def _numbers(text: str) -> list[Fraction]:
    return [number(each) for each in _SEPARATOR.split(text)]


_READ: Mapping[str, Callable[[str], Any]] = {"#": number, "±": number, "@": _numbers, "~": str}


@dataclass(frozen=True)
class Wording:
    """A text with gaps: finds its values in a question, or is filled with new ones."""

    text: str

    @cached_property
    def _parts(self) -> Sequence[str]:
        return _SPLIT.split(self.text)

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        parts = (_TOKENS.get(part.strip()) or re.escape(part) for part in self._parts)
        return re.compile("".join(parts), re.IGNORECASE | re.DOTALL)

    def find(self, question: str) -> list[Any] | None:
        """Return the values in the gaps; None for a question that is worded otherwise."""
        found = self._pattern.search(question)
        reads = [_READ[part] for part in self._parts if part in _READ]
        return [read(each) for read, each in zip(reads, found.groups(), strict=True)] if found else None

    def fill(self, values: Sequence[Any]) -> str:
        """Return the text with `values` in its gaps, one for each."""
        left = iter(values)
        return "".join(_written(part, next(left)) if part in _READ else part for part in self._parts)


def _written(gap: str, value: Any) -> str:
    if gap == "@":
        *first, last = map(str, value)
        return f"{', '.join(first)} and {last}"
    return f"{'-' if value < 0 else '+'} {abs(value)}" if gap == "±" else str(value)


@dataclass(frozen=True)
class Kind:
    """Problems that are worked out alike: `seen` are wordings that are understood, `asked` those of new problems.

    `solve` takes the values of a wording in their order, and returns None, or raises ValueError or ArithmeticError, for
    those that make no sense.
    """

    seen: Sequence[str]
    solve: Callable[..., Value | None]
    draw: Callable[[Random], Sequence[Any]]
    asked: Sequence[str]
    wordings: Sequence[Wording] = field(init=False)

    def __post_init__(self) -> None:
        """Split the wordings once."""
        object.__setattr__(self, "wordings", tuple(map(Wording, (*self.seen, *self.asked))))

    def answer(self, question: str) -> Value | None:
        """Return the right answer; None for a problem of another kind, or one without an answer."""
        for wording in self.wordings:
            values = wording.find(question)
            if values is not None:
                try:
                    return self.solve(*values)
                except (ValueError, ArithmeticError):
                    return None
        return None

    def new(self, draw: Random) -> str:
        """Return another problem of the kind, in a setting of its own."""
        values = self.draw(draw)
        return Wording(draw.choice(self.asked)).fill(values)
