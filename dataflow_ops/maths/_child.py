"""One child process for all algebra of a call: pairs are answered in time, or the child is ended and replaced."""

import json
import os
import selectors
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import IO, Self

from dataflow_ops.errors import Transient

MEMORY = 2 << 30
START_SECONDS = 120.0
"""How long the child may take to load its libraries on a busy machine."""
AHEAD = 16_384
"""Bytes sent before an answer is back: less than any pipe holds, so that nobody waits to write."""
START = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); "
    "from dataflow_ops.maths._worker import serve; serve(float(sys.argv[2]), int(sys.argv[3]))"
)
PASSED = ("PATH", "LD_LIBRARY_PATH", "SYSTEMROOT", "TMPDIR")
"""What the child needs of the environment; keys and passwords it does not."""

UNREADABLE = "algebra cannot read it"

Pair = tuple[str, str]


class Late(Exception):
    """A pair took longer than it may, or ended the child."""


class Child:
    """A process that compares pairs; no signals, no threads, no multiprocessing on this side.

    A task of Airflow may run where signals cannot be set and where children of `multiprocessing` are forbidden.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._process: subprocess.Popen[bytes] | None = None
        self._pending = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def compare(self, pairs: Sequence[Pair]) -> list[tuple[bool | None, str]]:
        """Return for each pair whether it is equal, None for undecided, and then why.

        The first that is late is the last that is answered: the caller may know more about the others then.
        """
        found: list[tuple[bool | None, str]] = []
        try:
            for verdict in self._answers(pairs):
                found += [(verdict, "" if verdict is not None else UNREADABLE)]  # one by one: the next may be late
        except Late as late:
            self._end()
            found.append((None, str(late)))
        return found

    def _answers(self, pairs: Sequence[Pair]) -> Iterator[bool | None]:
        process = self._started()
        lines = [json.dumps(pair).encode() + b"\n" for pair in pairs]
        sent = back = ahead = 0
        while back < len(lines):
            while sent < len(lines) and (sent == back or ahead + len(lines[sent]) <= AHEAD):
                self._write(process, lines[sent])
                ahead += len(lines[sent])
                sent += 1
            answer = self._line(process, self.seconds)
            ahead -= len(lines[back])
            back += 1
            yield json.loads(answer)

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is not None and self._process.poll() is None:
            return self._process
        self._end()
        paths = json.dumps([path for path in sys.path if path])
        command = [sys.executable, "-I", "-c", START, paths, str(self.seconds), str(MEMORY)]
        kept = {name: os.environ[name] for name in PASSED if name in os.environ}
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            bufsize=0, start_new_session=True, env={**kept, "OPENBLAS_NUM_THREADS": "1"},
        )  # fmt: skip
        try:
            self._line(self._process, START_SECONDS)
        except Late as late:
            self._end()
            raise Transient(f"the process that compares answers did not start: {late}") from late
        return self._process

    def _write(self, process: subprocess.Popen[bytes], line: bytes) -> None:
        try:
            _pipe(process.stdin).write(line)
        except BrokenPipeError as error:
            raise Late("algebra on it ended the process that did it") from error

    def _line(self, process: subprocess.Popen[bytes], seconds: float) -> bytes:
        out, deadline = _pipe(process.stdout), time.monotonic() + seconds
        with selectors.DefaultSelector() as selector:
            selector.register(out, selectors.EVENT_READ)
            while b"\n" not in self._pending:
                if not selector.select(max(0.0, deadline - time.monotonic())):
                    raise Late(f"not decided within {seconds:g} s")
                more = os.read(out.fileno(), 65_536)
                if not more:
                    raise Late("algebra on it ended the process that did it")
                self._pending += more
        line, _, self._pending = self._pending.partition(b"\n")
        return line

    def _end(self) -> None:
        process, self._process, self._pending = self._process, None, b""
        if process is None:
            return
        process.kill()
        _pipe(process.stdin).close()
        _pipe(process.stdout).close()
        process.wait()


def _pipe(stream: IO[bytes] | None) -> IO[bytes]:
    if stream is None:
        raise Transient("a pipe of the process that compares answers is missing")
    return stream
