"""An address from the first question to the last: its redirects, its second chances, and what the site asks for."""

import asyncio
from collections.abc import Awaitable, Callable

from yarl import URL

from dataflow_ops.llm.pace import retry_after
from dataflow_ops.web import robots
from dataflow_ops.web._client import Client, name
from dataflow_ops.web._reply import WITH_CONTENT, Reply, Setback
from dataflow_ops.web._turns import Turn
from dataflow_ops.web.result import Fault, Page
from dataflow_ops.web.settings import Settings
from dataflow_ops.web.sniff import content_type, media_type
from dataflow_ops.web.target import target

REDIRECTS = (301, 302, 303, 307, 308)
GONE = (204, 205, 404, 410)
BUSY = (429, 503)
PASSING = (408, 425, 500, 502, 504)
FIRST_WAIT = 1.0

Outcome = Page | Fault | Setback
Judge = Callable[[URL, Reply], Outcome]


class Visitor:
    """Knows what it learned of each host: whose turn it is, and what may be asked for."""

    def __init__(self, client: Client, settings: Settings):
        self._client, self._settings = client, settings
        self._turns: dict[str, Turn] = {}
        self._robots: dict[URL, asyncio.Task[robots.Robots | Fault]] = {}

    async def visit(self, url: URL, copies: int) -> Page | Fault:
        """Return what a URL that was looked at leads to."""
        return await self._again(lambda: self._followed(url, self._page, copies=copies))

    async def _again(self, tried: Callable[[], Awaitable[Outcome]]) -> Page | Fault:
        """Try until there is an outcome that stays, or once more than the number of retries."""
        for number in range(self._settings.retries + 1):
            outcome = await tried()
            if not isinstance(outcome, Setback):
                return outcome
            if outcome.wait is None and number < self._settings.retries:
                await asyncio.sleep(FIRST_WAIT * 2**number)
        return outcome.fault  # type: ignore[union-attr] # there is a first try

    async def _followed(self, url: URL, judge: Judge, *, copies: int = 1, cut: int = 0) -> Outcome:
        """Follow redirects, each looked at like the first URL; what is `cut` is robots.txt, and asks for no leave."""
        left = self._settings.seconds
        for _ in range(self._settings.max_redirects + 1):
            if not cut and (forbidden := await self._forbidden(url)) is not None:
                return forbidden
            reply, taken = await self._asked(url, left, copies, cut)
            if not isinstance(reply, Reply):
                return reply
            if reply.status not in REDIRECTS or "Location" not in reply.headers:
                return judge(url, reply)
            found = target(reply.headers["Location"], self._settings.reach, base=url)
            if isinstance(found, Fault):
                return Fault(found.kind, f"a redirect: {found.detail}")
            url, left = found, max(0.001, left - taken)
        return Fault("error", f"more than {self._settings.max_redirects} redirects, the last to {str(url)[:200]!r}")

    async def _asked(self, url: URL, left: float, copies: int, cut: int) -> tuple[Reply | Fault | Setback, float]:
        """Ask when it is the address's turn; return what came, and the seconds that it took."""
        turn, loop = self._turn(url), asyncio.get_running_loop()
        async with turn:
            if turn.given_up is not None:
                return turn.given_up, 0.0
            begun = loop.time()
            reply = await self._client.get(url, left, copies=copies, cut=cut)
            taken = loop.time() - begun
        if isinstance(reply, Setback):
            turn.failed(reply.fault)
        elif isinstance(reply, Reply) and reply.status in BUSY:
            reply = self._busy(turn, reply)
        elif isinstance(reply, Fault) and reply.kind == "time":
            turn.failed(reply)
        else:
            turn.went_well()
        return reply, taken

    def _turn(self, url: URL) -> Turn:
        host = name(url.raw_host)
        if host not in self._turns:
            self._turns[host] = Turn(self._settings.per_host_at_once, self._settings.pause)
        return self._turns[host]

    def _busy(self, turn: Turn, reply: Reply) -> Fault | Setback:
        """Leave a host alone for as long as it asks; give it up where that is too long."""
        wait = retry_after(reply.headers.get("Retry-After"), None)
        fault = Fault("error", f"status {reply.status} {reply.reason}"[:200])
        if wait is not None and wait > self._settings.longest_wait:
            fault = Fault("error", f"{fault.detail}; it asks to be left alone for {wait:,.0f} s")
            turn.give_up(fault)
            return fault
        turn.failed(fault)
        turn.hold(FIRST_WAIT if wait is None else wait)
        return Setback(fault, wait)

    def _page(self, url: URL, reply: Reply) -> Outcome:
        said = f"status {reply.status} {reply.reason}".strip()[:200]
        if reply.status in WITH_CONTENT:
            declared = reply.headers.get("Content-Type")
            return Page(reply.content, content_type(reply.content, declared), media_type(declared)[1], str(url))
        if reply.status in PASSING:
            return Setback(Fault("error", said))
        return Fault("not found" if reply.status in GONE else "error", said)

    async def _forbidden(self, url: URL) -> Fault | None:
        """Say so when the site asks visitors not to ask for this."""
        if not self._settings.robots:
            return None
        origin = url.origin()
        if origin not in self._robots:
            self._robots[origin] = asyncio.create_task(self._read_robots(origin))
        found = await self._robots[origin]
        if isinstance(found, Fault):
            return found
        self._turn(url).pause = max(self._settings.pause, found.delay)
        return None if found.allows(url.raw_path_qs) else Fault("robots", f"{origin}/robots.txt asks not to")

    async def _read_robots(self, origin: URL) -> robots.Robots | Fault:
        """Read robots.txt; a site that has none allows all, and one that cannot be asked allows nothing."""
        url = origin.with_path("/robots.txt")
        found = await self._again(lambda: self._followed(url, self._robots_page, cut=robots.LARGEST))
        if isinstance(found, Page):
            return robots.read(found.content, self._settings.user_agent)
        return found if found.kind in ("refused", "not found") else Fault(found.kind, f"{url}: {found.detail}")

    def _robots_page(self, url: URL, reply: Reply) -> Outcome:
        if reply.status >= 500 or reply.status in PASSING:
            return Setback(Fault("robots", f"status {reply.status} {reply.reason}"[:200]))
        return Page(reply.content, "text/plain", None, str(url))
