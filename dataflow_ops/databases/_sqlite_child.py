"""The child process that a SQLite file is read in: a crash, a hang or its memory touch nothing else.

A question is a line of JSON, and so is its answer.
"""

import json
import resource
import signal
import sys
from typing import Any

import apsw

from dataflow_ops.databases._sqlite_open import MIB, opened
from dataflow_ops.databases._sqlite_run import Runner, plain
from dataflow_ops.databases._sqlite_schema import tables

FILES = 8 * MIB
"""Bytes of any file it may write: room for the index of a log that lies beside a database."""
OWN = 128 * MIB
"""What Python may take beside SQLite, on top of what it has when it starts."""


def serve(path: str, memory: int) -> None:
    """Answer questions about the file at `path` until the input ends, SQLite with `memory` bytes at most."""
    _limit(memory)
    session: Session | str
    try:
        session = Session(path)
    except (apsw.Error, UnicodeDecodeError, MemoryError) as error:
        session = str(error)
    _say(None)
    for line in sys.stdin.buffer:
        _say(["bad", session] if isinstance(session, str) else session.answer(json.loads(line)))


def _limit(memory: int) -> None:
    with open("/proc/self/statm") as told:  # noqa: PTH123 - pathlib takes longer to load
        now = int(told.read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (now + memory + OWN,) * 2)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (FILES, FILES))
    apsw.hard_heap_limit(memory)


def _say(answer: object) -> None:
    try:
        line = json.dumps(answer, ensure_ascii=False, default=plain).encode()
    except MemoryError:
        line = json.dumps(["failed", "memory", "the result needs more than it may have"]).encode()
    sys.stdout.buffer.write(line + b"\n")
    sys.stdout.buffer.flush()


class Session:
    """An open file."""

    def __init__(self, path: str) -> None:
        self._connection = opened(path)
        self._runner = Runner(self._connection)

    def answer(self, question: dict[str, Any]) -> object:
        """Answer one question."""
        if question["do"] == "schema":
            return self._schema(question["rows"], question["characters"])
        if question["do"] == "explain":
            return self._runner.plan(question["sql"], question["seconds"])
        return self._runner.answer(question["sql"], question["seconds"], question["rows"], question["size"])

    def _schema(self, rows: int, characters: int) -> object:
        refusing, self._connection.authorizer = self._connection.authorizer, None
        try:
            return ["tables", tables(self._connection, self._runner, rows, characters)]
        except (apsw.Error, UnicodeDecodeError) as error:
            return ["bad", str(error)]
        finally:
            self._connection.authorizer = refusing
