"""Farthest-first traversal over embeddings on disk: many steps for each pass over them, and the same as one by one."""

from dataclasses import dataclass

import numpy as np

from dataflow_ops.vectors import Matrix, Rows, Vectors

BLOCK = 4096
"""Rows compared with the newly chosen ones at a time."""
POOL = 1024
"""Farthest rows among which the next are looked for before all rows are compared again."""
SAME = np.float32(1 - 2e-6)
CHOSEN = np.float32(np.inf)
"""Stands for the cosine of a chosen row with itself: it cannot be chosen again."""


def farthest_first(vectors: Vectors, count: int, seed: int) -> Rows:
    """Return up to `count` rows that are not published, in the order of choice."""
    state = Nearness.of(vectors)
    new, chosen = len(vectors) - vectors.published, np.empty(0, np.int64)
    count = min(count, new)
    if count and not vectors.published:
        chosen = np.random.default_rng(seed).integers(new, size=1)
        state.choose(chosen)
    while len(chosen) < count:
        more = state.next(count - len(chosen))
        state.choose(more)
        chosen = np.concatenate([chosen, more])
    return chosen


@dataclass
class Nearness:
    """How near each row that is not published is to the nearest chosen one, as a cosine: the smallest is farthest."""

    vectors: Vectors
    cosines: Matrix

    @classmethod
    def of(cls, vectors: Vectors) -> "Nearness":
        """Compare all rows with the published ones."""
        state = cls(vectors, np.full(len(vectors) - vectors.published, -np.inf, np.float32))
        for low in range(0, vectors.published, BLOCK):
            state.compare(vectors.block(low, min(low + BLOCK, vectors.published)))
        return state

    def choose(self, rows: Rows) -> None:
        """Note that `rows` are chosen."""
        self.compare(self.vectors.take(rows))
        self.cosines[rows - self.vectors.published] = CHOSEN

    def compare(self, centres: Matrix) -> None:
        """Take into account that `centres` are chosen."""
        first = self.vectors.published
        for low in range(0, len(self.cosines), BLOCK):
            rows = self.vectors.block(first + low, min(first + low + BLOCK, len(self.vectors)))
            here = self.cosines[low : low + BLOCK]
            np.maximum(here, _capped((rows @ centres.T).max(axis=1)), out=here)

    def next(self, most: int) -> Rows:
        """Choose up to `most` rows, at least one, that choosing one by one would choose next.

        Being chosen only brings others nearer. So as long as some row of a pool of the farthest ones is farther than
        every row outside it was at first, the next one to choose is in the pool.
        """
        pool, outside = self._pool()
        rows = self.vectors.take(pool + self.vectors.published)
        nearness = self.cosines[pool]
        chosen: list[int] = []
        while len(chosen) < most:
            number = int(nearness.argmin())
            if nearness[number] == CHOSEN or (float(nearness[number]), int(pool[number])) > outside:
                break
            chosen.append(int(pool[number]))
            np.maximum(nearness, _capped(rows @ rows[number]), out=nearness)
            nearness[number] = CHOSEN
        return np.array(chosen, np.int64) + self.vectors.published

    def _pool(self) -> tuple[Rows, tuple[float, int]]:
        """Return the farthest rows, in their order, and the cosine and number of the last one: none outside is before.

        Of rows equally far the first are taken.
        """
        if len(self.cosines) <= POOL:
            return np.arange(len(self.cosines)), (float(CHOSEN), 0)
        last = np.partition(self.cosines, POOL - 1)[POOL - 1]
        farther = np.flatnonzero(self.cosines < last)
        equal = np.flatnonzero(self.cosines == last)[: POOL - len(farther)]
        return np.sort(np.concatenate([farther, equal])), (float(last), int(equal[-1]))


def _capped(cosines: Matrix) -> Matrix:
    """Make the cosines of equal rows equal: rounding must not tell them apart."""
    cosines[cosines > SAME] = 1
    return cosines
