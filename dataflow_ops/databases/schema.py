"""What a database holds: tables, columns, keys, comments, and a few values of each column."""

from dataclasses import dataclass
from functools import cached_property
from typing import Literal, get_args

import xxhash

Dialect = Literal["sqlite", "postgres", "mysql"]
"""The names are those of sqlglot; MariaDB is `mysql`."""


def dialect_of(name: str | None) -> Dialect | None:
    """Return the dialect of this name, None where nobody knows it."""
    return next((known for known in get_args(Dialect) if known == name), None)


@dataclass(frozen=True)
class Column:
    """A column of a table."""

    name: str
    type: str
    """As the engine writes it."""
    nullable: bool = True
    comment: str | None = None
    examples: tuple[str, ...] = ()
    """A few distinct values as text, what looks personal masked."""


@dataclass(frozen=True)
class ForeignKey:
    """Columns of a table that name rows of another."""

    columns: tuple[str, ...]
    table: str
    to: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """A table or a view."""

    name: str
    columns: tuple[Column, ...]
    primary_key: tuple[str, ...] = ()
    foreign_keys: tuple[ForeignKey, ...] = ()
    comment: str | None = None
    sample: tuple[tuple[str | None, ...], ...] = ()
    """A few rows as text, in the order of the columns, what looks personal masked; long values are cut."""
    view: bool = False


@dataclass(frozen=True)
class Schema:
    """All tables of a database, in the order of their names."""

    dialect: Dialect
    tables: tuple[Table, ...]

    @cached_property
    def by_name(self) -> dict[str, Table]:
        """The tables under their names, in lower case."""
        return {table.name.lower(): table for table in self.tables}

    @cached_property
    def fingerprint(self) -> str:
        """Return 32 hex digits that change when a table, a column, a key or a comment does; examples do not count."""
        told = [
            (
                t.name,
                t.comment,
                t.primary_key,
                t.foreign_keys,
                [(c.name, c.type, c.nullable, c.comment) for c in t.columns],
            )
            for t in self.tables
        ]
        return xxhash.xxh3_128_hexdigest(repr((self.dialect, told)).encode())
