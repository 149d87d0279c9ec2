import pyarrow as pa
import pytest

from dataflow_ops.errors import BadArgument
from dataflow_ops.filters import duplicates


def test_rows_that_copy_another_go():
    table = pa.table({"id": ["a", "b", "c"], "duplicate_of": pa.array([None, "a", None], pa.string())})
    assert duplicates.unique(table)["id"].to_pylist() == ["a", "c"]


def test_a_missing_column_is_refused():
    with pytest.raises(BadArgument, match="find duplicates first"):
        duplicates.unique(pa.table({"id": ["a"]}))
