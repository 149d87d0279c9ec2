"""What the engines do with statements that are to do harm, where the gate before them is open."""

import hashlib
import sqlite3
from pathlib import Path

import pytest

from dataflow_ops.databases.guard import refusal
from dataflow_ops.databases.limits import Limits
from dataflow_ops.databases.result import Failed, Result
from dataflow_ops.databases.servers import MySql, Postgres
from dataflow_ops.databases.sqlite import SQLite
from tests.databases.hostile import MYSQL, POSTGRES, PROOF, SQLITE
from tests.databases.servers import superuser_of

BRIEF = Limits(seconds=0.25, rows=100, mib=1.0)
NAMES = "abcdefghijklmnopqrst"


def check(engine, statement, state, only_read):
    """Run a statement; nothing changes, the next one works, and it gives no result unless only the gate stops it."""
    before = state()
    found = engine.run(statement.sql, BRIEF)
    assert state() == before
    assert not Path(PROOF).exists()
    assert engine.run("SELECT count(*) FROM customers", BRIEF).rows == ((len(NAMES),),)
    if isinstance(found, Result):
        assert statement.why in only_read or statement.sql.startswith(only_read[statement.dialect])
        assert isinstance(refusal(statement.sql, statement.dialect), Failed)
    if statement.kind == "limit":
        assert isinstance(found, Failed)


ONLY_READ = {
    "looks into the engine": "by those who may",
    "exhausts the reader": "little enough for the engine",
    "sqlite": ("SELECT 1 -- \r",),
    "postgres": (
        "SELECT U&'", "SELECT /* /* */ 1; DELETE FROM customers; -- */", "SELECT table_to_xml", "SELECT database_to_xml",
        "SELECT ts_stat", "SELECT lo_from_bytea", "SELECT pg_advisory_lock", "SELECT pg_try_advisory_xact_lock",
        "SELECT pg_notify", "SELECT txid_current",
        # As a superuser: the server lets it do these even where it may only read.
        "SELECT pg_read_file", "SELECT pg_read_binary_file", "SELECT pg_ls_dir", "SELECT pg_stat_file", "SELECT lo_import",
        "SELECT pg_catalog.pg_read_file", 'SELECT "pg_read_file"', "SELECT * FROM ROWS FROM (pg_ls_dir",
        "SELECT pg_terminate_backend(1)", "SELECT pg_cancel_backend(1)", "SELECT pg_reload_conf",
        "SELECT pg_rotate_logfile", "SELECT pg_switch_wal", "SELECT pg_create_restore_point", "SELECT pg_stat_reset",
    ),
    "mysql": (
        "SELECT LOAD_FILE", "SELECT GET_LOCK", "SELECT RELEASE_", "SELECT * FROM customers LOCK IN SHARE MODE",
        "SELECT MASTER_POS_WAIT", "SELECT @a", "SELECT LAST_INSERT_ID", "SELECT _gbk",
    ),
}  # fmt: skip
"""What gives a result where the gate is open: it reads what it should not, and changes nothing."""


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
    check(*_with(sqlite, statement), ONLY_READ)


def _with(pair, statement):
    engine, state = pair
    return engine, statement, state


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
    check(*_with(superuser_of_postgres, statement), ONLY_READ)


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
    check(*_with(superuser_of_mariadb, statement), ONLY_READ)


def test_files_of_the_mariadb_server_are_closed_to_a_plain_user(mariadb, superuser_of_mariadb):
    engine = MySql(mariadb.reader)
    assert engine.run("SELECT LOAD_FILE('/etc/passwd')", BRIEF).rows == ((None,),)
    engine.close()
