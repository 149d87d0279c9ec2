"""Measured columns counted for a picture: which to draw, on what scale, kept and dropped rows apart."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dataflow_ops.bins import Bins, bins

VERDICT = ("id", "kept", "dropped_by", "reasons")
"""Columns of a side table that are no measures."""
MOST = 12
ENDLESS = 1e100
CATEGORIES = 8
SIGNS = {"at_least": "≥", "above": ">", "more_than": ">", "at_most": "≤", "below": "<", "less_than": "<"}


@dataclass(frozen=True)
class Limit:
    """One end of what a threshold lets pass: `≥ 50`."""

    value: float
    sign: str

    @property
    def is_lower(self) -> bool:
        """Whether what is less fails."""
        return self.sign in "≥>"

    @property
    def edge(self) -> float:
        """Where a bin has to end so that no bin holds both what passes and what fails."""
        return self.value if self.sign in "≥<" else math.nextafter(self.value, math.inf)

    def fails(self, values: np.ndarray) -> np.ndarray:
        """Return a mask of the values on the wrong side."""
        return values < self.edge if self.is_lower else values >= self.edge


@dataclass(frozen=True)
class Histogram:
    """A number: rows in each bin. `steep` asks for a logarithmic count axis, `note` says what is not drawn."""

    column: str
    bins: Bins
    kept: np.ndarray
    dropped: np.ndarray
    limits: tuple[Limit, ...]
    note: str

    @property
    def steep(self) -> bool:
        """Whether one bin towers so high that the others would not be seen."""
        counts = np.concatenate([self.kept, self.dropped])
        filled = counts[counts > 0]
        return len(filled) > 3 and filled.max() > 40 * np.median(filled)


@dataclass(frozen=True)
class Bars:
    """A word or a truth value: rows of each of the commonest values."""

    column: str
    names: Sequence[str]
    kept: Sequence[int]
    dropped: Sequence[int]
    note: str


@dataclass(frozen=True)
class Spread:
    """A measured number in a line of a table."""

    column: str
    limits: tuple[Limit, ...]
    nulls: int
    outside: int
    quantiles: tuple[float, float, float]


def limits_of(threshold: Any) -> tuple[Limit, ...]:
    """Return the limits that `{"at_least": 50, "at_most": None}` sets; a value that is no number sets none."""
    given = threshold.items() if isinstance(threshold, Mapping) else ()
    return tuple(Limit(float(value), SIGNS[key]) for key, value in given if key in SIGNS and _is_finite(value))


def _is_finite(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < ENDLESS


def panels(measures: pa.Table, thresholds: Mapping[str, Any]) -> list[Histogram | Bars]:
    """Return what to draw: columns with a threshold first, at most 12; none that says the same of every row."""
    kept = kept_rows(measures)
    found: list[Histogram | Bars] = []
    for name in in_order(measures, thresholds):
        column = measures[name]
        panel = (
            _histogram(name, column, kept, thresholds)
            if _is_number(column.type)
            else _bars(name, column, kept, thresholds)
        )
        found += [panel] if panel else []
        if len(found) == MOST:
            break
    return found


def kept_rows(measures: pa.Table) -> np.ndarray:
    """Return a mask of the rows that were kept; all of them when the table does not say."""
    if "kept" not in measures.column_names:
        return np.ones(measures.num_rows, bool)
    return pc.fill_null(measures["kept"], False).to_numpy().astype(bool)


def in_order(measures: pa.Table, thresholds: Mapping[str, Any]) -> list[str]:
    """Return the measured columns that can be drawn: those whose threshold most rows fail first, then the others."""
    drawn = [field.name for field in measures.schema if field.name not in VERDICT and _is_drawn(field.type)]
    failing = {name: _failing(measures[name], limits_of(thresholds.get(name))) for name in drawn}
    return sorted(drawn, key=lambda name: -failing[name])


def _failing(column: pa.ChunkedArray, limits: Sequence[Limit]) -> int:
    """Count rows that fail; -1 where there is no threshold."""
    if not limits or not (_is_number(column.type) or pa.types.is_boolean(column.type)):
        return 0 if limits else -1
    values = numbers(column)
    return int(sum(limit.fails(values).sum() for limit in limits))


def _is_drawn(kind: pa.DataType) -> bool:
    return _is_number(kind) or _is_word(kind)


def _is_number(kind: pa.DataType) -> bool:
    return pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)


def _is_word(kind: pa.DataType) -> bool:
    if pa.types.is_dictionary(kind):
        return _is_word(kind.value_type)
    return pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_boolean(kind)


def numbers(column: pa.ChunkedArray) -> np.ndarray:
    """Return a column as float64, NaN where it is null or no number that a picture could have room for."""
    values = pc.cast(column, pa.float64(), safe=False).to_numpy()
    return np.where(np.abs(values) < ENDLESS, values, np.nan)


def spreads(measures: pa.Table, thresholds: Mapping[str, Any]) -> Iterator[Spread]:
    """Yield a line for every measured number that has a value: limits, nulls, 5th, 50th and 95th percentile."""
    for name in in_order(measures, thresholds):
        if _is_number(measures.schema.field(name).type):
            values, limits = numbers(measures[name]), limits_of(thresholds.get(name))
            real = values[np.isfinite(values)]
            if len(real):
                outside = int(sum(limit.fails(real).sum() for limit in limits))
                low, middle, high = np.quantile(real, (0.05, 0.5, 0.95), method="inverted_cdf").tolist()
                yield Spread(name, limits, len(values) - len(real), outside, (low, middle, high))


def _histogram(name: str, column: pa.ChunkedArray, kept: np.ndarray, thresholds: Mapping[str, Any]) -> Histogram | None:
    values, limits = numbers(column), limits_of(thresholds.get(name))
    real = np.isfinite(values)
    if not real.any() or values[real].min() == values[real].max():
        return None
    found = bins(values[real], [limit.edge for limit in limits], pa.types.is_integer(column.type))
    inside = np.clip(values, found.edges[0], found.edges[-1])
    counts = [np.histogram(inside[real & rows], found.edges)[0] for rows in (kept, ~kept)]
    beyond = int((inside[real] != values[real]).sum())
    return Histogram(name, found, counts[0], counts[1], limits, _note(len(values) - int(real.sum()), beyond))


def _note(missing: int, beyond: int, rule: str = "") -> str:
    lost = f"{missing:,} rows without a value" if missing else ""
    return ", ".join(filter(None, [rule, lost, f"{beyond:,} beyond the ends are in the end bins" if beyond else ""]))


def _bars(name: str, column: pa.ChunkedArray, kept: np.ndarray, thresholds: Mapping[str, Any]) -> Bars | None:
    """Count the commonest values; None when all rows say the same, or nearly each says something else."""
    words = pc.cast(column, pa.string()) if not pa.types.is_string(column.type) else column
    rows = pa.table({"value": words, "kept": pa.array(kept)}).filter(pc.is_valid(words))
    counted = rows.group_by("value").aggregate([("kept", "sum"), ("kept", "count")])
    ranked = counted.sort_by([("kept_count", "descending"), ("value", "ascending")])
    groups = ranked.slice(0, CATEGORIES).to_pylist()
    if ranked.num_rows < 2 or sum(row["kept_count"] for row in groups) * 5 < rows.num_rows:
        return None
    groups += _together(ranked.slice(CATEGORIES))
    keeps = [row["kept_sum"] for row in groups]
    drops = [row["kept_count"] - row["kept_sum"] for row in groups]
    return Bars(
        name,
        [row["value"] for row in groups],
        keeps,
        drops,
        _note(words.null_count, 0, _passes(column.type, limits_of(thresholds.get(name)))),
    )


def _passes(kind: pa.DataType, limits: Sequence[Limit]) -> str:
    """Say which truth value a threshold lets pass: true counts as 1, false as 0."""
    if not limits or not pa.types.is_boolean(kind):
        return ""
    passing = [
        name
        for name, value in (("false", 0.0), ("true", 1.0))
        if not any(limit.fails(np.array(value)) for limit in limits)
    ]
    return f"only {passing[0]} passes" if len(passing) == 1 else ""


def _together(rest: pa.Table) -> list[dict[str, Any]]:
    if not rest.num_rows:
        return []
    total = {key: pc.sum(rest[key]).as_py() for key in ("kept_sum", "kept_count")}
    return [{"value": f"{rest.num_rows:,} others", **total}]
