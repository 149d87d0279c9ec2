import hashlib
import shutil
import sqlite3
from contextlib import suppress
from random import Random

import pytest

from dataflow_ops.databases.limits import Limits
from dataflow_ops.databases.result import Failed, Result
from dataflow_ops.databases.schema import ForeignKey
from dataflow_ops.databases.sqlite import SQLite
from dataflow_ops.errors import BadArgument, BadSource

QUICK = Limits(seconds=1.0, rows=5, mib=1.0)
SHOP = """
CREATE TABLE customers ( -- who buys
  id INTEGER PRIMARY KEY, /* their number */
  name TEXT NOT NULL, -- as on the bill, (full)
  -- where they live
  city TEXT DEFAULT 'x, y',
  email TEXT
);
CREATE TABLE "order lines" (
  id INT, customer INT REFERENCES customers, total DECIMAL(10, 2) CHECK (total > 0), "when" TEXT, scan BLOB,
  PRIMARY KEY (id, customer)
);
CREATE VIEW spent AS SELECT city, sum(total) AS total FROM customers c JOIN "order lines" o ON o.customer = c.id
  GROUP BY city;
CREATE VIRTUAL TABLE notes USING fts5(title, body);
INSERT INTO notes VALUES ('rain', 'it rained in Oslo');
INSERT INTO customers VALUES (1, 'Ann', 'Rome', 'ann@example.org'), (2, CAST(x'ff41' AS TEXT), 'Oslo', NULL);
INSERT INTO "order lines" VALUES (1, 1, 9.5, '2024-01-01', x'00ff'), (2, 2, 1e999, '', NULL);
"""
ENDLESS = "WITH RECURSIVE r(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM r) "


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "a shop? #1%.db"
    with sqlite3.connect(path) as connection:
        connection.executescript(SHOP)
    connection.close()
    return path


@pytest.fixture
def shop(path):
    engine = SQLite(path)
    yield engine
    engine.close()


def test_its_tables_and_views_are_told_without_the_inner_ones(shop):
    schema = shop.schema()
    assert [(table.name, table.view) for table in schema.tables] == [
        ("customers", False), ("notes", False), ("order lines", False), ("spent", True),
    ]  # fmt: skip
    assert schema.by_name["notes"].comment == "fts5 virtual table"
    lines = schema.by_name["order lines"]
    assert [(each.name, each.type) for each in lines.columns] == [
        ("id", "INT"), ("customer", "INT"), ("total", "DECIMAL(10, 2)"), ("when", "TEXT"), ("scan", "BLOB"),
    ]  # fmt: skip
    assert lines.primary_key == ("id", "customer")
    assert lines.foreign_keys == (ForeignKey(("customer",), "customers", ("id",)),)


def test_comments_and_values_of_columns_are_told_and_what_is_personal_is_masked(shop):
    customers = shop.schema().by_name["customers"]
    assert customers.comment == "who buys"
    assert [(each.name, each.nullable, each.comment, each.examples) for each in customers.columns] == [
        ("id", True, "their number", ("1", "2")),
        ("name", False, "as on the bill, (full)", ("<name>",)),
        ("city", True, "where they live", ("Rome", "Oslo")),
        ("email", True, None, ("<email>",)),
    ]
    assert customers.sample == (("1", "<name>", "Rome", "<email>"), ("2", "<name>", "Oslo", None))
    assert shop.schema().by_name["order lines"].columns[4].examples == ()


@pytest.mark.parametrize(
    ("sql", "rows"),
    [
        ('SELECT total, "when", scan FROM "order lines"', [(9.5, "2024-01-01", b"\0\xff"), (float("inf"), "", None)]),
        ("SELECT name FROM customers ORDER BY id DESC; -- done;", [("\ufffdA",), ("Ann",)]),
        ("VALUES (1, 'a'), (9223372036854775807, x'')", [(1, "a"), (2**63 - 1, b"")]),
        ("SELECT title FROM notes WHERE notes MATCH 'rained'", [("rain",)]),
        ("SELECT city FROM spent WHERE total > 1 ORDER BY 1 LIMIT 1", [("Oslo",)]),
        ("SELECT round(vec_distance_l2('[1, 2]', '[4, 6]'), 3)", [(5.0,)]),
        ("SELECT 1 WHERE 0", []),
    ],
)
def test_a_statement_is_answered_with_its_rows(shop, sql, rows):
    result = shop.run(sql, QUICK)
    assert isinstance(result, Result), result
    assert list(result.rows) == rows
    assert not result.truncated


@pytest.mark.parametrize(
    ("sql", "kind", "detail"),
    [
        ("SELEC 1", "syntax", 'near "SELEC": syntax error'),
        ("SELECT (1", "syntax", "incomplete input"),
        ("SELECT 'a", "syntax", "unrecognized token"),
        ("SELECT '\ud800'", "syntax", "surrogates"),
        ("SELECT 1\0", "syntax", "null character"),
        ("SELECT ?", "syntax", "bindings"),
        ("", "syntax", "no statement"),
        ("SELECT price FROM customers", "unknown name", "no such column: price"),
        ("SELECT * FROM clients", "unknown name", "no such table: clients"),
        ("SELECT median_of(1)", "unknown name", "no such function: median_of"),
        ("SELECT sum(sum(id)) FROM customers", "error", "misuse of aggregate"),
        ("SELECT 1; SELECT 2", "refused", "more than one statement"),
        ("SELECT 1 /* ; */; /* */ DELETE FROM customers", "refused", "more than one statement"),
        ("DELETE FROM customers", "refused", "not authorized"),
        ("EXPLAIN SELECT 1", "refused", "more than read"),
        ("SELECT sql FROM sqlite_master", "refused", "prohibited"),
        ("SELECT * FROM pragma_table_info('customers')", "refused", "prohibited"),
        ("SELECT load_extension('x')", "refused", "load_extension"),
        ("SELECT zeroblob(20000000)", "memory", "too big"),
        (ENDLESS + "SELECT count(*) FROM r", "time", "stopped after 1 s"),
        (ENDLESS + "SELECT x FROM r ORDER BY -x", "time", "stopped after 1 s"),
    ],
)
def test_a_statement_that_fails_says_why_and_the_next_one_works(shop, sql, kind, detail):
    failed = shop.run(sql, QUICK)
    assert isinstance(failed, Failed), failed
    assert failed.kind == kind
    assert detail in failed.detail
    assert shop.run("SELECT 1", QUICK).rows == ((1,),)


def test_a_result_is_cut_at_the_limits(shop):
    many = shop.run(ENDLESS + "SELECT x FROM r", QUICK)
    assert (len(many.rows), many.truncated) == (5, True)
    assert shop.run(ENDLESS + "SELECT x FROM r LIMIT 5", QUICK).truncated is False
    large = shop.run(ENDLESS + "SELECT hex(zeroblob(200000)) FROM r", QUICK)
    assert (len(large.rows), large.truncated) == (2, True)


def test_memory_beyond_the_limit_fails_one_statement(path):
    engine = SQLite(path, memory_mib=16)
    failed = engine.run(ENDLESS + "SELECT x, hex(zeroblob(2000)) FROM r ORDER BY x DESC", Limits(seconds=20.0))
    assert isinstance(failed, Failed)
    assert failed.kind == "memory"
    assert engine.run("SELECT 1", QUICK).rows == ((1,),)
    engine.close()


def test_explain_plans_and_runs_nothing(shop):
    assert shop.explain("SELECT name FROM customers", QUICK) is None
    assert shop.explain(ENDLESS + "SELECT count(*) FROM r", QUICK) is None
    assert str(shop.explain("SELECT * FROM clients", QUICK)) == "unknown name: no such table: clients"
    assert shop.explain("SELECT 1; SELECT 2", QUICK).kind == "refused"
    assert shop.explain("DROP TABLE customers", QUICK).kind == "refused"


def test_a_view_without_end_keeps_nothing_from_being_told(tmp_path):
    with sqlite3.connect(tmp_path / "v.db") as connection:
        connection.execute(f"CREATE VIEW a AS {ENDLESS} SELECT count(*) AS n FROM r")
        connection.execute("CREATE VIEW broken AS SELECT * FROM gone")
        connection.executescript("CREATE TABLE z (n INT); INSERT INTO z VALUES (1);")
    connection.close()
    engine = SQLite(tmp_path / "v.db")
    tables = engine.schema().tables
    engine.close()
    assert [(each.name, each.sample) for each in tables] == [("a", ()), ("z", (("1",),))]


@pytest.mark.parametrize("seed", range(12))
def test_a_damaged_file_is_read_or_named_and_costs_only_the_child(path, seed):
    draw, data = Random(seed), bytearray(path.read_bytes())
    for _ in range(draw.randint(1, 200)):
        data[draw.randrange(100, len(data))] = draw.randrange(256)
    path.write_bytes(data)
    engine = SQLite(path, memory_mib=64)
    with suppress(BadSource):
        for table in engine.schema().tables:
            assert isinstance(engine.run(f'SELECT * FROM "{table.name}"', QUICK), Result | Failed)
    engine.close()


@pytest.mark.parametrize("content", [b"", b"not a database, but long enough to have a header" * 50, None])
def test_what_is_no_database_is_named(tmp_path, content):
    path = tmp_path / "x.db"
    if content is not None:
        path.write_bytes(content)
    engine = SQLite(path)
    if content == b"":
        assert engine.schema().tables == ()  # SQLite takes an empty file for an empty database
    else:
        with pytest.raises(BadSource, match=r"x\.db"):
            engine.schema()
    engine.close()


def test_a_broken_file_is_named_and_no_statement_crashes(path):
    data = bytearray(path.read_bytes())
    data[100:8000] = b"\xab" * 7900
    path.write_bytes(data)
    engine = SQLite(path)
    with pytest.raises(BadSource, match=r"a shop\? #1%\.db"):
        engine.schema()
    engine.close()


def test_rows_in_a_log_beside_the_file_are_seen(tmp_path):
    writing = sqlite3.connect(tmp_path / "live.db")
    writing.execute("PRAGMA journal_mode = wal")
    writing.executescript("CREATE TABLE t(a); INSERT INTO t VALUES (7);")
    for name in ("live.db", "live.db-wal"):
        shutil.copy(tmp_path / name, tmp_path / name.replace("live", "copy"))
    before = hashlib.sha256((tmp_path / "copy.db").read_bytes()).hexdigest()
    engine = SQLite(tmp_path / "copy.db")
    assert engine.run("SELECT a FROM t", QUICK).rows == ((7,),)
    engine.close()
    writing.close()
    assert hashlib.sha256((tmp_path / "copy.db").read_bytes()).hexdigest() == before


def test_vector_tables_are_told_as_they_were_declared(tmp_path):
    import apsw
    import sqlite_vec

    connection = apsw.Connection(str(tmp_path / "v.db"))
    connection.enable_load_extension(True)
    connection.load_extension(sqlite_vec.loadable_path())
    connection.execute(
        "CREATE VIRTUAL TABLE near USING vec0("
        "id INTEGER PRIMARY KEY /* sights.id */, place float[2] distance_metric=cosine, +said TEXT)"
    )
    connection.execute("INSERT INTO near VALUES (1, '[1, 0]', 'east'), (2, '[0, 1]', 'north')")
    connection.close()
    engine = SQLite(tmp_path / "v.db")
    (near,) = engine.schema().tables
    knn = engine.run("SELECT said FROM near WHERE place MATCH '[0.9, 0.1]' AND k = 2 ORDER BY distance", QUICK)
    engine.close()
    assert (near.comment, near.primary_key) == ("vec0 virtual table", ("id",))
    assert near.foreign_keys == (ForeignKey(("id",), "sights", ("id",)),)
    assert [(each.name, each.type.lower()) for each in near.columns] == [
        ("id", "integer"), ("place", "float[2]"), ("said", "text"),
    ]  # fmt: skip
    assert knn.rows == (("east",), ("north",))


def test_too_little_memory_is_refused(path):
    with pytest.raises(BadArgument, match="memory_mib=1"):
        SQLite(path, memory_mib=1)
