"""Whether queries answer the same: results compared by their values."""

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import filterfalse, repeat
from typing import Any, TypeAlias
from uuid import UUID

from dataflow_ops.databases.result import Failed, Result, Value
from dataflow_ops.databases.schema import Dialect
from dataflow_ops.errors import BadArgument

CLOSE = 1e-9
"""Sums of the same numbers in another order differ by less; totals of millions that differ by a cent do not."""
NEAR_ZERO = 1e-9
Number: TypeAlias = float | int | Decimal
"""Truth values are numbers: engines that have none write 0 and 1."""
Codes: TypeAlias = dict[float, int]
NOTHING = type(None)
EXACT = frozenset({str, bytes, int, bool, date, datetime, time, timedelta, UUID, NOTHING})
"""Types whose values are equal or not."""
FRACTIONS = frozenset({float, NOTHING})
NO_NUMBER = -1
"""The code of NaN."""


def same(a: Result, b: Result, *, ordered: bool, tolerance: float = CLOSE) -> bool:
    """Return whether two results hold the same rows: as a list where `ordered`, else as often each, in any order.

    Names of columns do not matter; their order and number do. NULL is NULL alone, not an empty text; a text is no
    number; a date is no text; NaN is NaN. Whole numbers are equal or not. Where a column holds a fraction in either
    result, its numbers are equal that differ by less than `tolerance` times their size, or by less than 1e-9, or are
    linked by others that do. A result that was cut equals none: what was cut off is not known. O(n log n).

    Where an ORDER BY leaves ties, engines are free in the order of these, and lists may differ that answer the same.
    """
    if not 0 <= tolerance < 1:
        raise BadArgument(f"tolerance={tolerance!r}: expected a share of the numbers, from 0 to below 1")
    if a.truncated or b.truncated or len(a.columns) != len(b.columns) or len(a.rows) != len(b.rows):
        return False
    if a.rows == b.rows:
        return True
    ours, theirs = _coded(a, b, tolerance)
    return ours == theirs if ordered else Counter(ours) == Counter(theirs)


def groups(results: Sequence[Result | Failed], *, ordered: bool, tolerance: float = CLOSE) -> list[int | None]:
    """Return for each result the number of its group of equal ones, from 0 by first appearance.

    None for failures, and for results that were cut: these equal nothing, not even themselves.
    """
    firsts: list[Result] = []
    found: list[int | None] = []
    for result in results:
        if isinstance(result, Failed) or result.truncated:
            found.append(None)
            continue
        alike = (at for at, first in enumerate(firsts) if same(first, result, ordered=ordered, tolerance=tolerance))
        place = next(alike, len(firsts))
        if place == len(firsts):
            firsts.append(result)
        found.append(place)
    return found


def ordered(sql: str, dialect: Dialect) -> bool:
    """Return whether a query puts its rows in order: ORDER BY in a subquery, a window or an aggregate does not."""
    from dataflow_ops.databases import _tree  # noqa: PLC0415 - loads the parser

    return _tree.ordered(sql, dialect)


def _coded(a: Result, b: Result, tolerance: float) -> tuple[list[Any], list[Any]]:
    """Return the rows of both results in a form whose plain equality is the one that is meant."""
    columns = [(list(ours), list(theirs)) for ours, theirs in zip(_columns(a), _columns(b), strict=True)]
    plain = [_one_column(ours, theirs, tolerance) for ours, theirs in columns]
    return list(zip(*(ours for ours, _ in plain), strict=True)), list(
        zip(*(theirs for _, theirs in plain), strict=True)
    )


def _columns(result: Result) -> Iterable[tuple[Value, ...]]:
    return zip(*result.rows, strict=True)


def _one_column(ours: list[Value], theirs: list[Value], tolerance: float) -> tuple[list[Any], list[Any]]:
    kinds = set(map(type, ours)) | set(map(type, theirs))
    if kinds <= EXACT:
        return ours, theirs
    if kinds <= FRACTIONS:
        return _fractions(ours, theirs, tolerance)
    numbers = [number for value in (*ours, *theirs) for number in _numbers(value)]
    whole = all(isinstance(number, int) for number in numbers)
    codes = None if whole else _codes({_float(number) for number in numbers}, tolerance)
    return [_value(value, codes) for value in ours], [_value(value, codes) for value in theirs]


def _fractions(ours: list[Any], theirs: list[Any], tolerance: float) -> tuple[list[Any], list[Any]]:
    """Return the codes of fractions, None for None: most columns that need codes at all are of these alone."""
    codes = _codes({*ours, *theirs} - {None}, tolerance)
    told: dict[Any, int | None] = {**codes, None: None}
    return list(map(told.get, ours, repeat(NO_NUMBER))), list(map(told.get, theirs, repeat(NO_NUMBER)))


def _numbers(value: Value) -> Iterator[Number]:
    if isinstance(value, tuple | list):
        for each in value:
            yield from _numbers(each)
    elif isinstance(value, Number):
        yield value


def _float(number: Number) -> float:
    try:
        return float(number)
    except OverflowError:
        return math.inf if number > 0 else -math.inf


def _codes(numbers: set[float], tolerance: float) -> Codes:
    """Return a code for each number: neighbours that are close share it, so that no border runs between the two."""
    codes: Codes = {}
    last, code = math.nan, 0
    for number in sorted(filterfalse(math.isnan, numbers)):
        code += not math.isclose(last, number, rel_tol=tolerance, abs_tol=NEAR_ZERO)
        codes[number] = code
        last = number
    return codes


def _value(value: Value, codes: Codes | None) -> Any:
    """Return what stands for a value: numbers by their code, so that they equal nothing that is none."""
    if isinstance(value, tuple | list):
        return tuple(_value(each, codes) for each in value)
    if codes is None or not isinstance(value, Number):
        return value
    return ("number", codes.get(_float(value)))
