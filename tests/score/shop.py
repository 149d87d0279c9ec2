"""A shop with a few sales as a database, rows of SQL about it, and an engine that keeps what it is asked."""

import sqlite3

import pyarrow as pa

from dataflow_ops.databases.opened import Databases
from dataflow_ops.databases.result import Result
from dataflow_ops.databases.schema import Column, Schema, Table
from dataflow_ops.databases.sqlite import SQLite
from dataflow_ops.fences import fenced

TEXTS = pa.list_(pa.string())
SHOP = """
CREATE TABLE shop (id INTEGER PRIMARY KEY, name TEXT, city TEXT, area REAL);
INSERT INTO shop VALUES (1, 'Nord', 'Kiel', 40.5), (2, 'Süd', 'Ulm', 120), (3, 'Ost', 'Ulm', NULL), (4, 'West', '', 40.5);
CREATE TABLE sale (id INTEGER PRIMARY KEY, shop_id INTEGER REFERENCES shop(id), price REAL);
INSERT INTO sale VALUES (1, 1, 9.99), (2, 1, 0.1), (3, 2, 5);
"""
ENDLESS = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n"


def shop(folder):
    """The databases `shop` and `broken`, written into a folder."""
    path, broken = folder / "shop.sqlite", folder / "broken.sqlite"
    connection = sqlite3.connect(path)
    connection.executescript(SHOP)
    connection.close()
    broken.write_bytes(b"no database at all" * 99)
    return Databases({"shop": lambda: SQLite(path), "broken": lambda: SQLite(broken)})


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


def replies(*statements):
    """Whole replies that end in these statements; a text with a blank before it is the reply itself."""
    return [sql if sql is None or sql.startswith(" ") else f"I think.\n\n{fenced(sql, 'sql')}\n" for sql in statements]


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
