"""How the child process reads what a SQLite file holds, as plain lists that JSON can carry."""

import re
from typing import Any

import apsw  # noqa: TID253 - loaded in the child process alone

from dataflow_ops.databases._child import glances
from dataflow_ops.databases._sqlite_open import quoted
from dataflow_ops.databases._sqlite_run import Runner

SHADOW = re.compile(r"_(vector_chunks|metadatachunks|metadatatext)\d\d\Z")
"""Tables of sqlite-vec that SQLite does not count as parts of a virtual table."""


def tables(connection: apsw.Connection, runner: Runner, rows: int, characters: int) -> list[dict[str, Any]]:
    """Return all tables and views in the order of their names, with their first `rows`, texts cut to `characters`."""
    listed: list[Any] = connection.execute("SELECT name, type FROM pragma_table_list WHERE schema = 'main'").fetchall()
    virtual = {name for name, kind in listed if kind == "virtual"}
    found = [_table(connection, name, kind) for name, kind in sorted(listed) if _shown(name, kind, virtual)]
    read = [table for table in found if table is not None]
    return [
        {**table, "rows": _rows(runner, table, seconds, rows, characters)}
        for table, seconds in zip(read, glances(), strict=False)
    ]


def _shown(name: str, kind: str, virtual: set[str]) -> bool:
    if kind == "shadow" or name.lower().startswith("sqlite_"):
        return False
    part = SHADOW.search(name)
    return part is None or name[: part.start()] not in virtual


def _table(connection: apsw.Connection, name: str, kind: str) -> dict[str, Any] | None:
    """Return a table; None for one that cannot be read, such as a virtual table of a module that is not there."""
    try:
        columns = connection.execute(
            'SELECT name, type, "notnull", pk FROM pragma_table_xinfo(?) WHERE hidden != 1', (name,)
        ).fetchall()
        keys = connection.execute(
            'SELECT id, "table", "from", "to" FROM pragma_foreign_key_list(?) ORDER BY id, seq', (name,)
        ).fetchall()
        written = connection.execute("SELECT sql FROM sqlite_schema WHERE name = ?", (name,)).fetchall()
    except (apsw.Error, UnicodeDecodeError):
        return None
    if not columns:
        return None
    return {"name": name, "kind": kind, "columns": columns, "keys": keys,
            "sql": written[0][0] if written else None}  # fmt: skip


def _rows(runner: Runner, table: dict[str, Any], seconds: float, rows: int, characters: int) -> list[Any]:
    """Return the first rows with their texts cut: never more than a glance at a large table."""
    cut = ", ".join(f"substr({quoted(column)}, 1, {characters:d})" for column, *_ in table["columns"])
    answer = runner.answer(f"SELECT {cut} FROM {quoted(table['name'])} LIMIT {rows:d}", seconds, rows, 1e9)  # noqa: S608
    return answer[2] if answer[0] == "rows" else []
