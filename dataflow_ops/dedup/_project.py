"""Fewer numbers for each embedding, so that two rows never look less alike than they are."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float32]
WIDTHS = (15, 31, 63, 127, 255)
"""Axes to choose from; the coordinate of the rest makes it a multiple of 16."""
GATHER = 40.0
"""How much dearer it is to look up a pair of rows and compare them in full than to multiply as many numbers in a row."""
SLACK = 1e-5
"""More than 32-bit rounding takes from a bound."""
PAIRED = 1500
"""Rows of the sample that are compared with each other."""


@dataclass(frozen=True)
class Projection:
    """The main axes of a sample, and the length of what is left as one coordinate more.

    The result has length one, and its cosines are upper bounds of the true ones: by Cauchy and Schwarz, what two rows
    have in common beyond the axes is at most the product of the lengths left.
    """

    axes: Matrix | None
    """None: all numbers are kept."""

    def __call__(self, rows: Matrix) -> Matrix:
        """Return the coordinates of `rows`."""
        if self.axes is None:
            return rows
        out = np.empty((len(rows), self.axes.shape[1] + 1), np.float32)
        np.matmul(rows, self.axes, out=out[:, :-1])
        rest = 1 - np.einsum("ij,ij->i", out[:, :-1], out[:, :-1])
        # The root of a rounding error is large: what is added keeps the bound an upper one.
        out[:, -1] = np.sqrt(np.maximum(rest, 0) + np.float32(SLACK / 10))
        return out

    @classmethod
    def of(cls, sample: Matrix, threshold: float) -> "Projection":
        """Choose the number of axes that makes the search for pairs of at least `threshold` cheapest."""
        width = sample.shape[1]
        centred = sample.astype(np.float64) - sample.mean(axis=0)
        axes = np.linalg.eigh(centred.T @ centred)[1][:, ::-1].astype(np.float32)
        choices = [cls(np.ascontiguousarray(axes[:, :few])) for few in WIDTHS if few + 1 < width]
        paired = sample[:PAIRED]
        alike = _share(paired, threshold)
        costs = [each.width + GATHER * width * (_share(each(paired), threshold) - alike) for each in choices]
        best = int(np.argmin([*costs, width]))
        return choices[best] if best < len(choices) else cls(None)

    @property
    def width(self) -> int:
        """Coordinates of a row."""
        return self.axes.shape[1] + 1 if self.axes is not None else 0


def _share(rows: Matrix, threshold: float) -> float:
    """Return which share of pairs of `rows` has a cosine of at least `threshold`."""
    return float(np.count_nonzero(rows @ rows.T >= threshold)) / max(1, len(rows) ** 2)
