import json
from datetime import date
from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dataflow_ops.databases.opened import Databases
from dataflow_ops.databases.result import Result
from dataflow_ops.errors import BadSource, Transient
from dataflow_ops.op import describe
from dataflow_ops.score import sql as ops
from dataflow_ops.score._sql_previews import preview
from dataflow_ops.score.sql import canonical, compared, components, executable, executed
from tests.score.shop import ENDLESS, TEXTS, Watched, replies, rows, shop, starts


@pytest.fixture(scope="module")
def databases(tmp_path_factory):
    with shop(tmp_path_factory.mktemp("databases")) as opened:
        yield opened


STATEMENTS = [
    ("SELECT name FROM shop", None),
    ("WITH c AS (SELECT city FROM shop) SELECT * FROM c;", None),
    (ENDLESS, None),
    (None, "no SQL"),
    (" \n", "no SQL"),
    ("SELECT FROM WHERE", "syntax"),
    ("DELETE FROM shop", "refused"),
    ("SELECT 1; DROP TABLE shop", "refused"),
    ("PRAGMA writable_schema = 1", "refused"),
    ("SELECT name FROM shops", "unknown name"),
    ("SELECT nam FROM shop", "unknown name"),
    ("Show me all shops!", None),
]


def test_what_cannot_be_run_says_why(databases):
    made = executable(rows(*[sql for sql, _ in STATEMENTS]), databases=databases)
    kinds = starts(made, "sql_fault")
    assert kinds[:-1] == [why for _, why in STATEMENTS[:-1]]
    assert kinds[-1] in ("syntax", "refused")
    assert "'shop'" in made["sql_fault"][9].as_py(), "the nearest name"


def test_a_database_that_is_not_there_or_broken_is_the_matter_of_its_rows(databases):
    table = rows(*["SELECT 1"] * 4, db_id=["shop", "shpo", None, "broken"])
    for op in (executable, executed):
        made = op(table, databases=databases)
        assert starts(made, "sql_fault") == [None, "unknown name", "unknown name", "error"]
        assert "did you mean 'shop'?" in made["sql_fault"][1].as_py()
        assert "broken.sqlite" in made["sql_fault"][3].as_py()


def test_what_runs_is_measured(databases):
    (row,) = executed(rows("SELECT name, city FROM shop ORDER BY id"), databases=databases).to_pylist()
    assert [row[name] for name in ("sql_fault", "result_rows", "result_width")] == [None, 4, 2]
    assert json.loads(row["result_preview"]) == [["Nord", "Kiel"], ["Süd", "Ulm"], ["Ost", "Ulm"]]
    assert row["sql_seconds"] >= 0


def test_what_does_not_run_has_no_measures(databases):
    (row,) = executed(rows("SELECT nam FROM shop"), databases=databases).to_pylist()
    measures = ("result_rows", "result_width", "result_preview", "sql_seconds")
    assert [row[name] for name in measures] == [None] * 4
    assert row["sql_fault"].startswith("unknown name: ")


@pytest.mark.parametrize(
    ("sql", "settings", "fault"),
    [
        (ENDLESS, {"seconds": 0.2}, "time: stopped after 0.2 s"),
        ("SELECT * FROM shop", {"rows": 3}, "cut: more than 3 rows"),
        ("SELECT * FROM shop", {"rows": 4}, None),
        ("SELECT name FROM shop", {"mib": 1e-5}, "cut: more than 1e-05 MiB"),
        ("SELECT * FROM shop WHERE id > 9", {}, None),
        ("SELECT * FROM shop WHERE id > 9", {"allow_empty": False}, "no rows: the result is empty"),
        ("SELECT count(*) FROM shop WHERE id > 9", {"allow_empty": False}, None),
        ("SELECT max(area) FROM shop WHERE id > 9", {"allow_empty": False}, None),
        ("SELECT name FROM shop ORDER BY random() LIMIT 1", {"allow_unstable": True}, None),
    ],
)
def test_limits_and_wishes(databases, sql, settings, fault):
    assert executed(rows(sql), databases=databases, **settings)["sql_fault"].to_pylist() == [fault]


def test_what_is_cut_shows_what_there_is(databases):
    (row,) = executed(rows("SELECT id FROM shop"), databases=databases, rows=2).to_pylist()
    assert (row["result_rows"], row["result_width"], row["result_preview"]) == (None, 1, "[[1], [2]]")


@pytest.mark.parametrize("sql", ["SELECT random()", "SELECT date('now')", "SELECT id FROM shop WHERE 1 < random()"])
def test_what_changes_by_itself_is_not_run(databases, sql):
    made = executed(rows(sql), databases=databases)
    assert starts(made, "sql_fault") == ["unstable"]
    assert made["sql_seconds"].to_pylist() == [None]


def test_what_may_not_run_is_refused_before_it_is_unstable(databases):
    made = executed(rows("DELETE FROM shop WHERE random() > 1", "SELECT random() FROM shops"), databases=databases)
    assert starts(made, "sql_fault") == ["refused", "unknown name"]


def test_equal_statements_are_asked_once():
    engine, twin = Watched(), Watched()
    table = rows(*["SELECT id FROM shop"] * 3, "SELECT city FROM shop", db_id=["a", "b", "a", "a"])
    with Databases({"a": lambda: engine, "b": lambda: twin}) as opened:
        made = executed(table, databases=opened)
        executable(table, databases=opened)
    assert made["sql_seconds"].to_pylist() == [0.5] * 4
    assert engine.asked == ["SELECT id FROM shop", "SELECT city FROM shop"] * 2
    assert twin.asked == ["SELECT id FROM shop"] * 2


@pytest.mark.parametrize("why", [Transient("the server is away"), BadSource("the file is gone")])
def test_what_befalls_a_database_meanwhile_is_a_matter_of_the_task(why):
    table = rows("SELECT id FROM shop", reasonings=pa.array([[]], TEXTS))
    with Databases({"shop": lambda: Watched({"SELECT id FROM shop": why})}) as opened:
        for op in (executed, compared):
            with pytest.raises(type(why), match="is away|is gone"):
                op(table, databases=opened)


def test_a_preview_is_json_whatever_the_values_are():
    values = (None, True, 3, 2**60, 0.5, float("nan"), float("-inf"), Decimal("9.90"), b"\x00\xff", date(2024, 2, 29),
              ("a", 1), 'a"\n', "\ud800", "x" * 99)  # fmt: skip
    shown = [None, True, 3, str(2**60), 0.5, "nan", "-inf", "9.90", "00ff", "2024-02-29", "('a', 1)", 'a"\n', "?",
             "x" * 80 + "…"]  # fmt: skip
    assert json.loads(preview(Result(("c",) * len(values), (values,)))) == [shown]
    wide = Result(("c",) * 21, (tuple(range(21)),) * 4)
    assert json.loads(preview(wide)) == [[*range(20), "…"]] * 3


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("SELECT name FROM shop", "select  NAME\nfrom SHOP -- all\n;", True),
        ("SELECT name FROM shop", "SELECT name FROM shop WHERE 1 = 1", False),
        ("SELECT 'Kiel'", "SELECT 'kiel'", False),
    ],
)
def test_the_key_of_a_statement_is_what_it_says(one, other, same):
    keys = canonical(rows(one, other))["sql_key"].to_pylist()
    assert (keys[0] == keys[1]) == same
    assert all(key.startswith("shop\n") for key in keys)


def test_the_key_is_null_where_nothing_can_be_the_same():
    good = "SELECT 1"
    table = rows(
        good, None, "SELECT (", good, good, db_id=["a", "a", "a", None, "a"], dialect=["sqlite"] * 4 + ["cobol"]
    )
    made = canonical(pa.concat_tables([table, rows(good, dialect=[None]), rows(good, db_id=["b"])]))
    keys = made["sql_key"].to_pylist()
    assert [key is None for key in keys] == [False, True, True, True, True, True, False]
    assert keys[0].removeprefix("a") == keys[-1].removeprefix("b")


def test_components_are_counted_and_say_how_hard_it_is():
    simple, nested = "SELECT min(area) FROM shop", "SELECT name FROM shop WHERE id IN (SELECT shop_id FROM sale)"
    table = rows(simple, nested, None, "SELECT (", simple, dialect=["sqlite"] * 4 + [None])
    made = components(table).to_pylist()
    assert [row["components"] is None for row in made] == [False, False, True, True, True]
    assert [row["component_difficulty"] is None for row in made] == [False, False, True, True, True]
    assert made[0]["component_difficulty"] == "easy"
    assert made[1]["component_difficulty"] != "easy"
    assert components(rows()).schema == components(table).schema


def _measured(table):
    """What does not depend on how busy the machine is."""
    return table.select([name for name in table.column_names if name != "sql_seconds"]).to_pylist()


PIECES = st.sampled_from(
    [sql for sql, _ in STATEMENTS if sql != ENDLESS] + ["SELECT 1", "SELECT random()", "\x00", "€"]
)


@given(st.lists(st.tuples(PIECES, st.lists(PIECES, max_size=3)), max_size=5), st.data())
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_rows_in_one_table_or_in_several_give_the_same(databases, given, data):
    table = rows(*[sql for sql, _ in given], reasonings=pa.array([replies(*tried) for _, tried in given], TEXTS))
    place = data.draw(st.integers(0, len(given)))
    there = {"databases": databases}
    for op, more in [(executable, there), (executed, there), (compared, there), (canonical, {}), (components, {})]:
        whole, parts = op(table, **more), [op(part, **more) for part in (table.slice(0, place), table.slice(place))]
        assert whole.schema == parts[0].schema == parts[1].schema
        assert _measured(whole) == _measured(pa.concat_tables(parts))
        assert whole.select(table.column_names).equals(table)


def test_large_strings_in_chunks_are_read(databases):
    one = rows("SELECT 1", "SELECT nam FROM shop")
    wide = one.cast(pa.schema([(name, pa.large_string()) for name in one.column_names]))
    table = pa.concat_tables([wide.slice(1), wide.slice(0, 1)])
    assert starts(executable(table, databases=databases), "sql_fault") == ["unknown name", None]


def test_the_signature_declares_the_columns():
    told = describe(ops.compared, databases=["shop.sqlite"], sql="gold", groups="bands")
    assert told.reads == ("reasonings", "gold", "db_id")
    assert told.writes == ("attempts", "attempt_faults", "matches", "bands", "success", "gold_fault")
    assert told.databases == {"databases": ["shop.sqlite"]}
