import json
from datetime import UTC
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataflow_ops.databases.wire import row, tagged

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
