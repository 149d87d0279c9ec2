"""Rows cut into shards, and what a reduce op says of them."""

from itertools import pairwise

import pyarrow as pa
from hypothesis import strategies as st

from dataflow_ops.op import InMemory, in_order


def table(texts, kind="string"):
    return pa.table({"id": [f"row-{number:03d}" for number in range(len(texts))], "text": pa.array(texts, kind)})


def cut(whole, cuts, published=0):
    """Cut a table at row numbers; the first `published` shards are published already."""
    edges = [0, *sorted(min(place, whole.num_rows) for place in cuts), whole.num_rows]
    return InMemory([whole.slice(low, high - low) for low, high in pairwise(edges)], published)


def named(op, shards, column="duplicate_of", **settings):
    """Return what `op` writes into `column`, by id."""
    found = {}
    for part in in_order(op(shards, **settings), shards):
        found |= dict(zip(part["id"].to_pylist(), part[column].to_pylist(), strict=True))
    return found


def survivors(whole, gone):
    return whole.filter(pa.array([row not in gone for row in whole["id"].to_pylist()], pa.bool_()))


cuts = st.lists(st.integers(0, 30), max_size=4)
