"""Whether two LaTeX expressions are equal: math-verify finds it, and numbers at random places must bear it out."""

import random
import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import product
from typing import Any

import sympy
from latex2sympy2_extended import NormalizationConfig
from math_verify import LatexExtractionConfig, parse, verify

EXACT = 12
"""Decimals to which a decimal number must agree with one that has no end, such as a root."""
DIGITS = 40
CLOSE = sympy.Float("1e-25", DIGITS)
PLACES = 4
"""Random places at which two expressions with letters are compared."""
COMMAND = re.compile(r"\\[A-Za-z]+")
LETTER = re.compile(r"[A-Za-z]")
ORDERS = {sympy.StrictLessThan: -1, sympy.LessThan: -1, sympy.StrictGreaterThan: 1, sympy.GreaterThan: 1}
STRICT = (sympy.StrictLessThan, sympy.StrictGreaterThan)

# Units are told apart before, and only delimited formulas are read: the other readers of the library take words for
# numbers, and pass what they find to `eval`.
READER = LatexExtractionConfig(
    boxed_match_priority=-1,
    normalization_config=NormalizationConfig(
        basic_latex=True, units=False, malformed_operators=True, nits=False, boxed="none", equations=False
    ),
)


def equal(left: str, right: str) -> bool | None:
    """Return whether two expressions or equations are equal; None where one of them cannot be read."""
    if _letter_case(left, right):
        return False
    found, others = parsed(left), parsed(right)
    if not found or not others:
        return None
    return any(_equal(one, other) for one, other in product(found, others))


def _letter_case(left: str, right: str) -> bool:
    """Return whether a letter is large in one and small in the other: the library takes them for one."""
    one, other = (set(LETTER.findall(COMMAND.sub(" ", each))) for each in (left, right))
    return any(letter.swapcase() in other - one for letter in one - other)


@lru_cache(maxsize=4096)
def parsed(latex: str) -> tuple[Any, ...]:
    """Return what `latex` may mean: as it stands, and with its function names as commands."""
    readings = {latex: None, _commands(latex): None}
    found = [parse(f"${each}$", [READER], fallback_mode="no_fallback", parsing_timeout=None) for each in readings]
    return tuple(dict.fromkeys(each[0] for each in found if each and not isinstance(each[0], str)))


def _commands(latex: str) -> str:
    for name in ("sin", "cos", "tan", "cot", "sec", "csc", "log", "ln", "exp", "arcsin", "arccos", "arctan", "pi"):
        latex = latex.replace(name, f"\\{name} ") if f"\\{name}" not in latex and f"arc{name}" not in latex else latex
    return latex


def _equal(left: Any, right: Any) -> bool:
    """Compare numbers first: that takes a tenth of the time in which algebra finds no way from one to the other."""
    return _borne_out(left, right) and verify(left, right, float_rounding=EXACT, timeout_seconds=None)


def _borne_out(left: Any, right: Any) -> bool:
    """Return whether numbers allow the verdict `equal`; what cannot be put into numbers must be the same by structure."""
    if isinstance(left, sympy.MatrixBase) and isinstance(right, sympy.MatrixBase):
        return left.shape == right.shape and all(map(_close, left, right))
    if isinstance(left, sympy.core.relational.Relational) and isinstance(right, sympy.core.relational.Relational):
        return _same_relation(left, right)
    if isinstance(left, sympy.Expr) and isinstance(right, sympy.Expr):
        return bool(left == right) or _close(left, right)
    return bool(left == right)


def _close(left: Any, right: Any) -> bool:
    return all(_near(left, right, place) for place in _places(_letters(left, right)))


def _letters(left: Any, right: Any) -> list[Any]:
    """Return the letters that occur, those of one side alone included: they may cancel out."""
    return sorted(left.free_symbols | right.free_symbols, key=str)


def _places(letters: list[Any]) -> Iterator[dict[Any, Any]]:
    rng = random.Random(len(letters))  # noqa: S311  # the same places each time
    for _ in range(PLACES if letters else 1):
        yield {letter: sympy.Rational(rng.randint(101, 997), 307) for letter in letters}


def _value(expression: Any, place: dict[Any, Any]) -> Any:
    return sympy.N(sympy.sympify(expression).subs(place).doit(), DIGITS)


def _near(left: Any, right: Any, place: dict[Any, Any]) -> bool:
    one, other = _value(left, place), _value(right, place)
    if not (one.is_number and other.is_number) or {one, other} & {sympy.nan, sympy.zoo}:
        return bool(one == other)
    bound = sympy.Float(10) ** -EXACT if left.has(sympy.Float) or right.has(sympy.Float) else CLOSE
    return bool(abs(one - other) <= bound * max(abs(one), abs(other)))


def _same_relation(left: Any, right: Any) -> bool:
    """Return whether one relation is the other times a number: above zero where the order counts."""
    orders = [ORDERS.get(type(each), 0) for each in (left, right)]
    if (orders[0] == 0) != (orders[1] == 0) or isinstance(left, STRICT) != isinstance(right, STRICT):
        return False
    if orders[0] == 0 and not (isinstance(left, sympy.Eq) and isinstance(right, sympy.Eq)):  # such as unequal
        return bool(left == right)
    one, other = (each.lhs - each.rhs for each in (left, right))
    if one.free_symbols != other.free_symbols or not one.free_symbols:
        return bool(left == right)
    ratios = [_value(one, place) / _value(other, place) for place in _places(_letters(one, other))]
    steady = all(abs(ratio - ratios[0]) <= CLOSE * abs(ratios[0]) for ratio in ratios if ratio.is_number)
    sign = orders[0] * orders[1]
    return steady and all(ratio.is_number for ratio in ratios) and (sign == 0 or bool(ratios[0] * sign > 0))
