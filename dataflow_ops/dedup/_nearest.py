"""The search for rows alike: each row against the rows before it that stay, cluster by cluster, without missing one."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from dataflow_ops.dedup._clusters import Clusters
from dataflow_ops.dedup._project import SLACK, Projection
from dataflow_ops.vectors import Matrix, Rows, Vectors

BLOCK = 2048
"""Rows that are looked up in one go."""
TILE = 1 << 20
"""Cosines held at a time."""
FULL = 1 << 21
"""Numbers of embeddings compared in full at a time."""
SAMPLE, FEWEST = 4096, 64
"""Rows from which axes are found, and rows of a sample for each cluster."""
TRIES = (0, 1, 8, 64, 1 << 40)
"""A row needs one row alike: of those that may be, first one is looked at, then some, then all."""
NUMBER = 40
"""Bits for the number of a row, below those for its place in a block."""
NONE = np.iinfo(np.int64).max
ROUNDING = 1e-7


@dataclass
class Shelves:
    """Rows that stay, those of a cluster together, each with its few coordinates and its number."""

    rows: list[Matrix]
    names: list[Rows]
    filled: NDArray[np.int64]
    least: Matrix
    """The smallest gap that a row of one cluster has towards another."""

    @classmethod
    def empty(cls, count: int, width: int) -> "Shelves":
        """Return shelves for `count` clusters."""
        rows = [np.empty((0, width), np.float32) for _ in range(count)]
        names = [np.empty(0, np.int64) for _ in range(count)]
        return cls(rows, names, np.zeros(count, np.int64), np.full((count, count), np.inf, np.float32))

    def put(self, rows: Matrix, names: Rows, own: Rows, gaps: Matrix) -> None:
        """Add rows to the shelves of their clusters; names are larger than all before."""
        order = np.argsort(own, kind="stable")
        clusters, begins = np.unique(own[order], return_index=True)
        for cluster, (low, high) in zip(clusters.tolist(), pairwise([*begins.tolist(), len(order)]), strict=True):
            here = order[low:high]
            self.least[cluster] = np.minimum(self.least[cluster], gaps[here].min(axis=0))
            self._room(cluster, len(here))
            end = int(self.filled[cluster])
            self.rows[cluster][end : end + len(here)] = rows[here]
            self.names[cluster][end : end + len(here)] = names[here]
            self.filled[cluster] += len(here)

    def _room(self, cluster: int, more: int) -> None:
        needed, held = int(self.filled[cluster]) + more, self.rows[cluster]
        if needed > len(held):
            size = max(needed, len(held) * 5 // 4, 16)
            wider = np.empty((size, held.shape[1]), np.float32)
            wider[: len(held)] = held
            self.rows[cluster] = wider
            self.names[cluster] = np.resize(self.names[cluster], size) if len(held) else np.empty(size, np.int64)


@dataclass
class Search:
    """Rows of `vectors` in their order; those that are alike to none before them that stays, stay."""

    vectors: Vectors
    threshold: float
    project: Projection
    clusters: Clusters
    shelves: Shelves = field(init=False)

    def __post_init__(self) -> None:
        self.shelves = Shelves.empty(*self.clusters.centres.shape)

    @classmethod
    def over(cls, vectors: Vectors, threshold: float, clusters: int | None, seed: int) -> "Search":
        """Find axes and clusters from samples; they make the search cheaper and change nothing in what it finds."""
        count = min(clusters or round(len(vectors) ** 0.5), len(vectors))
        project = Projection.of(vectors.take(vectors.sample(SAMPLE, seed)), threshold)
        sample = vectors.sample(FEWEST * count, seed)
        few = np.concatenate([project(vectors.take(part)) for part in _parts(sample, BLOCK)])
        farthest = float(np.sqrt(max(0.0, 2 - 2 * (threshold - 2 * SLACK))))
        return cls(vectors, threshold, project, Clusters.of(few, count, farthest, seed))

    def run(self) -> tuple[Rows, Rows]:
        """Return the rows that go, in order, and for each the first row alike that stays."""
        gone, firsts = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
        for low, high in _blocks(self.vectors):
            first = self._look_up(low, high)
            rows = np.flatnonzero(first != NONE)
            gone.append(rows + low)
            firsts.append(first[rows])
        return np.concatenate(gone), np.concatenate(firsts)

    def _look_up(self, low: int, high: int) -> Rows:
        """Return for each row of a block the first row alike before it that stays, and shelve the rows that stay."""
        whole = self.vectors.block(low, high)
        rows, first = self.project(whole), np.full(high - low, NONE)
        own, gaps = self.clusters.gaps(rows)
        if low >= self.vectors.published:
            self._among_shelved(whole, rows, own, gaps, first)
            self._among_themselves(whole, rows, low, first)
        stay = np.flatnonzero(first == NONE)
        self.shelves.put(rows[stay], stay + low, own[stay], gaps[stay])
        return first

    def _among_shelved(self, whole: Matrix, rows: Matrix, own: Rows, gaps: Matrix, first: Rows) -> None:
        near = np.ascontiguousarray((gaps + self.shelves.least.T[own] <= self.clusters.reach[own]).T)
        hits, held = [np.empty(0, np.int64)], 0
        for cluster in np.flatnonzero(near.any(axis=1)).tolist():
            for found in self._hits(rows, np.flatnonzero(near[cluster]), cluster):
                hits.append(found)
                held += len(found)
                if held > TILE:
                    self._settle(whole, np.concatenate(hits), first)
                    hits, held = hits[:1], 0
        self._settle(whole, np.concatenate(hits), first)

    def _hits(self, rows: Matrix, asking: Rows, cluster: int) -> Iterator[Rows]:
        """Yield which of the rows asking may be alike to which of a shelf, both in one number: the asking one first."""
        filled, names = int(self.shelves.filled[cluster]), self.shelves.names[cluster]
        shelf = self.shelves.rows[cluster][:filled]
        for part in _parts(asking, max(1, TILE // filled)):
            asks, found = np.divmod(np.flatnonzero(rows[part] @ shelf.T >= self.threshold - SLACK), filled)
            if len(asks):
                yield part[asks] << NUMBER | names[found]

    def _settle(self, whole: Matrix, hits: Rows, first: Rows) -> None:
        """Note for each row the first of the rows that may be alike, in their order, that is alike in full."""
        hits.sort()
        asks, found = hits >> NUMBER, hits & ((1 << NUMBER) - 1)
        begins = np.flatnonzero(np.diff(asks, prepend=-1))
        rank = np.arange(len(asks)) - np.repeat(begins, np.diff(begins, append=len(asks)))
        for low, high in pairwise(TRIES):
            tried = np.flatnonzero((rank >= low) & (rank < high) & (found < first[asks]))
            for part in _parts(tried, max(1, FULL // whole.shape[1])):
                true = self._alike(whole[asks[part]], self.vectors.take(found[part]))
                np.minimum.at(first, asks[part[true]], found[part[true]])

    def _alike(self, rows: Matrix, others: Matrix) -> NDArray[np.bool_]:
        """Tell which pairs of rows are alike, or which of `others` are to one row."""
        alike = np.einsum("...j,...j->...", rows, others) >= self.threshold - SLACK
        near = np.flatnonzero(alike)
        alike[near] = cosines(rows[near] if rows.ndim > 1 else rows, others[near]) >= self.threshold - ROUNDING
        return alike

    def _among_themselves(self, whole: Matrix, rows: Matrix, low: int, first: Rows) -> None:
        """Compare the rows of a block that are alike to no shelved one, one after the other."""
        left = np.flatnonzero(first == NONE)
        near = np.tril(rows[left] @ rows[left].T >= self.threshold - SLACK, -1)
        stay = np.ones(len(left), bool)
        for number in np.flatnonzero(near.any(axis=1)).tolist():
            others = left[np.flatnonzero(near[number, :number] & stay[:number])]
            row = left[number]
            true = others[self._alike(whole[row], whole[others])]
            if len(true):
                stay[number], first[row] = False, true[0] + low


def cosines(rows: Matrix, others: Matrix) -> NDArray[np.float64]:
    """Return the cosine of each row with the other of the same number, or of one row with each."""
    left, right = rows.astype(np.float64), others.astype(np.float64)
    lengths = np.einsum("...j,...j->...", left, left) * np.einsum("...j,...j->...", right, right)
    return np.einsum("...j,...j->...", left, right) / np.sqrt(lengths)


def cosines_of(vectors: Vectors, rows: Rows, others: Rows) -> NDArray[np.float32]:
    """Return the cosines of pairs of rows, at most 1."""
    parts = [
        cosines(vectors.take(left), vectors.take(right))
        for left, right in zip(_parts(rows, BLOCK), _parts(others, BLOCK), strict=True)
    ]
    return np.minimum(1, np.concatenate(parts), dtype=np.float32) if parts else np.empty(0, np.float32)


def _blocks(vectors: Vectors) -> Iterator[tuple[int, int]]:
    """Yield the edges of blocks of rows; none holds both published and new rows."""
    for low, high in ((0, vectors.published), (vectors.published, len(vectors))):
        for begin in range(low, high, BLOCK):
            yield begin, min(begin + BLOCK, high)


def _parts(rows: Rows, size: int) -> Iterator[Rows]:
    for low in range(0, len(rows), size):
        yield rows[low : low + size]
