"""What a sketch is made of, and how the reduce reads it: one band of all rows at a time."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from zlib import crc32

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from dataflow_ops.dedup._text import Texts
from dataflow_ops.errors import BadArgument
from dataflow_ops.op import Shards
from dataflow_ops.positions import gather, starts

HASHES = 128
"""Hashes of a signature, shared out among the bands; a band takes 8 bytes of each row whatever its rows."""
ROWS = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 14, 16)
"""Rows a band may have: those that follow from the number of bands, `HASHES // bands`."""
AT_ONCE = 32 << 20
"""Bytes of bands held at a time, where more than one band of all rows fits."""
FOUND = 0.85
"""Share of pairs at the threshold that meet in a band; of pairs .1 above it at least .95 do."""


VERSION = 1
"""To be raised when the same text and settings give another sketch than before."""


def rows_of_band(threshold: float) -> int:
    """Return how many hashes make a band: the most with which pairs at `threshold` are still found."""
    if not 0 < threshold <= 1:
        raise BadArgument(f"threshold={threshold!r}: expected a Jaccard similarity above 0, at most 1")
    return max((rows for rows in ROWS if 1 - (1 - threshold**rows) ** (HASHES // rows) >= FOUND), default=1)


@dataclass(frozen=True)
class Recipe:
    """All that must be the same for two sketches to be compared."""

    rows: int
    ngram: int
    fold_numbers: bool
    seed: int

    @property
    def bands(self) -> int:
        """Number of bands."""
        return HASHES // self.rows

    @property
    def mark(self) -> int:
        """Number that tells this recipe from others: numbers or not, `ngram`, and a check sum of all the rest."""
        rest = crc32(f"{VERSION} {self.rows} {self.seed}".encode()) << 8 & 0xFFFFFFFF
        return rest | self.ngram << 1 | self.fold_numbers

    @cached_property
    def permutations(self) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
        """Odd factors and terms: x -> factor * x + term (mod 2**32) is a permutation."""
        random, size = np.random.default_rng(self.seed), self.bands * self.rows
        factors, terms = random.integers(0, 2**32, (2, size), np.uint32)
        return factors | np.uint32(1), terms

    def apply(self, chunk: Texts) -> pa.StructArray:
        """Return the sketches of some texts, null for null."""
        from dataflow_ops.dedup import _kernels  # noqa: PLC0415 - compiled code is loaded where it is used
        from dataflow_ops.dedup._fold import fold_table  # noqa: PLC0415

        keys, counts = np.empty((self.bands, len(chunk)), np.uint64), np.empty(len(chunk), np.uint32)
        _kernels.sketch(
            chunk.data, chunk.offsets, fold_table(), not self.fold_numbers, self.ngram, self.rows,
            *self.permutations, keys, counts,
        )  # fmt: skip
        marks = np.full(len(chunk), self.mark, np.uint32)
        return pa.StructArray.from_arrays(
            [*map(pa.array, keys), pa.array(counts), pa.array(marks)],
            fields=list(self.type),
            mask=pa.array(~chunk.valid),
        )

    @property
    def type(self) -> pa.StructType:
        """Bands `b000`, `b001` …; the number of words; the mark of the recipe."""
        bands = [pa.field(band_name(band), pa.uint64()) for band in range(self.bands)]
        return pa.struct([*bands, pa.field("words", pa.uint32()), pa.field("recipe", pa.uint32())])


def band_name(band: int) -> str:
    """Return the field that holds a band."""
    return f"b{band:03d}"


def _marks(shards: Shards, column: str) -> dict[int, int]:
    """Return the recipes of all sketches, each with the first shard that has it."""
    marks: dict[int, int] = {}
    for shard in (shard for shard, rows in enumerate(shards.counts) if rows):
        found = shards.read(shard, [f"{column}.recipe"]).column(0).unique().drop_null().to_pylist()
        marks = dict.fromkeys(found, shard) | marks
    return marks


@dataclass(frozen=True)
class Bands:
    """The sketches of all rows, read one band at a time."""

    shards: Shards
    column: str
    count: int
    mark: int

    @classmethod
    def of(cls, shards: Shards, column: str, threshold: float) -> "Bands":
        """Look how the rows were sketched; BadArgument unless all in one way, and well enough for `threshold`."""
        wanted, marks = rows_of_band(threshold), _marks(shards, column)
        if len(marks) > 1:
            one, other = sorted(marks.values())[:2]
            raise BadArgument(
                f"the sketches in {column!r} of shard {other} were made with other settings than those of shard {one}: "
                "sketch all of them again with the same threshold, ngram, fold_numbers and seed"
            )
        for mark, shard in marks.items():
            kind = shards.read(shard, [column]).schema.field(column).type
            found = cls(shards, column, sum(field.name.startswith("b") for field in kind), mark)
            if found.rows > wanted:
                raise BadArgument(
                    f"the sketches in {column!r} have {found.count} bands, too few to find pairs of similarity {threshold!r}: "
                    f"sketch with threshold={threshold!r}, or ask for more similarity"
                )
            return found
        return cls(shards, column, 0, 0)

    @property
    def rows(self) -> int:
        """Hashes in a band."""
        return HASHES // max(1, self.count)

    @property
    def ngram(self) -> int:
        """Words of a shingle."""
        return self.mark >> 1 & 0x7F

    @property
    def numbers(self) -> bool:
        """Whether numbers are told apart."""
        return not self.mark & 1

    def read(self, places: NDArray[np.int32] | None) -> Iterator[NDArray[np.uint64]]:
        """Yield band after band of all rows, in the same array; 0 for a row without a sketch. Row `i` is at `places[i]`.

        As many bands are read at a time as fit in AT_ONCE: a store is asked less often.
        """
        edges = starts(self.shards)
        step = max(1, min(self.count, AT_ONCE // max(1, 8 * int(edges[-1]))))
        keys = np.empty((step, int(edges[-1])), np.uint64)
        for first in range(0, self.count, step):
            fields = [f"{self.column}.{band_name(band)}" for band in range(first, min(first + step, self.count))]
            gather(self.shards, fields, keys, empty=0, places=places)
            yield from keys[: len(fields)]
