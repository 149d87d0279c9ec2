"""How the child process reads what a MySQL or MariaDB database holds, in three queries and a glance at each table."""

from collections.abc import Callable
from typing import Any

import pymysql

from dataflow_ops.databases._child import glances

SECONDS = 60.0
TABLES = """
SELECT table_name, table_type, table_comment FROM information_schema.tables
WHERE table_schema = DATABASE() AND table_type IN ('BASE TABLE', 'VIEW', 'SYSTEM VERSIONED') ORDER BY table_name
"""
COLUMNS = """
SELECT table_name, column_name, column_type, is_nullable, column_comment FROM information_schema.columns
WHERE table_schema = DATABASE() ORDER BY table_name, ordinal_position
"""
KEYS = """
SELECT table_name, constraint_name, column_name, referenced_table_name, referenced_column_name
FROM information_schema.key_column_usage
WHERE table_schema = DATABASE()
  AND (constraint_name = 'PRIMARY' OR referenced_table_schema = table_schema)
ORDER BY table_name, constraint_name, ordinal_position
"""
BYTES = ("blob", "tinyblob", "mediumblob", "longblob", "binary", "varbinary", "bit", "geometry", "point", "linestring",
         "polygon", "multi", "vector")  # fmt: skip
"""How the types of columns begin that hold no text."""

Read = Callable[[str, float], list[tuple[Any, ...]]]


def tables(read: Read, rows: int, characters: int) -> list[dict[str, Any]]:
    """Return the tables and views in the order of their names, with their first rows."""
    found: dict[str, dict[str, Any]] = {}
    for name, kind, comment in _texts(read(TABLES, SECONDS)):
        view = kind == "VIEW"
        found[name] = {"name": name, "view": view, "comment": None if view else comment, "columns": [], "key": [],
                       "links": {}}  # fmt: skip
    for name, column, kind, nullable, comment in _texts(read(COLUMNS, SECONDS)):
        if name in found:
            found[name]["columns"].append((column, kind, nullable == "NO", comment))
    for name, key, column, there, target in _texts(read(KEYS, SECONDS)):
        if name in found:
            _add_key(found[name], key, column, there, target)
    for table, seconds in zip(found.values(), glances(), strict=False):
        table["links"] = list(table["links"].values())
        table["rows"] = _rows(read, table, seconds, rows, characters) if seconds else []
    return [table for table in found.values() if table["columns"]]


def _texts(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Return rows of a catalogue, which some servers tell in bytes, as text."""
    return [tuple(each.decode() if isinstance(each, bytes) else each for each in row) for row in rows]


def _add_key(table: dict[str, Any], key: str, column: str, there: str | None, target: str | None) -> None:
    if there is None:
        table["key"].append(column)
        return
    own, _, targets = table["links"].setdefault(key, ([], there, []))
    own.append(column)
    targets.append(target)


def _rows(read: Read, table: dict[str, Any], seconds: float, rows: int, characters: int) -> list[Any]:
    """Return the first rows as text, bytes as nothing; no rows where they may not be read, or not in time."""
    shown = ", ".join(
        "NULL" if kind.lower().startswith(BYTES) else f"LEFT(CAST({_quoted(name)} AS CHAR), {characters:d})"
        for name, kind, *_ in table["columns"]
    )
    try:
        return read(f"SELECT {shown} FROM {_quoted(table['name'])} LIMIT {rows:d}", seconds)  # noqa: S608
    except pymysql.Error:
        return []


def _quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"
