"""The line to one server: a thread with an event loop and one HTTP session, and what all its requests have in common."""

import asyncio
import io
import os
import random
import threading
import weakref
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from dataflow_ops.errors import ModelRefused, Transient
from dataflow_ops.llm.chat import Failure, Kind, Usage
from dataflow_ops.llm.pace import Pace, retry_after
from dataflow_ops.llm.refusals import Refusal, Setback, gist
from dataflow_ops.llm.server import Server
from dataflow_ops.llm.wire import charged

if TYPE_CHECKING:
    from aiohttp import ClientResponse, ClientSession

T = TypeVar("T")
ALONE_S = 2.0
"""The first request goes alone for so long at most: a wrong key is then found out by one request."""
IDLE_S = 60.0
LARGE = 1 << 20
"""Bytes from which a body is sent in pieces, so that others are not held up."""
SAME = 20
"""So many first requests declined in the same words, and it is not the rows that are wrong."""
NOBODY = 30
"""So many failures in a row, whoever's they are, and the server answers nobody."""
NOBODY_THERE = 3
"""The same, where there was never anybody at the address."""
PATIENCE_S = 600.0
"""So long nothing but "too many requests", and the task is tried again later."""


@dataclass
class Job:
    """One HTTP request, sent until it has an outcome."""

    tag: Any
    """Whose it is."""
    url: Any
    body: bytes
    read: Callable[[int, bytes], Any]
    """Status and body of the response -> its outcome."""
    halves: "Callable[[], Iterable[Job]] | None" = None
    """Makes two jobs of one about several texts: its failure does not say which of them is at fault."""
    tries: int = 0
    limited: int = 0
    charged: Usage = field(default_factory=Usage)
    """For answers to it that could not be used."""

    @property
    def tokens(self) -> int:
        """Return about how many tokens it takes, by its bytes: the answer puts it right."""
        return len(self.body) // 4 + 1


@dataclass
class Reply:
    """What came of sending a job once."""

    result: Any
    usage: Usage = field(default_factory=Usage)
    wait: float | None = None
    """Seconds that the server asked to be left alone."""


class Line:
    """The session with one server and what is known of it. All but `start` and `stop` happens in its own thread."""

    def __init__(self, server: Server, minute_s: float):
        self.server = server
        self.pid = os.getpid()
        self.loop = asyncio.new_event_loop()
        self.pace = Pace(
            server.concurrency,
            at_first=server.at_first,
            requests_per_minute=server.requests_per_minute,
            tokens_per_minute=server.tokens_per_minute,
            minute_s=minute_s,
        )
        self.chance = random.Random(0)  # noqa: S311 - spreads retries
        self.crews: list[Callable[[], None]] = []
        self.in_flight = 0
        self.usage = Usage()
        self.answered = self.heard = False
        self.streak = 0
        self.since = self.begun = self.loop.time()
        self._declined: tuple[str, int] | None = ("", 0)
        self._proxy = _proxy(server.url)
        self._session: ClientSession | None = None
        self._thread = threading.Thread(target=self.loop.run_forever, name="endpoint", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def call(self, work: Coroutine[Any, Any, T]) -> T:
        """Run `work` in the line's thread and wait for it."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result()

    def stop(self) -> None:
        """End session and thread."""
        if os.getpid() != self.pid or self.loop.is_closed():
            return  # a forked child has the object but not the thread
        if threading.current_thread() is self._thread:  # the last who knew of it was one of its own timers
            self.loop.create_task(self._close()).add_done_callback(lambda _: self.loop.stop())
            return
        self.call(self._close())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join()
        self.loop.close()

    async def _close(self) -> None:
        if self._session:
            await self._session.close()

    def session(self) -> "ClientSession":
        """Return the session, made when first needed."""
        if self._session is None:
            import aiohttp  # noqa: PLC0415 - costs a third of a second

            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=IDLE_S, ttl_dns_cache=300),
                timeout=aiohttp.ClientTimeout(total=self.server.timeout_s, sock_connect=self.server.connect_s),
                headers=self.server.all_headers(),
                cookie_jar=aiohttp.DummyCookieJar(),
            )
        return self._session

    def ready(self) -> None:
        """Get ready for the first request, or the first after a while."""
        self.session()
        if not self.in_flight:
            self.since = self.loop.time()
            self.pace.begin(self.since)
        if not self.heard:
            self.begun = self.loop.time()

    @property
    def limit(self) -> int:
        """Requests that may be in flight now."""
        stranger = not self.heard and self.server.at_first < self.server.concurrency
        return 1 if stranger and self.loop.time() < self.begun + ALONE_S else self.pace.limit

    async def post(self, job: Job) -> Reply:
        """Send a job once; what goes wrong on the way is a Setback."""
        import aiohttp  # noqa: PLC0415 - is imported by now

        data = job.body if len(job.body) < LARGE else io.BytesIO(job.body)
        try:
            async with self.session().post(job.url, data=data, allow_redirects=False, proxy=self._proxy) as response:
                payload = await response.read()
                return _reply(job, self.server, response, payload)
        except (aiohttp.ClientConnectorCertificateError, aiohttp.ClientConnectorSSLError) as error:
            return Reply(Refusal(str(error), "use an address whose certificate this machine trusts"))
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            return Reply(Setback(Kind.SERVER, f"cannot be reached: {error}", unreachable=True))
        except TimeoutError:
            return Reply(Setback(Kind.TIMEOUT, f"no answer in {self.server.timeout_s:g} s"))
        except (aiohttp.ClientError, OSError) as error:
            return Reply(Setback(Kind.SERVER, f"the connection broke: {error or type(error).__name__}"))

    async def get(self, url: str, read: Callable[[int, bytes], Any]) -> Any:
        """Ask for a page once; what goes wrong on the way is a Setback."""
        import aiohttp  # noqa: PLC0415 - costs a third of a second

        try:
            async with self.session().get(url, allow_redirects=False, proxy=self._proxy) as response:
                return read(response.status, await response.read())
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            return Setback(Kind.SERVER, f"cannot be reached: {error or 'no answer in time'}", unreachable=True)

    def refill(self) -> None:
        """Let all that have something to send look whether they may."""
        for fill in list(self.crews):
            fill()

    def alive(self, now: float) -> None:
        """Note that the server answers."""
        self.streak, self.since = 0, now

    def good(self, failure: Failure | None, now: float) -> Exception | None:
        """Note a response about a request, an answer or a failure of its row alone; return what ends them all."""
        self.alive(now)
        if failure is None:
            self.answered, self._declined = True, None
        elif self._declined is not None:
            words, times = gist(failure), self._declined[1] + 1
            self._declined = (words, times) if self._declined[0] in ("", words) else None
            if self._declined and times >= SAME:
                return self.refused(Refusal(failure.detail, "all requests are answered so: change what it names"))
        return None

    def bad(self, setback: Setback, now: float, *, limited: bool, last: bool) -> Exception | None:
        """Note a failure of the server; return what ends all requests. `last`: it will not be asked this again."""
        if limited:
            lasting = now - self.since > PATIENCE_S
        else:
            self.streak += 1
            most = NOBODY if self.heard or not setback.unreachable else NOBODY_THERE
            lasting = self.streak >= most and (last or not self.answered)
        if not lasting:
            return None
        return Transient(
            f"the model server {self.server.shown!r} answers nobody, {self.streak or 'many'} times in a row; the last "
            f"time: {setback.detail}; see that it runs, then clear the task: answers so far are kept"
        )

    def refused(self, refusal: Refusal) -> ModelRefused:
        """Return the error that a refusal is."""
        return ModelRefused(
            f"the model server {self.server.shown!r} declines all requests for {self.server.model!r}: "
            f"{self.server.hide(refusal.detail)}; {refusal.cure}"
        )

    def suspicious(self) -> bool:
        """Return whether requests declined so far may all have been declined for one reason."""
        return self._declined is not None and not self.answered


def _reply(job: Job, server: Server, response: "ClientResponse", payload: bytes) -> Reply:
    result = job.read(response.status, payload)
    headers = response.headers
    wait = None
    if response.status != 200:
        wait = retry_after(headers.get("Retry-After"), headers.get("retry-after-ms"))
    taken = None if isinstance(result, Failure) else getattr(result, "usage", None)
    if taken is None:  # what cannot be used is charged all the same
        taken = charged(payload, server) if response.status == 200 else Usage()
    return Reply(result, taken, wait)


def _proxy(url: str) -> str | None:
    """Return the proxy that the machine is set up with for `url`: looked up once, not per request."""
    parts = urlsplit(url)
    found = getproxies().get(parts.scheme)
    return None if found is None or proxy_bypass(parts.hostname or "") else found


def ended_with(owner: object, line: Line) -> "weakref.finalize[..., Any]":
    """End `line` when `owner` is no more, at the latest with the interpreter."""
    return weakref.finalize(owner, line.stop)
