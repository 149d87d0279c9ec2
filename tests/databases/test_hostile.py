"""What the engines do with statements that are to do harm, where the gate before them is open."""

import hashlib
import sqlite3
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dataflow_ops.databases.guard import refusal
from dataflow_ops.databases.limits import Limits
from dataflow_ops.databases.result import Failed, Result
from dataflow_ops.databases.servers import MySql, Postgres
from dataflow_ops.databases.sqlite import SQLite
from tests.databases.hostile import MYSQL, POSTGRES, PROOF, SQLITE
from tests.databases.servers import superuser_of

BRIEF = Limits(seconds=0.25, rows=100, mib=1.0)
NAMES = "abcdefghijklmnopqrst"


STOPPED = {
    "sqlite": {"writes", "stacks statements", "leaves the file", "changes the connection", "looks into the engine",
               "runs without end"},
    "postgres": {"writes", "runs without end"},
    "mysql": {"writes", "runs without end"},
}  # fmt: skip
"""What the engine itself stops, even where it is asked by one who may do anything.

Others may give such a user a result: they look at what they should not, and change nothing. The gate refuses them.
"""


def check(engine, statement, state):
    """Run a statement: nothing changes, and the next one works."""
    before = state()
    found = engine.run(statement.sql, BRIEF)
    assert state() == before
    assert not Path(PROOF).exists()
    assert engine.run("SELECT count(*) FROM customers", BRIEF).rows == ((len(NAMES),),)
    if isinstance(found, Result):
        assert statement.why not in STOPPED[statement.dialect]
        assert isinstance(refusal(statement.sql, statement.dialect), Failed)


@pytest.fixture(scope="module")
def sqlite(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hostile")
    with sqlite3.connect(folder / "shop.db") as connection:
        connection.execute("CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT)")
        connection.executemany("INSERT INTO customers VALUES (?, ?)", enumerate(NAMES))
    connection.close()
    engine = SQLite(folder / "shop.db", memory_mib=64)
    yield engine, lambda: {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}
    engine.close()


@pytest.mark.parametrize("statement", SQLITE, ids=lambda each: ascii(each.sql[:50]))
def test_sqlite_is_not_changed(sqlite, statement):
    engine, state = sqlite
    check(engine, statement, state)


@pytest.fixture(scope="module")
def superuser_of_postgres(postgres):
    with superuser_of(postgres) as connection:
        connection.execute("CREATE TABLE customers (id int PRIMARY KEY, name text)")
        connection.cursor().executemany("INSERT INTO customers VALUES (%s, %s)", list(enumerate(NAMES)))
        connection.execute("GRANT SELECT ON customers TO reader")
        engine = Postgres(postgres.url)

        def state():
            return [
                connection.execute(query).fetchall()
                for query in (
                    "SELECT * FROM customers ORDER BY id",
                    "SELECT relname FROM pg_class WHERE relnamespace != 'pg_toast'::regnamespace ORDER BY 1",
                    "SELECT count(*) FROM pg_largeobject_metadata",
                    "SELECT rolname FROM pg_roles ORDER BY 1",
                    "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'",
                )
            ]

        yield engine, state
        engine.close()
        connection.execute("DROP TABLE customers")


@pytest.mark.parametrize("statement", POSTGRES, ids=lambda each: ascii(each.sql[:50]))
def test_postgres_is_not_changed_even_by_a_superuser(superuser_of_postgres, statement):
    engine, state = superuser_of_postgres
    check(engine, statement, state)


def test_files_of_the_postgres_server_are_closed_to_a_plain_user(postgres, superuser_of_postgres):
    engine = Postgres(postgres.reader)
    tried = [each.sql for each in POSTGRES if each.why == "leaves the database" and "lo_from_bytea" not in each.sql]
    found = {sql: engine.run(sql, BRIEF) for sql in tried}
    engine.close()
    assert {sql: each for sql, each in found.items() if not isinstance(each, Failed)} == {}


@pytest.fixture(scope="module")
def superuser_of_mariadb(mariadb):
    with superuser_of(mariadb) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE customers (id int PRIMARY KEY, name varchar(10))")
        cursor.executemany("INSERT INTO customers VALUES (%s, %s)", list(enumerate(NAMES)))
        cursor.execute("GRANT SELECT ON shop.customers TO reader@localhost")
        engine = MySql(mariadb.url)

        def state():
            found = []
            for query in (
                "CHECKSUM TABLE customers, mysql.global_priv, mysql.proc",
                "SELECT table_schema, table_name FROM information_schema.tables ORDER BY 1, 2",
                "SELECT @@global.general_log, @@global.read_only",
            ):
                cursor.execute(query)
                found.append(cursor.fetchall())
            return found

        yield engine, state
        engine.close()
        cursor.execute("DROP TABLE customers")


@pytest.mark.parametrize("statement", MYSQL, ids=lambda each: ascii(each.sql[:50]))
def test_mariadb_is_not_changed_even_by_its_root(superuser_of_mariadb, statement):
    engine, state = superuser_of_mariadb
    check(engine, statement, state)


def test_files_of_the_mariadb_server_are_closed_to_a_plain_user(mariadb, superuser_of_mariadb):
    engine = MySql(mariadb.reader)
    assert engine.run("SELECT LOAD_FILE('/etc/passwd')", BRIEF).rows == ((None,),)
    engine.close()


WORDS = st.sampled_from([
    "SELECT", "FROM", "customers", "id", "*", "(", ")", ",", ";", "'", '"', "`", "--", "/*", "*/", "\n", "$$", "WITH", "x AS",
    "UNION", "DELETE", "INTO", "\\", "%s", "{", "?", "$1", ":a", "@a", "1", "NULL", "E'", "\0", "\ud800", "É", "#",
])  # fmt: skip
TEXTS = st.text(max_size=40) | st.lists(WORDS, max_size=12).map(" ".join)


@pytest.mark.parametrize("engine", ["sqlite", "superuser_of_postgres", "superuser_of_mariadb"])
def test_any_text_is_answered_and_changes_nothing(request, engine):
    asked, state = request.getfixturevalue(engine)
    before = state()

    @settings(max_examples=150, deadline=None)
    @given(TEXTS)
    def answered(sql):
        assert isinstance(asked.run(sql, BRIEF), Result | Failed)
        assert isinstance(asked.explain(sql, BRIEF), Failed | None)

    answered()
    assert state() == before
    assert asked.run("SELECT count(*) FROM customers", BRIEF).rows == ((len(NAMES),),)
