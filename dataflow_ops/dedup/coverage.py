"""Choose few rows so that every row has a chosen one near."""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from dataflow_ops.errors import BadArgument
from dataflow_ops.op import Reads, Shards, Writes
from dataflow_ops.positions import sparse


def k_center(
    shards: Shards,
    *,
    embedding: Reads = "embedding",
    count: int,
    selected: Writes = "selected",
    rank: Writes = "selection_rank",
    seed: int = 0,
) -> Iterator[pa.Table]:
    """Choose `count` rows one after the other, each the one farthest by angle from all chosen before it.

    The first is drawn by `seed`, unless there are published rows: they count as chosen, all of them. `selected` is true
    for a row chosen and null for the others (`filters.values.is_true` keeps those chosen); `rank` counts from 1 in the
    order of choice, so a smaller selection is the rows up to a smaller rank. A row without an embedding, null or zeros,
    is never chosen; when there are not `count` others, all of them are.

    No choice of as many rows leaves the farthest row less than half as far (k-center greedy: Gonzalez, 1985; as
    core-set for training: Sener and Savarese, 2018). Time grows with rows times `count`, plus new times published rows;
    memory is 16 bytes a row and 100 MiB, since embeddings wait in a temporary file.
    """
    from dataflow_ops.dedup._farthest import farthest_first  # noqa: PLC0415 - the shell only reads the signature
    from dataflow_ops.vectors import Vectors  # noqa: PLC0415

    if count < 1:
        raise BadArgument(f"count={count!r}: expected 1 or more rows")
    vectors = Vectors.of(shards, embedding)
    chosen = farthest_first(vectors, count, seed)
    order = np.argsort(chosen)
    columns = {
        selected: pa.array(np.ones(len(chosen), bool)),
        rank: pa.array((order + 1).astype(np.int32)),
    }
    yield from sparse(shards, vectors.positions[chosen[order]], columns)
