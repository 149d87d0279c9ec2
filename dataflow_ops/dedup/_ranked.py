"""Embeddings in the order in which rows are to stay, not in that in which they were read."""

from dataclasses import dataclass

import numpy as np

from dataflow_ops.dedup._similar import Ranking
from dataflow_ops.vectors import Matrix, Rows, Vectors


@dataclass(frozen=True)
class RankedVectors(Vectors):
    """Vectors of which row `i` is row `order[i]` of what was read; `positions` go with them, and so do not ascend."""

    order: Rows

    @classmethod
    def by(cls, ranking: Ranking, vectors: Vectors) -> Vectors:
        """Return `vectors` from the best row to the worst."""
        if ranking.places is None:
            return vectors
        order = np.argsort(ranking.places[vectors.positions])
        return cls(vectors.positions[order], vectors.published, vectors.width, vectors.mapped, order)

    def block(self, low: int, high: int) -> Matrix:
        """Return a copy of the rows from `low` to before `high`."""
        return super().take(self.order[low:high])

    def take(self, rows: Rows) -> Matrix:
        """Return a copy of some rows, in any order."""
        return super().take(self.order[rows])
