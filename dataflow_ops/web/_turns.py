"""Whose turn it is at a host: a few requests at once, pauses between them, and none where nobody answers."""

import asyncio
from types import TracebackType
from typing import Self

from dataflow_ops.web.result import Fault

ENOUGH = 12
"""After so many failures in a row a host is given up: each may take the whole time that an address has."""


class Turn:
    """The queue before one host."""

    def __init__(self, at_once: int, pause: float):
        self.pause = pause
        self.given_up: Fault | None = None
        self._places = asyncio.Semaphore(at_once)
        self._free_at = 0.0
        self._failures = 0

    async def __aenter__(self) -> Self:
        await self._places.acquire()
        try:
            while (wait := self._free_at - _now()) > 0:
                await asyncio.sleep(wait)
        except asyncio.CancelledError:
            self._places.release()
            raise
        self._free_at = _now() + self.pause
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._places.release()

    def hold(self, seconds: float) -> None:
        """Let nobody in for a while."""
        self._free_at = max(self._free_at, _now() + seconds)

    def went_well(self) -> None:
        """Note that the host answers."""
        self._failures = 0

    def failed(self, fault: Fault) -> None:
        """Note that it does not, and give it up after many times in a row."""
        self._failures += 1
        if self._failures >= ENOUGH:
            self.give_up(fault)

    def give_up(self, fault: Fault) -> None:
        """Ask the host no more; all other addresses there have the same fault."""
        self.given_up = Fault(fault.kind, f"the host was given up after: {fault.detail}")


def _now() -> float:
    return asyncio.get_running_loop().time()
