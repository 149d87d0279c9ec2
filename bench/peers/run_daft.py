"""Daft: its native `minhash` with bands in numpy and components in scipy; exact duplicates by hash."""

import sys

import daft
import numpy as np
from daft import col
from daft.functions import hash as hashed
from daft.functions import minhash, normalize
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

BANDS, ROWS = 14, 8


def near(source: str, target: str, *, normalised: bool = False) -> None:
    """Drop near-duplicates: the first row of every connected component of documents with a band in common stays."""
    rows = daft.read_parquet(f"{source}/*.parquet")
    text = (
        normalize(col("text"), remove_punct=True, lowercase=True, nfd_unicode=True, white_space=True)
        if normalised
        else col("text")
    )
    signed = rows.select(
        col("id"), minhash(text, num_hashes=BANDS * ROWS, ngram_size=5, hash_function="xxhash").alias("sketch")
    )
    table = signed.to_arrow()
    sketches = np.array(table["sketch"].combine_chunks().flatten()).reshape(-1, BANDS, ROWS)
    starts, ends = [], []
    for band in range(BANDS):
        keys = np.ascontiguousarray(sketches[:, band]).view(f"V{4 * ROWS}").ravel()
        _, first, inverse = np.unique(keys, return_index=True, return_inverse=True)
        starts.append(first[inverse])
        ends.append(np.arange(len(keys)))
    edges = (np.concatenate(starts), np.concatenate(ends))
    graph = coo_array((np.ones(len(edges[0]), bool), edges), shape=(len(sketches), len(sketches)))
    _, first = np.unique(connected_components(graph, directed=False)[1], return_index=True)
    kept = daft.from_arrow(table.take(np.sort(first)).select(["id"]))
    rows.join(kept, on="id", how="semi").write_parquet(f"{target}/survivors", compression="zstd")


def near_normalised(source: str, target: str) -> None:
    """Do the same on text normalised by its native `normalize`."""
    near(source, target, normalised=True)


def exact(source: str, target: str) -> None:
    """Drop rows whose text has the hash of another row's."""
    rows = daft.read_parquet(f"{source}/*.parquet")
    firsts = rows.with_column("hash", hashed(col("text"))).groupby("hash").agg(col("id").min())
    rows.join(firsts, on="id", how="semi").write_parquet(f"{target}/survivors", compression="zstd")


if __name__ == "__main__":
    {"near": near, "near-normalised": near_normalised, "exact": exact}[sys.argv[1]](*sys.argv[2:4])
