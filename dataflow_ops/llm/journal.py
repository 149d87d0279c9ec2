"""Answers on the local disk, each written as it arrives: what a killed process leaves for the next one.

A journal is a folder of files. Each belongs to one process, which holds a lock on it (`flock`) for as long as it lives;
a file that nobody holds was left by a dead one, and whoever takes the lock inherits it.
"""

import fcntl
import logging
import os
import uuid
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

import orjson

from dataflow_ops.llm.chat import Completion, Request, Usage

log = logging.getLogger(__name__)

SUFFIX = ".journal"


@dataclass(frozen=True, slots=True)
class Entry:
    """One answer, and what it took to get it. `asked_at` counts microseconds since 1970."""

    space: str
    key: bytes
    asked_at: int
    text: str
    finish: str
    prompt_tokens: int
    completion_tokens: int
    cost: float | None
    model: str
    prompt: str

    @classmethod
    def of(cls, request: Request, completion: Completion, asked_at: int) -> "Entry":
        """Return what is to be kept of an answer."""
        usage = completion.usage
        return cls(
            request.space,
            request.key,
            asked_at,
            _valid(completion.text),
            _valid(completion.finish),
            usage.prompt_tokens,
            usage.completion_tokens,
            usage.cost,
            _valid(request.model),
            _valid(request.chat.prompt),
        )

    @property
    def completion(self) -> Completion:
        """Return the answer as one that was there already: it took nothing."""
        return Completion(self.text, self.finish, Usage(cached=1))


def _valid(text: str) -> str:
    # JSON may escape half a surrogate pair ("\\ud83d"), which neither a file nor Arrow can hold.
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


class Written:
    """A file of a journal that this process holds and nobody writes to any more."""

    def __init__(self, path: Path, handle: int):
        self.path, self._handle = path, handle

    def entries(self) -> list[Entry]:
        """Return its entries, in the order in which they were written."""
        return read(self.path)

    def remove(self) -> None:
        """Delete it: its entries are safe elsewhere."""
        self.path.unlink(missing_ok=True)
        self.release()

    def release(self) -> None:
        """Leave it to whoever comes next."""
        os.close(self._handle)


class Journal:
    """The file that this process appends to; the first entry creates it."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.rows = self.bytes = 0
        self._path, self._handle = Path(), -1
        self._lock = Lock()

    def append(self, entry: Entry) -> None:
        """Write an entry at the end, in one piece: once this returns, killing the process loses nothing of it."""
        # The line break comes first: what is torn before it, by a full disk, does not spoil what follows.
        line = b"\n" + orjson.dumps(entry, default=bytes.hex)
        with self._lock:
            if self._handle < 0:
                self._path, self._handle = _create(self.folder)
            _write(self._handle, line)
            self.rows, self.bytes = self.rows + 1, self.bytes + len(line)

    def take(self) -> Written | None:
        """Return what was written so far, None if nothing; the next entry begins another file."""
        with self._lock:
            if self._handle < 0:
                return None
            taken = Written(self._path, self._handle)
            self._handle, self.rows, self.bytes = -1, 0, 0
            return taken


def _create(folder: Path) -> tuple[Path, int]:
    while True:
        path = folder / f"{os.getpid()}-{uuid.uuid4().hex}{SUFFIX}"
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
        # Until it is locked, another process may take it for one that a dead process left.
        if _lock(handle):
            return path, handle
        os.close(handle)


def _lock(handle: int) -> bool:
    """Take the lock of a file; False when another process has it, or deleted the file."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return os.fstat(handle).st_nlink > 0


def _write(handle: int, line: bytes) -> None:
    written = os.write(handle, line)
    if written < len(line):
        raise OSError(f"only {written} of {len(line)} bytes could be written")


def read(path: Path) -> list[Entry]:
    """Return the entries of a file; what is torn is left out, what is gone or belongs to another user holds none."""
    try:
        lines = path.read_bytes().splitlines()
    except (FileNotFoundError, PermissionError):
        return []
    return [entry for line in lines if line and (entry := _parse(line, path))]


def _parse(line: bytes, path: Path) -> Entry | None:
    try:
        value = orjson.loads(line)
        return Entry(**value | {"key": bytes.fromhex(value["key"])})
    except (ValueError, TypeError, KeyError):
        log.warning("%s: left out an answer that was cut off while it was written", path)
        return None


def everything(folder: Path) -> Iterator[Entry]:
    """Yield the entries of all files of a journal, those of living processes included."""
    for path in sorted(folder.glob(f"*{SUFFIX}")):
        yield from read(path)


def abandoned(folder: Path) -> Iterator[Written]:
    """Yield the files that dead processes left; they are now held by this one."""
    for path in sorted(folder.glob(f"*{SUFFIX}")):
        with suppress(FileNotFoundError, PermissionError):
            handle = os.open(path, os.O_RDONLY)
            if _lock(handle):
                yield Written(path, handle)
            else:
                os.close(handle)
