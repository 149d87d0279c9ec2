"""What columns a source is read for, and what comes out of a file: rows and rejects."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from dataflow_ops.errors import BadArgument, BadSource, nearest
from dataflow_ops.sources.find import SourceFile
from dataflow_ops.sources.streams import blocks
from dataflow_ops.store import Store

OWN = ("id", "meta", "source", "source_row", "reason", "raw")
"""Columns that every file gets: a column of a source cannot be called so, only its alias."""

REJECTS = pa.schema(
    [
        ("id", pa.string()),
        ("source", pa.string()),
        ("source_row", pa.int64()),
        ("reason", pa.string()),
        ("raw", pa.string()),
    ]
)


@dataclass(frozen=True)
class Column:
    """A column to read, of strings or bytes: the first of `name` and `aliases` that a record has a value for."""

    name: str
    aliases: tuple[str, ...] = ()
    required: bool = True
    """Whether a record without it is rejected. Where it is not, the column is null, and a number is taken as text."""
    binary: bool = False
    """Whether it holds bytes, as a file of the format "document" has them, instead of text."""

    @property
    def names(self) -> tuple[str, ...]:
        """All names the column may have in a file."""
        return (self.name, *self.aliases)


@dataclass(frozen=True)
class Chunk:
    """Some rows and rejects, both in the order of the files they come from."""

    rows: pa.Table
    rejects: pa.Table


Event = tuple[int, bytes, dict[str, Any] | str]
"""Where a record stands (its line or number), its raw content, and its fields, or why it has none."""


@dataclass(frozen=True)
class Reading:
    """A file to read and how."""

    store: Store
    file: SourceFile
    columns: Sequence[Column]
    text_unit: str
    max_record_bytes: int

    def blocks(self) -> Iterator[bytes]:
        """Yield the content of the file from its beginning."""
        return blocks(self.store, self.file)

    def need_columns(self, known: Iterable[str]) -> None:
        """Raise BadSource unless each required column is among the `known` ones."""
        for column in self.columns:
            if column.required:
                need_column(column, set(known), self.file.uri)


def need_column(column: Column, known: set[str], uri: str) -> None:
    """Raise BadSource when `column` has none of its names among the `known` ones of a file."""
    if known.isdisjoint(column.names):
        also = f" (or {', '.join(map(repr, column.aliases))})" if column.aliases else ""
        raise BadSource(f"missing column {column.name!r}{also} in {uri!r}: {nearest(column.name, known)}")


def rows_schema(columns: Sequence[Column]) -> pa.Schema:
    """Return the schema of rows: id, the columns, meta, source, source_row."""
    asked = [(column.name, pa.large_binary() if column.binary else pa.string()) for column in columns]
    own = [("meta", pa.string()), ("source", pa.string()), ("source_row", pa.int64())]
    return pa.schema([("id", pa.string()), *asked, *own])


def check_columns(columns: Sequence[Column]) -> None:
    """Raise BadArgument for columns of which none is required, one is named twice, or like one that every file gets."""
    names = [column.name for column in columns]
    if not names or len(set(names)) < len(names):
        raise BadArgument(f"expected one or several different columns, found {names!r}")
    if not any(column.required for column in columns):
        raise BadArgument(f"expected at least one column that is required, found only optional ones: {names!r}")
    for column in columns:
        if isinstance(column.aliases, str):
            raise BadArgument(f"aliases={column.aliases!r}: expected a tuple of names, ({column.aliases!r},)")
    for name in names:
        if name in OWN:
            raise BadArgument(
                f"a column cannot be called {name!r}; name it otherwise: Column('my_{name}', aliases=({name!r},))"
            )


def distinct(names: Sequence[str]) -> list[str]:
    """Return `names` with a number after those that were there before: a, a_2, a_3."""
    given: list[str] = []
    for name in names:
        number, new = 1, name
        while new in given or (number > 1 and new in names):
            number += 1
            new = f"{name}_{number}"
        given.append(new)
    return given
