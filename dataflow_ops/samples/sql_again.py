"""Published SQL run once more on its databases: what a run stored about results is not believed."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from dataflow_ops.databases import compare, parse
from dataflow_ops.databases.finding import Finder
from dataflow_ops.databases.limits import Limits
from dataflow_ops.databases.opened import Databases
from dataflow_ops.databases.replies import sql_of
from dataflow_ops.databases.result import Failed, Result
from dataflow_ops.databases.sqlite import SQLite
from dataflow_ops.errors import BadArgument
from dataflow_ops.samples import databases
from dataflow_ops.samples.evaluate import Measure
from dataflow_ops.store import Store

Row = Mapping[str, Any]
PAIR = ("id", "db_id", "dialect", "question", "sql", "component_difficulty")
"""Columns of a published pair; those with a reasoning have `REASONED` as well."""
REASONED = (*PAIR, "question_style", "reasoning", "reasoning_sql", "execution_difficulty", "transformation")
LIMITS = Limits(seconds=20.0, rows=100_000, mib=256.0)
"""More than a run allows: it is not the time of this machine that is judged."""


@contextmanager
def sampled() -> Iterator[Databases]:
    """Yield the sample databases, made anew in a temporary folder."""
    with TemporaryDirectory() as folder:
        engines = {name: partial(SQLite, databases.write_one(name, Path(folder))) for name in databases.NAMES}
        with Databases(engines) as opened:
            yield opened


@contextmanager
def stored(store: Store, source: str) -> Iterator[Databases]:
    """Yield the SQLite files in the folder `source` of a store."""
    with TemporaryDirectory() as folder:
        finder = Finder(store, _no_connection, Path(folder))
        with finder.databases([f"{source.rstrip('/')}/"]) as opened:
            yield opened


def _no_connection(name: str) -> Any:
    raise BadArgument(f"connection:{name}: expected a folder with SQLite files")


def pairs(rows: Sequence[Row], opened: Databases) -> Iterator[Measure]:
    """Measure what published queries find when they are run once more, and whether each pair is there once."""
    results = [_run(row["sql"], row, opened) for row in rows]
    yield Measure("published SQL that runs again", sum(isinstance(each, Result) for each in results), len(rows), 1.0)
    found = [isinstance(each, Result) and bool(each.rows) and not each.truncated for each in results]
    yield Measure("of it, finds something, and all of it", sum(found), len(rows), 1.0)
    asked = [bool((row["question"] or "").strip()) for row in rows]
    yield Measure("published with a question", sum(asked), len(rows), 1.0)
    yield Measure("published pairs that are there once", len({_key(row) for row in rows}), len(rows), 1.0)


def _key(row: Row) -> tuple[Any, ...]:
    """Return what is the same for the same query under the same question, however it is laid out."""
    return row["db_id"], parse.canonical(row["sql"] or "", row["dialect"]) or row["id"], row["question"]


def reasonings(rows: Sequence[Row], opened: Databases) -> Iterator[Measure]:
    """Measure whether reasonings end in SQL that finds what the published SQL finds."""
    ends = [sql_of(row["reasoning"]) for row in rows]
    told = sum(end is not None and end == row["reasoning_sql"] for end, row in zip(ends, rows, strict=True))
    yield Measure("reasonings that end in the SQL said", told, len(rows), 1.0)
    same = sum(_agrees(end, row, opened) for end, row in zip(ends, rows, strict=True))
    yield Measure("reasonings that find what the published SQL finds", same, len(rows), 1.0)


def _agrees(sql: str | None, row: Row, opened: Databases) -> bool:
    ours, theirs = _run(row["sql"], row, opened), _run(sql, row, opened)
    if isinstance(ours, Failed) or isinstance(theirs, Failed):
        return False
    return compare.same(ours, theirs, ordered=compare.ordered(row["sql"], row["dialect"]))


def _run(sql: str | None, row: Row, opened: Databases) -> Result | Failed:
    database = opened.find(row["db_id"])
    return database if isinstance(database, Failed) else database.run(sql or "", LIMITS)


def kinds(rows: Sequence[Row], columns: Iterable[str]) -> Iterator[Measure]:
    """Tell how many rows there are of each value of some columns; rows without a value are not told."""
    for column in columns:
        counted = Counter(row[column] for row in rows if row[column])
        for value, times in sorted(counted.items()):
            yield Measure(f"{column.replace('_', ' ')}: {value}", times, len(rows))
