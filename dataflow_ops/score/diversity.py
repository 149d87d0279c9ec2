"""Measure a whole dataset: how many different things it says, and how far it is from another one.

These ops reduce all shards to a few numbers. The tables they yield have no rows; the last one carries the numbers in
the metadata of its schema, as JSON under the key `measures`.
"""

import json
from collections.abc import Iterator, Mapping

import pyarrow as pa

from dataflow_ops.errors import BadArgument, nearest
from dataflow_ops.op import Reads, Shards, Table


def vendi(shards: Shards, *, embedding: Reads = "embedding") -> Iterator[pa.Table]:
    """Measure the Vendi score of the rows: how many rows of nothing in common would be as diverse.

    The exponential of the entropy of the eigenvalues of their cosine similarities, divided by the number of rows
    (Friedman and Dieng, 2023): 1 when all point the same way, and at most the number of rows or of dimensions. It comes
    from the second moments of the embeddings, dimensions by dimensions: memory does not grow with rows, and every row
    counts, but for those of published shards and those without an embedding. Measures: `vendi`, absent without any
    row, and `vendi_rows`.
    """
    from dataflow_ops.score._diversity import effective_number, second_moments  # noqa: PLC0415
    from dataflow_ops.vectors import blocks  # noqa: PLC0415 - the shell only reads the signature

    count, moments = second_moments(rows for _, rows in blocks(shards, embedding, first=shards.published))
    measures: dict[str, float] = {"vendi_rows": count}
    if count:
        measures["vendi"] = effective_number(moments)
    yield from _said(shards, measures)


def mmd(
    shards: Shards,
    *,
    embedding: Reads = "embedding",
    reference: Table,
    reference_embedding: str = "embedding",
    bandwidth: float | None = None,
    max_rows: int = 5000,
    seed: int = 0,
) -> Iterator[pa.Table]:
    """Measure the maximum mean discrepancy between the rows and those of `reference`: 0 where both are distributed alike.

    The unbiased estimate of its square (Gretton et al., 2012, lemma 6), which may be a little below 0, for the kernel
    exp(-d² / 2s²) of the distance `d` of embeddings of length one. The `bandwidth` s is, if None, the median distance
    within both samples together: to compare several datasets, give the same to all. Samples of `max_rows` on either
    side are drawn by `seed`, from rows that have an embedding and are not published. Measures: `mmd_squared`, `mmd`
    (its root, 0 when it is negative), `mmd_bandwidth`, `mmd_rows` and `mmd_reference_rows`; without two rows on either
    side only the numbers of rows.
    """
    from dataflow_ops.score._diversity import drawn, median_distance, mmd_squared  # noqa: PLC0415
    from dataflow_ops.vectors import Vectors, units  # noqa: PLC0415

    _check(bandwidth, max_rows)
    given = units(_column(reference, reference_embedding), f"reference: column {reference_embedding!r}")
    others = drawn([rows for _, rows in given], max_rows, seed)
    vectors = Vectors.of(shards, embedding, first=shards.published)
    rows = vectors.take(vectors.sample(max_rows, seed))
    if len(rows) and len(others) and rows.shape[1] != others.shape[1]:
        raise BadArgument(
            f"reference: {reference_embedding!r} holds embeddings of {others.shape[1]} numbers where {embedding!r} has "
            f"{rows.shape[1]}: expected one model for both"
        )
    measures: dict[str, float] = {"mmd_rows": len(rows), "mmd_reference_rows": len(others)}
    if len(rows) > 1 and len(others) > 1:
        width = bandwidth or median_distance(rows, others)
        squared = mmd_squared(rows, others, width)
        measures |= {"mmd_squared": squared, "mmd": max(0.0, squared) ** 0.5, "mmd_bandwidth": width}
    yield from _said(shards, measures)


def _check(bandwidth: float | None, max_rows: int) -> None:
    if bandwidth is not None and not bandwidth > 0:
        raise BadArgument(f"bandwidth={bandwidth!r}: expected a distance above 0, or None for the median")
    if max_rows < 2:
        raise BadArgument(f"max_rows={max_rows!r}: expected 2 or more")


def _column(reference: pa.Table | None, name: str) -> pa.ChunkedArray:
    if reference is None:
        raise BadArgument("reference=None: expected a table with a column of embeddings to compare with")
    if name not in reference.column_names:
        raise BadArgument(f"reference: there is no column {name!r}; {nearest(name, reference.column_names)}")
    return reference[name]


def _said(shards: Shards, measures: Mapping[str, float]) -> Iterator[pa.Table]:
    """Yield a table without rows for each shard that is not published, the last with `measures`."""
    nothing = pa.table({"id": pa.array([], pa.string())})
    for left in range(len(shards.counts) - shards.published, 0, -1):
        yield nothing if left > 1 else nothing.replace_schema_metadata({b"measures": json.dumps(measures)})
