import tempfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from dataflow_ops.op import InMemory
from dataflow_ops.vectors import Vectors, blocks

ROWS = [[3, 4], None, [0, 0], [0, 2], [-5, 0]]


def shards(*parts, published=0):
    return InMemory([pa.table({"v": pa.array(part, pa.list_(pa.float32()))}) for part in parts], published)


def test_rows_with_an_embedding_have_length_one_and_keep_their_places():
    vectors = Vectors.of(shards(ROWS[:2], [], ROWS[2:4], ROWS[4:], published=1), "v")
    assert vectors.positions.tolist() == [0, 3, 4]
    assert (len(vectors), vectors.published, vectors.width) == (3, 1, 2)
    assert np.allclose(vectors.block(0, 3), [[0.6, 0.8], [0, 1], [-1, 0]])
    assert np.allclose(vectors.take(np.array([2, 0, 2])), [[-1, 0], [0.6, 0.8], [-1, 0]])


def test_blocks_begin_at_a_shard():
    ((rows, values),) = blocks(shards(ROWS[:4], ROWS[4:]), "v", first=1)
    assert (rows.tolist(), values.tolist()) == ([4], [[-1, 0]])


def test_without_any_embedding():
    vectors = Vectors.of(shards([None, [0, 0]], []), "v")
    assert len(vectors) == 0
    assert len(vectors.take(vectors.sample(5, seed=0))) == 0


@pytest.mark.parametrize(("count", "expected"), [(0, 0), (4, 4), (50, 10)])
def test_a_sample_has_different_rows_in_order(count, expected):
    vectors = Vectors.of(shards(np.eye(10).tolist()), "v")
    drawn = vectors.sample(count, seed=3).tolist()
    assert drawn == sorted(set(drawn)) == vectors.sample(count, seed=3).tolist()
    assert len(drawn) == expected


def test_no_file_is_left_behind(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    vectors = Vectors.of(shards(ROWS), "v")
    assert list(Path(tmp_path).iterdir()) == []
    assert vectors.block(0, 3).shape == (3, 2)
