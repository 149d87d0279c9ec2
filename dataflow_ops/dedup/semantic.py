"""Rows whose embeddings are nearly the same: they say the same in other words."""

from collections.abc import Iterator
from typing import Annotated, Literal

import numpy as np
import pyarrow as pa

from dataflow_ops.errors import BadArgument
from dataflow_ops.op import Reads, Shards, Writes
from dataflow_ops.positions import ids_of, sparse

MaybeReads = Annotated[str | None, "reads"]
Keep = Literal["first", "best", "lowest"]


def duplicates(
    shards: Shards,
    *,
    embedding: Reads = "embedding",
    threshold: float = 0.95,
    keep: Keep = "first",
    score: MaybeReads = None,
    duplicate_of: Writes = "semantic_duplicate_of",
    similarity: Writes = "similarity",
    clusters: int | None = None,
    seed: int = 0,
) -> Iterator[pa.Table]:
    """Name, for each row whose embedding is nearly that of a better row, the best such row that stays.

    Better is the `first`, or the one with the `best` (highest) or the `lowest` `score`, where false is less than true; a
    null score is worse than any, and ties go to the first. Nearly means a cosine of at least `threshold`; `similarity`
    is that cosine. Every row named stays itself, and rows of published shards stay and are better than all others.
    Embeddings need not have length one; a null or a vector of zeros is no one's
    duplicate. Raises BadArgument for embeddings of different lengths, or with NaN.

    The result is that of comparing every row with every better one that stays: the search leaves out only pairs that
    cannot be alike. Rows lie in clusters (SemDeDup: Abbas et al., 2023), and two rows further from the border between
    theirs than like rows can lie apart are not compared; the others are compared by their coordinates along the main
    axes first, which bound the cosine from above. So `clusters` (the root of the number of rows if None) and `seed`
    decide about time alone. Memory: some 100 bytes a row at the 16 axes that embeddings of texts take, up to 1,300 at
    256; embeddings wait in a temporary file.
    """
    from dataflow_ops.dedup._nearest import Search, cosines_of  # noqa: PLC0415 - the shell only reads the signature
    from dataflow_ops.dedup._ranked import RankedVectors  # noqa: PLC0415
    from dataflow_ops.dedup._similar import Ranking  # noqa: PLC0415
    from dataflow_ops.vectors import Vectors  # noqa: PLC0415

    if not 0 < threshold <= 1:
        raise BadArgument(f"threshold={threshold!r}: expected a cosine above 0 and at most 1, 0.95 for example")
    if clusters is not None and clusters < 1:
        raise BadArgument(f"clusters={clusters!r}: expected 1 or more, or None")
    vectors = RankedVectors.by(Ranking.kept(shards, keep, score), Vectors.of(shards, embedding))
    gone = firsts = np.empty(0, np.int64)
    if len(vectors) > vectors.published:
        gone, firsts = Search.over(vectors, threshold, clusters, seed).run()
    positions = vectors.positions[gone]
    by_position = np.argsort(positions)
    alike = pa.array(cosines_of(vectors, gone, firsts)[by_position])
    named = ids_of(shards, vectors.positions[firsts][by_position])
    yield from sparse(shards, positions[by_position], {duplicate_of: named, similarity: alike})
