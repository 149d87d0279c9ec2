"""A real model server for tests: OpenAI-compatible HTTP with faults on purpose, chosen by seed and content.

In a thread: `with serving(Behaviour(cut=0.05)) as server`. In a process of its own: `python -m tests.endpoint --latency
0.2 --cut 0.05`, which prints its address; its numbers are at `/stats`. Faults of the server depend on the content and on
how often it was asked (asked again, it will answer in the end); faults of the row on the content alone.
"""

import argparse
import asyncio
import contextlib
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from itertools import accumulate
from typing import Any

import orjson
from aiohttp import web

from tests.replies import chance, completion, text_of, vectors


@dataclass(frozen=True)
class Behaviour:
    """What the server does; the shares of faults are between 0 and 1."""

    seed: int = 0
    latency: float = 0.0
    """Seconds before every answer."""
    slots: int = 0
    """Requests worked on at once, the others wait; 0: all."""
    key: str = ""
    models: tuple[str, ...] = ("tiny",)
    retry_after: float = 0.05
    per_second: int = 0
    """More requests in a second are answered 429; 0: any number."""
    down: int = 0
    """The status of every answer, when not 0."""
    limited: float = 0.0
    failing: float = 0.0
    hanging: float = 0.0
    cut: float = 0.0
    cut_short: float = 0.0
    """In the middle of the body."""
    bad_json: float = 0.0
    wrong_shape: float = 0.0
    too_long: float = 0.0
    filtered: float = 0.0
    refusing: float = 0.0
    wrong_answer: float = 0.0
    """A whole answer whose text does not fit the schema."""


SERVER_FAULTS = ("limited", "failing", "hanging", "cut", "cut_short", "bad_json", "wrong_shape")
ROW_FAULTS = ("too_long", "filtered", "refusing", "wrong_answer")
ANSWERS = ("answered", "wrong_answer", "refusing", "filtered", "wrong_shape")
"""What is charged for."""


@dataclass(frozen=True)
class Hit:
    """One request that came."""

    content: str
    at: float
    """When it came, by time.monotonic(); hits are in the order of their answers."""
    what: str
    """`answered`, or the fault."""
    prompt_tokens: int = 0
    completion_tokens: int = 0
    body: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class Served:
    """A server that runs."""

    url: str
    behaviour: Behaviour
    hits: list[Hit] = field(default_factory=list)
    callers: set[Any] = field(default_factory=set)
    """Address and port of each connection that was made."""

    def times(self, what: str) -> Counter[str]:
        """Return how often each content was answered so."""
        return Counter(hit.content for hit in self.hits if hit.what == what)

    @property
    def charged(self) -> tuple[int, int]:
        """Return tokens of prompts and of answers in all."""
        return sum(hit.prompt_tokens for hit in self.hits), sum(hit.completion_tokens for hit in self.hits)


def fault(behaviour: Behaviour, content: str, times: int) -> str:
    """Return what goes wrong when `content` is asked for the `times`-th time, `answered` for nothing."""
    kinds = (SERVER_FAULTS, chance(behaviour.seed, content, times)), (ROW_FAULTS, chance(behaviour.seed, content))
    for names, drawn in kinds:
        shares = accumulate(getattr(behaviour, name) for name in names)
        found = next((name for name, share in zip(names, shares, strict=True) if drawn < share), None)
        if found:
            return found
    return "answered"


@dataclass(frozen=True)
class Asked:
    """A request that came."""

    request: web.Request
    fields: dict[str, Any]
    content: str
    at: float = field(default_factory=time.monotonic)


class Model:
    """The handlers of one server."""

    def __init__(self, served: Served):
        self.served, self.behaviour = served, served.behaviour
        self.asked: Counter[str] = Counter()
        self.seconds: Counter[int] = Counter()
        self.slots = asyncio.Semaphore(self.behaviour.slots or 1 << 30)

    async def chat(self, request: web.Request) -> web.StreamResponse:
        """Answer /v1/chat/completions."""
        body = orjson.loads(await request.read())
        asked = Asked(request, body, "\n".join(text_of(message["content"]) for message in body["messages"]))
        return await self._answer(asked, lambda what: completion(body, asked.content, what))

    async def embeddings(self, request: web.Request) -> web.StreamResponse:
        """Answer /v1/embeddings: three numbers that depend on the text."""
        body = orjson.loads(await request.read())
        asked = Asked(request, body, "\n".join(body["input"]))
        if "" in body["input"] or any(len(text) > 100_000 for text in body["input"]):
            return self._said(asked, "declined", 400, "$.input is invalid")
        return await self._answer(asked, lambda _: vectors(body["input"]))

    async def models(self, request: web.Request) -> web.StreamResponse:
        """Answer /v1/models."""
        if self._locked(request):
            return web.json_response({"error": {"message": "Incorrect API key provided"}}, status=401)
        return web.json_response({"object": "list", "data": [{"id": name} for name in self.behaviour.models]})

    async def stats(self, _: web.Request) -> web.StreamResponse:
        """Answer /stats: how many requests came, by what became of them, and how many contents were answered twice."""
        counts = Counter(hit.what for hit in self.served.hits)
        twice = sum(times > 1 for times in self.served.times("answered").values())
        return web.json_response({"counts": counts, "twice": twice, "charged": self.served.charged})

    async def _answer(self, asked: Asked, make: Callable[[str], dict[str, Any]]) -> web.StreamResponse:
        if self._locked(asked.request):
            said = f"Incorrect API key provided: {asked.request.headers.get('Authorization')}"
            return self._said(asked, "locked", 401, said)
        if asked.fields["model"] not in self.behaviour.models:
            return self._said(asked, "no model", 404, f"The model `{asked.fields['model']}` does not exist")
        self.asked[asked.content] += 1
        self.served.callers.add(asked.request.transport and asked.request.transport.get_extra_info("peername"))
        what = self._over_limit() or fault(self.behaviour, asked.content, self.asked[asked.content])
        if what not in ("limited", "too_long", "hanging"):
            async with self.slots:
                await asyncio.sleep(self.behaviour.latency)
        if what in ANSWERS:
            made = make(what)
            self._note(asked, what, made["usage"])
            return web.Response(body=orjson.dumps(made), content_type="application/json")
        if what == "cut_short":
            return await self._cut_short(asked, orjson.dumps(make(what)))
        return await self._fail(asked, what)

    def _over_limit(self) -> str | None:
        if self.behaviour.down:
            return "down"
        second = int(time.monotonic())
        self.seconds[second] += 1
        return "limited" if self.behaviour.per_second and self.seconds[second] > self.behaviour.per_second else None

    async def _fail(self, asked: Asked, what: str) -> web.StreamResponse:
        match what:
            case "limited":
                return self._said(asked, what, 429, "Rate limit reached", wait=self.behaviour.retry_after)
            case "too_long":
                return self._said(asked, what, 400, "This model's maximum context length is 64 tokens, yours are 65")
            case "failing" | "down":
                return self._said(asked, what, self.behaviour.down or 500, "The server had an error")
            case "bad_json":
                self._note(asked, what)
                return web.Response(text='{"choices": [{"message"', content_type="application/json")
        self._note(asked, what)
        if what == "hanging":
            await asyncio.sleep(3600)
        return self._hang_up(asked.request)

    async def _cut_short(self, asked: Asked, body: bytes) -> web.StreamResponse:
        self._note(asked, "cut_short")
        response = web.StreamResponse(headers={"Content-Length": str(len(body)), "Content-Type": "application/json"})
        await response.prepare(asked.request)
        await response.write(body[: len(body) // 2])
        self._hang_up(asked.request)
        return response

    @staticmethod
    def _hang_up(request: web.Request) -> web.StreamResponse:
        if request.transport:
            request.transport.abort()
        return web.Response()

    def _said(self, asked: Asked, what: str, status: int, message: str, *, wait: float | None = None) -> web.Response:
        self._note(asked, what)
        headers = {} if wait is None else {"Retry-After": f"{wait:g}"}
        return web.json_response({"error": {"message": message, "code": what}}, status=status, headers=headers)

    def _note(self, asked: Asked, what: str, usage: dict[str, int] | None = None) -> None:
        taken = (usage["prompt_tokens"], usage.get("completion_tokens", 0)) if usage else (0, 0)
        self.served.hits.append(Hit(asked.content, asked.at, what, *taken, asked.fields))

    def _locked(self, request: web.Request) -> bool:
        return bool(self.behaviour.key) and request.headers.get("Authorization") != f"Bearer {self.behaviour.key}"


async def start(behaviour: Behaviour, port: int = 0) -> tuple[Served, web.AppRunner]:
    """Start a server on 127.0.0.1 in the running event loop."""
    served = Served("", behaviour)
    model = Model(served)
    app = web.Application(client_max_size=1 << 28)
    app.router.add_post("/v1/chat/completions", model.chat)
    app.router.add_post("/v1/embeddings", model.embeddings)
    app.router.add_get("/v1/models", model.models)
    app.router.add_get("/stats", model.stats)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1, handler_cancellation=True)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", port, backlog=4096)
    await site.start()
    served.url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
    return served, runner


@contextlib.contextmanager
def serving(behaviour: Behaviour | None = None) -> Iterator[Served]:
    """Run a server in a thread."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    def call(work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, loop).result(10)

    served, runner = call(start(behaviour or Behaviour()))
    try:
        yield served
    finally:
        call(runner.cleanup())
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


async def _serve(behaviour: Behaviour, port: int) -> None:
    served, _ = await start(behaviour, port)
    sys.stdout.write(f"{served.url}\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


def main() -> None:
    """Run a server until it is killed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    for each in fields(Behaviour):
        if each.name != "models":
            parser.add_argument(f"--{each.name.replace('_', '-')}", type=type(each.default), default=each.default)
    given = vars(parser.parse_args())
    port = given.pop("port")
    asyncio.run(_serve(Behaviour(**given), port))


if __name__ == "__main__":
    main()
