from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dataflow_ops.errors import BadArgument, Permanent
from dataflow_ops.models.loading import Loaded
from dataflow_ops.models.runner import Batch, Row, run

LOADED = Loaded("none", None, None, None, "cpu", "float32", 512, 9)


def rows_of(lengths: Sequence[int]) -> list[Row]:
    return [Row(np.arange(1, length + 1, dtype=np.int32)) for length in lengths]


class Recorder:
    """Adds up the tokens that are not masked, and remembers the shapes it was given."""

    def __init__(self, fits: int = 10**9):
        self.shapes, self.fits = [], fits

    def __call__(self, batch: Batch):
        import torch

        if batch.ids.numel() > self.fits:
            raise torch.OutOfMemoryError("out of memory")
        self.shapes.append(tuple(batch.ids.shape))
        assert batch.ids[batch.mask == 0].eq(9).all()
        return (batch.ids * batch.mask).sum(1, keepdim=True)


@settings(deadline=None)
@given(st.lists(st.integers(0, 30), max_size=40), st.integers(1, 100))
def test_every_row_gets_its_own_value_within_the_budget(lengths, budget):
    seen = Recorder()
    found = run(LOADED, rows_of(lengths), seen, width=1, batch_tokens=budget).reshape(-1)
    expected = [n * (n + 1) / 2 if n else np.nan for n in lengths]
    np.testing.assert_array_equal(found, np.array(expected, np.float32))
    assert all(rows == 1 or rows * longest <= budget for rows, longest in seen.shapes)
    assert sum(rows for rows, _ in seen.shapes) == np.count_nonzero(lengths)


def test_rows_of_like_length_run_together():
    seen = Recorder()
    run(LOADED, rows_of([2, 20, 2, 20, 2, 2]), seen, width=1, batch_tokens=40)
    assert seen.shapes == [(2, 20), (4, 2)]


def test_too_little_memory_halves_this_and_all_later_batches():
    seen = Recorder(fits=50)
    found = run(LOADED, rows_of([10] * 20), seen, width=1, batch_tokens=160)
    assert found.tolist() == [[55.0]] * 20
    assert seen.shapes == [(4, 10)] * 5


def test_a_row_too_large_for_the_memory_is_told_with_the_cure():
    with pytest.raises(Permanent, match=r"one row of 60 tokens: lower max_tokens"):
        run(LOADED, rows_of([10, 60]), Recorder(fits=50), width=1, batch_tokens=100)


def test_a_budget_of_nothing_is_refused():
    with pytest.raises(BadArgument, match="batch_tokens=0"):
        run(LOADED, rows_of([1]), Recorder(), width=1, batch_tokens=0)


def test_types_of_tokens_are_padded_as_well():
    types = []

    def forward(batch):
        types.append(batch.inputs["token_type_ids"].tolist())
        return batch.ids.sum(1, keepdim=True)

    rows = [Row(np.array([1, 2, 3]), np.array([0, 1, 1])), Row(np.array([4]), np.array([1]))]
    assert run(LOADED, rows, forward, width=1, batch_tokens=100).tolist() == [[6.0], [4.0 + 2 * 9]]
    assert types == [[[0, 1, 1], [1, 0, 0]]]
