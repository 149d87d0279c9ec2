"""Clusters on the unit sphere: rows far from the border between two of them are alike to none on the other side."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dataflow_ops.dedup._project import SLACK

Matrix = NDArray[np.float32]
ROUNDS = 8
"""Of k-means: clusters need not be the best ones, the bounds hold for any."""


@dataclass(frozen=True)
class Clusters:
    """Unit vectors to which rows are assigned by the largest cosine."""

    centres: Matrix
    reach: Matrix
    """How far beyond the border between two clusters two rows may lie, together, and be alike."""

    @classmethod
    def of(cls, sample: Matrix, count: int, farthest: float, seed: int) -> "Clusters":
        """Find `count` clusters of a sample; rows are alike when they lie at most `farthest` apart."""
        centres = means(sample, count, seed)
        exact = centres.astype(np.float64)
        squares = np.einsum("ij,ij->i", exact, exact)
        apart = np.sqrt(np.maximum(0, squares[:, np.newaxis] + squares - 2 * exact @ exact.T))
        return cls(centres, (farthest * apart + SLACK).astype(np.float32))

    def gaps(self, rows: Matrix) -> tuple[NDArray[np.int64], Matrix]:
        """Return the cluster of each row, and by how much its cosine with that centre exceeds those with all others.

        The gap, divided by the distance of the two centres, is the distance of the row from the plane between them.
        """
        cosines = rows @ self.centres.T
        own = cosines.argmax(axis=1)
        return own, cosines[np.arange(len(rows)), own, np.newaxis] - cosines


def means(sample: Matrix, count: int, seed: int) -> Matrix:
    """Return the centres of a spherical k-means over a sample (Dhillon and Modha, 2001)."""
    count = min(count, len(sample))
    centres = sample[np.random.default_rng(seed).choice(len(sample), count, replace=False)]
    for _ in range(ROUNDS if count > 1 else 1):
        own = (sample @ centres.T).argmax(axis=1)
        order = np.argsort(own, kind="stable")
        found, begins = np.unique(own[order], return_index=True)
        sums = np.add.reduceat(sample[order], begins, axis=0)
        lengths = np.sqrt(np.einsum("ij,ij->i", sums, sums))
        centres = centres.copy()
        centres[found[lengths > 0]] = sums[lengths > 0] / lengths[lengths > 0, np.newaxis]
    return centres
