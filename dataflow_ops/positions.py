"""Rows of all shards under one number each, their position: a reduce op thinks in positions, and asks for ids last."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from dataflow_ops.errors import BadArgument
from dataflow_ops.op import Shards

Positions = NDArray[np.int64]
MOST_ROWS = 2**31 - 2
"""Positions are held in 32 bits where there is one for every row: half the memory."""


def starts(shards: Shards) -> Positions:
    """Return the position of the first row of each shard, and the number of all rows at the end."""
    edges = np.concatenate([[0], np.cumsum(np.asarray(shards.counts, np.int64))]).astype(np.int64)
    if edges[-1] > MOST_ROWS:
        raise BadArgument(
            f"{edges[-1]} rows: one comparison holds at most {MOST_ROWS}; split the dataset, by language for example"
        )
    return edges


def within(positions: Positions, edges: Positions, shard: int) -> slice:
    """Return where sorted `positions` lie in `shard`."""
    low, high = np.searchsorted(positions, edges[shard : shard + 2])
    return slice(int(low), int(high))


def take(shards: Shards, column: str, positions: Positions, kind: pa.DataType) -> pa.Array:
    """Return the values of `column` at sorted `positions`, as `kind`; shards without any are not read."""
    edges, parts = starts(shards), []
    for shard in range(len(shards.counts)):
        here = positions[within(positions, edges, shard)]
        if len(here):
            values = shards.read(shard, [column]).column(0)
            parts += values.take(pa.array(here - edges[shard])).cast(kind).chunks
    return pa.concat_arrays(parts) if parts else pa.array([], kind)


def gather(
    shards: Shards,
    columns: Sequence[str],
    out: NDArray[Any],
    *,
    empty: float,
    places: NDArray[np.int32] | None = None,
    first: int = 0,
) -> None:
    """Fill `out[i]` with column `i` of all rows from shard `first` on, `empty` for null.

    The row at position `p` goes to `places[p]` if there are `places`.
    """
    edges, kind = starts(shards), pa.from_numpy_dtype(out.dtype)
    for shard in range(first, len(shards.counts)):
        rows: Any = slice(edges[shard] - edges[first], edges[shard + 1] - edges[first])
        rows = rows if places is None else places[rows]
        for values, column in zip(out, shards.read(shard, columns).columns, strict=False):
            values[rows] = column.cast(kind).fill_null(empty).to_numpy()


def sparse(shards: Shards, positions: Positions, columns: Mapping[str, pa.Array]) -> Iterator[pa.Table]:
    """Yield `id` and `columns`, whose values belong to sorted `positions`, for each shard that is not published."""
    edges = starts(shards)
    for shard in range(shards.published, len(shards.counts)):
        here = within(positions, edges, shard)
        ids: pa.Array | pa.ChunkedArray = pa.array([], pa.string())
        if here.stop > here.start:
            ids = shards.read(shard, ["id"])["id"].take(pa.array(positions[here] - edges[shard]))
        part = {name: _slim(values.slice(here.start, here.stop - here.start)) for name, values in columns.items()}
        yield pa.table({"id": ids, **part})


def _slim(values: pa.Array) -> pa.Array:
    return values.cast(pa.string()) if pa.types.is_large_string(values.type) else values


def ids_of(shards: Shards, positions: Positions) -> pa.Array:
    """Return the ids of the rows at `positions`, in any order, any number of times."""
    rows, places = np.unique(positions, return_inverse=True)
    return take(shards, "id", rows, pa.large_string()).take(pa.array(places))


def joined(df: pd.DataFrame, found: pa.Table) -> pd.DataFrame:
    """Return `df` with the columns of `found` beside it by `id`, null for other rows."""
    columns = found.to_pandas(types_mapper=pd.ArrowDtype).set_index("id").reindex(df["id"])
    return df.assign(**{name: columns[name].array for name in columns})
