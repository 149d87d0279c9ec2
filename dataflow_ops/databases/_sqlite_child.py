"""The child process that a SQLite file is read in."""

from pathlib import Path
from typing import Any

import apsw  # noqa: TID253 - loaded in the child process alone

from dataflow_ops.databases import _child
from dataflow_ops.databases._sqlite_open import opened
from dataflow_ops.databases._sqlite_run import Runner
from dataflow_ops.databases._sqlite_schema import tables

OWN = 192 * _child.MIB
"""What Python and the result of a statement may take beside SQLite."""


def serve(path: str, memory: int) -> None:
    """Answer questions about the file at `path`, SQLite with `memory` bytes at most."""
    _child.limit(memory + OWN)
    apsw.hard_heap_limit(memory)
    _child.answer_all(Session(path).answer)


class Session:
    """A file, opened when it is first asked."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._open: tuple[apsw.Connection, Runner] | None = None

    def answer(self, question: dict[str, Any]) -> object:
        """Answer one question."""
        try:
            connection, runner = self._opened()
            if question["do"] == "schema":
                return ["tables", _tables(connection, runner, question)]
        except (apsw.Error, UnicodeDecodeError, OSError) as error:
            return ["bad", f"expected a SQLite file that can be read; {error}"]
        if question["do"] == "explain":
            return runner.plan(question["sql"], question["seconds"])
        return runner.answer(question["sql"], question["seconds"], question["rows"], question["size"])

    def _opened(self) -> tuple[apsw.Connection, Runner]:
        if self._open is None:
            if not Path(self._path).is_file():
                raise FileNotFoundError("there is no such file")
            connection = opened(self._path)
            self._open = connection, Runner(connection)
        return self._open


def _tables(connection: apsw.Connection, runner: Runner, question: dict[str, Any]) -> object:
    """Read what the file holds, for which the catalogue may be read."""
    refusing, connection.authorizer = connection.authorizer, None
    try:
        return tables(connection, runner, question["rows"], question["characters"])
    finally:
        connection.authorizer = refusing
