"""The search for similar rows over all shards: pairs that meet in a band, how similar they are, who stays.

Rows are numbered by rank here: 0 is the best row. So the first row of a bucket is the best one in it, a pair is always
(better, worse), and one pass over the sorted pairs decides who stays.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from dataflow_ops.dedup._sketch import Bands
from dataflow_ops.errors import BadArgument
from dataflow_ops.op import Shards
from dataflow_ops.positions import Positions, gather, starts, take

Pairs = NDArray[np.uint64]
"""Better row in the upper 32 bits, worse row in the lower: sorted, the best rows come first."""
Ranks = NDArray[np.int32]
Keep = Literal["first", "longest", "best", "lowest"]
"""Which of several similar rows stays."""
FEW = 10
"""Words of a text that must be the same as another to be similar at all; at ten times as many it hardly matters."""
MARGIN = 0.13
"""Three standard errors of an estimate: pairs further than this below `verify` are not looked at."""


@dataclass(frozen=True)
class Ranking:
    """All rows from the best to the worst: those of published shards first."""

    shards: Shards
    order: Ranks | None
    """Position of the row of each rank; None when they are the same."""

    @classmethod
    def of(cls, shards: Shards, column: str | None, *, lowest: bool = False) -> "Ranking":
        """Rank by a column, higher is better, or lower; null last; by position where it is equal or `column` is None."""
        if column is None:
            return cls(shards, None)
        published, values = int(starts(shards)[shards.published]), np.empty(int(starts(shards)[-1]), np.float64)
        gather(shards, [column], values[np.newaxis, published:], empty=np.nan, first=shards.published)
        order = np.arange(len(values), dtype=np.int32)
        order[published:] = published + np.argsort((values if lowest else -values)[published:], kind="stable")
        return cls(shards, order)

    @classmethod
    def kept(cls, shards: Shards, keep: Keep, score: str | None, *, longest: str = "") -> "Ranking":
        """Rank by what is to be kept; `longest` is the column of lengths."""
        if (keep in {"best", "lowest"}) != (score is not None):
            raise BadArgument(
                f"keep={keep!r} with score={score!r}: name the column of a score when, and only when, keep is 'best' "
                "or 'lowest'"
            )
        return cls.of(shards, longest if keep == "longest" else score, lowest=keep == "lowest")

    @cached_property
    def places(self) -> Ranks | None:
        """Rank of the row at each position."""
        if self.order is None:
            return None
        places = np.empty_like(self.order)
        places[self.order] = np.arange(len(places), dtype=np.int32)
        return places

    @property
    def published(self) -> int:
        """Number of published rows: they have the first ranks."""
        return int(starts(self.shards)[self.shards.published])

    @property
    def rows(self) -> int:
        """Number of all rows."""
        return int(starts(self.shards)[-1])

    def better(self, pairs: Pairs) -> Positions:
        """Return the position of the better row of each pair."""
        return self._positions(pairs >> np.uint64(32))

    def worse(self, pairs: Pairs) -> Positions:
        """Return the position of the worse row of each pair."""
        return self._positions(pairs & np.uint64(0xFFFFFFFF))

    def _positions(self, ranks: Pairs) -> Positions:
        return ranks.astype(np.int64) if self.order is None else self.order[ranks].astype(np.int64)


def candidates(bands: Bands, ranking: Ranking) -> Pairs:
    """Return the pairs that meet in some band: each row with the best and with the last one before it in its bucket.

    Not all pairs of a bucket, which may be most of a dataset: those that are alike meet in other buckets, too.
    """
    from dataflow_ops.dedup._pairs import meet  # noqa: PLC0415 - compiled code is loaded where it is used

    best, last = np.empty(ranking.rows, np.int32), np.empty(ranking.rows, np.int32)
    slots, pairs = np.empty(1 << int(1.4 * ranking.rows).bit_length(), np.int32), np.empty(0, np.uint64)
    for keys in bands.read(ranking.places):
        slots[:] = -1
        meet(keys, slots, best, last)
        best[: ranking.published] = -1
        worse = np.flatnonzero(best >= 0)
        both = [other[worse].astype(np.uint64) << np.uint64(32) | worse.astype(np.uint64) for other in (best, last)]
        pairs = np.unique(np.concatenate([pairs, *both]))
    return pairs


def agreement(bands: Bands, ranking: Ranking, pairs: Pairs) -> NDArray[np.float32]:
    """Estimate the Jaccard similarity of each pair: the share of its hashes that are equal."""
    from dataflow_ops.dedup._pairs import agree  # noqa: PLC0415

    equal = np.zeros(len(pairs), np.uint8)
    for keys in bands.read(ranking.places) if len(pairs) else ():
        agree(keys, pairs, bands.rows, equal)
    return equal.astype(np.float32) / np.float32(max(1, bands.count * bands.rows))


def needed(bands: Bands, ranking: Ranking, pairs: Pairs, threshold: float) -> NDArray[np.float64]:
    """Return how similar each pair must be: `threshold`, and more for short texts, of which few shingles are common."""
    better, worse = ranking.better(pairs), ranking.worse(pairs)
    rows = np.unique(np.concatenate([better, worse]))
    words = take(bands.shards, f"{bands.column}.words", rows, pa.int64()).to_numpy()
    fewest = np.minimum(words[np.searchsorted(rows, better)], words[np.searchsorted(rows, worse)])
    return threshold + (1 - threshold) * np.minimum(1, FEW / np.maximum(fewest, 1))


def stay(ranking: Ranking, pairs: Pairs) -> NDArray[np.bool_]:
    """Return by which of the similar pairs a row goes: its better row stays, and is the best such row."""
    from dataflow_ops.dedup._pairs import cover  # noqa: PLC0415

    used = np.zeros(len(pairs), bool)
    cover(pairs, ranking.published, np.zeros(ranking.rows, bool), used)
    return used
