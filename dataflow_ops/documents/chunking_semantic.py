"""Where a text turns to another subject, by the vectors of its sentences."""

from collections.abc import Callable, Sequence

import numpy as np

WINDOW = 4
"""Sentences that are compared on each side of a place."""
TOGETHER = 2_000
"""Sentences that are embedded in one call."""

Vectors = Callable[[Sequence[str]], np.ndarray]
"""Given sentences, returns a vector of length one for each: (sentences, size)."""


def borders(sentences: Sequence[str], vectors: Vectors, cutoff: float) -> list[int]:
    """Return the numbers of the sentences that begin a new subject.

    The similarity of the sentences before a place with those after it is a curve over the text. A border is where it
    has a valley, and the valley is deeper, measured from the hills on both sides, than the mean of all valleys and
    `cutoff` standard deviations more. After TextTiling (Hearst 1997), with vectors of sentences in place of words.
    """
    if len(sentences) <= 1:
        return []
    parts = [vectors(sentences[low : low + TOGETHER]) for low in range(0, len(sentences), TOGETHER)]
    curve = similarities(np.concatenate(parts))
    valleys = _valleys(curve)
    deep = depths(curve)
    least = deep[valleys].mean() + cutoff * deep[valleys].std()
    return [int(place) + 1 for place in valleys if deep[place] > 0 and deep[place] >= least]


def similarities(found: np.ndarray) -> np.ndarray:
    """Return the cosine of the sums of the vectors on both sides of each place between two sentences."""
    sums = np.vstack([np.zeros((1, found.shape[1])), np.cumsum(found, axis=0, dtype=np.float64)])
    places = np.arange(1, len(found))
    before = sums[places] - sums[np.maximum(places - WINDOW, 0)]
    after = sums[np.minimum(places + WINDOW, len(found))] - sums[places]
    norms = np.linalg.norm(before, axis=1) * np.linalg.norm(after, axis=1)
    return np.asarray((before * after).sum(axis=1) / np.maximum(norms, 1e-12))


def _valleys(curve: np.ndarray) -> np.ndarray:
    """Return the places that lie no higher than those beside them; of several alike in a row, the first."""
    padded = np.concatenate([[np.inf], curve, [np.inf]])
    return np.flatnonzero((padded[1:-1] < padded[:-2]) & (padded[1:-1] <= padded[2:]))


def depths(curve: np.ndarray) -> np.ndarray:
    """Return how far the curve rises, on both sides of each place together, before it falls."""
    return _rises(curve) + _rises(curve[::-1])[::-1] - 2 * curve


def _rises(curve: np.ndarray) -> np.ndarray:
    """Return the height of the hill that is reached from each place by going left as long as it does not fall."""
    hills = curve.copy()
    for at in range(1, len(curve)):
        if curve[at - 1] >= curve[at]:
            hills[at] = hills[at - 1]
    return hills
