"""Pairs of queries compared, and schemas read, beside DataFlow's: `python -m bench.sql`.

Two small SQLite databases are made: the one whose pairs of queries the tests know, for wrong verdicts; and one of 20
tables of 1,000 rows with pairs drawn at random, half of them equal, for speed. Schemas are of 300 tables, in SQLite and
in PostgreSQL and MariaDB where these are installed. DataFlow runs in its own environment
(`python -m bench.peers.setup dataflow`); it compares 20 pairs at a time, in threads.
"""

import argparse
import json
import os
import platform
import random
import resource
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from bench.compare import environment
from bench.peers.setup import ENVIRONMENTS
from bench.report import table
from dataflow_ops.databases.compare import ordered, same
from dataflow_ops.databases.database import Database
from dataflow_ops.databases.result import Result
from dataflow_ops.databases.servers import MySql, Postgres
from dataflow_ops.databases.sqlite import SQLite
from tests.databases.pairs import PAIRS, SETUP
from tests.databases.servers import mariadb_server, postgres_server

SCRIPT = Path(__file__).parent / "peers" / "sql_dataflow.py"
Texts = tuple[str, str]
KINDS: list[tuple[str, str, str]] = [
    ("SELECT name FROM {t} WHERE kind = '{k}'", "SELECT name FROM {t} AS x WHERE x.kind IN ('{k}')",
     "SELECT name FROM {t} WHERE kind <> '{k}'"),
    ("SELECT kind, count(*) FROM {t} GROUP BY kind", "SELECT kind, sum(1) FROM {t} GROUP BY 1",
     "SELECT kind, count(DISTINCT ref) FROM {t} GROUP BY kind"),
    ("SELECT avg(amount) FROM {t} WHERE ref < {n}", "SELECT sum(amount) / count(amount) FROM {t} WHERE ref < {n}",
     "SELECT avg(amount) FROM {t} WHERE ref <= {n} + 40"),
    ("SELECT id, amount FROM {t} ORDER BY amount DESC, id LIMIT {n}",
     "SELECT id, amount FROM (SELECT * FROM {t}) ORDER BY amount DESC, id LIMIT {n}",
     "SELECT id, amount FROM {t} ORDER BY amount, id LIMIT {n}"),
    ("SELECT a.name, b.name FROM {t} a JOIN {u} b ON a.ref = b.id WHERE b.kind = '{k}'",
     "SELECT a.name, b.name FROM {u} b, {t} a WHERE b.id = a.ref AND b.kind = '{k}'",
     "SELECT a.name, b.name FROM {t} a LEFT JOIN {u} b ON a.ref = b.id AND b.kind = '{k}'"),
    ("SELECT * FROM {t}", "SELECT * FROM {t} WHERE 1 = 1", "SELECT * FROM {t} WHERE id <> {n}"),
]  # fmt: skip
"""A query, another that is equal to it, and one that is not."""


def drawn(count: int, seed: int = 0) -> Iterator[tuple[Texts, bool]]:
    """Yield pairs of queries over the tables `t0` to `t19`, and whether they are equal."""
    rng = random.Random(seed)
    for number in range(count):
        query, like, unlike = KINDS[number % len(KINDS)]
        holes = {"t": f"t{rng.randrange(20)}", "u": f"t{rng.randrange(20)}", "k": f"k{rng.randrange(8)}",
                 "n": rng.randrange(5, 60)}  # fmt: skip
        equal = rng.random() < 0.5
        yield (query.format(**holes), (like if equal else unlike).format(**holes)), equal


def make(path: Path, statements: Callable[[sqlite3.Connection], object]) -> Path:
    """Make a SQLite file."""
    with sqlite3.connect(path) as connection:
        statements(connection)
    connection.close()
    return path


def rows(connection: sqlite3.Connection) -> None:
    """Fill 20 tables with 1,000 rows each."""
    rng = random.Random(0)
    for number in range(20):
        connection.execute(
            f"CREATE TABLE t{number}(id INTEGER PRIMARY KEY, name TEXT, kind TEXT, amount REAL, ref INTEGER)"
        )
        filled = ((row, f"name {rng.randrange(500)}", f"k{rng.randrange(8)}", rng.random() * 1e4, rng.randrange(1000))
                  for row in range(1000))  # fmt: skip
        connection.executemany(f"INSERT INTO t{number} VALUES (?, ?, ?, ?, ?)", filled)


def wide() -> list[str]:
    """Return the statements of a database of 300 tables of eight columns, with keys and two rows each."""
    columns = ", ".join(f"column_{at} VARCHAR(40)" for at in range(6))
    found = []
    for number in range(300):
        key = f", FOREIGN KEY (parent) REFERENCES wide_{number - 1}(id)" if number else ""
        found.append(f"CREATE TABLE wide_{number}(id INTEGER PRIMARY KEY, parent INTEGER, {columns}{key})")
        values = ", ".join(f"'value {at} of {number}'" for at in range(6))
        found.append(f"INSERT INTO wide_{number} VALUES (1, 1, {values}), (2, NULL, {values})")
    return found


def _cpu() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def ours(path: Path, pairs: Sequence[Texts]) -> dict[str, Any]:
    """Run and compare pairs as `score.sql.compared` does, one after another; the process of SQLite counts."""
    began, cpu = time.perf_counter(), _cpu()
    database, equal = Database("bench", SQLite(path)), []
    for query, other in pairs:
        right, found = database.run(query), database.run(other)
        alike = isinstance(right, Result) and isinstance(found, Result)
        equal.append(alike and same(right, found, ordered=ordered(query, "sqlite")))
    database.close()
    return {"equal": equal, "wall_s": time.perf_counter() - began, "cpu_s": _cpu() - cpu}


def theirs(folder: Path, pairs: dict[str, Sequence[Texts]]) -> dict[str, Any] | None:
    """Return what DataFlow finds; None where it is not installed."""
    if not (ENVIRONMENTS / "dataflow").exists():
        return None
    (folder / "pairs.json").write_text(json.dumps(pairs))
    command = [ENVIRONMENTS / "dataflow/bin/python", SCRIPT, folder, folder / "pairs.json"]
    done = subprocess.run(command, env=environment(), check=True, capture_output=True, text=True, cwd=folder)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def alone(count: int) -> float:
    """Return seconds that the comparison of two results of so many rows takes, in any order, fractions not quite equal."""
    rng = random.Random(0)
    left = [(row, rng.random() * 1e6, f"name {row % 97}", None if row % 3 else rng.random()) for row in range(count)]
    right = [(key, number * (1 + 1e-13), name, share) for key, number, name, share in left]
    rng.shuffle(right)
    columns = ("id", "number", "name", "share")
    began = time.perf_counter()
    assert same(Result(columns, tuple(left)), Result(columns, tuple(right)), ordered=False)
    return time.perf_counter() - began


def line(name: str, truth: dict[str, Sequence[bool]], found: dict[str, Any]) -> list[str]:
    """Return the line of one comparer."""
    known, given = truth["staff"], found["staff"]["equal"]
    taken = sum(each and not right for right, each in zip(known, given, strict=True))
    missed = sum(right and not each for right, each in zip(known, given, strict=True))
    wrong = sum(right != each for right, each in zip(truth["shop"], found["shop"]["equal"], strict=True))
    count, wall, cpu = len(truth["shop"]), found["shop"]["wall_s"], found["shop"]["cpu_s"]
    return [
        name,
        str(len(known)),
        str(taken),
        str(missed),
        str(count),
        str(wrong),
        f"{count / wall:,.0f}",
        f"{count / cpu:,.0f}",
    ]


def read(name: str, engine: SQLite | Postgres | MySql) -> list[str]:
    """Return how long it takes to read a schema."""
    began = time.perf_counter()
    schema = engine.schema()
    seconds = time.perf_counter() - began
    engine.close()
    examples = sum(bool(column.examples) for each in schema.tables for column in each.columns)
    return [name, str(len(schema.tables)), f"{examples:,}", f"{seconds:.2f}"]


def schemas(folder: Path) -> Iterator[list[str]]:
    """Yield how long schemas take, on every engine there is."""
    yield read("SQLite", SQLite(folder / "wide.sqlite"))
    for name, server, engine in (("PostgreSQL", postgres_server, Postgres), ("MariaDB", mariadb_server, MySql)):
        try:
            with server() as running:
                fill(running.url, wide())
                yield read(name, engine(running.url))
        except pytest.skip.Exception as missing:
            yield [f"{name}: {missing}", "", "", ""]


def fill(url: str, statements: Sequence[str]) -> None:
    """Run statements on a server."""
    import sqlalchemy

    drivers = {"postgresql": "postgresql+psycopg", "mysql": "mysql+pymysql"}
    address = sqlalchemy.make_url(url)
    engine = sqlalchemy.create_engine(address.set(drivername=drivers.get(address.drivername, address.drivername)))
    with engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
    engine.dispose()


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--pairs", type=int, default=300)
    given = parser.parse_args()
    pairs = list(drawn(given.pairs))
    asked = {"staff": [(each.right, each.other) for each in PAIRS], "shop": [each for each, _ in pairs]}
    truth = {"staff": [each.equal for each in PAIRS], "shop": [equal for _, equal in pairs]}
    print(f"{platform.system()} {platform.release()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, "
          f"Python {platform.python_version()}\n")  # fmt: skip
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        make(folder / "staff.sqlite", lambda connection: connection.executescript(SETUP))
        make(folder / "shop.sqlite", rows)
        make(folder / "wide.sqlite", lambda connection: connection.executescript(";".join(wide())))
        lines = [line("ours", truth, {name: ours(folder / f"{name}.sqlite", each) for name, each in asked.items()})]
        peer = theirs(folder, asked)
        lines += [line("DataFlow", truth, peer)] if peer else []
        print(table(["comparer", "pairs", "false equal", "missed", "drawn", "wrong", "pairs/s", "pairs/CPU s"], lines))
        print(f"\ncomparing two results of 10,000 rows alone: {alone(10_000) * 1000:.0f} ms\n")
        read_in = list(schemas(folder))
    read_in += [["SQLite, DataFlow", "300", "", f"{peer['schema_s']:.2f}"]] if peer else []
    print(table(["schema of", "tables", "columns with examples", "s"], read_in))


if __name__ == "__main__":
    main()
