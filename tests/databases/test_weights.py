from decimal import Decimal

import pytest

from dataflow_ops.databases.weights import EACH, weight


@pytest.mark.parametrize(
    ("row", "bytes_"),
    [
        ((), 0),
        ((1, None, 2.5), 3 * EACH),
        (("abc", b"\0\0"), 2 * EACH + 5),
        ((("ab", ("c",)),), EACH + 2 * EACH + 2 + EACH + 1),
        ((Decimal("1" * 50),), EACH + 50),
        ((Decimal("NaN"),), EACH),
    ],
)
def test_a_row_weighs_what_its_values_take(row, bytes_):
    assert weight(row) == bytes_
