"""One run: fed, read, watched, and ended with all of its processes."""

import contextlib
import os
import re
import resource
import selectors
import signal
import subprocess
import time
from collections.abc import Callable
from typing import IO

from dataflow_ops.errors import Transient
from dataflow_ops.sandbox._bubblewrap import READY, WRITABLE
from dataflow_ops.sandbox._tree import Tree
from dataflow_ops.sandbox.limits import Limits
from dataflow_ops.sandbox.result import Ending, Result

CHUNK = 1 << 16
PATIENCE = 60.0
"""Seconds that bubblewrap may take to set up, on a busy machine."""
SIGNALLED = range(129, 193)
"""Exit statuses that tell of a signal."""
FIRST, CODE = re.compile(rb'"child-pid": (\d+)'), re.compile(rb'"exit-code": (\d+)')


class Running:
    """A sandbox at work. Nobody else looks after it: `turn` must be called again as soon as it says."""

    def __init__(
        self,
        process: subprocess.Popen[bytes],
        monitor: int,
        status: int,
        *,
        selector: selectors.BaseSelector,
        limits: Limits,
        stdin: bytes,
        held: contextlib.ExitStack,
    ) -> None:
        self.limits, self.over, self._ready = limits, False, False
        self._process, self._monitor, self._status, self._held = process, monitor, status, held
        self._selector, self._left = selector, memoryview(b"\n" + stdin)
        self._out, self._err = bytearray(), bytearray()
        self._first: int | None = None
        self._tree: Tree | None = None
        self._ending: Ending | None = None
        self._began = self._look_at = time.monotonic()
        self._spent = 0.0
        self._register()

    def _register(self) -> None:
        process = self._process
        for stream, into in ((process.stdout, self._out), (process.stderr, self._err)):
            descriptor = _pipe(stream).fileno()
            os.set_blocking(descriptor, False)
            self._selector.register(descriptor, selectors.EVENT_READ, self._reader(descriptor, into))
        # An end of a pipe may live on in a process that another thread forked just then: it is over when it is over.
        self._selector.register(self._monitor, selectors.EVENT_READ, self._finish)

    def turn(self) -> float:
        """End the run when it is at a limit; return seconds until this must be asked again."""
        now = time.monotonic()
        if now - self._began > (self.limits.wall_seconds if self._ready else PATIENCE):
            self.kill("wall time")
        if now >= self._look_at:
            self._look()
            self._look_at = now + min(0.02, 0.003 + (now - self._began) / 50)
        return max(0.0, self._look_at - now)

    def kill(self, why: Ending) -> None:
        """End the first process of the namespace, and the kernel ends all others; or the one that would start it."""
        if self._ending is None and not self.over:
            self._ending = why
            self._learn()
            if self._first is None:
                os.kill(self._process.pid, signal.SIGKILL)  # Popen's own way may take its status away from us
            else:
                with contextlib.suppress(ProcessLookupError):
                    signal.pidfd_send_signal(self._first, signal.SIGKILL)

    def result(self) -> Result:
        """Say what it came to, once it is over.

        Raises:
            Transient: It never began.
        """
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        used = self._wait()
        seconds = time.monotonic() - self._began
        ended, code = self._ended()
        # What a process holds before it starts another program is charged to that one: at first, our own memory.
        most = used.ru_maxrss / 1024 if used.ru_maxrss > before else 0.0
        return Result(
            ended, code, bytes(self._out), bytes(self._err), seconds,
            max(used.ru_utime + used.ru_stime, self._spent), max(most, self._tree.peak if self._tree else 0.0),
        )  # fmt: skip

    def close(self) -> None:
        """End it and give back all that it holds."""
        self.kill("signal")
        if self._process.returncode is None:
            self._wait()
        streams = [_pipe(stream) for stream in (self._process.stdin, self._process.stdout, self._process.stderr)]
        for descriptor in [self._monitor, *(each.fileno() for each in streams if not each.closed)]:
            if descriptor in self._selector.get_map():
                self._selector.unregister(descriptor)
        for stream in streams:
            stream.close()
        self._held.close()

    def _wait(self) -> resource.struct_rusage:
        _, status, used = os.wait4(self._process.pid, 0)
        self._process.returncode = os.waitstatus_to_exitcode(status)
        return used

    def _ended(self) -> tuple[Ending, int | None]:
        found = CODE.search(os.pread(self._status, CHUNK, 0))
        if not self._ready:
            said = self._err[:500].decode(errors="replace").strip()
            raise Transient(f"a sandbox did not start: {said or self._ending or 'it ended without a word'}")
        if self._ending is not None:
            return self._ending, None
        if found is None:
            return "signal", None
        code = int(found[1])
        if code == 128 + signal.SIGXCPU:
            return "cpu time", None
        return ("signal", None) if code in SIGNALLED else ("exit", code)

    def _look(self) -> None:
        if self._tree is None or self._ending is not None:
            return
        self._spent, memory = self._tree.look()
        if memory > self.limits.memory_mib:
            self.kill("memory")
        elif self._spent > self.limits.cpu_seconds:
            self.kill("cpu time")

    def _reader(self, descriptor: int, into: bytearray) -> Callable[[], None]:
        def read() -> None:
            more = os.read(descriptor, CHUNK)
            into.extend(more)
            if not more:
                self._selector.unregister(descriptor)
            if into is self._err and not self._ready:
                self._begin()
            elif len(into) > self.limits.output_kib * 1024:
                del into[self.limits.output_kib * 1024 :]
                self._selector.unregister(descriptor)
                self.kill("output")

        return read

    def _finish(self) -> None:
        """Read what is left in the pipes; nobody writes any more."""
        for stream in (self._process.stdout, self._process.stderr):
            descriptor = _pipe(stream).fileno()
            with contextlib.suppress(BlockingIOError):
                while (key := self._selector.get_map().get(descriptor)) is not None:
                    key.data()
        self.over = True

    def _learn(self) -> None:
        """Find the first process of the namespace; it cannot be gone before bubblewrap is."""
        if self._first is None and (found := FIRST.search(os.pread(self._status, CHUNK, 0))):
            with contextlib.suppress(ProcessLookupError):
                self._first = os.pidfd_open(int(found[1]))
                self._held.callback(os.close, self._first)
                self._tree = Tree(int(found[1]), WRITABLE)
                self._tree.offer()

    def _begin(self) -> None:
        """Let the program run once all is set up; its time counts from now on."""
        _, said, after = self._err.partition(READY)
        if said:
            self._learn()
            self._ready, self._err[:] = True, after
            self._began = self._look_at = time.monotonic()
            stdin = _pipe(self._process.stdin).fileno()
            os.set_blocking(stdin, False)
            self._selector.register(stdin, selectors.EVENT_WRITE, self._feed)

    def _feed(self) -> None:
        with contextlib.suppress(BlockingIOError):
            try:
                self._left = self._left[os.write(_pipe(self._process.stdin).fileno(), self._left[:CHUNK]) :]
            except BrokenPipeError:
                self._left = self._left[:0]
        if not self._left:
            self._selector.unregister(_pipe(self._process.stdin).fileno())
            _pipe(self._process.stdin).close()


def _pipe(stream: IO[bytes] | None) -> IO[bytes]:
    if stream is None:
        raise Transient("a pipe of a sandbox is missing")
    return stream
