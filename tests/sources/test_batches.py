import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataflow_ops.errors import BadArgument
from dataflow_ops.sources import SourceFile, deal

MIB = 1 << 20


def files(*sizes):
    return [SourceFile(f"/{number}", "e", size, "text") for number, size in enumerate(sizes)]


@pytest.mark.parametrize(
    ("sizes", "settings", "expected"),
    [
        ([], {"batch_bytes": 1}, []),
        ([5 * MIB], {"batch_bytes": MIB}, [[5]]),
        ([2 * MIB, 2 * MIB, 2 * MIB], {"batch_bytes": 4 * MIB}, [[2, 2], [2]]),
        ([9 * MIB, 2 * MIB, 2 * MIB], {"batch_bytes": 4 * MIB}, [[9], [2, 2]]),
        ([0, 0, 0], {"batch_bytes": 2 * MIB}, [[0, 0], [0]]),
        ([2 * MIB] * 4, {"batch_bytes": 1, "max_batches": 2}, [[2, 2], [2, 2]]),
    ],
)
def test_files_are_dealt_by_size(sizes, settings, expected):
    assert [[file.bytes // MIB for file in batch] for batch in deal(files(*sizes), **settings)] == expected


@given(st.lists(st.integers(0, 50 * MIB), max_size=60), st.integers(1, 100 * MIB), st.integers(1, 20))
def test_order_is_kept_and_no_limit_passed(sizes, batch_bytes, max_batches):
    dealt = deal(files(*sizes), batch_bytes=batch_bytes, max_batches=max_batches)
    assert [file for batch in dealt for file in batch] == files(*sizes)
    assert len(dealt) <= max_batches
    assert all(dealt)


@pytest.mark.parametrize("settings", [{"batch_bytes": 0}, {"batch_bytes": 1, "max_batches": 0}])
def test_settings_are_checked(settings):
    with pytest.raises(BadArgument, match="must be at least 1"):
        deal(files(1), **settings)
