import sqlite3
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dataflow_ops.databases.compare import groups, ordered, same
from dataflow_ops.databases.database import Database
from dataflow_ops.databases.result import Failed, Result
from dataflow_ops.databases.sqlite import SQLite
from dataflow_ops.errors import BadArgument
from tests.databases.pairs import PAIRS, SETUP


@pytest.fixture(scope="module")
def staff(tmp_path_factory):
    path = tmp_path_factory.mktemp("pairs") / "staff.db"
    connection = sqlite3.connect(path)
    connection.executescript(SETUP)
    connection.close()
    database = Database("staff", SQLite(path))
    yield database
    database.close()


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: f"{pair.equal}: {pair.why}")
def test_queries_that_answer_the_same_are_told_from_others(staff, pair):
    right, other = staff.run(pair.right), staff.run(pair.other)
    assert same(right, other, ordered=ordered(pair.right, "sqlite")) == pair.equal


def _one(*values):
    return Result(tuple("abcdefgh"[: len(values)]), (values,))


NAN, INFINITY = float("nan"), float("inf")
MOMENT = datetime(2024, 1, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("left", "right", "equal"),
    [
        (Decimal("1.50"), 1.5, True),
        (Decimal("1.50"), Decimal("1.5"), True),
        (Decimal(3), 3, True),
        (Decimal("0.1"), 0.1, True),
        (Decimal("1e400"), INFINITY, True),
        (10**400, INFINITY, True),
        (10**400, 10**400 + 1, False),
        (True, 1, True),
        (True, "True", False),
        (1e15, 1e15 + 1, True),
        (10**15, 10**15 + 1, False),
        (1e-12, 0, True),
        (-0.0, 0.0, True),
        (NAN, NAN, True),
        (NAN, Decimal("NaN"), True),
        (NAN, None, False),
        (NAN, 0.0, False),
        (INFINITY, -INFINITY, False),
        (date(2024, 1, 1), "2024-01-01", False),
        (date(2024, 1, 1), datetime(2024, 1, 1), False),
        (MOMENT, MOMENT.astimezone(timezone(timedelta(hours=2))), True),
        (MOMENT, MOMENT.replace(tzinfo=None), False),
        (time(1, 2), time(1, 2), True),
        (timedelta(seconds=60), timedelta(minutes=1), True),
        (timedelta(seconds=60), 60, False),
        (UUID(int=7), UUID(int=7), True),
        (UUID(int=7), str(UUID(int=7)), False),
        (b"a", "a", False),
        (b"a", b"a", True),
        ((1, 0.1 + 0.2), (1, 0.3), True),
        ((1, 2), (2, 1), False),
        ((1, None), (1,), False),
        (("number", 0), 0.5, False),
        ("", None, False),
    ],
)
def test_values_of_all_types(left, right, equal):
    for one, other in ((left, right), (right, left)):
        for is_ordered in (True, False):
            assert same(_one(one, "x"), _one(other, "x"), ordered=is_ordered) == equal


def test_one_fraction_makes_a_column_one_of_fractions_whichever_comes_first():
    mixed = Result(("a",), ((1e15,), (10**15 + 1,)))
    whole = Result(("a",), ((10**15,), (10**15,)))
    assert same(mixed, whole, ordered=True)
    assert same(whole, mixed, ordered=True)


def test_nan_among_fractions_is_no_null():
    left, right = Result(("a",), ((NAN,), (0.5,), (None,))), Result(("a",), ((None,), (NAN,), (0.5,)))
    assert same(left, right, ordered=False)
    assert not same(left, right, ordered=True)
    assert not same(left, Result(("a",), ((None,), (None,), (0.5,))), ordered=False)


def test_a_result_that_was_cut_equals_none():
    cut = Result(("a",), ((1,),), truncated=True)
    assert not same(cut, cut, ordered=False)
    assert groups([cut, cut], ordered=False) == [None, None]


def test_groups_are_numbered_as_they_appear_and_failures_have_none():
    one, two = Result(("a",), ((1,), (2,))), Result(("b",), ((2.0,), (1.0,)))
    other, failed = Result(("a",), ((3,),)), Failed("time", "stopped after 2 s")
    assert groups([failed, one, other, two, failed, one], ordered=False) == [None, 0, 1, 0, None, 0]
    assert groups([failed, one, other, two, failed, one], ordered=True) == [None, 0, 1, 2, None, 0]
    assert groups([], ordered=True) == []


@pytest.mark.parametrize("tolerance", [-1e-9, 1.0, float("nan")])
def test_a_tolerance_is_a_share(tolerance):
    with pytest.raises(BadArgument, match="tolerance="):
        same(_one(1), _one(1), ordered=True, tolerance=tolerance)


def test_the_tolerance_is_chosen():
    assert same(_one(0.333333), _one(1 / 3), ordered=False, tolerance=1e-5)
    assert not same(_one(0.333333), _one(1 / 3), ordered=False)


VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(-3, 3), st.floats(), st.decimals().filter(lambda each: not each.is_snan()), st.text(max_size=2), st.binary(max_size=2),
    st.dates(), st.tuples(st.integers(0, 2), st.floats()),
)  # fmt: skip
ROWS = st.lists(st.tuples(VALUES, VALUES), max_size=8)


@given(rows=ROWS, shuffled=st.randoms(use_true_random=False))
@settings(max_examples=100, deadline=None)
def test_rows_in_another_order_are_the_same_rows(rows, shuffled):
    moved = list(rows)
    shuffled.shuffle(moved)
    left, right = Result(("a", "b"), tuple(rows)), Result(("c", "d"), tuple(moved))
    assert same(left, right, ordered=False)
    assert same(left, Result(("a", "b"), tuple(rows)), ordered=True)


@given(left=ROWS, right=ROWS, is_ordered=st.booleans())
@settings(max_examples=100, deadline=None)
def test_it_does_not_matter_which_comes_first(left, right, is_ordered):
    one, other = Result(("a", "b"), tuple(left)), Result(("a", "b"), tuple(right))
    assert same(one, other, ordered=is_ordered) == same(other, one, ordered=is_ordered)


def _noisy(value, factor):
    """Return a fraction that is nearly the same; the largest there are would become infinite."""
    return value * factor if type(value) is float and abs(value) < 1e300 else value


@given(rows=ROWS.filter(len), at=st.integers(0, 7), noise=st.floats(-1e-12, 1e-12))
@settings(max_examples=100, deadline=None)
def test_noise_makes_no_difference_and_another_value_does(rows, at, noise):
    at %= len(rows)
    noisy = [tuple(_noisy(each, 1 + noise) for each in row) for row in rows]
    changed = [*rows[:at], ("another value", rows[at][1]), *rows[at + 1 :]]
    result = Result(("a", "b"), tuple(rows))
    assert same(result, Result(("a", "b"), tuple(noisy)), ordered=False)
    assert not same(result, Result(("a", "b"), tuple(changed)), ordered=False)


@pytest.mark.parametrize(
    ("sql", "is_ordered"),
    [
        ("SELECT a FROM t ORDER BY a", True),
        ("SELECT a FROM (SELECT a FROM t ORDER BY a)", False),
        ("(SELECT a FROM t ORDER BY a)", True),
        ("SELECT a FROM t UNION SELECT b FROM u ORDER BY 1", True),
        ("(SELECT a FROM t ORDER BY a) UNION ALL (SELECT b FROM u)", False),
        ("WITH x AS (SELECT a FROM t) SELECT a FROM x ORDER BY a DESC", True),
        ("WITH x AS (SELECT a FROM t ORDER BY a) SELECT a FROM x", False),
        ("SELECT row_number() OVER (ORDER BY a) FROM t", False),
        ("SELECT string_agg(a, ',' ORDER BY a) FROM t", False),
        ("SELECT a FROM t WHERE b = 'order by'", False),
        ("VALUES (1)", False),
        ("ORDER BY", False),
    ],
)
def test_an_order_is_that_of_the_whole_query(sql, is_ordered):
    assert ordered(sql, "postgres") == is_ordered
