"""Which tables the queries over a database are about, so that each table is asked about as often as any other."""

import re
from collections.abc import Iterator, Sequence
from random import Random
from typing import TypeVar

from dataflow_ops.databases.choose import presentable
from dataflow_ops.databases.graph import Joins, joins
from dataflow_ops.databases.schema import Schema, Table
from dataflow_ops.databases.vec0 import SIZED

T = TypeVar("T")
_DATE_TYPE = re.compile(r"date|time|year", re.IGNORECASE)
_DATE = re.compile(r"\d{4}-\d\d-\d\d(?:[ T]|$)", re.ASCII)


class Tables:
    """Tables of a schema that queries can be about: none of vectors, and those with rows if any is known to have some."""

    def __init__(self, schema: Schema) -> None:
        shown = [table for table in schema.tables if presentable(table) and not _holds_vectors(table)]
        filled = [table for table in shown if table.sample] or shown
        self._tables = {table.name.lower(): table for table in filled}
        self._graph: Joins = joins(schema)

    @property
    def names(self) -> list[str]:
        """The names in lower case, in the order of the schema."""
        return list(self._tables)

    def about(self, start: str, size: int, draw: Random) -> list[Table]:
        """Return up to `size` tables: `start`, and tables that foreign keys join to those before, as they are drawn."""
        chosen = [start]
        while len(chosen) < size:
            joined = {other for name in chosen for other in self._graph[name]} & self._tables.keys()
            if joined <= set(chosen):
                break
            chosen.append(draw.choice(sorted(joined.difference(chosen))))
        return [self._tables[name] for name in sorted(chosen)]


def _holds_vectors(table: Table) -> bool:
    return any(SIZED.search(column.type) for column in table.columns)


def has_dates(tables: Sequence[Table]) -> bool:
    """Return whether a column of some tables seems to hold dates: by its type, or by its examples."""
    columns = (column for table in tables for column in table.columns)
    return any(_DATE_TYPE.search(column.type) or any(map(_DATE.match, column.examples)) for column in columns)


def dealt(items: Sequence[T], count: int, draw: Random) -> Iterator[T]:
    """Yield `count` items, all of them in a drawn order before any comes again."""
    while count > 0:
        deck = draw.sample(items, len(items))[:count]
        yield from deck
        count -= len(deck)
