import hashlib
import sqlite3

import pytest

from dataflow_ops.databases.opened import Databases
from dataflow_ops.databases.sqlite import SQLite
from dataflow_ops.score.sql import executable, executed
from tests.databases.hostile import HOSTILE
from tests.score.shop import rows, starts

GOOD = "SELECT name FROM customers"
STATEMENTS = [each for each in HOSTILE if each.dialect == "sqlite" and "\ud800" not in each.sql]
"""A lone surrogate does not fit into a column of strings."""


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    path = tmp_path_factory.mktemp("databases") / "shop.sqlite"
    connection = sqlite3.connect(path)
    connection.executescript("CREATE TABLE customers (id, name); INSERT INTO customers VALUES (1, 'Ada'), (2, 'Bo');")
    connection.close()
    return path


def test_hostile_rows_are_told_apart_and_harm_nothing(path):
    table = rows(*[sql for each in STATEMENTS for sql in (each.sql, GOOD)])
    before = hashlib.sha256(path.read_bytes()).digest()
    with Databases({"shop": lambda: SQLite(path)}) as opened:
        planned = executable(table, databases=opened)
        made = executed(table, databases=opened, seconds=0.3, rows=1000)
    assert made["id"].equals(table["id"])
    kinds = starts(made, "sql_fault")
    assert kinds[1::2] == [None] * len(STATEMENTS), "the row after it"
    for each, kind, plan in zip(STATEMENTS, kinds[::2], starts(planned, "sql_fault")[::2], strict=True):
        assert kind is not None, each
        assert plan is not None or each.kind == "limit", each
    assert hashlib.sha256(path.read_bytes()).digest() == before
    assert list(path.parent.iterdir()) == [path]
