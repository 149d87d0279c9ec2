"""What the child processes of all engines do alike: keep to their memory, read questions, write answers."""

import json
import mmap
import resource
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import orjson

from dataflow_ops.child import hold
from dataflow_ops.databases import wire

MIB = 1 << 20
FILES = 8 * MIB
"""Bytes of any file a child may write: room for the index of a log that lies beside a SQLite file."""

LIGHT, ROOM = MIB, 32 * MIB
"""Of a result that the fast writer writes, and what it may need for that: it ends the process where there is less."""

CONNECT_SECONDS = 10
"""For a server to answer; one that does not is away."""
GLANCE_SECONDS = 1.0
"""For the first rows of one table; a view may have to compute all to give a few."""
GLANCES_SECONDS = 60.0
"""For the first rows of all tables; those that come later have none."""


def limit(memory: int) -> None:
    """Take no more than `memory` bytes in all, and write no large files."""
    hold(memory)
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (FILES, FILES))


def glances() -> Iterator[float]:
    """Yield how many seconds a look at the first rows of the next table may take, 0 when there is no time left."""
    end = time.monotonic() + GLANCES_SECONDS
    while True:
        yield max(0.0, min(GLANCE_SECONDS, end - time.monotonic()))


def answer_all(answer: Callable[[dict[str, Any]], object]) -> None:
    """Answer lines of JSON with lines of JSON until the input ends; the first one says that the child is ready."""
    _say(None)
    for line in sys.stdin.buffer:
        try:
            _say(answer(json.loads(line)))
        except MemoryError:
            _say(["failed", "memory", "it needs more memory than it may have"])


def _say(answer: Any) -> None:
    rows = isinstance(answer, list) and answer[0] == "rows"
    sys.stdout.buffer.write((_rows(*answer) if rows else _written(answer)) + b"\n")
    sys.stdout.buffer.flush()


def _rows(kind: str, columns: Sequence[str], rows: Sequence[tuple[Any, ...]], cut: bool, seconds: float) -> bytes:
    told, taken = wire.packed(rows, len(columns))
    answer = [kind, columns, told, cut, seconds]
    return orjson.dumps(answer) if taken <= LIGHT and _has_room() else _written(answer)


def _has_room() -> bool:
    try:
        mmap.mmap(-1, ROOM).close()
    except OSError:
        return False
    return True


def _written(answer: object) -> bytes:
    return json.dumps(answer, ensure_ascii=False, default=wire.tagged).encode()
