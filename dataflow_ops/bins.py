"""Bins of a histogram: on the scale that the values ask for, with an edge wherever a threshold lies."""

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

BINS = 36
HEAVY = 8
"""A 99.5th percentile of so many medians is a heavy tail: an exponential distribution has 7.6."""


def bins(values: np.ndarray, cuts: Sequence[float], whole: bool) -> tuple[np.ndarray, str, float]:
    """Return the edges of bins for finite `values`, the scale of the axis, and below what a `symlog` one is linear.

    A value at a cut is in the bin above it, so no bin holds values of both sides. Bins of `whole` numbers end halfway
    between two of them.
    """
    if whole:
        cuts = [math.ceil(cut) - 0.5 for cut in cuts]
    scale = _scale(values, cuts)
    if scale == "linear":
        return _linear(values, cuts, whole), scale, 1.0
    if scale == "log":
        ends = _room(np.log([values.min(), *cuts]).min(), np.log([values.max(), *cuts]).max(), np.log(cuts))
        edges = _divided_in_logs([math.exp(ends[0]), *cuts, math.exp(ends[1])])
        return (_halves(edges, values) if whole else edges), scale, 1.0
    return _symmetric(values, cuts, whole)


def _scale(values: np.ndarray, cuts: Sequence[float]) -> str:
    """Choose a logarithmic axis for a heavy tail: a 99.5th percentile far above the median, and nothing negative."""
    middle, tail = np.quantile(values, (0.5, 0.995))
    if values.min() < 0 or min(cuts, default=0) < -0.5 or tail <= 1:
        return "linear"
    if tail < HEAVY * max(middle, np.quantile(values[values > 0], 0.1)):
        return "linear"
    return "log" if values.min() > 0 and min(cuts, default=1) > 0 else "symlog"


def _linear(values: np.ndarray, cuts: Sequence[float], whole: bool) -> np.ndarray:
    low, high = _view(values)
    low, high = min([low, *cuts]), max([high, *cuts])
    if whole and high - low < BINS:
        return np.arange(math.floor(low), math.ceil(high) + 2) - 0.5
    low, high = _room(low, high, cuts)
    edges = _divided([low, *cuts, high])
    return _halves(edges, values) if whole else edges


def _symmetric(values: np.ndarray, cuts: Sequence[float], whole: bool) -> tuple[np.ndarray, str, float]:
    """Zero has no logarithm: the axis is linear up to the least value above it, or to 0.5 for whole numbers."""
    linear_below = 0.5 if whole else max(1.0, float(values[values > 0].min()))
    small = [cut for cut in cuts if cut < linear_below]
    first = -0.5 if whole else -linear_below / 2 if small and min(small) < linear_below / 20 else 0.0
    high = max([float(values.max()), *cuts])
    large = _divided_in_logs([linear_below, *(cut for cut in cuts if cut > linear_below), high])
    edges = np.concatenate([sorted({first, *small} - {linear_below}), large])
    return (_halves(edges, values) if whole else edges), "symlog", linear_below


def _halves(edges: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Move edges halfway between whole numbers: a bin between two of them would be empty whatever there is."""
    return np.unique(np.append(np.floor(edges) + 0.5, max(values.min(), np.ceil(edges[0])) - 0.5))


def _room(low: float, high: float, cuts: Sequence[float] | np.ndarray) -> tuple[float, float]:
    """Widen an axis by a bin where a cut is so near an end that what lies beyond it could not be seen."""
    width = (high - low) / BINS
    near = [min(abs(end - cut) for cut in cuts) < width if len(cuts) else False for end in (low, high)]
    return low - width * near[0], high + width * near[1]


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
