import json

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dataflow_ops.errors import BadArgument
from dataflow_ops.op import InMemory, describe, in_order
from dataflow_ops.score import _diversity
from dataflow_ops.score.diversity import mmd, vendi


def embedded(rows):
    ids = [f"row-{number}" for number in range(len(rows))]
    return pa.table({"id": ids, "embedding": pa.array([None if row is None else list(row) for row in rows], VECTOR)})


VECTOR = pa.list_(pa.float64())


def measures(op, *tables, published=0, **settings):
    shards = InMemory(tables, published)
    parts = list(in_order(op(shards, **settings), shards))
    assert all(part.num_rows == 0 and part.column_names == ["id"] for part in parts)
    assert all(part.schema.metadata is None for part in parts[:-1])
    return json.loads(parts[-1].schema.metadata[b"measures"])


def scattered(rows, width, seed, shift=0.0):
    return np.random.default_rng(seed).standard_normal((rows, width)) + shift


def unit(rows):
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([[1, 0], [2, 0], [5, 0]], 1),
        ([[1, 0], [0, 1]], 2),
        ([[1, 0], [-1, 0]], 1),
        ([[1, 0, 0], [0, 3, 0], [0, 0, 9]], 3),
        ([[1, 0], [1, 0], [1, 0], [0, 1]], 4 / 3**0.75),
        ([None, [1, 0], [0, 0], [0, 1]], 2),
        (np.tile(scattered(1, 300, 0), (500, 1)), 1),
    ],
)
def test_vendi_counts_directions(rows, expected):
    found = measures(vendi, embedded(rows))
    assert found["vendi"] == pytest.approx(expected, rel=1e-6)
    assert found["vendi_rows"] == sum(row is not None and any(row) for row in rows)


@settings(deadline=None)
@given(st.integers(1, 40), st.integers(1, 40), st.integers(0, 2**32), st.integers(0, 40))
def test_vendi_is_that_of_the_cosines_of_all_pairs_however_the_rows_are_cut(rows, width, seed, place):
    made = scattered(rows, width, seed)
    shares = np.linalg.eigvalsh(unit(made) @ unit(made).T / rows)
    shares = shares[shares > 1e-12]
    whole = embedded(made)
    found = measures(vendi, whole.slice(0, place), whole.slice(place))
    assert found["vendi"] == pytest.approx(np.exp(-(shares * np.log(shares)).sum()), rel=1e-5)


def by_all_pairs(rows, others, bandwidth):
    def kernel(left, right):
        return np.exp(-(((left[:, None] - right) ** 2).sum(axis=2)) / (2 * bandwidth**2))

    rows, others = unit(rows), unit(others)
    m, n = len(rows), len(others)
    within = (kernel(rows, rows).sum() - m) / (m * (m - 1)) + (kernel(others, others).sum() - n) / (n * (n - 1))
    return within - 2 * kernel(rows, others).mean()


@settings(deadline=None)
@given(
    st.integers(2, 40), st.integers(2, 40), st.integers(1, 20), st.integers(0, 2**32), st.sampled_from([0.3, 1.0, 5.0])
)
def test_mmd_is_that_of_all_pairs(rows, others, width, seed, bandwidth):
    left, right = scattered(rows, width, seed), scattered(others, width, seed + 1, shift=0.5)
    found = measures(mmd, embedded(left), reference=embedded(right), bandwidth=bandwidth)
    squared = by_all_pairs(left, right, bandwidth)
    assert found["mmd_squared"] == pytest.approx(squared, abs=1e-5)
    assert found["mmd"] == pytest.approx(max(0, squared) ** 0.5, abs=4e-3)
    assert (found["mmd_rows"], found["mmd_reference_rows"], found["mmd_bandwidth"]) == (rows, others, bandwidth)


def test_mmd_in_blocks(monkeypatch):
    left, right = scattered(100, 10, 0), scattered(70, 10, 1, shift=0.3)
    monkeypatch.setattr(_diversity, "BLOCK", 16)
    found = measures(mmd, embedded(left), reference=embedded(right), bandwidth=1)
    assert found["mmd_squared"] == pytest.approx(by_all_pairs(left, right, 1), abs=1e-6)


def test_the_bandwidth_is_the_median_distance():
    left, right = scattered(100, 10, 0), scattered(150, 10, 1)
    both = unit(np.concatenate([left, right]))
    distances = np.linalg.norm(both[:, None] - both, axis=2)[np.triu_indices(250, 1)]
    found = measures(mmd, embedded(left), reference=embedded(right))
    assert found["mmd_bandwidth"] == pytest.approx(np.median(distances), rel=1e-5)


def test_mmd_tells_another_distribution_from_the_same():
    reference = embedded(scattered(1500, 20, 0))
    same = measures(mmd, embedded(scattered(1500, 20, 1)), reference=reference)
    other = measures(mmd, embedded(scattered(1500, 20, 1, shift=0.2)), reference=reference)
    assert abs(same["mmd_squared"]) < 1e-3
    assert other["mmd_squared"] > 5e-3


def test_samples_are_drawn_by_the_seed():
    tables = embedded(scattered(300, 5, 0)), embedded(scattered(300, 5, 1))
    found = [measures(mmd, tables[0], reference=tables[1], max_rows=50, seed=seed) for seed in (1, 1, 2)]
    assert found[0] == found[1] != found[2]
    assert found[0]["mmd_rows"] == found[0]["mmd_reference_rows"] == 50


def test_equal_rows_have_a_bandwidth_too():
    rows = embedded(np.ones((10, 3)))
    found = measures(mmd, rows, reference=rows)
    assert found["mmd_bandwidth"] == 1
    assert found["mmd"] == pytest.approx(0, abs=1e-3)


def test_published_rows_are_not_counted():
    old, new = pa.table({"id": ["a"]}), embedded([[1, 0], [0, 1]])
    assert measures(vendi, old, new, published=1) == {"vendi": pytest.approx(2), "vendi_rows": 2}
    found = measures(mmd, old, new, published=1, reference=new)
    assert found["mmd_rows"] == 2
    assert list(vendi(InMemory([old], published=1))) == []


@pytest.mark.parametrize("tables", [[embedded([])], [embedded([None]), embedded([[0, 0]])]])
def test_without_embeddings_there_is_nothing_to_measure(tables):
    assert measures(vendi, *tables) == {"vendi_rows": 0}
    assert measures(mmd, *tables, reference=embedded([[1, 0]])) == {"mmd_rows": 0, "mmd_reference_rows": 1}
    assert list(vendi(InMemory([]))) == []


def test_one_row_has_a_vendi_score_and_no_discrepancy():
    assert measures(vendi, embedded([[3, 4]]))["vendi"] == pytest.approx(1)
    assert measures(mmd, embedded([[3, 4]]), reference=embedded([[1, 0], [0, 1]]))["mmd_rows"] == 1


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"reference": None}, "reference=None: expected a table"),
        ({"reference": pa.table({"vector": [1]})}, "no column 'embedding'"),
        ({"reference": pa.table({"embedding": ["a"]})}, "reference: column 'embedding' holds string"),
        ({"reference": embedded([[1, 2, 3]])}, "of 3 numbers where 'embedding' has 2"),
        ({"bandwidth": 0}, "bandwidth=0"),
        ({"max_rows": 1}, "max_rows=1"),
    ],
)
def test_what_cannot_be_compared(settings, message):
    rows = embedded([[1, 2], [3, 4]])
    with pytest.raises(BadArgument, match=message):
        measures(mmd, rows, **{"reference": rows} | settings)


def test_nan_and_other_lengths_are_refused():
    with pytest.raises(BadArgument, match="shard 0: column 'embedding', row 0: .*NaN"):
        measures(vendi, embedded([[1, float("nan")]]))
    with pytest.raises(BadArgument, match="shard 1: column 'embedding' holds embeddings of 1"):
        measures(vendi, embedded([[1, 2]]), embedded([[1]]))


def test_the_reference_is_declared_as_a_table():
    assert describe(mmd, reference="s3://bucket/reference/").tables == {"reference": "s3://bucket/reference/"}
