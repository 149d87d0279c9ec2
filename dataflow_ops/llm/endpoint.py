"""The client of every OpenAI-compatible server: external providers, gateways, and the vLLM server of a GPU task."""

import os
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import orjson

from dataflow_ops.errors import ModelRefused, Transient, nearest
from dataflow_ops.llm import wire
from dataflow_ops.llm.chat import Done, Failure, Kind, Request, Usage
from dataflow_ops.llm.crew import Crew
from dataflow_ops.llm.line import Job, Line, ended_with
from dataflow_ops.llm.refusals import Refusal, Setback
from dataflow_ops.llm.server import Server

__all__ = ["Endpoint", "Server", "check"]

TEXTS = 64
"""Texts of one request for vectors, at most."""
TEXT_BYTES = 1 << 18
"""Bytes of one request for vectors, but for a single longer text."""


class Endpoint:
    """A `Backend` that asks an OpenAI-compatible server, as many requests at once as the server bears.

    Requests share one session, one pace and one thread for the life of the object; `complete` and `embed` may be called
    from several threads. `before` is called right before a request is sent for the first time, in that thread: what it
    raises, as CeilingReached, ends the call once what is in flight is answered and reported. `minute_s` is what the
    server's limits call a minute.
    """

    def __init__(
        self,
        server: Server,
        *,
        name: str | None = None,
        before: Callable[[Request], None] | None = None,
        minute_s: float = 60.0,
    ):
        self.server = server
        self.model = name or f"openai:{server.model}"
        self._before, self._minute_s = before, minute_s
        self._line: Line | None = None
        self._end: Callable[[], Any] | None = None

    @property
    def usage(self) -> Usage:
        """Return what the server charged so far, also for answers that could not be used."""
        return self._line.usage if self._line else Usage()

    def complete(self, requests: Sequence[Request], done: Done) -> None:
        """Ask all `requests` and call `done` for each as its outcome comes, in this thread.

        Raises ModelRefused when none would be answered (key, model, money, a setting) and Transient when nobody answers;
        what was answered before that is reported, what would have had to be sent again is not.
        """
        self._run(self._chats(requests), done)

    def embed(self, texts: Sequence[str]) -> list[list[float] | Failure]:
        """Return a vector for each text, in order, or why there is none; raise as `complete` does."""
        rows: list[list[float] | Failure | None] = [None] * len(texts)

        def done(span: range, outcome: wire.Vectors | Failure) -> None:
            for place, index in enumerate(span):
                rows[index] = outcome if isinstance(outcome, Failure) else outcome.rows[place]

        self._run((self._embedding(texts, span) for span in spans(texts)), done)
        return [row if row is not None else Failure(Kind.SERVER, "no answer") for row in rows]

    def close(self) -> None:
        """End the thread and all connections; may be called twice."""
        if self._end:
            self._end()
        self._line = self._end = None

    def __enter__(self) -> "Endpoint":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def line(self) -> Line:
        """Return the line to the server, begun when first needed: an object that was forked begins its own."""
        if self._line is None or self._line.pid != os.getpid():
            self._line = Line(self.server, self._minute_s)
            self._line.start()
            self._end = ended_with(self, self._line)
        return self._line

    def _run(self, jobs: Iterator[Job], done: Callable[[Any, Any], None]) -> None:
        """Have `jobs` sent and hand their outcomes over; whatever goes wrong here ends what is in flight."""
        line = self.line()
        crew, whole = Crew(line, jobs), False
        line.loop.call_soon_threadsafe(crew.start)
        try:
            while (outcomes := crew.box.get()) is not None:
                for tag, outcome in outcomes:
                    done(tag, outcome)
                if crew.was_read(len(outcomes)):
                    line.loop.call_soon_threadsafe(crew.fill)
            whole = True
        finally:
            if not whole:
                line.call(crew.cancel())
        if crew.error:
            raise crew.error

    def _chats(self, requests: Sequence[Request]) -> Iterator[Job]:
        url = self._url("/chat/completions")
        read = partial(wire.outcome, server=self.server)
        for request in requests:
            body = orjson.dumps(wire.body(request, self.server))
            if self._before:
                self._before(request)
            yield Job(request, url, body, read)

    def _embedding(self, texts: Sequence[str], span: range) -> Job:
        body = orjson.dumps(wire.embedding_body([texts[index] for index in span], self.server))
        read = partial(wire.vectors, server=self.server, count=len(span))
        middle = len(span) // 2
        halves = [span[:middle], span[middle:]] if middle else []
        return Job(
            span,
            self._url("/embeddings"),
            body,
            read,
            halves=(lambda: [self._embedding(texts, half) for half in halves]) if halves else None,
        )

    def _url(self, path: str) -> Any:
        from yarl import URL  # noqa: PLC0415 - comes with aiohttp, and is parsed once instead of per request

        return URL(self.server.endpoint(path))


def spans(texts: Sequence[str]) -> Iterator[range]:
    """Yield ranges of at most 64 neighbouring texts that together are not too long for one request."""
    begin = size = 0
    for index, text in enumerate(texts):
        if index > begin and (index - begin == TEXTS or size + len(text) > TEXT_BYTES):
            yield range(begin, index)
            begin, size = index, 0
        size += len(text)
    if begin < len(texts):
        yield range(begin, len(texts))


def check(server: Server, *, has_model: bool = True) -> str:
    """Ask a server for its models; return one line on what was found.

    Raises ModelRefused for a wrong key or, with `has_model`, a model it does not have, Transient when it cannot be
    reached.
    """
    with Endpoint(server) as endpoint:
        line = endpoint.line()
        found = line.call(line.get(server.endpoint("/models"), partial(wire.listed, server=server)))
        if isinstance(found, Refusal):
            raise line.refused(found)
    if isinstance(found, Setback | Failure):
        raise Transient(f"the model server {server.shown!r}: {found.detail}; see that it runs")
    if found.models is None:
        return f"{server.shown} answers; it does not list its models"
    if not has_model:
        return f"{server.shown} answers and has {len(found.models)} models"
    if server.model not in found.models:
        raise ModelRefused(f"{server.shown!r} has no model {server.model!r}; {nearest(server.model, found.models)}")
    return f"{server.shown} answers and has {server.model!r}, one of {len(found.models)} models"
