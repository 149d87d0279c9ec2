import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dataflow_ops.dedup import _farthest
from dataflow_ops.dedup.coverage import k_center
from dataflow_ops.errors import BadArgument
from dataflow_ops.filters.values import is_true
from dataflow_ops.op import InMemory, in_order
from tests.dedup.shards import cut, cuts
from tests.dedup.test_semantic import cosines, embedded

ROUNDING = 1e-5
"""Of a cosine of embeddings, which have single precision; those of equal rows count as 1 from 2e-6 below it."""


def chosen(shards, count, **settings):
    """Return the numbers of the rows chosen, by rank."""
    ranks = {}
    for part in in_order(k_center(shards, count=count, **settings), shards):
        assert set(part["selected"].to_pylist()) <= {True}
        ranks |= dict(zip(part["selection_rank"].to_pylist(), part["id"].to_pylist(), strict=True))
    assert sorted(ranks) == list(range(1, len(ranks) + 1))
    return [int(ranks[rank][4:]) for rank in sorted(ranks)]


def is_farthest_first(rows, order, published=0):
    """Say whether each row was the farthest from those before it; of two equally far within rounding either may be."""
    alike, before = cosines(rows), list(range(published)) or order[:1]
    nearest = alike[:, before].max(axis=1)
    for number in order if published else order[1:]:
        nearest[before] = np.inf
        if nearest[number] > nearest.min() + ROUNDING:
            return False
        before.append(number)
        nearest = np.maximum(nearest, alike[:, number])
    return True


def scattered(rows, width, seed):
    return np.random.default_rng(seed).standard_normal((rows, width))


@settings(deadline=None)
@given(
    st.builds(scattered, st.integers(1, 60), st.integers(2, 12), st.integers(0, 2**32)),
    st.integers(1, 60),
    cuts,
    st.integers(0, 2),
    st.integers(0, 9),
)
def test_the_choice_is_that_of_choosing_one_by_one(rows, count, places, old, seed):
    shards = cut(embedded(rows), places, min(old, len(places)))
    published = sum(shards.counts[: shards.published])
    found = chosen(shards, count, seed=seed)
    assert len(found) == len(set(found)) == min(count, len(rows) - published)
    assert is_farthest_first(rows, found, published)


@pytest.mark.parametrize("published", [0, 1])
def test_many_rows_in_several_pools(published, monkeypatch):
    monkeypatch.setattr(_farthest, "POOL", 100)
    rows = scattered(2000, 10, seed=3)
    shards = cut(embedded(rows), [1500 if published == 0 else 50], published)
    found = chosen(shards, 300)
    assert len(set(found)) == 300
    assert is_farthest_first(rows, found, 50 * published)


@settings(deadline=None)
@given(st.integers(0, 100))
def test_at_most_twice_as_far_as_the_best_choice(seed):
    groups = scattered(5, 30, seed=7)
    rows = np.repeat(groups, 8, axis=0) + 0.01 * scattered(40, 30, seed)
    assert sorted(row // 8 for row in chosen(InMemory([embedded(rows)]), 5, seed=seed)) == [0, 1, 2, 3, 4]


def test_the_seed_draws_the_first_row_and_nothing_else():
    rows = embedded(scattered(50, 8, seed=0))
    firsts = {chosen(InMemory([rows]), 1, seed=seed)[0] for seed in range(40)}
    assert len(firsts) > 15
    assert chosen(InMemory([rows]), 20, seed=5) == chosen(cut(rows, [3, 20]), 20, seed=5)
    assert chosen(InMemory([rows]), 20, seed=5)[:7] == chosen(InMemory([rows]), 7, seed=5)


def test_equal_rows_are_chosen_last_and_each_once():
    rows = np.repeat(scattered(3, 20, seed=1), 1000, axis=0)
    found = chosen(InMemory([embedded(rows)]), 2500)
    assert sorted(row // 1000 for row in found[:3]) == [0, 1, 2]
    assert len(set(found)) == 2500


def test_rows_without_an_embedding_are_never_chosen():
    rows = [None, [0, 0], [1, 0], None, [0, 1], [0, 0]]
    assert sorted(chosen(InMemory([embedded(rows)]), 6)) == [2, 4]


def test_a_selection_is_kept_by_is_true():
    whole = embedded(scattered(9, 3, seed=0))
    (part,) = k_center(InMemory([whole]), count=4)
    joined = whole.select(["id"]).join(part, "id", join_type="left outer")
    assert sorted(is_true(joined, column="selected")["id"].to_pylist()) == part["id"].to_pylist()


@pytest.mark.parametrize("tables", [[], [embedded([])], [embedded([None])], [embedded([]), embedded([None, None])]])
def test_nothing_to_choose_from(tables):
    shards = InMemory(tables)
    parts = list(in_order(k_center(shards, count=3), shards))
    assert [part.column_names for part in parts] == [["id", "selected", "selection_rank"]] * len(tables)
    assert sum(part.num_rows for part in parts) == 0
    assert all(part.schema.field("selected").type == pa.bool_() for part in parts)


def test_count_and_embeddings_are_checked():
    with pytest.raises(BadArgument, match="count=0: expected 1 or more"):
        list(k_center(InMemory([]), count=0))
    with pytest.raises(BadArgument, match="shard 1: column 'embedding'"):
        list(k_center(InMemory([embedded([[1, 2]]), embedded([[1, 2, 3]])]), count=1))
