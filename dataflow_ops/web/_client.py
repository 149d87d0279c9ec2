"""One request at a time: a name is looked up once and checked, and what was checked is what is connected to."""

import asyncio
import socket
import zlib
from collections.abc import Mapping
from types import TracebackType
from typing import Self

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from dataflow_ops.web._reply import Body, Reply, Room, Setback
from dataflow_ops.web.address import Address
from dataflow_ops.web.result import Fault
from dataflow_ops.web.settings import Settings
from dataflow_ops.web.target import literal
from dataflow_ops.web.unpack import ACCEPTED

ACCEPT = "text/html, application/xhtml+xml, application/pdf, */*;q=0.8"
INSECURE = (aiohttp.ClientConnectorCertificateError, aiohttp.ClientConnectorSSLError)
FAMILIES = {4: socket.AF_INET, 6: socket.AF_INET6}


class _Pinned(AbstractResolver):
    """Knows the addresses that were checked, and asks nobody."""

    def __init__(self, pins: Mapping[str, list[Address]]):
        self._pins = pins

    async def resolve(self, host: str, port: int = 0, family: int = 0) -> list[ResolveResult]:  # noqa: ARG002 - its form
        flags = socket.AI_NUMERICHOST | socket.AI_NUMERICSERV
        return [
            ResolveResult(hostname=host, host=str(each), port=port, family=FAMILIES[each.version], proto=0, flags=flags)
            for each in self._pins[name(host)]
        ]

    async def close(self) -> None:
        pass


def name(host: str | None) -> str:
    """Return the one form of a host's name."""
    return (host or "").lower().rstrip(".")


class Client:
    """A session without cookies, without proxies and passwords that the environment names."""

    def __init__(self, settings: Settings):
        self._settings = settings
        self._pins: dict[str, list[Address]] = {}
        self._room = Room(settings.total_bytes)
        self._session: aiohttp.ClientSession

    async def __aenter__(self) -> Self:
        idle = self._settings.idle_seconds
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(resolver=_Pinned(self._pins), use_dns_cache=False, limit=0),
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=idle, sock_read=idle),
            headers={"User-Agent": self._settings.user_agent, "Accept": ACCEPT, "Accept-Encoding": ACCEPTED},
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._session.close()

    async def get(self, url: URL, seconds: float, *, copies: int = 1, cut: int = 0) -> Reply | Fault | Setback:
        """Ask once for a URL that was looked at; the content is kept `copies` times, or its first `cut` bytes."""
        body = Body(self._settings.max_bytes, copies, cut, self._room)
        try:
            async with asyncio.timeout(seconds):
                if (problem := await self._pinned(url)) is not None:
                    return problem
                async with self._session.get(url, allow_redirects=False) as response:
                    return await body.of(response)
        except (aiohttp.ClientError, OSError, ValueError, zlib.error) as error:
            return self._said(error)

    def _said(self, error: Exception) -> Fault | Setback:
        """Return what went wrong, in words; a break of the connection may be none the next time."""
        detail = f"{str(error) or type(error).__name__}"[:300]
        if isinstance(error, aiohttp.ServerTimeoutError):
            return Fault("time", f"nothing came for {self._settings.idle_seconds:g} s")
        if isinstance(error, TimeoutError):
            return Fault("time", f"not done in {self._settings.seconds:g} s")
        if isinstance(error, zlib.error):
            return Fault("error", f"the compressed content is damaged: {detail}")
        if isinstance(error, (*INSECURE, aiohttp.ClientResponseError, ValueError)):
            return Fault("error", f"no proper answer: {detail}")
        if isinstance(error, aiohttp.ServerDisconnectedError):
            return Setback(Fault("error", "the connection broke: the server hung up"))
        return Setback(Fault("error", f"the connection broke: {detail}"))

    async def _pinned(self, url: URL) -> Fault | Setback | None:
        """Look up a host that is not known yet; say why it may not be asked, if so."""
        host = name(url.raw_host)
        if host in self._pins:
            return None
        try:
            found = await _addresses(host)
        except socket.gaierror as error:
            if error.errno == socket.EAI_AGAIN:
                return Setback(Fault("error", f"looking up {host!r}: {error.strerror}"))
            return Fault("not found", f"there is no host {host!r}: {error.strerror}")
        reach = self._settings.reach
        refused = next((f"{each}, {why}" for each in found if (why := reach.why_not(each)) is not None), None)
        if refused is not None:
            return Fault("refused", f"{host!r} leads to {refused}")
        self._pins[host] = found
        return None


async def _addresses(host: str) -> list[Address]:
    """Return the addresses of a host; one of them that may not be asked spoils them all."""
    if (written := literal(host)) is not None:
        return [written]
    infos = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
    found = [literal(str(info[4][0]).partition("%")[0]) for info in infos]
    return list(dict.fromkeys(each for each in found if each is not None))
