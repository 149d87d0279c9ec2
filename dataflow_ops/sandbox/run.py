"""Run programs that nobody trusts, each isolated from the machine and from all others."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from itertools import islice
from types import TracebackType
from typing import Self

from dataflow_ops.errors import BadArgument
from dataflow_ops.sandbox._bubblewrap import MIB, executable, visible
from dataflow_ops.sandbox._ground import Ground, ground
from dataflow_ops.sandbox._proof import prove
from dataflow_ops.sandbox._together import together
from dataflow_ops.sandbox.job import Job
from dataflow_ops.sandbox.limits import Limits
from dataflow_ops.sandbox.result import Result

MOST_AT_ONCE = 64
AHEAD = 32
"""Jobs that are run for each place before results are handed out."""


class Sandbox:
    """A place where programs run that may do anything: no network, no files, no rights, and never beyond `limits`.

    Use it as a context manager; entering proves that isolation works. `at_once` programs run at the same time.

    Raises:
        Permanent: On entering: bubblewrap is missing or cannot isolate here. The message says what to do.
    """

    def __init__(self, limits: Limits = Limits(), *, at_once: int = 1) -> None:  # noqa: B008 - it cannot change
        if not isinstance(at_once, int) or isinstance(at_once, bool) or not 1 <= at_once <= MOST_AT_ONCE:
            raise BadArgument(f"at_once={at_once!r}: expected a whole number from 1 to {MOST_AT_ONCE}")
        self.limits, self.at_once = limits, at_once
        self._stack = ExitStack()
        self._ground: Ground | None = None

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            found = stack.enter_context(ground())
            self._ground = replace(found, visible=tuple(visible(found)))
            prove(self._ground, self.limits)
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ground = None
        self._stack.close()

    def python(self, file: str, *arguments: str) -> Sequence[str]:
        """Return the command that runs `file`, one of a job's files, with the interpreter and its own library only."""
        return [executable(), "-I", "-S", "-B", file, *arguments]

    def run(self, program: Sequence[str], files: Mapping[str, bytes] | None = None, stdin: bytes = b"") -> Result:
        """Run `program` with `files` in its working folder /work.

        Raises:
            BadArgument: A name of a file is not a plain relative one, or something is too long.
            Transient: The machine had no room for one more process.
        """
        return next(self.map([Job(program, files or {}, stdin)]))

    def map(self, jobs: Iterable[Job]) -> Iterator[Result]:
        """Run all `jobs`, each in a sandbox of its own, and yield their results in order.

        Nothing runs while the caller looks at a result: then nobody would watch it.
        """
        pending = iter(jobs)
        while batch := list(islice(pending, AHEAD * self.at_once)):
            for job in batch:
                self._check(job)
            yield from self._all(batch)

    def _check(self, job: Job) -> None:
        if job.size > self.limits.disk_mib * MIB:
            raise BadArgument(f"files of {job.size:,} bytes: more than disk_mib={self.limits.disk_mib} holds")

    def _all(self, jobs: list[Job]) -> list[Result]:
        if self._ground is None:
            raise BadArgument("a sandbox is used outside of its block: expected `with Sandbox() as sandbox: ...`")
        return together(self._ground, self.limits, jobs, self.at_once)
