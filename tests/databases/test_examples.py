import pytest

from dataflow_ops.databases.examples import LONGEST, SHORT, sample, values


@pytest.mark.parametrize(
    ("column", "found", "expected"),
    [
        ("city", ["Rome", None, "Oslo", "Rome", " ", ""], ("Rome", "Oslo")),
        ("n", [3, 1.5, True], ("3", "1.5", "True")),
        ("n", range(9), ("0", "1", "2", "3", "4")),
        ("scan", [b"\0", None], ()),
        ("email", ["a@example.org", "b@example.org"], ("<email>",)),
        ("said", ["x" * 100, "short"], ("short",)),
        ("said", ["x" * 100], ("x" * (SHORT - 1) + "…",)),
    ],
)
def test_a_few_distinct_short_values_are_kept(column, found, expected):
    assert values(column, found) == expected


def test_the_first_rows_are_kept_as_text():
    rows = [(1, "a@example.org", None), (2, "y" * 200, b"\0"), (3, "c", "d")]
    assert sample(["n", "email", "scan"], rows) == (("1", "<email>", None), ("2", "<email>", None))
    assert sample(["n", "said"], [(1, "y" * 200)]) == (("1", "y" * (LONGEST - 1) + "…"),)
    assert sample(["n"], []) == ()


def test_names_are_masked_in_tables_of_persons():
    assert values("name", ["Ann Lee", "Bo Rask"], table="customers") == ("<name>",)
    assert values("name", ["Ann Lee", "Bo Rask"], table="products") == ("Ann Lee", "Bo Rask")
    assert sample(["name"], [("Ann Lee",)], table="customers") == (("<name>",),)
