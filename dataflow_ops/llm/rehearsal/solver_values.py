"""Exact values of a rehearsed solver: how they are written, and how they come out slightly wrong."""

import re
from collections.abc import Sequence
from fractions import Fraction
from math import isqrt
from random import Random

Value = Fraction | int | str
"""A number, or what is written into the box as it stands."""

MOST = 10**7
"""What is counted one by one is not larger."""
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_OPPOSITES = {
    "yes": "no", "no": "yes", "too low": "normal", "too high": "normal", "normal": "too low",
    "fund A": "fund B", "fund B": "fund A", "monthly": "yearly", "yearly": "monthly",
}  # fmt: skip
_EVASIVE = ("both", "neither", "it depends", "not known")
_DIGITS = re.compile(r"\d+")


def shown(value: Value) -> str:
    r"""Return a value in LaTeX: `12`, `-\frac{3}{4}`, or the text itself."""
    if isinstance(value, str):
        return value
    exact = Fraction(value)
    if exact.denominator == 1:
        return str(exact.numerator)
    sign = "-" if exact < 0 else ""
    return f"{sign}\\frac{{{abs(exact.numerator)}}}{{{exact.denominator}}}"


def decimal(value: Fraction, places: int) -> str:
    """Return a number with so many places after the point, halves rounded up."""
    scaled = int(abs(value) * 10**places + Fraction(1, 2))
    whole, rest = divmod(scaled, 10**places)
    return f"{'-' if value < 0 else ''}{whole}" + (f".{rest:0{places}}" if places else "")


def root(square: Fraction | int) -> Value:
    r"""Return the square root of a whole number: a number, or `a\sqrt{b}` with the smallest b.

    ValueError for what is negative, not whole, or too large to look for its factors.
    """
    number = int(square)
    if number != square or not 0 <= number <= MOST:
        raise ValueError(f"{square} is no whole number from 0 to {MOST:,}")
    if number == 0:
        return 0
    outside = max(factor for factor in range(1, isqrt(number) + 1) if number % factor**2 == 0)
    inside = number // outside**2
    return outside if inside == 1 else f"{'' if outside == 1 else outside}\\sqrt{{{inside}}}"


def pis(number: Value) -> str:
    """Return so many times pi."""
    return "\\pi" if number == 1 else f"{shown(number)}\\pi"


def near_miss(value: Value, draw: Random) -> str:
    """Return what comes out when one step goes wrong: off by a little, a sign, a forgotten factor."""
    if not isinstance(value, str):
        return shown(draw.choice(_misses(Fraction(value), draw.randint(1, 9))))
    if value in DAYS:
        return DAYS[(DAYS.index(value) + draw.randint(1, 6)) % 7]
    if value in _OPPOSITES:
        return draw.choice((_OPPOSITES[value], *_EVASIVE))
    numbers = list(_DIGITS.finditer(value))
    if not numbers:
        return f"not {value}"
    at = draw.choice(numbers)
    return f"{value[: at.start()]}{int(at[0]) + draw.randint(1, 9)}{value[at.end() :]}"


def _misses(value: Fraction, little: int) -> Sequence[Fraction]:
    found = (
        value + 1,
        value - 1,
        value + little,
        value - little,
        2 * value,
        value / 2,
        -value,
        value * little,
        10 * value,
    )
    return [each for each in found if each != value]
