"""Embeddings of all shards, checked and of length one, in a nameless temporary file: memory holds a block at a time."""

import mmap
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from dataflow_ops.errors import BadArgument
from dataflow_ops.op import Shards

Matrix = NDArray[np.float32]
Rows = NDArray[np.int64]
BLOCK = 4096
"""Rows looked at in one go while a shard is read."""


@dataclass(frozen=True)
class Vectors:
    """The rows that have an embedding, in order, each scaled to length one."""

    positions: Rows
    """Where each stands among all rows."""
    published: int
    """How many of them, from the first, are in published shards."""
    width: int
    mapped: mmap.mmap | None = field(repr=False)

    @classmethod
    def of(cls, shards: Shards, column: str, *, first: int = 0) -> "Vectors":
        """Read `column` of all shards from `first` on.

        A null, and a vector of zeros, which has no direction, is no embedding. Raises BadArgument, with the shard, for
        what is not lists of finite numbers, or not as many in every row.
        """
        with tempfile.TemporaryFile() as file:
            places, width = [np.empty(0, np.int64)], 0
            for rows, values in blocks(shards, column, first=first):
                file.write(values.data)
                places.append(rows)
                width = values.shape[1]
            file.flush()
            positions = np.concatenate(places)
            # The mapping outlives the file: whatever ends this process, nothing is left on disk.
            mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) if len(positions) else None
        published = int(np.searchsorted(positions, sum(shards.counts[: shards.published])))
        return cls(positions, published, width, mapped)

    def __len__(self) -> int:
        return len(self.positions)

    def block(self, low: int, high: int) -> Matrix:
        """Return a copy of the rows from `low` to before `high`."""
        rows = self._all()[low:high].copy()
        self._release()
        return rows

    def take(self, rows: Rows) -> Matrix:
        """Return a copy of some rows, in any order."""
        copy = self._all()[rows]
        self._release()
        return copy

    def _all(self) -> Matrix:
        if self.mapped is None:
            return np.empty((0, self.width), np.float32)
        return np.frombuffer(self.mapped, np.float32).reshape(-1, self.width)

    def _release(self) -> None:
        """Let go of what was read: it stays in the cache of the system, but is no longer memory of this process."""
        if self.mapped is not None:
            self.mapped.madvise(mmap.MADV_DONTNEED)

    def sample(self, count: int, seed: int) -> Rows:
        """Draw `count` different rows, or all, and return their numbers in order."""
        count = min(count, len(self))
        return np.sort(np.random.default_rng(seed).choice(len(self), count, replace=False)).astype(np.int64)


def blocks(shards: Shards, column: str, *, first: int = 0) -> Iterator[tuple[Rows, Matrix]]:
    """Yield the rows of all shards from `first` on that have an embedding: their positions, and those of length one."""
    width, begins = 0, sum(shards.counts[:first])
    for shard in range(first, len(shards.counts)):
        whole = shards.read(shard, [column]).column(0)
        for rows, values in units(whole, f"shard {shard}: column {column!r}", width):
            width = values.shape[1]
            yield begins + rows, values
        begins += shards.counts[shard]


def units(column: pa.ChunkedArray, where: str, width: int = 0) -> Iterator[tuple[Rows, Matrix]]:
    """Yield the rows of one column that have an embedding, and those, scaled to length one, some at a time."""
    for present, values in _checked(column, where):
        if len(values):
            width = _same(width, values.shape[1], where)
            rows, scaled = _unit(values)
            yield present[rows], scaled


def _same(width: int, here: int, where: str) -> int:
    if width not in (0, here):
        raise BadArgument(
            f"{where} holds embeddings of {here} numbers where those before have {width}: "
            "expected one model for all rows; embed them anew"
        )
    return here


def _checked(column: pa.ChunkedArray, where: str) -> Iterator[tuple[Rows, NDArray[Any]]]:
    """Yield the numbers of the rows that are not null, and their values as a matrix, some rows at a time."""
    kind = column.type
    if pa.types.is_null(kind):
        return
    listed = pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind)
    if not listed or not (pa.types.is_floating(kind.value_type) or pa.types.is_integer(kind.value_type)):
        raise BadArgument(f"{where} holds {kind}: expected a list of numbers in each row, an embedding")
    begins = 0
    for chunk in column.chunks:
        for low in range(0, len(chunk), BLOCK):
            part = chunk.slice(low, BLOCK)
            present = begins + low + np.flatnonzero(part.is_valid().to_numpy(zero_copy_only=False))
            yield present.astype(np.int64), _matrix(part, present, where)
        begins += len(chunk)


def _matrix(part: pa.Array, present: Rows, where: str) -> NDArray[Any]:
    lengths = pc.unique(pc.list_value_length(part).drop_null()).to_pylist()
    if not lengths:
        return np.empty((0, 0), np.float32)
    if len(lengths) > 1 or not lengths[0]:
        raise BadArgument(f"{where} holds embeddings of {sorted(lengths)} numbers: expected as many in every row")
    values = part.flatten().to_numpy(zero_copy_only=False)
    narrow = values.dtype.itemsize <= 4 and values.dtype.kind == "f"
    values = values.astype(np.float32 if narrow else np.float64, copy=False).reshape(len(present), lengths[0])
    bad = np.flatnonzero(~np.isfinite(values).all(axis=1))
    if len(bad):
        raise BadArgument(
            f"{where}, row {present[bad[0]]}: the embedding holds null, NaN or infinity: "
            "expected finite numbers; embed the row anew or make the whole embedding null"
        )
    return values


def _unit(values: NDArray[Any]) -> tuple[Rows, Matrix]:
    """Scale rows to length one; return which rows are not all zeros, and those."""
    # By the largest number first: squares of very large or very small ones would be infinite or zero.
    largest = np.abs(values).max(axis=1, initial=0)
    rows = np.flatnonzero(largest)
    scaled = values[rows] / largest[rows, np.newaxis]
    scaled /= np.sqrt(np.einsum("ij,ij->i", scaled, scaled))[:, np.newaxis]
    return rows, np.ascontiguousarray(scaled, np.float32)
