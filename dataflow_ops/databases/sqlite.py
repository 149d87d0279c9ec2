"""SQLite files: SQL runs in a child process that can read the file and nothing else."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from dataflow_ops.child import Child
from dataflow_ops.databases import _ddl, examples, vec0
from dataflow_ops.databases._in_child import InChild
from dataflow_ops.databases.schema import Column, Dialect, ForeignKey, Schema, Table
from dataflow_ops.errors import BadArgument

LEAST_MIB = 16


class SQLite(InChild):
    """A SQLite file, opened in a child process when it is first asked; nobody may write to it meanwhile."""

    dialect: Dialect = "sqlite"

    def __init__(self, path: str | Path, *, memory_mib: int = 512) -> None:
        """Take a file, and what SQLite may take to answer one statement; temporary tables are in memory too."""
        if memory_mib < LEAST_MIB:
            raise BadArgument(f"memory_mib={memory_mib!r}: expected at least {LEAST_MIB}")
        place = str(Path(path).absolute())
        super().__init__(repr(place), Child("dataflow_ops.databases._sqlite_child", place, memory_mib << 20), {})

    def schema(self) -> Schema:
        """Read what the file holds; BadSource for one that is missing, broken or no database."""
        found = self._tables()
        keys = {table["name"].lower(): _primary_key(table) for table in found}
        return Schema(self.dialect, tuple(_table(each, keys) for each in found))


def _primary_key(table: dict[str, Any]) -> tuple[str, ...]:
    return tuple(name for name, _, _, place in sorted(table["columns"], key=lambda each: each[3]) if place)


def _table(told: dict[str, Any], keys: dict[str, tuple[str, ...]]) -> Table:
    return _virtual(told) if told["kind"] == "virtual" else _plain(told, keys)


def _plain(told: dict[str, Any], keys: dict[str, tuple[str, ...]]) -> Table:
    comments = _ddl.comments(told["sql"]) if told["kind"] == "table" else _ddl.Told()
    columns = [
        Column(name, kind, not required, comments.columns.get(name.lower()))
        for name, kind, required, _ in told["columns"]
    ]
    links = _foreign_keys(told["keys"], keys)
    view = told["kind"] == "view"
    return _with_values(
        Table(told["name"], tuple(columns), keys[told["name"].lower()], links, comments.table, (), view), told
    )


def _virtual(told: dict[str, Any]) -> Table:
    """Return a table that a module makes; those of vectors say more about their columns than SQLite does."""
    declared = vec0.declared(told["name"], told["sql"] or "")
    known = {column.name.lower(): column for column in declared.columns} if declared else {}
    columns = tuple(known.get(name.lower()) or Column(name, kind) for name, kind, *_ in told["columns"])
    comment = f"{_ddl.module(told['sql'])} virtual table"
    return _with_values(replace(declared or Table(told["name"], ()), columns=columns, comment=comment), told)


def _with_values(table: Table, told: dict[str, Any]) -> Table:
    columns = tuple(
        replace(column, examples=examples.values(column.name, (row[at] for row in told["rows"]), table=table.name))
        for at, column in enumerate(table.columns)
    )
    sample = examples.sample([column.name for column in columns], told["rows"], table=table.name)
    return replace(table, columns=columns, sample=sample)


def _foreign_keys(told: list[Any], keys: dict[str, tuple[str, ...]]) -> tuple[ForeignKey, ...]:
    """Put columns of the same key together; one that names no columns there means the primary key."""
    found: dict[int, tuple[str, list[str], list[str | None]]] = {}
    for number, table, source, target in told:
        _, sources, targets = found.setdefault(number, (table, [], []))
        sources.append(source)
        targets.append(target)
    listed = (
        ForeignKey(tuple(sources), table, tuple(to for to in targets if to) or keys.get(table.lower(), ()))
        for table, sources, targets in found.values()
    )
    return tuple(dict.fromkeys(listed))
