"""How the child process reads what a PostgreSQL database holds, in three queries and a glance at each table."""

from typing import Any

import psycopg
from psycopg import sql

from dataflow_ops.databases._child import glances

TABLES = """
SELECT c.oid::int8, c.relname, c.relkind IN ('v', 'm'), obj_description(c.oid, 'pg_class'), n.nspname
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = ANY (current_schemas(false)) AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition
  AND pg_table_is_visible(c.oid)
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
ORDER BY c.relname
"""
COLUMNS = """
SELECT a.attrelid::int8, a.attnum::int4, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
       col_description(a.attrelid, a.attnum)
FROM pg_attribute a WHERE a.attrelid = ANY (%s::int8[]::oid[]) AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attrelid, a.attnum
"""
KEYS = """
SELECT k.conrelid::int8, k.contype = 'p', k.conkey::int4[], k.confrelid::int8, k.confkey::int4[]
FROM pg_constraint k WHERE k.conrelid = ANY (%s::int8[]::oid[]) AND k.contype IN ('p', 'f') ORDER BY k.conname
"""


def tables(connection: psycopg.Connection, rows: int, characters: int) -> list[dict[str, Any]]:
    """Return the tables and views on the search path in the order of their names, with their first rows."""
    found = {
        number: {"name": name, "view": view, "comment": comment, "space": space, "columns": {}, "key": [], "links": []}
        for number, name, view, comment, space in connection.execute(TABLES).fetchall()
    }
    for number, place, *column in connection.execute(COLUMNS, [list(found)]).fetchall():
        found[number]["columns"][place] = column
    for number, primary, places, there, targets in connection.execute(KEYS, [list(found)]).fetchall():
        names = _names(found[number], places)
        if primary:
            found[number]["key"] = names
        elif there in found:
            found[number]["links"].append((names, found[there]["name"], _names(found[there], targets)))
    for table, seconds in zip(found.values(), glances(), strict=False):
        table["columns"] = list(table["columns"].values())
        table["rows"] = _rows(connection, table, seconds, rows, characters) if seconds else []
    return list(found.values())


def _names(table: dict[str, Any], places: list[int]) -> list[str]:
    return [table["columns"][place][0] for place in places]


def _rows(
    connection: psycopg.Connection, table: dict[str, Any], seconds: float, rows: int, characters: int
) -> list[Any]:
    """Return the first rows as text, bytes as nothing; no rows where they may not be read, or not in time."""
    shown = [
        sql.SQL("NULL") if kind == "bytea" else sql.SQL("left({}::text, {})").format(sql.Identifier(name), characters)
        for name, kind, *_ in table["columns"]
    ]
    place = sql.Identifier(table["space"], table["name"])
    query = sql.SQL("SELECT {} FROM {} LIMIT {}").format(sql.SQL(", ").join(shown), place, rows)
    try:
        connection.execute(f"BEGIN READ ONLY; SET LOCAL statement_timeout = {max(1, round(seconds * 1000)):d}")
        return connection.execute(query).fetchall()
    except psycopg.Error:
        return []
    finally:
        if not (connection.broken or connection.closed):
            connection.execute("ROLLBACK")
