"""The ops that run SQL, over the same shop in every engine."""

import sqlite3
from contextlib import ExitStack

import pyarrow as pa
import pytest

from dataflow_ops.databases.opened import Databases
from dataflow_ops.databases.servers import MySql, Postgres
from dataflow_ops.databases.sqlite import SQLite
from dataflow_ops.score.sql import compared, executed, voted
from tests.databases.servers import superuser_of
from tests.score.shop import TEXTS, replies

STATEMENTS = [
    "CREATE TABLE takings (id INTEGER PRIMARY KEY, city VARCHAR(20), price DECIMAL(9, 2), sold DATE)",
    "INSERT INTO takings VALUES (1, 'Kiel', 9.99, '2024-02-29'), (2, 'Ulm', 0.10, '2024-03-01'), (3, '', 5, NULL)",
]


@pytest.fixture(scope="module")
def databases(postgres, mariadb, tmp_path_factory):
    path = tmp_path_factory.mktemp("databases") / "shop.sqlite"
    servers = [superuser_of(postgres), superuser_of(mariadb)]
    with ExitStack() as held:
        for connection in (sqlite3.connect(path), *servers):
            held.callback(connection.close)
            _run(connection, *STATEMENTS)
        for connection in servers:
            held.callback(_run, connection, "DROP TABLE takings")
        opens = {
            "sqlite": lambda: SQLite(path),
            "postgres": lambda: Postgres(postgres.url),
            "mysql": lambda: MySql(mariadb.url),
        }
        yield held.enter_context(Databases(opens))


def _run(connection, *statements):
    cursor = connection.cursor()
    for statement in statements:
        cursor.execute(statement)
    connection.commit()


GOLD = "SELECT city, SUM(price) FROM takings GROUP BY city ORDER BY 2 DESC"
MANY = ", ".join(f"takings {letter}" for letter in "abcdefghijklmnopqrstuv")
TRIED = [
    "SELECT s.city AS town, sum(s.price) AS total FROM takings AS s GROUP BY s.city ORDER BY total DESC",
    "SELECT city, 1.0 * price FROM takings ORDER BY price DESC",
    "SELECT city, SUM(price) FROM takings GROUP BY city ORDER BY 2",
    "SELECT city FROM takings_of",
    "DELETE FROM takings",
    f"SELECT count(*) FROM {MANY}",
    "SELECT CURRENT_TIMESTAMP",
]


@pytest.mark.parametrize("name", ["sqlite", "postgres", "mysql"])
def test_every_engine_tells_replies_apart_alike(databases, name):
    table = pa.table({"id": ["a"], "sql": [GOLD], "db_id": [name], "reasonings": pa.array([replies(*TRIED)], TEXTS)})
    (row,) = voted(compared(executed(table, databases=databases), databases=databases, seconds=0.5)).to_pylist()
    assert (row["sql_fault"], row["result_rows"], row["result_width"]) == (None, 3, 2)
    assert [why and why.partition(":")[0] for why in row["attempt_faults"]] == [
        None, None, None, "unknown name", "refused", "time", "unstable",
    ]  # fmt: skip
    assert row["groups"] == [0, 0, 1, None, None, None, None]
    assert (row["success"], row["unproven"]) == (pytest.approx(2 / 7), None)
    assert row["reasoning_sql"] == TRIED[0]
