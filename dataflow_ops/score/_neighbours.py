"""The nearest other row of each row, by comparing all with all, block by block."""

import numpy as np
from numpy.typing import NDArray

from dataflow_ops.vectors import Matrix, Rows, Vectors

BLOCK = 2048
"""Rows that look for a neighbour at a time."""
TILE = 4096
"""Rows they are compared with at a time: 32 MiB of cosines."""
TIE = 1e-6
"""Cosines in 32 bits that differ by less are the same."""
NOWHERE = np.float32(-2)
"""Less than any cosine."""


def nearest_of(vectors: Vectors, at_least: float, at_most: float) -> tuple[Rows, Rows, NDArray[np.float32]]:
    """Return the rows that have a neighbour, the nearest within the bounds, and its cosine; ties go to the first."""
    found = np.full(len(vectors), -1, np.int64)
    alike = np.full(len(vectors), NOWHERE, np.float32)
    for low in range(0, len(vectors), BLOCK):
        rows = vectors.block(low, min(low + BLOCK, len(vectors)))
        here = slice(low, low + len(rows))
        for begin in range(0, len(vectors), TILE):
            others = vectors.block(begin, min(begin + TILE, len(vectors)))
            _improve(found[here], alike[here], _cosines(rows, others, low - begin, at_most), begin)
    have = np.flatnonzero((found >= 0) & (alike >= at_least - TIE))
    return have, found[have], np.minimum(alike[have], 1, dtype=np.float32)


def _cosines(rows: Matrix, others: Matrix, ahead: int, at_most: float) -> Matrix:
    """Return the cosines, NOWHERE for a row with itself and where they are above `at_most`."""
    cosines = rows @ others.T
    mine = np.arange(len(rows))
    mine = mine[(mine + ahead >= 0) & (mine + ahead < len(others))]
    cosines[mine, mine + ahead] = NOWHERE
    # Few rows have another that is nearly the same: only these are looked at once more.
    most = np.float32(at_most + TIE)
    same = np.flatnonzero(cosines.max(axis=1) > most)
    cosines[same] = np.where(cosines[same] > most, NOWHERE, cosines[same])
    return cosines


def _improve(found: Rows, alike: NDArray[np.float32], cosines: Matrix, begin: int) -> None:
    """Note in `found` and `alike` who is nearer than what was found before."""
    nearest = cosines.max(axis=1)
    better = np.flatnonzero(nearest > np.maximum(alike, -1.5) + TIE)
    first = (cosines[better] >= nearest[better, np.newaxis] - TIE).argmax(axis=1)
    found[better], alike[better] = first + begin, nearest[better]
