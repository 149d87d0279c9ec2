"""What a server answered, its content read piece by piece until there is too much of it."""

from collections.abc import Mapping
from dataclasses import dataclass

import aiohttp

from dataflow_ops.web.result import Fault
from dataflow_ops.web.settings import MIB
from dataflow_ops.web.unpack import Unpacker

WITH_CONTENT = (200, 203)
KEPT = ("Location", "Retry-After", "Content-Type")


@dataclass(frozen=True)
class Reply:
    """Status, some headers and content; what comes with the status of an error is not read."""

    status: int
    reason: str
    headers: Mapping[str, str]
    content: bytes = b""


@dataclass(frozen=True)
class Setback:
    """A fault that may be none the next time."""

    fault: Fault
    wait: float | None = None
    """Seconds that the host asked to be left alone."""


@dataclass
class Room:
    """What may be kept of all contents together."""

    total: int
    taken: int = 0

    def take(self, size: int) -> Fault | None:
        """Take `size` bytes, or say that there are not so many."""
        if self.taken + size > self.total:
            return Fault(
                "too large", f"all rows together hold more than {self.total // MIB:,} MiB; make shards smaller"
            )
        self.taken += size
        return None


@dataclass
class Body:
    """The content of one answer: at most `most` bytes, or the first `cut` of them; kept `copies` times."""

    most: int
    copies: int
    cut: int
    room: Room
    taken: int = 0

    async def of(self, response: aiohttp.ClientResponse) -> Reply | Fault | Setback:
        """Read what a server answered; what is not kept gives its room back."""
        headers = {key: response.headers[key] for key in KEPT if key in response.headers}
        content: bytes | Fault | Setback = b""
        try:
            if response.status in WITH_CONTENT:
                content = await self._content(response)
        finally:
            if not content or not isinstance(content, bytes):
                self.room.taken -= self.taken
        if isinstance(content, bytes):
            return Reply(response.status, response.reason or "", headers, content)
        return content

    async def _content(self, response: aiohttp.ClientResponse) -> bytes | Fault | Setback:
        unpacker = Unpacker(response.headers.get("Content-Encoding"))
        if (unknown := unpacker.known()) is not None:
            return unknown
        if not self.cut and (response.content_length or 0) > self.most:
            return self._too_large()
        content, received = bytearray(), 0
        async for data in response.content.iter_any():
            received += len(data)
            for piece in unpacker.fed(data):
                content += piece
                if self.cut and max(len(content), received) >= self.cut:
                    return bytes(content[: self.cut])
                if (full := self._full(max(len(content), received), len(piece))) is not None:
                    return full
        broken = Setback(Fault("error", "the compressed content breaks off"))
        return bytes(content) if unpacker.is_whole() else broken

    def _full(self, size: int, more: int) -> Fault | None:
        if size > self.most:
            return self._too_large()
        if self.cut:
            return None
        full = self.room.take(more * self.copies)
        self.taken += 0 if full else more * self.copies
        return full

    def _too_large(self) -> Fault:
        return Fault("too large", f"more than {self.most / MIB:g} MiB")
