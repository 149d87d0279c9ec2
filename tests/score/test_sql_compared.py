import pyarrow as pa
import pytest

from dataflow_ops.databases.opened import Databases
from dataflow_ops.databases.result import Failed, Result
from dataflow_ops.score.sql import compared
from tests.score.shop import ENDLESS, TEXTS, Watched, replies, rows, shop


@pytest.fixture(scope="module")
def databases(tmp_path_factory):
    with shop(tmp_path_factory.mktemp("databases")) as opened:
        yield opened


COMPARED = ("attempts", "attempt_faults", "matches", "groups", "success", "gold_fault")


def outcome(databases, gold, *statements, **settings):
    """What `compared` adds to one row, by name."""
    table = rows(gold, reasonings=pa.array([replies(*statements)], TEXTS))
    (row,) = compared(table, databases=databases, **settings).to_pylist()
    return {name: row[name] for name in COMPARED}


def test_results_of_replies_are_compared_with_the_gold(databases):
    other = "SELECT city AS c FROM shop WHERE id IN (2, 3) AND 1 = 1"
    found = outcome(
        databases, "SELECT city FROM shop WHERE id IN (2, 3)",
        other, "SELECT DISTINCT city FROM shop WHERE id = 2", None, " nothing", "SELECT cty FROM shop", other,
        "SELECT 'Ulm'", "SELECT id FROM shop",
    )  # fmt: skip
    assert found["attempts"][0] == found["attempts"][5] == other
    assert found["attempts"][2:4] == [None, None]
    assert found["matches"] == [True, False, False, False, False, True, False, False]
    assert found["groups"] == [0, 1, None, None, None, 0, 1, 2]
    assert [why and why.partition(":")[0] for why in found["attempt_faults"]] == [
        None, None, "no reply", "no SQL", "unknown name", None, None, None,
    ]  # fmt: skip
    assert (found["success"], found["gold_fault"]) == (0.25, None)


@pytest.mark.parametrize(
    ("gold", "attempt", "same"),
    [
        ("SELECT name FROM shop", "SELECT name FROM shop ORDER BY name DESC", True),
        ("SELECT name FROM shop ORDER BY name", "SELECT name FROM shop ORDER BY name DESC", False),
        ("SELECT name FROM (SELECT * FROM shop ORDER BY id)", "SELECT name FROM shop ORDER BY name DESC", True),
        ("SELECT city FROM shop", "SELECT DISTINCT city FROM shop", False),
        ("SELECT count(*) FROM shop", "SELECT count(*) AS shops FROM shop", True),
        ("SELECT sum(price) FROM sale", "SELECT 15.09", True),
        ("SELECT area FROM shop WHERE id = 3", "SELECT ''", False),
        ("SELECT id FROM shop WHERE id > 9", "SELECT name FROM shop WHERE id > 99", True),
    ],
)
def test_what_counts_in_a_comparison(databases, gold, attempt, same):
    assert outcome(databases, gold, attempt)["matches"] == [same]


@pytest.mark.parametrize(
    ("gold", "settings", "kind"),
    [
        (None, {}, "no SQL"),
        ("SELECT nam FROM shop", {}, "unknown name"),
        (ENDLESS, {"seconds": 0.2}, "time"),
        ("SELECT * FROM shop", {"rows": 2}, "cut"),
        ("SELECT random()", {}, "unstable"),
        ("DROP TABLE shop", {}, "refused"),
    ],
)
def test_a_gold_that_fails_says_nothing_of_the_replies(databases, gold, settings, kind):
    found = outcome(databases, gold, "SELECT 1", **settings)
    assert found.pop("gold_fault").partition(":")[0] == kind
    assert found == dict.fromkeys(COMPARED[1:-1]) | {"attempts": ["SELECT 1"]}


def test_attempts_that_limits_stop_do_not_count(databases):
    tried = (ENDLESS, "SELECT a.id FROM shop a, shop b", "SELECT 1 + 0 * random()", "DROP TABLE shop")
    found = outcome(databases, "SELECT 1", *tried, "SELECT 1", seconds=0.2, rows=5)
    assert [why and why.partition(":")[0] for why in found["attempt_faults"]] == [
        "time", "cut", "unstable", "refused", None,
    ]  # fmt: skip
    assert (found["matches"], found["success"]) == ([False] * 4 + [True], 0.2)


def test_rows_without_replies_have_no_success(databases):
    table = rows("SELECT 1", "SELECT 1", reasonings=pa.array([None, []], TEXTS))
    made = compared(table, databases=databases)
    assert made["success"].to_pylist() == [None, None]
    assert made["attempts"].to_pylist() == [[], []]
    assert made["gold_fault"].to_pylist() == [None, None]


def test_equal_attempts_run_once():
    engine = Watched({"SELECT 1": Result(("a",), ((1.0,),)), "SELECT 2": Failed("error", "no")})
    given = replies("SELECT 1", "SELECT 1", "SELECT 2", "SELECT 2", "SELECT id FROM shop")
    table = rows("SELECT id FROM shop", reasonings=pa.array([given], TEXTS))
    with Databases({"shop": lambda: engine}) as opened:
        (row,) = compared(table, databases=opened).to_pylist()
    assert engine.asked == ["SELECT id FROM shop", "SELECT 1", "SELECT 2"]
    assert row["matches"] == [True, True, False, False, True]
    assert row["attempt_faults"] == [None, None, "error: no", "error: no", None]
