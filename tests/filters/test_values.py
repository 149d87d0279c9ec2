import pyarrow as pa
import pytest

from dataflow_ops.errors import BadArgument
from dataflow_ops.filters import values

TABLE = pa.table(
    {
        "id": ["a", "b", "c", "d"],
        "n": pa.array([1, 2, 3, None], pa.int32()),
        "x": [0.5, float("nan"), None, 2.0],
        "s": ["en", "de", None, "zh"],
        "ok": [True, False, None, True],
    }
)


def kept(table):
    return "".join(table["id"].to_pylist())


@pytest.mark.parametrize(
    ("bounds", "expected"),
    [
        ({"column": "n", "at_least": 2}, "bc"),
        ({"column": "n", "above": 2}, "c"),
        ({"column": "n", "at_most": 2}, "ab"),
        ({"column": "n", "below": 2}, "a"),
        ({"column": "n", "at_least": 1.5, "below": 3}, "b"),
        ({"column": "n", "above": 9}, ""),
        ({"column": "x", "at_least": -1e9}, "ad"),
        ({"column": "x", "at_most": 1}, "a"),
        ({"column": "x", "at_most": 0.5, "at_least": 0.5}, "a"),
    ],
)
def test_between(bounds, expected):
    assert kept(values.between(TABLE, **bounds)) == expected


def test_one_of():
    assert kept(values.one_of(TABLE, column="s", values=["zh", "en", "fr", None])) == "ad"
    assert kept(values.one_of(TABLE, column="n", values=[3])) == "c"
    assert kept(values.one_of(TABLE, column="n", values=[])) == ""
    assert kept(values.one_of(TABLE, column="s", values=["zh", None], keep_null=True)) == "cd"
    assert kept(values.one_of(TABLE, column="ok", values=[True], keep_null=True)) == "acd"


def test_truth_and_null():
    assert kept(values.is_true(TABLE, column="ok")) == "ad"
    assert kept(values.is_false(TABLE, column="ok")) == "b"
    assert kept(values.not_null(TABLE, column="s")) == "abd"


@pytest.mark.parametrize(
    ("filter_", "settings", "message"),
    [
        (values.between, {"column": "m", "above": 1}, "did you mean|there are"),
        (values.between, {"column": "n"}, "no bound"),
        (values.between, {"column": "s", "above": 1}, "expected numbers"),
        (values.one_of, {"column": "n", "values": ["x"]}, "do not fit"),
        (values.is_true, {"column": "n"}, "expected true and false"),
        (values.not_null, {"column": "nn"}, "nn"),
    ],
)
def test_what_does_not_fit_is_refused(filter_, settings, message):
    with pytest.raises(BadArgument, match=message):
        filter_(TABLE, **settings)
