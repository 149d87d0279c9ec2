"""How the child process runs one statement, within its limits."""

import math
import re
import time
from contextlib import suppress
from typing import Any

import apsw  # noqa: TID253 - loaded in the child process alone

from dataflow_ops.databases.weights import weight

STEPS = 1_000
"""Operations of SQLite's machine between two looks at the clock."""
PLAN = "EXPLAIN QUERY PLAN "
NOTHING = re.compile(r"(?:[\s;]|--[^\n]*+|/\*(?:[^*]|\*(?!/))*+(?:\*/)?)*+")
"""What may follow a statement."""
UNKNOWN = ("no such table", "no such column", "no such function", "no such collation", "no such module")
UNREADABLE = ("syntax error", "incomplete input", "unrecognized token", "unterminated", "parser stack overflow")
REFUSED = (apsw.AuthError, apsw.ReadOnlyError)


Rows = tuple[list[str], list[tuple[Any, ...]], bool]
"""The names of columns, the rows, and whether there are more."""


class Refusal(Exception):
    """A statement is not run."""


class Runner:
    """Runs statements on a connection, one at a time."""

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection, self._deadline = connection, math.inf
        connection.set_progress_handler(self._late, STEPS)

    def _late(self) -> bool:
        return time.monotonic() > self._deadline

    def plan(self, sql: str, seconds: float) -> list[Any]:
        """Let SQLite plan a statement; answer as if it were run, with the plan as rows."""
        return self.answer(f"{PLAN}{sql}", seconds, 1_000, 1e6)

    def answer(self, sql: str, seconds: float, rows: int, size: float) -> list[Any]:
        """Return `["rows", columns, rows, truncated, seconds]`, or `["failed", kind, detail]`."""
        start = time.monotonic()
        self._deadline = start + seconds
        try:
            try:
                found = self._read(sql, rows, size)
            except UnicodeDecodeError:
                found = self._read_bytes(sql, rows, size)
        except (apsw.Error, Refusal, MemoryError, ValueError) as error:
            return ["failed", *failure(error, seconds)]
        finally:
            self._deadline = math.inf
        return ["rows", *found, time.monotonic() - start]

    def _read_bytes(self, sql: str, rows: int, size: float) -> Rows:
        """Run a statement whose result holds text that is not UTF-8, with the text as bytes."""
        text, columns = self._prepared(sql)
        _, found, cut = self._read(_as_bytes(text, len(columns)), rows, size)
        return columns, [tuple(_text(*row[at : at + 2]) for at in range(0, len(row), 2)) for row in found], cut

    def _prepared(self, sql: str) -> tuple[str, list[str]]:
        """Return the first statement of a text and its columns; it is not run."""
        cursor = self._connection.cursor()
        seen: list[tuple[str, list[str]]] = []

        def trace(at: apsw.Cursor, text: str, _: object) -> bool:
            seen.append((text, [each[0] for each in at.get_description()]))
            return False

        cursor.exec_trace = trace
        with suppress(apsw.ExecTraceAbort):
            cursor.execute(sql)
        return seen[0]

    def _read(self, sql: str, rows: int, size: float) -> Rows:
        cursor = self._connection.cursor()
        columns: list[str] = []

        def trace(at: apsw.Cursor, text: str, _: object) -> bool:
            _check(at, sql, text)
            columns.extend(each[0] for each in at.get_description() or ())
            return True

        cursor.exec_trace = trace
        try:
            found, cut = _taken(cursor.execute(sql, can_cache=False), rows, size)
        finally:
            cursor.close(True)
        return columns, found, cut


def _check(cursor: apsw.Cursor, sql: str, first: str) -> None:
    """Refuse a text that is not one statement that reads; `first` is the first in it."""
    if not cursor.has_vdbe:
        raise ValueError("there is no statement")
    if not NOTHING.fullmatch(sql, len(first)):
        raise Refusal("there is more than one statement")
    plans = bool(cursor.is_explain)
    if not cursor.is_readonly or plans != sql.startswith(PLAN) or not cursor.get_description():
        raise Refusal("it does more than read tables")


def _taken(cursor: apsw.Cursor, rows: int, size: float) -> tuple[list[tuple[Any, ...]], bool]:
    found: list[tuple[Any, ...]] = []
    taken = 0
    for row in cursor:
        taken += weight(row)
        if len(found) >= rows or taken > size:
            return found, True
        found.append(row)
    return found, False


def _as_bytes(sql: str, width: int) -> str:
    """Wrap a statement; what is materialised keeps its order."""
    names = [f"c{at}" for at in range(width)]
    pairs = ", ".join(f"typeof({name}), CASE typeof({name}) WHEN 'text' THEN CAST({name} AS BLOB) ELSE {name} END"
                      for name in names)  # fmt: skip
    inner = sql.rstrip("; \t\r\n")
    return f"WITH q({', '.join(names)}) AS MATERIALIZED ({inner}\n) SELECT {pairs} FROM q"  # noqa: S608


def _text(kind: str, value: Any) -> Any:
    return value.decode("utf-8", "replace") if kind == "text" else value


def failure(error: Exception, seconds: float) -> tuple[str, str]:
    """Return the kind of an error, and what it says."""
    said = str(error)
    if isinstance(error, apsw.InterruptError):
        return "time", f"stopped after {seconds:g} s"
    if isinstance(error, apsw.NoMemError | MemoryError | apsw.TooBigError):
        return "memory", said or "it needs more than it may have"
    if isinstance(error, (Refusal, *REFUSED)) or "not authorized" in said or "prohibited" in said:
        return "refused", said
    if isinstance(error, ValueError | apsw.BindingsError) or any(word in said for word in UNREADABLE):
        return "syntax", said
    return ("unknown name" if said.startswith(UNKNOWN) else "error"), said
