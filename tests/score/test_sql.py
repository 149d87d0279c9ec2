import json
import sqlite3
from datetime import date
from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dataflow_ops.databases.opened import Databases
from dataflow_ops.databases.result import Failed, Result
from dataflow_ops.databases.schema import Column, Schema, Table
from dataflow_ops.databases.sqlite import SQLite
from dataflow_ops.errors import BadSource, Transient
from dataflow_ops.fences import fenced
from dataflow_ops.op import describe
from dataflow_ops.score import sql as ops
from dataflow_ops.score._sql_previews import preview
from dataflow_ops.score.sql import canonical, compared, components, executable, executed

TEXTS = pa.list_(pa.string())
SHOP = """
CREATE TABLE shop (id INTEGER PRIMARY KEY, name TEXT, city TEXT, area REAL);
INSERT INTO shop VALUES (1, 'Nord', 'Kiel', 40.5), (2, 'Süd', 'Ulm', 120), (3, 'Ost', 'Ulm', NULL), (4, 'West', '', 40.5);
CREATE TABLE sale (id INTEGER PRIMARY KEY, shop_id INTEGER REFERENCES shop(id), price REAL);
INSERT INTO sale VALUES (1, 1, 9.99), (2, 1, 0.1), (3, 2, 5);
"""
ENDLESS = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n"


@pytest.fixture(scope="module")
def databases(tmp_path_factory):
    path = tmp_path_factory.mktemp("databases") / "shop.sqlite"
    connection = sqlite3.connect(path)
    connection.executescript(SHOP)
    connection.close()
    broken = path.with_name("broken.sqlite")
    broken.write_bytes(b"no database at all" * 99)
    with Databases({"shop": lambda: SQLite(path), "broken": lambda: SQLite(broken)}) as opened:
        yield opened


def rows(*statements, **columns):
    """Rows of SQL over the shop, with ids 0, 1, …"""
    names = [str(at) for at in range(len(statements))]
    table = pa.table({"id": pa.array(names, pa.string()), "sql": pa.array(statements, pa.string())})
    for name, values in ({"db_id": ["shop"] * len(names), "dialect": ["sqlite"] * len(names)} | columns).items():
        table = table.append_column(name, values if isinstance(values, pa.Array) else pa.array(values, pa.string()))
    return table


def starts(table, name):
    """What reasons start with, the kind before the colon."""
    return [why if why is None else why.partition(":")[0] for why in table[name].to_pylist()]


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


class Watched:
    """An engine that keeps what it is asked, and answers with what it is told, else with one row."""

    dialect = "sqlite"

    def __init__(self, answers=None):
        self.asked, self._answers = [], answers or {}

    def schema(self):
        return Schema("sqlite", (Table("shop", (Column("id", "INTEGER"), Column("city", "TEXT"))),))

    def explain(self, sql, limits):
        self.asked.append(sql)

    def run(self, sql, limits):
        self.asked.append(sql)
        answer = self._answers.get(sql, Result(("id",), ((1,),), seconds=0.5))
        if isinstance(answer, Exception):
            raise answer
        return answer

    def close(self):
        pass


def test_equal_statements_are_asked_once():
    engine, twin = Watched(), Watched()
    table = rows(*["SELECT id FROM shop"] * 3, "SELECT city FROM shop", db_id=["a", "b", "a", "a"])
    with Databases({"a": lambda: engine, "b": lambda: twin}) as opened:
        made = executed(table, databases=opened)
        executable(table, databases=opened)
    assert made["sql_seconds"].to_pylist() == [0.5] * 4
    assert engine.asked == ["SELECT id FROM shop", "SELECT city FROM shop"] * 2
    assert twin.asked == ["SELECT id FROM shop"] * 2


def test_a_server_that_is_away_is_a_matter_of_the_task():
    engine = Watched({"SELECT id FROM shop": Transient("the server is away")})
    table = rows("SELECT id FROM shop", reasonings=pa.array([[]], TEXTS))
    with Databases({"shop": lambda: engine}) as opened:
        for op in (executed, compared):
            with pytest.raises(Transient, match="away"):
                op(table, databases=opened)


def test_a_broken_database_is_opened_once():
    tried = []

    def broken():
        tried.append(1)
        raise BadSource("database 'shop' is broken")

    with Databases({"shop": broken}) as opened:
        made = executed(rows("SELECT id FROM shop", "SELECT city FROM shop"), databases=opened)
    assert made["sql_fault"].to_pylist() == ["error: database 'shop' is broken"] * 2
    assert tried == [1]


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
    simple, nested = (
        "SELECT min(area) FROM shop",
        "SELECT name FROM shop WHERE id IN (SELECT shop_id FROM sale) ORDER BY 1",
    )
    table = rows(simple, nested, None, "SELECT (", simple, dialect=["sqlite"] * 4 + [None])
    made = components(table).to_pylist()
    assert [row["components"] is None for row in made] == [False, False, True, True, True]
    assert [row["component_difficulty"] is None for row in made] == [False, False, True, True, True]
    assert made[0]["component_difficulty"] == "easy"
    assert made[1]["component_difficulty"] != "easy"
    assert components(rows()).schema == components(table).schema


def replies(*statements):
    """Whole replies that end in these statements; a text with a blank before it is the reply itself."""
    return [sql if sql is None or sql.startswith(" ") else f"I think.\n\n{fenced(sql, 'sql')}\n" for sql in statements]


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


PIECES = st.sampled_from(
    [sql for sql, _ in STATEMENTS if sql != ENDLESS] + ["SELECT 1", "SELECT random()", "\x00", "€"]
)


@given(st.lists(st.tuples(PIECES, st.lists(PIECES, max_size=3)), max_size=5), st.data())
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_rows_in_one_table_or_in_several_give_the_same(databases, given, data):
    table = rows(*[sql for sql, _ in given], reasonings=pa.array([replies(*tried) for _, tried in given], TEXTS))
    place = data.draw(st.integers(0, len(given)))
    for op, more in [(executable, {"databases": databases}), (compared, {"databases": databases}), (canonical, {}),
                     (components, {})]:  # fmt: skip
        whole, parts = op(table, **more), [op(part, **more) for part in (table.slice(0, place), table.slice(place))]
        assert whole.schema == parts[0].schema == parts[1].schema
        assert whole.to_pylist() == pa.concat_tables(parts).to_pylist()
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
