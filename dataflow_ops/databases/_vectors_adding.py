"""Add a table of vectors to a copy of a SQLite file, then put the copy in its place."""

import shutil
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import apsw  # noqa: TID253 - imported where a file is changed, never by a DAG file
import numpy as np
import sqlite_vec

from dataflow_ops.databases.embedder import Embedder
from dataflow_ops.databases.vec0 import About, declaration, declared, key_name, quoted
from dataflow_ops.errors import BadArgument, BadSource, Transient, nearest

ROWS = 1_024
"""Rows that are read, embedded and written at a time."""
CHARACTERS = 50_000
"""Of a text that are read: more than 256 tokens ever take."""
WAIT_MS = 5_000
"""For another program that writes."""
CLOSE = 1e-4
"""How far numbers of the same text may lie apart: batches and processors change the last digits."""


@dataclass(frozen=True)
class Asked:
    """What is to be added."""

    table: str
    column: str
    key: str | None
    into: str | None
    overwrite: bool

    @property
    def name(self) -> str:
        """Of the table with vectors."""
        return self.into or f"{self.table}_{self.column}_vec"

    @property
    def texts(self) -> str:
        """The condition of the rows that have a text."""
        return f"typeof({quoted(self.column)}) = 'text' AND trim({quoted(self.column)}, char(9, 10, 13, 32)) <> ''"


def add(path: Path, asked: Asked, embedder: Embedder) -> str:
    """Add vectors; see `vectors.add`."""
    path = path.resolve()
    if not path.is_file():
        raise BadSource(f"{str(path)!r}: there is no such file; expected a SQLite database")
    aside = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    try:
        with _told(path), _held(path) as source:
            with closing(apsw.Connection(str(aside))) as copy:
                _copy(source, copy)
                name = _write(copy, asked, embedder, str(path))
            shutil.copymode(path, aside)
            aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)
    return name


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Say what SQLite says in our errors."""
    try:
        yield
    except (apsw.BusyError, apsw.LockedError) as error:
        raise Transient(f"{str(path)!r} is in use by another program ({error}); close it, or try again") from error
    except (apsw.Error, OSError) as error:
        raise BadSource(f"{str(path)!r} cannot be given vectors: {error}; expected a SQLite database") from error


@contextmanager
def _held(path: Path) -> Iterator[apsw.Connection]:
    """Open a file to read and keep others from writing to it: what they wrote meanwhile would be lost."""
    with closing(apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE)) as holding:
        holding.set_busy_timeout(WAIT_MS)
        holding.execute("PRAGMA journal_mode = DELETE")  # a log that lies beside the file would outlive it
        holding.execute("BEGIN IMMEDIATE")
        # A copy cannot be made of a connection that is about to write.
        with closing(apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)) as source:
            yield source


def _copy(source: apsw.Connection, copy: apsw.Connection) -> None:
    with copy.backup("main", source, "main") as backup:
        backup.step(-1)
    copy.config(apsw.SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0)
    copy.enable_load_extension(True)
    copy.load_extension(sqlite_vec.loadable_path())
    copy.enable_load_extension(False)


def _write(copy: apsw.Connection, asked: Asked, embedder: Embedder, path: str) -> str:
    """Add the table and return its name."""
    asked = _as_written(copy, asked, path)
    key = asked.key or _primary_key(copy, asked.table, path)
    kind = _kind(copy, asked, key, path)
    of = About(asked.table, asked.column, embedder.model)
    wanted = declaration(asked.name, About(asked.table, key), kind, of, embedder.size)
    there = _value(copy, "SELECT sql FROM sqlite_schema WHERE name = ? COLLATE NOCASE", asked.name)
    if there is not None and not (asked.overwrite and declared(asked.name, str(there))):
        _check_same(copy, asked, embedder, key, there == wanted)
        return asked.name
    with copy:
        if there is not None:
            copy.execute(f"DROP TABLE {quoted(asked.name)}")
        copy.execute(wanted)
        _fill(copy, asked, embedder, key)
    return asked.name


def _fill(copy: apsw.Connection, asked: Asked, embedder: Embedder, key: str) -> None:
    for keys, vectors in _vectors(copy, asked, embedder, key):
        rows = ((each, vector.tobytes()) for each, vector in zip(keys, vectors, strict=True))
        copy.executemany(f"INSERT INTO {quoted(asked.name)} VALUES (?, ?)", rows)  # noqa: S608


def _as_written(copy: apsw.Connection, asked: Asked, path: str) -> Asked:
    """Return names as the database writes them; raise BadArgument with the nearest for one that is not there."""
    tables = [name for (name,) in copy.execute("SELECT name FROM pragma_table_list WHERE type IN "
                                               "('table', 'view', 'virtual') AND schema = 'main'")]  # fmt: skip
    table = _found(tables, asked.table, f"{path!r} has no table")
    columns = [name for (name,) in copy.execute("SELECT name FROM pragma_table_xinfo(?)", (table,))]
    column = _found(columns, asked.column, f"table {table!r} of {path!r} has no column")
    key = asked.key and _found(columns, asked.key, f"table {table!r} of {path!r} has no column")
    return Asked(table, column, key, asked.into, asked.overwrite)


def _found(names: list[str], name: str, missing: str) -> str:
    folded = {each.lower(): each for each in names}
    if name.lower() not in folded:
        raise BadArgument(f"{missing} {name!r}; {nearest(name, names)}")
    return folded[name.lower()]


def _primary_key(copy: apsw.Connection, table: str, path: str) -> str:
    keys = [name for (name,) in copy.execute("SELECT name FROM pragma_table_xinfo(?) WHERE pk", (table,))]
    if len(keys) != 1:
        raise BadArgument(f"table {table!r} of {path!r} has a primary key of {len(keys)} columns: expected one, so that "
                          "a vector names its row; name a column of different integers or texts by `key`")  # fmt: skip
    return str(keys[0])


def _kind(copy: apsw.Connection, asked: Asked, key: str, path: str) -> str:
    """Return the type of the key: INTEGER or TEXT; raise BadArgument where its values name no rows."""
    name = quoted(key)
    sql = (
        f"SELECT count(*), count(DISTINCT {name}), group_concat(DISTINCT typeof({name})) "  # noqa: S608
        f"FROM {quoted(asked.table)} WHERE {asked.texts}"
    )
    rows, different, types = copy.execute(sql).fetchall()[0]
    if not rows:
        raise BadArgument(
            f"column {asked.column!r} of table {asked.table!r} of {path!r} holds no text: nothing to embed"
        )
    if types not in ("integer", "text") or rows != different:
        raise BadArgument(f"key {key!r} of table {asked.table!r} of {path!r} has {different:,} different values, "
                          f"{types}, in {rows:,} rows: expected integers, or texts, all different")  # fmt: skip
    return str(types).upper()


def _check_same(copy: apsw.Connection, asked: Asked, embedder: Embedder, key: str, same: bool) -> None:
    """Raise BadArgument unless the table that is there holds what would be written."""
    vectors = f"SELECT embedding FROM {quoted(asked.name)} WHERE {key_name(key)} = ?"  # noqa: S608
    if same:
        counted = _value(copy, f"SELECT count(*) FROM {quoted(asked.name)}")  # noqa: S608
        for keys, wanted in _vectors(copy, asked, embedder, key):
            held = [_value(copy, vectors, each) for each in keys]
            same = same and None not in held and _near(held, wanted)
            counted -= len(keys)
        same = same and counted == 0
    if not same:
        raise BadArgument(f"there is a table {asked.name!r} already, which does not hold the vectors of column "
                          f"{asked.column!r} of table {asked.table!r} by {embedder.model!r}: give another name by "
                          "`into`, or say `overwrite=True`")  # fmt: skip


def _near(held: list[bytes], wanted: np.ndarray) -> bool:
    found = np.frombuffer(b"".join(held), "<f4").reshape(wanted.shape)
    return bool(np.allclose(found, wanted, rtol=0, atol=CLOSE))


def _vectors(
    copy: apsw.Connection, asked: Asked, embedder: Embedder, key: str
) -> Iterator[tuple[list[int | str], np.ndarray]]:
    """Yield keys and vectors, some rows at a time, in the order of the keys: the same texts make the same file."""
    sql = (
        f"SELECT {quoted(key)}, CAST(substr({quoted(asked.column)}, 1, {CHARACTERS}) AS BLOB) "  # noqa: S608
        f"FROM {quoted(asked.table)} WHERE {asked.texts} ORDER BY 1"
    )
    cursor = copy.execute(sql)
    while rows := list(islice(cursor, ROWS)):
        texts = [text.decode("utf-8", "replace") for _, text in rows]
        yield [each for each, _ in rows], embedder.together(texts).astype("<f4")


def _value(copy: apsw.Connection, sql: str, *bindings: Any) -> Any:
    return next((row[0] for row in copy.execute(sql, bindings)), None)
