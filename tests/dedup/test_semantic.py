import numpy as np
import pyarrow as pa
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from dataflow_ops.dedup import _nearest
from dataflow_ops.dedup._project import Projection
from dataflow_ops.dedup.semantic import duplicates
from dataflow_ops.errors import BadArgument
from dataflow_ops.op import InMemory, in_order
from tests.dedup.shards import cut, cuts, named

WIDE = pa.list_(pa.float64())


def embedded(rows, kind=WIDE):
    ids = [f"row-{number:04d}" for number in range(len(rows))]
    return pa.table({"id": ids, "embedding": pa.array([None if row is None else list(row) for row in rows], kind)})


def found(shards, **settings):
    return named(duplicates, shards, "semantic_duplicate_of", **settings)


def cosines(rows):
    unit = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return unit @ unit.T


def on_the_edge(rows, threshold):
    """Tell whether 32 bits may put a pair on the other side of the threshold."""
    return (np.abs(cosines(rows) - threshold) < 1e-6).any()


def by_comparing_all(rows, threshold, published=0):
    """Name duplicates by the definition: every row with every earlier one that stays."""
    alike, stay, gone = cosines(rows) >= threshold, list(range(published)), {}
    for row in range(published, len(rows)):
        first = next((other for other in stay if alike[row, other]), None)
        if first is None:
            stay.append(row)
        else:
            gone[f"row-{row:04d}"] = f"row-{first:04d}"
    return gone


def planted(rows, width, groups, seed):
    """Make rows in loose groups, a third of them some earlier row with more or less noise."""
    rng = np.random.default_rng(seed)
    made = rng.standard_normal((groups, width))[rng.integers(0, groups, rows)] + rng.standard_normal((rows, width))
    for row in np.flatnonzero(rng.random(rows) < 0.3)[1:]:
        made[row] = made[rng.integers(0, row)] + rng.standard_normal(width) * rng.uniform(0, 0.6)
    return made


@settings(deadline=None)
@given(
    st.builds(planted, st.integers(1, 200), st.integers(1, 40), st.integers(1, 8), st.integers(0, 2**32)),
    st.sampled_from([0.5, 0.9, 0.95, 0.99]),
    st.none() | st.integers(1, 300),
    cuts,
    st.integers(0, 2),
)
def test_what_is_found_is_what_comparing_all_rows_finds(made, threshold, clusters, places, old):
    assume(not on_the_edge(made, threshold))
    shards = cut(embedded(made), places, min(old, len(places)))
    expected = by_comparing_all(made, threshold, sum(shards.counts[: shards.published]))
    with pytest.MonkeyPatch.context() as patch:
        for name, few in (("BLOCK", 16), ("TILE", 40), ("FULL", 100)):
            patch.setattr(_nearest, name, few)
        assert found(shards, threshold=threshold, clusters=clusters, seed=len(made)) == expected


@settings(deadline=None)
@given(st.builds(planted, st.integers(1, 60), st.integers(18, 40), st.integers(1, 8), st.integers(0, 2**32)))
def test_fewer_coordinates_never_make_two_rows_look_less_alike(made):
    rows = (made / np.linalg.norm(made, axis=1, keepdims=True)).astype(np.float32)
    axes = np.linalg.svd(rows, full_matrices=True)[2][:15].T
    few = Projection(np.ascontiguousarray(axes))(rows)
    assert few.shape == (len(rows), 16)
    assert (few @ few.T - rows @ rows.T).min() > -1e-6
    assert np.allclose(np.linalg.norm(few, axis=1), 1, atol=1e-5)


@pytest.mark.parametrize(("width", "groups"), [(24, 5), (64, 30), (300, 400)])
def test_many_rows_in_several_blocks(width, groups, monkeypatch):
    monkeypatch.setattr(_nearest, "BLOCK", 256)
    made = planted(1500, width, groups, seed=width)
    assert not on_the_edge(made, 0.95)
    gone = by_comparing_all(made, 0.95)
    assert len(gone) > 150
    assert found(InMemory([embedded(made)])) == gone


def scored(rows, scores):
    return embedded(rows).append_column("score", pa.array(scores))


@settings(deadline=None)
@given(
    st.builds(planted, st.integers(1, 80), st.integers(1, 20), st.integers(1, 5), st.integers(0, 2**32)),
    st.sampled_from(["best", "lowest"]),
    cuts,
    st.integers(0, 2),
    st.data(),
)
def test_who_stays_is_who_would_if_rows_came_in_that_order(made, keep, places, old, data):
    assume(not on_the_edge(made, 0.9))
    scores = data.draw(st.lists(st.none() | st.integers(0, 3), min_size=len(made), max_size=len(made)))
    shards = cut(scored(made, pa.array(scores, pa.int8())), places, min(old, len(places)))
    published = sum(shards.counts[: shards.published])
    sign = -1 if keep == "best" else 1
    rest = sorted(range(published, len(made)), key=lambda row: np.inf if scores[row] is None else sign * scores[row])
    order = [*range(published), *rest]
    named_in_order = by_comparing_all(made[order], 0.9, published)
    back = {f"row-{rank:04d}": f"row-{row:04d}" for rank, row in enumerate(order)}
    expected = {back[gone]: back[first] for gone, first in named_in_order.items()}
    assert found(shards, threshold=0.9, keep=keep, score="score") == expected


def test_given_rows_stay_and_made_ones_go():
    rows = scored([[1, 0], [0, 1], [2, 0], [0, 3], None], [True, True, False, None, False])
    shards = cut(rows, [1, 3])
    expected = {"row-0000": "row-0002", "row-0003": "row-0001"}
    assert found(shards, keep="lowest", score="score") == expected
    alike = [part["similarity"].to_pylist() for part in duplicates(shards, keep="lowest", score="score")]
    assert alike == [[1.0], [], [1.0]]


def test_every_pair_named_is_as_alike_as_it_says_and_the_row_named_stays():
    made = planted(1000, 50, 20, seed=1)
    shards = InMemory([embedded(made)])
    (part,) = in_order(duplicates(shards, threshold=0.9), shards)
    rows, firsts = ([int(name[4:]) for name in part[column].to_pylist()] for column in part.column_names[:2])
    true = cosines(made)[rows, firsts]
    assert part["similarity"].type == pa.float32()
    assert np.allclose(part["similarity"], true, atol=1e-6)
    assert true.min() >= 0.9 - 1e-6
    assert not set(rows) & set(firsts)
    assert all(first < row for row, first in zip(rows, firsts, strict=True))


def test_no_chain_of_rows_alike_takes_more_than_its_even_members():
    angles = np.radians([0, 15, 30, 45])
    circle = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    gone = {"row-0001": "row-0000", "row-0003": "row-0002"}
    assert found(InMemory([embedded(circle)]), threshold=0.95) == gone


def test_length_does_not_count():
    rows = [[1, 2], [1e300, 2e300], [1e-300, 2e-300], [-1, -2]]
    assert found(InMemory([embedded(rows)]), threshold=1) == {"row-0001": "row-0000", "row-0002": "row-0000"}


def test_null_and_zero_vectors_are_no_duplicates():
    rows = [None, [0, 0], [0, 1], None, [0, 0], [0, 2]]
    assert found(InMemory([embedded(rows)])) == {"row-0005": "row-0002"}


def test_thousands_of_equal_rows_old_and_new(monkeypatch):
    monkeypatch.setattr(_nearest, "BLOCK", 512)
    rows = np.tile(planted(1, 30, 1, seed=0), (3000, 1))
    assert set(found(InMemory([embedded(rows)])).values()) == {"row-0000"}
    shards = cut(embedded(rows), [2000], published=1)
    assert set(found(shards).values()) == {"row-0000"}
    assert len(found(shards)) == 1000


@pytest.mark.parametrize(
    "kind",
    [
        pa.list_(pa.float16()),
        pa.list_(pa.float32(), 4),
        pa.list_(pa.float64(), 4),
        pa.large_list(pa.float32()),
        pa.list_(pa.int8()),
    ],
)
def test_lists_of_any_numbers_wherever_they_lie(kind):
    rows = [[9, 9, 9, 9], None, [1, 2, 3, 4], [4, 3, 2, 1], None, [2, 4, 6, 8], [8, 6, 4, 2]]
    whole = embedded(rows).set_column(1, "embedding", embedded(rows)["embedding"].cast(WIDE))
    typed = embedded([None if row is None else np.asarray(row, np.float16) for row in rows], kind)
    chunked = pa.concat_tables([typed.slice(1, 3), typed.slice(4)])
    expected = {"row-0005": "row-0002", "row-0006": "row-0003"}
    assert found(InMemory([chunked])) == expected
    assert found(InMemory([whole.slice(1)])) == expected


@pytest.mark.parametrize(
    "tables",
    [
        [],
        [embedded([])],
        [embedded([[1, 2]])],
        [embedded([]), embedded([None, None])],
        [pa.table({"id": ["a"], "embedding": pa.nulls(1)}), embedded([[1, 2]])],
    ],
)
def test_too_few_rows_to_have_a_duplicate(tables):
    shards = InMemory(tables)
    parts = list(in_order(duplicates(shards), shards))
    assert [part.column_names for part in parts] == [["id", "semantic_duplicate_of", "similarity"]] * len(tables)
    assert sum(part.num_rows for part in parts) == 0


def test_all_shards_published():
    assert list(duplicates(InMemory([embedded([[1, 2], [1, 2]])], published=1))) == []


@pytest.mark.parametrize(
    ("tables", "message"),
    [
        ([embedded([[1, 2]]), embedded([[1, 2, 3]])], r"shard 1: column 'embedding' .* 3 numbers .* before have 2"),
        ([embedded([[1, 2], [1]])], r"shard 0: column 'embedding' .* \[1, 2\] numbers"),
        ([embedded([[]])], r"\[0\] numbers"),
        ([embedded([None, [1, float("nan")]])], r"shard 0: column 'embedding', row 1: .*NaN"),
        ([embedded([[1, 2]]), embedded([[1, None]])], r"shard 1: .*, row 0: .*null"),
        ([embedded([[1, float("inf")]])], "infinity"),
        ([pa.table({"id": ["a"], "embedding": ["x"]})], "string: expected a list of numbers"),
        ([pa.table({"id": ["a"], "embedding": [["x"]]})], "expected a list of numbers"),
    ],
)
def test_embeddings_that_cannot_be_compared(tables, message):
    with pytest.raises(BadArgument, match=message):
        list(duplicates(InMemory(tables)))


@pytest.mark.parametrize("settings", [{"threshold": 0}, {"threshold": 1.1}, {"clusters": 0}, {"keep": "best"}])
def test_settings_out_of_range(settings):
    with pytest.raises(BadArgument, match=next(iter(settings))):
        list(duplicates(InMemory([]), **settings))
