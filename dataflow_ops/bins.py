"""Bins of a histogram: on the scale that the values ask for, with an edge wherever a threshold lies."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

BINS = 36
TINY = 1e-9
"""A logarithmic axis that went down to less would be all decades and no data."""
HEAVY = 8
"""A 99.5th percentile of so many medians is a heavy tail: an exponential distribution has 7.6."""


@dataclass(frozen=True)
class Bins:
    """Edges of bins, and the axis they are on; below `linear_below` a `symlog` axis is linear.

    `cuts` are where the axis is divided: for whole numbers, halfway between the last that fails and the first that
    passes.
    """

    edges: np.ndarray
    scale: str
    cuts: tuple[float, ...]
    whole: bool
    linear_below: float = 1.0


def bins(values: np.ndarray, cuts: Sequence[float], whole: bool) -> Bins:
    """Return bins for finite `values`.

    A value at a cut is in the bin above it, so no bin holds values of both sides. Bins of `whole` numbers end halfway
    between two of them.
    """
    cuts = tuple(math.ceil(cut) - 0.5 for cut in cuts) if whole else tuple(cuts)
    scale = _scale(values, cuts)
    if scale == "symlog":
        edges, linear_below = _symmetric(values, cuts, whole)
        return Bins(edges, scale, cuts, whole, linear_below)
    return Bins((_linear if scale == "linear" else _logarithmic)(values, cuts, whole), scale, cuts, whole)


def _scale(values: np.ndarray, cuts: Sequence[float]) -> str:
    """Choose a logarithmic axis for a heavy tail: a 99.5th percentile far above the median, and nothing negative.

    Zeros are left aside: of what is seldom there, most values are zero and the rest may still be heavy-tailed.
    """
    positive = values[values > 0]
    if values.min() < 0 or min(cuts, default=0) < -0.5 or not len(positive):
        return "linear"
    middle, tail = np.quantile(positive, (0.5, 0.995))
    if tail <= 1 or tail < HEAVY * middle:
        return "linear"
    return "log" if min([float(values.min()), *cuts]) > TINY else "symlog"


def _logarithmic(values: np.ndarray, cuts: Sequence[float], whole: bool) -> np.ndarray:
    low, high = min([float(values.min()), *cuts]), max([float(values.max()), *cuts])
    near = _near(math.log(low), math.log(high), np.log(cuts))
    width = (high / low) ** (1 / BINS)
    edges = _divided_in_logs([low / width if near[0] else low, *cuts, high * width if near[1] else high])
    return np.maximum(_halves(edges), 0.5) if whole else edges


def _linear(values: np.ndarray, cuts: Sequence[float], whole: bool) -> np.ndarray:
    low, high = _view(values)
    low, high = min([low, *cuts]), max([high, *cuts])
    if whole and high - low < BINS:
        return np.arange(math.floor(low), math.ceil(high) + 2) - 0.5
    near, width = _near(low, high, cuts), (high - low) / BINS
    edges = _divided([low - width * near[0], *cuts, high + width * near[1]])
    return _halves(edges) if whole else edges


def _symmetric(values: np.ndarray, cuts: Sequence[float], whole: bool) -> tuple[np.ndarray, float]:
    """Zero has no logarithm: the axis is linear up to the least value above it, or to 0.5 for whole numbers."""
    linear_below = 0.5 if whole else max(1.0, float(values[values > 0].min()))
    small = [cut for cut in cuts if cut < linear_below]
    first = -0.5 if whole else -linear_below / 2 if small and min(small) < linear_below / 20 else 0.0
    high = max([float(values.max()), *cuts])
    large = _divided_in_logs([linear_below, *(cut for cut in cuts if cut > linear_below), high])
    edges = np.concatenate([sorted({first, *small} - {linear_below}), large])
    return (_halves(edges) if whole else edges), linear_below


def _halves(edges: np.ndarray) -> np.ndarray:
    """Move edges halfway between whole numbers: a bin between two of them would be empty whatever there is."""
    exact = np.round(edges, 6)  # a logarithm and its way back leave 3.9999999 of 4
    return np.unique(np.append(np.floor(exact) + 0.5, np.floor(exact[0] - 0.5) + 0.5))


def _near(low: float, high: float, cuts: Sequence[float] | np.ndarray) -> list[bool]:
    """Tell at which end a cut is so near that what lies beyond it could not be seen: the axis needs another bin there."""
    return [any(abs(end - cut) < (high - low) / BINS for cut in cuts) for end in (low, high)]


def _divided_in_logs(anchors: Sequence[float]) -> np.ndarray:
    edges = np.exp(_divided(np.log(anchors)))
    for anchor in anchors:  # the way there and back ends beside it, and a value that passes would seem to fail
        edges[np.abs(edges - anchor).argmin()] = anchor
    return edges


def _divided(anchors: Sequence[float] | np.ndarray) -> np.ndarray:
    """Divide a range into bins of about one width, with an edge at every anchor."""
    ends = np.unique(anchors)
    width = (ends[-1] - ends[0]) / BINS
    parts = [np.linspace(a, b, max(1, round((b - a) / width)), endpoint=False) for a, b in pairwise(ends)]
    return np.append(np.concatenate(parts), ends[-1])


def _view(values: np.ndarray) -> tuple[float, float]:
    """Return the ends of a linear axis; a few values far out are not worth squeezing the rest for."""
    low, high = np.quantile(values, (0.005, 0.995))
    reach = (high - low) / 2
    least, most = float(values.min()), float(values.max())
    if not reach:
        return least, most
    return max(least, float(low - reach)), min(most, float(high + reach))
