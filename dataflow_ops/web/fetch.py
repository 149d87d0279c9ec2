"""Many addresses at once: hosts side by side, and at each host a few addresses at a time."""

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar, cast

from dataflow_ops.web.result import Fault, Page
from dataflow_ops.web.settings import Settings
from dataflow_ops.web.target import target

if TYPE_CHECKING:
    from yarl import URL

    from dataflow_ops.web._visit import Visitor

T = TypeVar("T")
NO_URL = Fault("refused", "the row names no URL")


def fetch(urls: Sequence[str | None], settings: Settings) -> list[Page | Fault]:
    """Return what each URL leads to, in order; one that stands there twice is asked for once.

    Nothing that a server does raises. May be called where an event loop runs.
    """
    asked = _Asked([NO_URL] * len(urls))
    for place, text in enumerate(urls):
        asked.add(place, target(text, settings.reach) if text and text.strip() else NO_URL)
    if asked.lanes:
        _in_thread(lambda: _all(asked, settings))
    return asked.outcomes


@dataclass
class _Asked:
    """What is asked for, the addresses of a host together, and what came of each row."""

    outcomes: list[Page | Fault]
    places: "dict[URL, list[int]]" = field(default_factory=dict)
    lanes: "dict[str, deque[URL]]" = field(default_factory=dict)

    def add(self, place: int, url: "URL | Fault") -> None:
        """Queue the URL of a row, behind others of its host."""
        if isinstance(url, Fault):
            self.outcomes[place] = url
        elif url in self.places:
            self.places[url].append(place)
        else:
            self.places[url] = [place]
            self.lanes.setdefault(str(url.raw_host).lower(), deque()).append(url)

    def settle(self, url: "URL", outcome: Page | Fault) -> None:
        """Note what came of all rows of a URL."""
        for place in self.places[url]:
            self.outcomes[place] = outcome


async def _all(asked: _Asked, settings: Settings) -> None:
    from dataflow_ops.web._client import Client  # noqa: PLC0415 - aiohttp costs a third of a second
    from dataflow_ops.web._visit import Visitor  # noqa: PLC0415

    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(settings.hosts_at_once))  # looks up names
    async with Client(settings) as client:
        visitor = Visitor(client, settings)
        lanes = deque(sorted(asked.lanes.values(), key=len, reverse=True))  # the longest ends last if it begins last
        together = min(settings.hosts_at_once, len(lanes))
        await asyncio.gather(*(_lane_after_lane(lanes, asked, visitor, settings) for _ in range(together)))


async def _lane_after_lane(lanes: "deque[deque[URL]]", asked: _Asked, visitor: "Visitor", settings: Settings) -> None:
    while lanes:
        lane = lanes.popleft()
        workers = min(settings.per_host_at_once, len(lane))
        await asyncio.gather(*(_along(lane, asked, visitor) for _ in range(workers)))


async def _along(lane: "deque[URL]", asked: _Asked, visitor: "Visitor") -> None:
    while lane:
        url = lane.popleft()
        asked.settle(url, await visitor.visit(url, len(asked.places[url])))


def _in_thread(work: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run `work` in a thread of its own: whoever calls may be in an event loop. It ends with the call, come what may."""
    running: Future[tuple[asyncio.AbstractEventLoop, asyncio.Task[Any]]] = Future()

    async def cancellable() -> T:
        running.set_result((asyncio.get_running_loop(), cast("asyncio.Task[Any]", asyncio.current_task())))
        return await work()

    with ThreadPoolExecutor(1, "fetch") as pool:
        done = pool.submit(lambda: asyncio.run(cancellable()))
        try:
            return done.result()
        finally:
            if not done.done():
                loop, task = running.result()
                loop.call_soon_threadsafe(task.cancel)
