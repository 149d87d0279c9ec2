"""A child process that does what may crash, block or exhaust it: it is answered in time, or ended and replaced."""

import json
import math
import os
import resource
import select
import subprocess
import sys
import time
from types import TracebackType
from typing import IO, Any, Self, TextIO

from dataflow_ops.errors import Transient

START_SECONDS = 120.0
"""How long a child may take to load its libraries on a busy machine."""
START = (
    "import importlib, json, sys; sys.path[:] = json.loads(sys.argv[1]); "
    "getattr(importlib.import_module(sys.argv[2]), 'serve')(*json.loads(sys.argv[3]))"
)
HELD = 1 << 16
"""Bytes that a pipe holds, and so the most that is read from it at once."""
PASSED = ("PATH", "LD_LIBRARY_PATH", "SYSTEMROOT", "TMPDIR")
"""What a child needs of the environment; keys and passwords it does not."""


def hold(memory: int) -> None:
    """Let this process, a child, take no more than `memory` bytes in all, and leave no image of them where it ends."""
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def answers_only() -> TextIO:
    """Return where this process, a child, writes its answers, and keep what libraries print out of them."""
    out = os.fdopen(os.dup(1), "w")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    return out


class Lost(Exception):
    """There is no answer: the child took longer than it may, or ended."""


class Child:
    """A process that runs `serve(*arguments)` of a module; no signals, no threads, no multiprocessing on this side.

    `serve` writes one line of JSON when it is ready and one for every question. A task of Airflow may run where signals
    cannot be set and where children of `multiprocessing` are forbidden.
    """

    def __init__(self, module: str, *arguments: Any) -> None:
        self._command = [sys.executable, "-I", "-c", START, json.dumps([path for path in sys.path if path]), module,
                         json.dumps(arguments)]  # fmt: skip
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()

    def ask(self, question: bytes, seconds: float) -> Any:
        """Return the answer to a question that the child reads whole; Lost when there is none in time."""
        return json.loads(self.line(question, seconds))

    def line(self, question: bytes, seconds: float) -> bytearray:
        """Return the answer as the line of JSON that it is."""
        try:
            process = self._started()
            deadline = time.monotonic() + seconds
            _send(process, question, deadline)
            return _line(process, deadline)
        except Lost:
            self.end()
            raise

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is not None and self._process.poll() is None:
            return self._process
        self.end()
        kept = {name: os.environ[name] for name in PASSED if name in os.environ}
        self._process = subprocess.Popen(
            self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            bufsize=0, start_new_session=True, env=kept,
        )  # fmt: skip
        os.set_blocking(_pipe(self._process.stdin).fileno(), False)
        try:
            _line(self._process, time.monotonic() + START_SECONDS)
        except Lost as lost:
            self.end()
            raise Transient(f"a child process of {self._command[5]!r} did not start: {lost}") from lost
        return self._process

    def end(self) -> None:
        """End the process; the next question starts another one."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        _pipe(process.stdin).close()
        _pipe(process.stdout).close()
        process.wait()


def _send(process: subprocess.Popen[bytes], question: bytes, deadline: float) -> None:
    """Write a question; a child that does not read on is given up when its time is over."""
    into, rest = _pipe(process.stdin), memoryview(question)
    while rest:
        try:
            rest = rest[os.write(into.fileno(), rest) :]
        except BlockingIOError:
            _wait(into, select.POLLOUT, deadline)
        except BrokenPipeError as error:
            raise Lost("it ended the process that did it") from error


def _line(process: subprocess.Popen[bytes], deadline: float) -> bytearray:
    out, found = _pipe(process.stdout), bytearray()
    while not found.endswith(b"\n"):
        _wait(out, select.POLLIN, deadline)
        more = os.read(out.fileno(), HELD)
        if not more:
            raise Lost("it ended the process that did it")
        found += more
    return found


def _wait(pipe: IO[bytes], event: int, deadline: float) -> None:
    waiting = select.poll()
    waiting.register(pipe, event)
    if not waiting.poll(math.ceil(max(0.0, deadline - time.monotonic()) * 1000)):
        raise Lost("it takes too long")


def _pipe(stream: IO[bytes] | None) -> IO[bytes]:
    if stream is None:
        raise Transient("a pipe of a child process is missing")
    return stream
