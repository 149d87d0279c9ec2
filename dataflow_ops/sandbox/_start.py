"""Start one sandbox: what it is given travels in files that exist in memory only."""

import os
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from selectors import BaseSelector
from subprocess import PIPE, Popen
from typing import Any

from dataflow_ops.errors import Transient
from dataflow_ops.sandbox._bubblewrap import limited, options
from dataflow_ops.sandbox._ground import Ground, needed
from dataflow_ops.sandbox._running import Running
from dataflow_ops.sandbox._seccomp import program
from dataflow_ops.sandbox.job import Job
from dataflow_ops.sandbox.limits import Limits


def start(ground: Ground, slot: int, limits: Limits, job: Job, selector: BaseSelector) -> Running:
    """Start `job` in a sandbox of its own.

    Raises:
        Transient: The machine has no room for one more process now.
    """
    before, how = ground.command(slot)
    with ExitStack() as given, ExitStack() as held:
        files = {name: _in_memory(given, content) for name, content in job.files.items()}
        seccomp = _in_memory(given, program())
        # Not a pipe: bubblewrap must not fail half-way because nobody is left to read.
        status = _in_memory(held, b"")
        words = options(ground, limits, files, seccomp, status)
        told = _in_memory(given, b"".join(word.encode() + b"\0" for word in words))
        command = [*before, needed("bwrap"), "--args", str(told), "--", *limited(limits, job.program)]
        process, monitor = _spawned(command, [*files.values(), seccomp, status, told], how)
        held.callback(os.close, monitor)
        return Running(process, monitor, status, selector=selector, limits=limits, stdin=job.stdin, held=held.pop_all())


def _spawned(command: Sequence[str], passed: Sequence[int], how: Mapping[str, Any]) -> tuple[Popen[bytes], int]:
    """Return a process and a descriptor that can be read when it is over."""
    try:
        process = Popen(
            command, stdin=PIPE, stdout=PIPE, stderr=PIPE, bufsize=0, env={}, cwd="/", pass_fds=passed, **how
        )  # fmt: skip
    except OSError as error:
        raise Transient(f"a sandbox did not start: {error}") from error
    try:
        return process, os.pidfd_open(process.pid)
    except OSError as error:
        process.kill()
        process.communicate()
        raise Transient(f"a sandbox cannot be watched: {error}") from error


def _in_memory(stack: ExitStack, content: bytes) -> int:
    descriptor = os.memfd_create("given", os.MFD_CLOEXEC)
    stack.callback(os.close, descriptor)
    left = memoryview(content)
    while left:
        left = left[os.write(descriptor, left) :]
    os.lseek(descriptor, 0, os.SEEK_SET)
    return descriptor
