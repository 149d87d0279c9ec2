import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dataflow_ops.errors import BadArgument
from dataflow_ops.op import InMemory, in_order
from dataflow_ops.score import _neighbours
from dataflow_ops.score.neighbours import nearest
from tests.dedup.shards import cut, cuts

WIDE = pa.list_(pa.float64())


def embedded(rows, kind=WIDE, first=0):
    ids = [f"row-{number}" for number in range(first, first + len(rows))]
    texts = [f"Question {number}?" for number in range(first, first + len(rows))]
    vectors = pa.array([None if row is None else list(row) for row in rows], kind)
    return pa.table({"id": ids, "question": texts, "embedding": vectors})


def found(shards, **given_settings):
    parts = list(in_order(nearest(shards, **given_settings), shards))
    return {row.pop("id"): row for part in parts for row in part.to_pylist()}


def names(shards, **given_settings):
    return {row: each["neighbour"] for row, each in found(shards, **given_settings).items()}


def angles(*degrees):
    return np.stack([np.cos(np.radians(degrees)), np.sin(np.radians(degrees))], axis=1)


def test_the_nearest_row_that_does_not_say_the_same():
    # 0 and 10 degrees are the same question at a cosine of .985; 60 is nearest to 10, the last to none.
    shards = InMemory([embedded(angles(0, 10)), embedded(angles(60, 200), first=2)])
    assert names(shards) == {"row-0": "row-2", "row-1": "row-2", "row-2": "row-1"}
    assert names(shards, at_most=1) == {"row-0": "row-1", "row-1": "row-0", "row-2": "row-1"}
    assert names(shards, at_least=0.6) == {"row-1": "row-2", "row-2": "row-1"}
    assert names(shards, at_least=-1)["row-3"] == "row-2"


def test_a_row_gets_the_text_and_the_cosine():
    (part,) = nearest(InMemory([embedded([[1, 0], [3, 4], None])]))
    expected = {"id": "row-0", "neighbour": "row-1", "neighbour_question": "Question 1?"}
    assert part.to_pylist()[0] == {**expected, "neighbour_similarity": pytest.approx(0.6)}
    (part,) = nearest(InMemory([embedded([[1, 0], [3, 4]])]), similarity=None, neighbour="a", neighbour_text="b")
    assert part.column_names == ["id", "a", "b"]


def test_published_rows_neither_ask_nor_are_named():
    shards = InMemory([embedded(angles(0, 30)), embedded(angles(5, 60), first=2)], published=1)
    assert names(shards) == {"row-2": "row-3", "row-3": "row-2"}


def test_of_rows_as_near_the_first_is_named(monkeypatch):
    monkeypatch.setattr(_neighbours, "BLOCK", 3)
    monkeypatch.setattr(_neighbours, "TILE", 4)
    rows = np.random.default_rng(0).standard_normal((2, 384)) + 2
    shards = InMemory([embedded([*rows, *np.tile(rows[1], (9, 1)), *np.tile(rows[0] * 7, (3, 1))])])
    assert names(shards) == {"row-0": "row-1", **dict.fromkeys([f"row-{n}" for n in range(1, 11)], "row-0")} | {
        f"row-{n}": "row-1" for n in (11, 12, 13)
    }


@settings(deadline=None)
@given(
    count=st.integers(0, 40),
    width=st.integers(1, 12),
    seed=st.integers(0, 2**32),
    nulls=st.sets(st.integers(0, 40), max_size=10),
    places=cuts,
    published=st.integers(0, 1),
    bounds=st.sampled_from([(0.0, 0.95), (-1.0, 1.0), (0.3, 0.7)]),
)
def test_no_other_row_is_nearer(*, count, width, seed, nulls, places, published, bounds):
    vectors = np.random.default_rng(seed).standard_normal((count, width))
    shards = cut(embedded([None if n in nulls else row for n, row in enumerate(vectors)]), places, published)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_neighbours, "BLOCK", 7)
        patch.setattr(_neighbours, "TILE", 5)
        got = found(shards, at_least=bounds[0], at_most=bounds[1])
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    asking = [n for n in range(sum(shards.counts[: shards.published]), count) if n not in nulls]
    for row in asking:
        others = {n: unit[row] @ unit[n] for n in asking if n != row and unit[row] @ unit[n] <= bounds[1] - 2e-6}
        most = max([cosine for cosine in others.values() if cosine >= bounds[0] + 2e-6], default=-2)
        mine = got.pop(f"row-{row}", None)
        named = int(mine["neighbour"][4:]) if mine else row
        assert mine is not None or most == -2
        assert mine is None or named in asking
        assert mine is None or named != row
        assert mine is None or mine["neighbour_similarity"] == pytest.approx(unit[row] @ unit[named], abs=2e-6)
        assert mine is None or mine["neighbour_similarity"] >= most - 3e-6
    assert got == {}


@pytest.mark.parametrize(
    "tables",
    [
        [],
        [embedded([])],
        [embedded([[1, 2]])],
        [embedded([]), embedded([None, [0, 0]])],
        [pa.table({"id": ["a"], "question": pa.nulls(1), "embedding": pa.nulls(1)}), embedded([[1, 2]])],
    ],
)
def test_too_few_rows_to_have_a_neighbour(tables):
    parts = list(in_order(nearest(InMemory(tables)), InMemory(tables)))
    columns = ["id", "neighbour", "neighbour_question", "neighbour_similarity"]
    assert [(part.column_names, part.num_rows) for part in parts] == [(columns, 0)] * len(tables)


@pytest.mark.parametrize("bounds", [{"at_most": 1.1}, {"at_least": 0.96}, {"at_least": -2}])
def test_bounds_out_of_range(bounds):
    with pytest.raises(BadArgument, match="-1 <= at_least <= at_most <= 1"):
        list(nearest(InMemory([]), **bounds))
