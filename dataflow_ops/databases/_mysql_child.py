"""The child process that asks a MySQL or MariaDB server."""

import re
import time
from typing import Any

import pymysql
from pymysql.cursors import SSCursor

from dataflow_ops.databases import _child
from dataflow_ops.databases._mysql_schema import tables
from dataflow_ops.databases.weights import weight

SETTINGS = (
    "TRANSACTION READ ONLY", "lock_wait_timeout = 2", "innodb_lock_wait_timeout = 2", "time_zone = '+00:00'",
    # Not what the server has: modes such as ANSI and ORACLE change what quotes and operators mean.
    ("sql_mode = CONCAT('STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION', "
    "IF(FIND_IN_SET('ONLY_FULL_GROUP_BY', @@sql_mode), ',ONLY_FULL_GROUP_BY', ''))"),
)  # fmt: skip
"""Of a session: it only reads, waits for no lock for long, and is read by the rules that the statement was checked by."""
GATE = "EXPLAIN SELECT EXISTS (\n{}\n)"
"""Only a query can stand in it, one, without INTO: the server sees to it, and runs nothing."""
ORDERS = ("/*+", "/*!", "/*M!")
"""How comments begin that the server obeys: one could take the limit of time away."""
KEPT = re.compile(r"@|lock|last_insert_id", re.IGNORECASE)
"""What a statement may hold that leaves something in its session: then the session is not used again."""
RECURSION = {True: "max_recursive_iterations = 4294967295", False: "cte_max_recursion_depth = 4294967295"}
"""Until when a recursion goes on: the limit is that of time; MariaDB would cut the result at 1,000 without a word."""
KINDS = {
    1064: "syntax", 1149: "syntax", 1065: "syntax", 1146: "unknown name", 1054: "unknown name", 1305: "unknown name",
    1630: "unknown name", 1109: "unknown name", 1049: "unknown name", 1969: "time", 3024: "time", 1317: "time",
    1205: "time", 1037: "memory", 1038: "memory", 1041: "memory", 1114: "memory", 1153: "memory", 1792: "refused",
    1142: "refused", 1143: "refused", 1044: "refused", 1227: "refused", 1290: "refused", 1370: "refused",
}  # fmt: skip
LOST = frozenset((0, 1053, 1927, 2006, 2013, 2014, 2055, 4031))
"""What is said of a connection that is gone."""
NOT_LET_IN = frozenset((1044, 1045, 1049, 1130, 1251, 1698, 1862, 2059, 2061))


class Gone(Exception):
    """The connection was lost."""


def serve(memory: int) -> None:
    """Answer questions, each with what to connect to."""
    _child.limit(memory)
    _child.answer_all(Session().answer)


class Session:
    """A connection, made when the server is first asked, and again when it was lost."""

    def __init__(self) -> None:
        self._connection: pymysql.Connection | None = None
        self._limited: tuple[float, int] | None = None

    def answer(self, question: dict[str, Any]) -> object:
        """Answer one question; what was lost on the way is asked once more."""
        fresh = self._connection is None
        try:
            return self._answer(question)
        except Gone as lost:
            self._connection = None
            return ["failed", "error", f"the server closed the connection: {lost}"] if fresh else self.answer(question)

    def _answer(self, question: dict[str, Any]) -> object:
        if self._connection is None:
            try:
                self._connection, self._limited = connected(question["connection"]), None
            except (pymysql.Error, RuntimeError, OSError) as error:
                return ["bad" if _permanent(error) else "away", _said(error)]
        try:
            if question["do"] == "schema":
                return ["tables", tables(self._fetched, question["rows"], question["characters"])]
            return self._run(question)
        except pymysql.Error as error:
            if isinstance(error, pymysql.InterfaceError) or _code(error) in LOST:
                raise Gone(_said(error)) from error
            return ["failed", *failure(error, question.get("seconds", 0.0))]
        except (UnicodeError, ValueError) as error:
            return ["failed", "syntax", str(error)]
        except MemoryError:
            return ["failed", "memory", "a row needs more memory than it may have"]

    def _fetched(self, sql: str, seconds: float) -> list[tuple[Any, ...]]:
        """Run a statement of our own."""
        self._limit(seconds, 1_000_000)
        return self._read(sql, 1_000_000, 1e9)[1]

    def _run(self, question: dict[str, Any]) -> list[Any]:
        """Let the server see that a statement is a query, then run it, or have it planned."""
        start, sql = time.monotonic(), question["sql"].rstrip("; \t\r\n")
        if any(order in sql for order in ORDERS):
            return [
                "failed",
                "refused",
                f"comments that begin with one of {', '.join(ORDERS)} are orders to the server",
            ]
        self._limit(question["seconds"], question["rows"] + 1)
        self._read(GATE.format(sql), 1_000, 1e6)
        if question["do"] == "explain":
            sql = f"EXPLAIN {sql}"
        try:
            columns, rows, cut = self._read(sql, question["rows"], question["size"])
        finally:
            if KEPT.search(sql):
                self._leave()
        return ["rows", columns, rows, cut, time.monotonic() - start]

    def _limit(self, seconds: float, rows: int) -> None:
        """Have the server stop statements in time, and queries without a limit of their own at some row."""
        if self._limited == (seconds, rows) or self._connection is None:
            return
        maria = "MariaDB" in self._connection.get_server_info()
        timed = (
            f"max_statement_time = {seconds:f}" if maria else f"max_execution_time = {max(1, round(seconds * 1000))}"
        )
        self._read(f"SET SESSION {timed}, SESSION sql_select_limit = {rows:d}", 1, 1e6)
        self._limited = seconds, rows

    def _read(self, sql: str, rows: int, size: float) -> tuple[list[str], list[tuple[Any, ...]], bool]:
        if self._connection is None:
            raise Gone("it was closed before")
        cursor = self._connection.cursor()
        try:
            return self._taken(cursor, sql, rows, size)
        except (ValueError, MemoryError):
            self._leave(cursor)
            raise

    def _taken(
        self, cursor: SSCursor, sql: str, rows: int, size: float
    ) -> tuple[list[str], list[tuple[Any, ...]], bool]:
        cursor.execute(sql)
        found: list[tuple[Any, ...]] = []
        taken = 0
        names = [column[0] for column in cursor.description or ()]
        while (row := cursor.fetchone()) is not None:
            taken += weight(row)
            if len(found) >= rows or taken > size:
                self._leave(cursor)
                return names, found, True
            found.append(row)
        cursor.close()
        return names, found, False

    def _leave(self, cursor: SSCursor | None = None) -> None:
        """End the connection: reading the rest, as its driver would, might take for ever."""
        if cursor is not None:
            cursor.connection = None
        if self._connection is not None and self._connection.open:
            self._connection.close()
        self._connection = None


def connected(how: dict[str, Any]) -> pymysql.Connection:
    """Connect; nothing can be changed over this connection, and no statement can hold two."""
    flags = int(how.get("client_flag", 0)) & ~pymysql.constants.CLIENT.MULTI_STATEMENTS
    ours = {
        "connect_timeout": _child.CONNECT_SECONDS,
        "autocommit": True,
        "local_infile": False,
        "cursorclass": SSCursor,
        "client_flag": flags,
    }
    connection = pymysql.connect(**{"charset": "utf8mb4", **how, **ours})
    with connection.cursor() as cursor:
        for each in (*SETTINGS, RECURSION[_maria(connection)]):
            cursor.execute(f"SET SESSION {each}")
    return connection


def _maria(connection: pymysql.Connection) -> bool:
    return "MariaDB" in str(connection.get_server_info())


def _permanent(error: Exception) -> bool:
    return not isinstance(error, pymysql.OperationalError | OSError) or _code(error) in NOT_LET_IN


def _code(error: Exception) -> int:
    code = error.args[0] if error.args else 0
    return code if isinstance(code, int) else 0


def failure(error: pymysql.Error, seconds: float) -> tuple[str, str]:
    """Return the kind of an error, and what it says."""
    kind = KINDS.get(_code(error), "error")
    return kind, f"stopped after {seconds:g} s" if kind == "time" else _said(error)


def _said(error: Exception) -> str:
    """Return what an error says, without the place that our own frame around a statement has."""
    text = str(error.args[1] if len(error.args) > 1 else error)
    return " ".join(text.partition("; check the manual")[0].split()) + _near(text)


def _near(text: str) -> str:
    _, _, rest = text.partition("syntax to use near ")
    place, _, _ = rest.rpartition(" at line ")
    return f" near {' '.join(place.removesuffix(chr(39)).removesuffix(')').split())}'" if place else ""
