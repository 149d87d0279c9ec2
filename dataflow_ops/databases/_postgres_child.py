"""The child process that asks a PostgreSQL server."""

import time
from contextlib import suppress
from typing import Any

import psycopg
from psycopg import errors

from dataflow_ops.databases import _child
from dataflow_ops.databases._postgres_schema import tables
from dataflow_ops.databases._postgres_values import teach
from dataflow_ops.databases.weights import weight

SETTINGS = (
    "default_transaction_read_only = on", "lock_timeout = '2s'", "idle_in_transaction_session_timeout = '60s'",
    "cursor_tuple_fraction = 1.0", "client_encoding = 'UTF8'", "standard_conforming_strings = on",
    "backslash_quote = off", "TimeZone = 'UTC'", "IntervalStyle = 'postgres'", "bytea_output = 'hex'",
    "extra_float_digits = 1", "client_min_messages = error",
)  # fmt: skip
"""Of a session: it only reads, waits for no lock for long, and is read by the rules that the statement was checked by."""
TEMPORARY = "SET temp_file_limit = '1GB'"
"""A superuser may say how much of the disk a statement takes; for others the server's own setting holds."""
CURSOR = "DECLARE answer NO SCROLL CURSOR FOR\n"
"""Only a query can stand behind this, one, without INTO and without changes inside WITH: the server sees to it."""
FIRST_ROWS, GROWTH = 8, 16
STEP_BYTES = 4 * _child.MIB
"""How much is fetched at once, about."""
SCHEMA_SECONDS = 60
"""For one query to the catalogue."""
KINDS = {
    "42601": "syntax", "42P01": "unknown name", "42703": "unknown name", "42883": "unknown name",
    "42704": "unknown name", "3F000": "unknown name", "57014": "time", "55P03": "time", "53200": "memory",
    "53100": "memory", "53400": "memory", "54000": "memory", "54001": "memory", "25006": "refused",
    "42501": "refused", "42P11": "refused",
}  # fmt: skip
REFUSED = ("DECLARE CURSOR", "multiple commands", "INTO is not allowed")
PERMANENT = ("authentication failed", "does not exist", "no pg_hba.conf entry", "permission denied", "no password supplied",
             "not permitted to log in", "invalid connection option")  # fmt: skip
"""What a server that is there says to those it does not let in."""


def serve(memory: int) -> None:
    """Answer questions, each with what to connect to."""
    _child.limit(memory)
    _child.answer_all(Session().answer)


class Session:
    """A connection, made when the server is first asked, and again when it was lost."""

    def __init__(self) -> None:
        self._connection: psycopg.Connection | None = None

    def answer(self, question: dict[str, Any]) -> object:
        """Answer one question; what was lost on the way is asked once more."""
        fresh = self._connection is None
        try:
            return self._answer(question)
        except (psycopg.OperationalError, psycopg.InterfaceError) as lost:
            self._connection = None
            if not fresh:
                return self.answer(question)
            return ["failed", "error", f"the server closed the connection: {_said(lost)}"]
        except MemoryError:
            self._connection = None
            return ["failed", "memory", "a row needs more memory than it may have"]

    def _answer(self, question: dict[str, Any]) -> object:
        if self._connection is None:
            try:
                self._connection = connected(question["connection"])
            except (psycopg.Error, UnicodeError) as error:
                permanent = not isinstance(error, psycopg.OperationalError) or any(it in str(error) for it in PERMANENT)
                return ["bad" if permanent else "away", _said(error)]
        if question["do"] != "schema":
            return run(self._connection, question)
        try:
            self._connection.execute(f"SET statement_timeout = '{SCHEMA_SECONDS:d}s'")
            return ["tables", tables(self._connection, question["rows"], question["characters"])]
        except (psycopg.Error, ValueError) as error:
            if self._connection.broken or self._connection.closed:
                raise
            return ["failed", *failure(error, SCHEMA_SECONDS)]


def connected(how: dict[str, Any]) -> psycopg.Connection:
    """Connect; nothing can be changed over this connection."""
    connection = psycopg.connect(
        **{"application_name": "dataflow-ops", **how, "connect_timeout": _child.CONNECT_SECONDS}, autocommit=True
    )
    teach(connection)
    connection.execute("; ".join(f"SET {each}" for each in SETTINGS))
    with suppress(errors.InsufficientPrivilege):
        connection.execute(TEMPORARY)
    return connection


def run(connection: psycopg.Connection, question: dict[str, Any]) -> list[Any]:
    """Run a statement, or have it planned only, in a transaction of its own that reads and is rolled back."""
    start, seconds = time.monotonic(), question["seconds"]
    try:
        if "\0" in question["sql"]:  # the server would read the statement up to there
            raise ValueError("a statement with a NUL character")
        connection.execute(f"BEGIN READ ONLY; {_timeout(seconds)}")
        connection.execute(CURSOR + question["sql"], binary=True)  # in binary only one statement can be sent
        if question["do"] == "explain":
            return ["rows", [], [], False, time.monotonic() - start]
        columns, rows, cut = _fetched(connection, question["rows"], question["size"], start + seconds)
        return ["rows", columns, rows, cut, time.monotonic() - start]
    except (psycopg.Error, ValueError) as error:
        if connection.broken or connection.closed:
            raise
        return ["failed", *failure(error, seconds)]
    finally:
        if not (connection.broken or connection.closed):
            connection.execute("ROLLBACK; SELECT pg_advisory_unlock_all()")


def _timeout(seconds: float) -> str:
    return f"SET LOCAL statement_timeout = {max(1, round(seconds * 1000)):d}"


def _fetched(
    connection: psycopg.Connection, rows: int, size: float, deadline: float
) -> tuple[list[str], list[Any], bool]:
    """Fetch in steps that grow with what the rows weigh: the server prepares all rows of a step before it sends one."""
    found: list[Any] = []
    taken, step = 0, min(FIRST_ROWS, rows + 1)
    while True:
        cursor = connection.execute(f"FETCH FORWARD {step:d} FROM answer")
        part = cursor.fetchall()
        for row in part:
            taken += weight(row)
            if len(found) >= rows or taken > size:
                return _names(cursor), found, True
            found.append(row)
        if len(part) < step:
            return _names(cursor), found, False
        step = max(1, min(rows + 1 - len(found), step * GROWTH, int(STEP_BYTES * len(found) / max(taken, 1))))
        connection.execute(_timeout(deadline - time.monotonic()))


def _names(cursor: psycopg.Cursor) -> list[str]:
    return [column.name for column in cursor.description or ()]


def failure(error: Exception, seconds: float) -> tuple[str, str]:
    """Return the kind of an error, and what it says."""
    if not isinstance(error, psycopg.Error) or error.sqlstate is None:
        return ("memory" if "memory" in str(error) else "syntax"), _said(error)
    kind, said = KINDS.get(error.sqlstate, "error"), _said(error)
    if kind == "time":
        return kind, f"stopped after {seconds:g} s"
    return ("refused" if any(word in said for word in REFUSED) else kind), said


def _said(error: Exception) -> str:
    primary = getattr(getattr(error, "diag", None), "message_primary", None)
    return " ".join((primary or str(error)).split())
