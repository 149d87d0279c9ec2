"""Statements that take too long, or too much, are stopped in the engine itself, and cost the task little."""

import os
import signal
import sqlite3
import time
from pathlib import Path
from threading import Timer

import pytest

from dataflow_ops.databases.limits import Limits
from dataflow_ops.databases.result import Failed
from dataflow_ops.databases.servers import MySql, Postgres
from dataflow_ops.databases.sqlite import SQLite
from tests.databases.servers import superuser_of
from tests.waiting import wait_until

TWO_SECONDS = Limits(seconds=2.0, rows=1_000)
MIB = 1 << 10
"""In KiB, which is what the kernel counts in."""
MANY = ", ".join(f"numbers {name}" for name in "abc")
"""10^9 rows."""
LARGE = 100_000_000
"""Bytes of one value."""


@pytest.fixture(scope="module")
def sqlite(tmp_path_factory):
    path = tmp_path_factory.mktemp("limits") / "n.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE numbers (n INTEGER)")
        connection.executemany("INSERT INTO numbers VALUES (?)", [(n,) for n in range(1000)])
    connection.close()
    engine = SQLite(path)
    yield engine, lambda: 0
    engine.close()


@pytest.fixture(scope="module")
def postgresql(postgres):
    with superuser_of(postgres) as connection:
        connection.execute("CREATE TABLE numbers AS SELECT n FROM generate_series(1, 1000) n")
        engine = Postgres(postgres.url)
        busy = "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND application_name = 'dataflow-ops'"
        yield engine, lambda: connection.execute(busy).fetchone()[0]
        engine.close()
        connection.execute("DROP TABLE numbers")


@pytest.fixture(scope="module")
def maria(mariadb):
    with superuser_of(mariadb) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE numbers AS SELECT seq AS n FROM seq_1_to_1000")
        engine = MySql(mariadb.url)

        def busy():
            cursor.execute("SELECT count(*) FROM information_schema.processlist WHERE info LIKE '%numbers a%' "
                           "AND id != connection_id()")  # fmt: skip
            return cursor.fetchone()[0]

        yield engine, busy
        engine.close()
        cursor.execute("DROP TABLE numbers")


@pytest.fixture(params=["sqlite", "postgresql", "maria"])
def limited(request):
    """Return an engine with a table of a thousand numbers, and what counts the statements it is busy with."""
    return request.getfixturevalue(request.param)


def test_a_long_statement_is_stopped_at_its_limit_in_the_engine(limited):
    engine, busy = limited
    begun = time.monotonic()
    failed = engine.run(f"SELECT count(*) FROM {MANY}, numbers d WHERE a.n + b.n + c.n + d.n = 0", TWO_SECONDS)
    assert failed == Failed("time", "stopped after 2 s")
    assert 2 <= time.monotonic() - begun < 8
    wait_until(lambda: busy() == 0, 5)
    assert engine.run("SELECT count(*) FROM numbers", TWO_SECONDS).rows == ((1000,),)


def test_a_billion_rows_are_not_read(limited):
    engine, busy = limited
    before = _peak_of("self")
    result = engine.run(f"SELECT a.n, b.n, c.n FROM {MANY}", TWO_SECONDS)
    assert (len(result.rows), result.truncated) == (1000, True)
    cut = engine.run(f"SELECT a.n, b.n, c.n FROM {MANY} LIMIT 1000000000", Limits(seconds=5.0, rows=10**9, mib=1.0))
    assert cut.truncated
    assert 5_000 < len(cut.rows) < 50_000
    wait_until(lambda: busy() == 0, 5)
    assert engine.run("SELECT count(*) FROM numbers", TWO_SECONDS).rows == ((1000,),)
    assert _peak(engine) < 200 * MIB
    assert _peak_of("self") - before < 100 * MIB


def test_a_sort_of_a_billion_rows_fails(limited):
    engine, busy = limited
    failed = engine.run(
        f"SELECT a.n, b.n, c.n FROM {MANY} ORDER BY a.n + b.n * c.n DESC, c.n LIMIT 900000000", TWO_SECONDS
    )
    assert isinstance(failed, Failed)
    assert failed.kind in ("time", "memory")
    wait_until(lambda: busy() == 0, 5)
    assert engine.run("SELECT count(*) FROM numbers", TWO_SECONDS).rows == ((1000,),)


def test_a_child_that_dies_costs_one_statement(limited):
    engine, busy = limited
    assert engine.run("SELECT count(*) FROM numbers", TWO_SECONDS).rows == ((1000,),)
    killing = Timer(0.3, os.kill, (engine._child._process.pid, signal.SIGKILL))
    killing.start()
    failed = engine.run(f"SELECT count(*) FROM {MANY}, numbers d WHERE a.n + b.n = d.n", TWO_SECONDS)
    killing.join()
    assert isinstance(failed, Failed)
    assert failed.kind == "error"
    assert engine.run("SELECT count(*) FROM numbers", TWO_SECONDS).rows == ((1000,),)
    wait_until(lambda: busy() == 0, 5)  # the server stops what nobody waits for


def test_a_huge_value_costs_the_child_and_not_the_task(postgresql):
    engine, _ = postgresql
    before = _peak_of("self")
    found = engine.run(f"SELECT repeat('x', {LARGE}) FROM numbers LIMIT 1", Limits(seconds=20.0))
    assert isinstance(found, Failed) or (found.rows, found.truncated) == ((), True)
    assert _peak_of("self") - before < 50 * MIB
    assert engine.run("SELECT count(*) FROM numbers", TWO_SECONDS).rows == ((1000,),)


def _peak(engine) -> int:
    return _peak_of(engine._child._process.pid)


def _peak_of(process) -> int:
    """Return the most memory that a process has had, in KiB."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))
