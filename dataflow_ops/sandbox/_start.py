"""Start one sandbox: what it is given travels in files that exist in memory only."""

import os
import subprocess
from contextlib import ExitStack
from selectors import BaseSelector

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
    with ExitStack() as stack:
        files = {name: _in_memory(stack, content) for name, content in job.files.items()}
        seccomp = _in_memory(stack, program())
        reading, writing = os.pipe()
        stack.callback(os.close, writing)
        given = options(ground, limits, files, seccomp, writing)
        told = _in_memory(stack, b"".join(option.encode() + b"\0" for option in given))
        command = [*before, needed("bwrap"), "--args", str(told), "--", *limited(limits, job.program)]
        pipe = subprocess.PIPE
        try:
            process = subprocess.Popen(
                command, stdin=pipe, stdout=pipe, stderr=pipe, bufsize=0, env={}, cwd="/",
                pass_fds=[*files.values(), seccomp, writing, told], **how,
            )  # fmt: skip
        except OSError as error:
            os.close(reading)
            raise Transient(f"a sandbox did not start: {error}") from error
    try:
        return Running(process, reading, selector, limits, job.stdin)
    except OSError as error:
        process.kill()
        process.communicate()
        os.close(reading)
        raise Transient(f"a sandbox cannot be watched: {error}") from error


def _in_memory(stack: ExitStack, content: bytes) -> int:
    descriptor = os.memfd_create("given", os.MFD_CLOEXEC)
    stack.callback(os.close, descriptor)
    left = memoryview(content)
    while left:
        left = left[os.write(descriptor, left) :]
    os.lseek(descriptor, 0, os.SEEK_SET)
    return descriptor
