"""Vendi score and maximum mean discrepancy of unit vectors, block by block."""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from dataflow_ops.vectors import Matrix

BLOCK = 4096
"""Rows looked at in one go; the cosines of two blocks take 64 MiB."""
PAIRED = 2000
"""Rows of the two samples together whose distances the median is taken of."""


def second_moments(blocks: Iterable[Matrix]) -> tuple[int, NDArray[np.float64]]:
    """Return the number of rows and the mean of x xᵀ over them.

    It has the eigenvalues, but for zeros, of the cosines of all pairs divided by the number of rows.
    """
    count, total = 0, np.zeros((0, 0))
    for rows in blocks:
        exact = rows.astype(np.float64)
        total = exact.T @ exact + (total if count else 0)
        count += len(rows)
    return count, total / max(1, count)


def effective_number(moments: NDArray[np.float64]) -> float:
    """Return the exponential of the entropy of the eigenvalues."""
    shares = np.linalg.eigvalsh(moments)
    shares = shares[shares > 0] / shares[shares > 0].sum()
    return float(np.exp(-(shares * np.log(shares)).sum()))


def drawn(blocks: Sequence[Matrix], count: int, seed: int) -> Matrix:
    """Draw `count` different rows, or all."""
    rows = np.concatenate(blocks) if blocks else np.empty((0, 0), np.float32)
    if len(rows) <= count:
        return rows
    return rows[np.random.default_rng(seed).choice(len(rows), count, replace=False)]


def median_distance(rows: Matrix, others: Matrix) -> float:
    """Return the median distance between two rows of both samples together; of at most 2000 rows, evenly drawn."""
    both = np.concatenate([_thinned(rows), _thinned(others)])
    squares = _squares(both, both)[np.triu_indices(len(both), 1)]
    median = float(np.sqrt(np.median(squares)))
    # More than half of the pairs are equal rows: any other scale will do.
    return median if median > 1e-3 else 1.0


def _thinned(rows: Matrix) -> Matrix:
    return rows[:: -(-len(rows) // (PAIRED // 2))]


def mmd_squared(rows: Matrix, others: Matrix, bandwidth: float) -> float:
    """Return the unbiased estimate of the squared discrepancy."""
    within = sum(_kernel(each, each, bandwidth) / (len(each) * (len(each) - 1)) for each in (rows, others))
    return within - 2 * _kernel(rows, others, bandwidth) / (len(rows) * len(others))


def _kernel(rows: Matrix, others: Matrix, bandwidth: float) -> float:
    """Return the sum of the kernel over all pairs; of a sample with itself, over pairs of two rows."""
    total = 0.0
    for low in range(0, len(rows), BLOCK):
        for begin in range(0, len(others), BLOCK):
            squares = _squares(rows[low : low + BLOCK], others[begin : begin + BLOCK])
            squares *= np.float32(-0.5 / bandwidth**2)
            values = np.exp(squares, out=squares)
            if rows is others and low == begin:
                np.fill_diagonal(values, 0)
            total += float(values.sum(dtype=np.float64))
    return total


def _squares(rows: Matrix, others: Matrix) -> Matrix:
    """Return the squared distances of unit vectors."""
    squares = rows @ others.T
    squares *= -2
    squares += 2
    return np.maximum(squares, 0, out=squares)
