"""The lease of a vLLM server: what a task holds while it asks a model, and what the server's life hangs on.

The first task of a run starts the server, the next ones find it warm. It ends when its last task is gone: after
`warm_seconds` when that one was done, at once, with everything it started, when that one was killed. `root` is a
folder of this machine: leases of one root see each other, and a server that nobody uses makes room for another.
"""

import fcntl
import http.client
import os
import secrets
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

from dataflow_ops.errors import BadArgument
from dataflow_ops.llm.vllm import keeper
from dataflow_ops.llm.vllm.failure import diagnosis
from dataflow_ops.llm.vllm.kept import Kept, clear, find, folder_of, start, tail
from dataflow_ops.llm.vllm.processes import alive
from dataflow_ops.llm.vllm.server import HOST, VllmSettings

POLL = 0.25
"""Seconds between two looks whether the server is ready."""


@dataclass(frozen=True)
class Leased:
    """A server that answers."""

    url: str
    """`http://127.0.0.1:…/v1`"""
    model: str
    """What requests call the model."""
    started: bool
    """Whether this lease started it; else it was warm."""
    key: str = field(repr=False)
    """What requests show: `Authorization: Bearer <key>`."""


@contextmanager
def lease(settings: VllmSettings, run: str, *, root: Path) -> Iterator[Leased]:
    """Hold a server of the model for a task of `run`; start it unless an earlier task of the run left it warm.

    Raises BadArgument when it cannot start (no vLLM, no such model, not enough memory), Transient when trying again
    may help; both show the lines of its log that say why.
    """
    _check(settings)
    folder = folder_of(root, settings, run)
    with Holder(folder) as holder:
        kept, started = _join(folder, settings, holder)
        _wait_until_ready(kept, folder, settings)
        holder.served = True
        yield Leased(f"http://{HOST}:{kept.port}/v1", settings.name, started, kept.key)


class Holder:
    """A file that its process has locked: there and not locked, its process was killed or its server never ready."""

    def __init__(self, folder: Path):
        self.served = False
        self._owner = os.getpid()
        self._path = folder / "holders" / f"{self._owner}-{secrets.token_hex(6)}"

    def __enter__(self) -> "Holder":
        return self

    def lock(self) -> None:
        """Begin to hold; the root's lock is held, so that no keeper looks between making and locking the file."""
        self._file = self._path.open("xb")
        fcntl.lockf(self._file, fcntl.LOCK_EX)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self.served and os.getpid() == self._owner:  # a forked child has no part in it
            self._path.unlink(missing_ok=True)
        if hasattr(self, "_file"):
            self._file.close()


def _check(settings: VllmSettings) -> None:
    if sys.platform != "linux":
        raise BadArgument(f"a vLLM server needs Linux, not {sys.platform}: name an OpenAI-compatible server instead")
    if settings.model.startswith(("/", ".", "~")) and not Path(settings.model).is_dir():
        raise BadArgument(f"there is no folder {settings.model!r}; expected a model's folder, or its name on the hub")


def _join(folder: Path, settings: VllmSettings, holder: Holder) -> tuple[Kept, bool]:
    """Return the server of `folder`, and whether it had to be started."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with keeper.lock(folder.parent):
        folder.mkdir(mode=0o700, exist_ok=True)
        (folder / "holders").mkdir(exist_ok=True)
        kept = find(folder)
        if kept and alive(kept.keeper):
            holder.lock()
            return kept, False
        if kept:
            clear(folder, kept)
        keeper.forget(keeper.holders(folder).killed)
        holder.lock()
        return start(folder, settings), True


def _wait_until_ready(kept: Kept, folder: Path, settings: VllmSettings) -> None:
    deadline = time.monotonic() + settings.start_seconds
    while not _healthy(kept.port):
        if not alive(kept.keeper):
            raise diagnosis(settings, tail(folder / "server.log"), "ended before it was ready")
        if time.monotonic() > deadline:
            what = f"was not ready after {settings.start_seconds:g} s (`start_seconds`)"
            raise diagnosis(settings, tail(folder / "server.log"), what)
        time.sleep(POLL)


def _healthy(port: int) -> bool:
    with closing(http.client.HTTPConnection(HOST, port, timeout=5)) as connection:
        try:
            connection.request("GET", "/health")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
