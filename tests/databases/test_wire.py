import json
from datetime import UTC
from decimal import Decimal
from uuid import UUID

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataflow_ops.databases.weights import weight
from dataflow_ops.databases.wire import packed, row, tagged, unpacked

SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(st.characters(exclude_categories=["Cs"]))
    | st.binary() | st.decimals(allow_nan=False) | st.dates() | st.times() | st.timedeltas() | st.uuids()
    | st.datetimes(timezones=st.sampled_from([None, UTC]))
)  # fmt: skip
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3).map(tuple), max_leaves=5)


@given(st.lists(VALUES, max_size=5).map(tuple))
def test_values_come_back_as_they_were(values):
    told = json.loads(json.dumps(values, ensure_ascii=False, default=tagged).encode())
    assert row(told) == values
    assert [type(each) for each in row(told)] == [type(each) for each in values]


@pytest.mark.parametrize("value", [complex(1, 2), range(3), UTC])
def test_what_is_no_value_of_ours_is_its_text(value):
    assert row(json.loads(json.dumps([value], default=tagged))) == (str(value),)


def test_bytes_of_any_kind_are_bytes():
    told = json.dumps([memoryview(b"\0"), bytearray(b"\xff"), UUID(int=1)], default=tagged)
    assert row(json.loads(told)) == (b"\0", b"\xff", UUID(int=1))


def _sent(rows, width, dumps=orjson.dumps):
    return unpacked(orjson.loads(dumps(packed(rows, width)[0])))


def _seen(value):
    """Return what tells values apart: equal ones of two types, 0.0 from -0.0; NaN is NaN."""
    return type(value), repr(value) if isinstance(value, float) else value


WHOLE = st.integers(-(2**70), 2**70)
COLUMNS = (VALUES, st.text(max_size=3) | st.none(), st.floats(), WHOLE, WHOLE | st.floats() | st.none(),
           st.floats(allow_nan=False) | st.text(max_size=1))  # fmt: skip


@given(st.lists(st.tuples(*COLUMNS), max_size=8))
def test_columns_come_back_as_they_were(rows):
    for dumps in (orjson.dumps, lambda told: json.dumps(told, ensure_ascii=False).encode()):
        found = _sent(rows, len(COLUMNS), dumps)
        assert [[_seen(each) for each in row] for row in found] == [[_seen(each) for each in row] for row in rows]


@pytest.mark.parametrize(
    "values",
    [
        (float("inf"), 1.0),
        (float("-inf"), float("inf"), None),
        (float("nan"), 2),
        (1.7e308, 1.7e308),
        (-0.0, 0, False, True),
        (2**64, 1),
        (-(2**63) - 1, None),
        (2**64 - 1, -(2**63)),
        (1, "1", None, 1.0, b"1"),
        (float("inf"), "inf"),
        ((1, (float("nan"),)), (2**99,)),
        (None, None),
        ("", None),
    ],
)
def test_a_column_of_any_mixture_comes_back_as_it_was(values):
    rows = tuple((each,) for each in values)
    assert repr(_sent(rows, 1)) == repr(rows)


def test_rows_without_columns_are_counted():
    assert _sent([(), ()], 0) == ((), ())
    assert _sent([], 2) == ()


def test_what_is_packed_weighs_about_what_its_rows_do():
    rows = [(1, "abc", Decimal("1.5"), None), (2, None, "x", 0.5)]
    assert packed(rows, 4)[1] == sum(map(weight, rows))
