"""The row cache: every answer that was paid for, shared by all tasks, DAGs and machines that name the same folder.

An answer is written to the local disk as it arrives (`journal`) and soon after to the store (`parts`).
"""

import hashlib
import logging
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from itertools import groupby
from pathlib import Path
from threading import Lock
from types import TracebackType

from dataflow_ops.errors import Transient
from dataflow_ops.llm.chat import Completion, Request
from dataflow_ops.llm.journal import Entry, Journal, Written, abandoned, everything
from dataflow_ops.llm.parts import Found, Parts
from dataflow_ops.store import Store

log = logging.getLogger(__name__)

DAY = 86_400
FLUSH_BYTES = 16 << 20
"""Bytes of answers after which a part is written, however few they are."""


class Answers(AbstractContextManager["Answers"]):
    """Answers under `folder` of `store`, those on their way there in the folder `local`. Safe to use from threads.

    Answers older than `keep_days` count as not there. What `find` returns took nothing: its usage says `cached=1`.
    """

    def __init__(
        self,
        store: Store,
        folder: str,
        *,
        local: Path,
        keep_days: float | None = None,
        flush_rows: int = 512,
        flush_seconds: float = 10.0,
        clock: Callable[[], float] = time.time,
    ):
        folder = folder.rstrip("/")
        self.keep_days, self.flush_rows, self.flush_seconds, self.clock = keep_days, flush_rows, flush_seconds, clock
        self.parts = Parts(store, folder)
        # A machine may run tasks with other folders: what they leave is not ours to bring home.
        self.local = local / hashlib.sha256(folder.encode()).hexdigest()[:16]
        self.local.mkdir(parents=True, exist_ok=True)
        self.journal = Journal(self.local)
        self._waiting: list[Written] = []
        self._flushing, self._timing, self._latest = Lock(), Lock(), 0
        self._flushed_at = clock()

    def find(self, requests: Sequence[Request]) -> dict[bytes, Completion]:
        """Return the known answers to `requests` by key; of several answers to one question the latest."""
        since = self._since()
        ordered = sorted({request.key: request.space for request in requests}.items(), key=lambda pair: pair[1])
        # The local disk first: what leaves it while we look is in the store by then.
        journalled = self._journalled({key for key, _ in ordered}, since)
        found: dict[bytes, Found] = {}
        for space, pairs in groupby(ordered, key=lambda pair: pair[1]):
            found |= self.parts.find(space, [key for key, _ in pairs], since)
        for key, here in journalled.items():
            if key not in found or here.asked_at >= found[key].asked_at:
                found[key] = here
        return {key: each.completion for key, each in found.items()}

    def put(self, request: Request, completion: Completion) -> None:
        """Keep an answer: on the local disk when this returns, in the store when enough of them came together."""
        entry = Entry.of(request, completion, self._now())
        try:
            self.journal.append(entry)
        except OSError as error:
            log.warning("%s: %s; the answer goes to the store at once", self.local, error)
            self.parts.write(entry.space, [entry])
        if self._due() and self._flushing.acquire(blocking=False):
            try:
                self._flush_or_wait()
            finally:
                self._flushing.release()

    def flush(self) -> None:
        """Write to the store what is only on the local disk, also what dead processes left there."""
        with self._flushing:
            self._flush()

    def prune(self) -> int:
        """Delete the parts of which every answer is older than `keep_days`; return how many."""
        return 0 if self.keep_days is None else self.parts.prune(self._since())

    def close(self) -> None:
        """Flush; while the store is away answers stay on the local disk, for the next task there."""
        with self._flushing:
            self._flush_or_wait()
            for written in self._waiting:
                written.release()
            self._waiting = []

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _now(self) -> int:
        # Never the same twice, so that the later of two answers to one question can be told.
        with self._timing:
            self._latest = max(self._latest + 1, int(self.clock() * 1_000_000))
            return self._latest

    def _since(self) -> int:
        return 0 if self.keep_days is None else max(0, int((self.clock() - self.keep_days * DAY) * 1_000_000))

    def _journalled(self, wanted: set[bytes], since: int) -> dict[bytes, Found]:
        found: dict[bytes, Found] = {}
        for entry in everything(self.local):
            known = found.get(entry.key)
            if entry.key in wanted and entry.asked_at >= max(since, known.asked_at if known else 0):
                found[entry.key] = Found(entry.asked_at, entry.completion)
        return found

    def _due(self) -> bool:
        waited = self.clock() - self._flushed_at >= self.flush_seconds
        return waited or self.journal.rows >= self.flush_rows or self.journal.bytes >= FLUSH_BYTES

    def _flush_or_wait(self) -> None:
        try:
            self._flush()
        except Transient as error:
            log.warning("%s: answers stay on the local disk for now: %s", self.local, error)

    def _flush(self) -> None:
        self._flushed_at = self.clock()
        if taken := self.journal.take():
            self._waiting.append(taken)
        self._waiting += abandoned(self.local)
        spaces: set[str] = set()
        while self._waiting:
            spaces |= self._move(self._waiting[0])
            self._waiting.pop(0).remove()
        for space in spaces:
            self.parts.merge(space)

    def _move(self, written: Written) -> set[str]:
        """Write the answers of a file to the store; return their spaces."""
        grouped = _by_space(written.entries())
        for space, entries in grouped.items():
            self.parts.write(space, entries)
        return set(grouped)


def _by_space(entries: Iterable[Entry]) -> dict[str, list[Entry]]:
    grouped: dict[str, list[Entry]] = {}
    for entry in entries:
        grouped.setdefault(entry.space, []).append(entry)
    return grouped
