"""SQLite files: SQL runs in a child process that can read the file and nothing else."""

import base64
import json
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

from dataflow_ops.child import Child, Lost
from dataflow_ops.databases import _ddl, examples, vec0
from dataflow_ops.databases.limits import Limits
from dataflow_ops.databases.result import Failed, Result, Value
from dataflow_ops.databases.schema import Column, Dialect, ForeignKey, Schema, Table
from dataflow_ops.errors import BadArgument, BadSource

GRACE_SECONDS = 3.0
"""How long beyond its limit a statement may take inside one step of SQLite, or its result to be handed over."""
SECONDS_PER_MIB = 0.25
"""How long a result may take to be handed over on a busy machine."""
SCHEMA_SECONDS = 120.0
LEAST_MIB = 16


class SQLite:
    """A SQLite file, opened in a child process when it is first asked; nobody may write to it meanwhile."""

    dialect: Dialect = "sqlite"

    def __init__(self, path: str | Path, *, memory_mib: int = 512) -> None:
        """Take a file, and what SQLite may take to answer one statement; temporary tables are in memory too."""
        if memory_mib < LEAST_MIB:
            raise BadArgument(f"memory_mib={memory_mib!r}: expected at least {LEAST_MIB}")
        self._path = Path(path).absolute()
        self._held = ExitStack()
        arguments = (str(self._path), memory_mib << 20)
        self._child = self._held.enter_context(Child("dataflow_ops.databases._sqlite_child", *arguments))

    def schema(self) -> Schema:
        """Read what the file holds; BadSource for one that is missing, broken or no database."""
        question = {"do": "schema", "rows": examples.ROWS, "characters": examples.READ}
        try:
            found = self._ask(question, SCHEMA_SECONDS)[1]
        except Lost as lost:
            raise BadSource(f"database {str(self._path)!r}: its tables could not be read: {lost}") from lost
        keys = {table["name"].lower(): _primary_key(table) for table in found}
        return Schema(
            "sqlite", tuple(_table({**each, "rows": [_row(row) for row in each["rows"]]}, keys) for each in found)
        )

    def explain(self, sql: str, limits: Limits) -> Failed | None:
        """Let SQLite plan a statement."""
        found = self._answer("explain", sql, limits)
        return found if isinstance(found, Failed) else None

    def run(self, sql: str, limits: Limits) -> Result | Failed:
        """Run a statement; text that is not UTF-8 is read with its wrong bytes replaced."""
        return self._answer("run", sql, limits)

    def _answer(self, what: str, sql: str, limits: Limits) -> Result | Failed:
        question = {"do": what, "sql": sql, "seconds": limits.seconds, "rows": limits.rows, "size": limits.mib * 2**20}
        try:
            kind, *found = self._ask(question, limits.seconds + GRACE_SECONDS + limits.mib * SECONDS_PER_MIB)
        except Lost as lost:
            late = "too long" in str(lost)
            return Failed("time", f"stopped after {limits.seconds:g} s") if late else Failed("error", str(lost))
        if kind == "failed":
            return Failed(*found)
        columns, rows, truncated, seconds = found
        return Result(tuple(columns), tuple(map(_row, rows)), truncated, seconds)

    def close(self) -> None:
        """End the child process."""
        self._held.close()

    def _ask(self, question: dict[str, Any], seconds: float) -> list[Any]:
        if not self._path.is_file():
            raise BadSource(f"database {str(self._path)!r}: there is no such file")
        answer = self._child.ask(json.dumps(question).encode() + b"\n", seconds)
        if answer[0] == "bad":
            raise BadSource(f"database {str(self._path)!r}: expected a SQLite file that can be read; {answer[1]}")
        return answer


def _row(told: list[Any]) -> tuple[Value, ...]:
    return tuple(base64.b64decode(each["bytes"]) if isinstance(each, dict) else each for each in told)


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
        replace(column, examples=examples.values(column.name, (row[at] for row in told["rows"])))
        for at, column in enumerate(table.columns)
    )
    sample = examples.sample([column.name for column in columns], told["rows"])
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
