"""Answers to the prompts of `answers` by plain rules. This is no model: numbers, units and first words are compared."""

import random
import re
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

_TEXT = re.compile(r"\\text\s*\{([^{}]*)\}")
_AMOUNT = re.compile(r"(-?\d{1,12}(?:,\d{3}){0,4}(?:\.\d{1,12})?)(?:/(\d{1,12}))?\s*(\\?%|[a-z]+)?", re.IGNORECASE)
_FRACTION = re.compile(r"\\[dt]?frac\{(\d{1,12})\}\{(\d{1,12})\}")
_WORDS: Mapping[str, str] = {
    "one half": "1/2", "one third": "1/3", "one quarter": "1/4", "one fifth": "1/5", "one sixth": "1/6",
    "one eighth": "1/8", "$": "", "€": "", "eur ": "",
}  # fmt: skip
_UNITS: Mapping[str, Fraction] = {"thousand": Fraction(1000), "g": Fraction(1000), "l": Fraction(1000)}
"""By what a number is multiplied: grams are compared in milligrams, litres in millilitres."""
_MARKS = ("yes", "no", "too low", "too high", "normal", "yearly", "monthly", "fund a", "fund b", "a", "b", "c", "d")
READ = 2_000


def same(values: Mapping[str, Any], _: random.Random) -> dict[str, Any]:
    """Say the same of answers with equal amounts; without amounts, of those with the same decisive word."""
    reference, answer = (_plain(values[hole]) for hole in ("reference", "answer"))
    wanted, given = _amounts(reference), _amounts(answer)
    found = wanted == given if wanted and given else _mark(reference) == _mark(answer)
    shown = f"{reference[:60]!r} and {answer[:60]!r}"
    return {"reason": f"Rehearsed: by rule, {shown} are {'' if found else 'not '}the same.", "same": found}


def _plain(text: Any) -> str:
    read = _FRACTION.sub(r"\1/\2", _TEXT.sub(r"\1", str(text)[:READ])).lower()
    for word, plain in _WORDS.items():
        read = read.replace(word, plain)
    return " ".join(read.split()).strip(" .")


def _amounts(text: str) -> list[Fraction]:
    """Return the numbers in a text, in the order of their size, each in the smaller unit."""
    found = []
    for number, below, unit in _AMOUNT.findall(text):
        if not below or int(below):
            found.append(Fraction(number.replace(",", "")) / int(below or 1) * _UNITS.get(unit, 1))
    return sorted(found)


def _mark(text: str) -> str:
    """Return the decisive word of a text: the first one that is known, else all words."""
    words = re.findall(r"[a-z]+", text)
    joined = f" {' '.join(words)} "
    found = [(joined.index(f" {mark} "), -len(mark), mark) for mark in _MARKS if f" {mark} " in joined]
    return min(found)[2].removeprefix("fund ") if found else joined.strip() or text
