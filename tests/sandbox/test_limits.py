import pytest

from dataflow_ops.errors import BadArgument
from dataflow_ops.sandbox.limits import Limits


def test_defaults_are_those_of_a_short_test():
    assert Limits() == Limits(10.0, 10.0, 512, 16, 64, 256)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("wall_seconds", 0),
        ("wall_seconds", float("nan")),
        ("wall_seconds", float("inf")),
        ("cpu_seconds", -1),
        ("cpu_seconds", "10"),
        ("memory_mib", 16),
        ("memory_mib", 512.0),
        ("memory_mib", True),
        ("processes", 0),
        ("disk_mib", None),
        ("output_kib", 1 << 40),
    ],
)
def test_a_limit_that_is_none_is_refused(name, value):
    with pytest.raises(BadArgument, match=f"{name}=.*expected a"):
        Limits(**{name: value})
