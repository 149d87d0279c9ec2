"""The batch API of a provider: the same answers within a day, at half the price.

What is asked is remembered in the store before it is sent, so that a task that is tried again waits for the job that is
already paid for:

    <folder>/batches/<hash of keys>.json   the keys, and a tag that the job carries in its metadata
    <folder>/batches/<hash of keys>.id     the provider's name of the job
"""

import hashlib
import logging
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import orjson

from dataflow_ops.errors import BadArgument, BadSource, CeilingReached, ModelRefused, Transient
from dataflow_ops.llm import wire
from dataflow_ops.llm.batch_calls import Calls
from dataflow_ops.llm.chat import Completion, Done, Failure, Kind, Request
from dataflow_ops.llm.refusals import Refusal, Setback
from dataflow_ops.llm.server import Server
from dataflow_ops.store import Store

log = logging.getLogger(__name__)

MOST_LINES = 50_000
MOST_BYTES = 100_000_000
"""What one job may hold."""
ENDED = {"completed", "expired", "cancelled"}
UNSENT = "the provider ended the batch as {status!r} before this question was answered"


@dataclass(frozen=True)
class Job:
    """Requests that are answered together; `uri` is where it is remembered, without a suffix."""

    uri: str
    tag: str
    name: str
    requests: dict[str, Request]
    """The requests by key in hex; of a job of another task, those that are asked for here."""


class BatchApi:
    """A backend that asks in batch jobs; `complete` returns when all of them have ended, hours later perhaps.

    `before` is called for each request before it is sent. Answers of jobs under `folder` are shared by all who name it.
    """

    def __init__(
        self,
        server: Server,
        store: Store,
        folder: str,
        *,
        name: str | None = None,
        before: Callable[[Request], None] = lambda _: None,
        poll_s: float = 30.0,
        discount: float = 0.5,
    ):
        self.server, self.store, self.folder = server, store, f"{folder.rstrip('/')}/batches"
        self.model = name or f"openai:{server.model}"
        self.before, self.poll_s, self.discount = before, poll_s, discount
        self.calls = Calls(server)
        self._delivered: list[Job] = []

    def complete(self, requests: Sequence[Request], done: Done) -> None:
        """Ask all `requests` in as few jobs as hold them, and call `done` for each when its job has ended."""
        self._forget()
        left = {request.key.hex(): request for request in requests}
        jobs = list(self._remembered(left))
        paid, reached = self._paid(left)
        jobs += [self._submit(part) for part in self._split(paid, done)]
        self._wait(jobs, done)
        if reached:
            raise reached

    def embed(self, texts: Sequence[str]) -> list[list[float] | Failure]:
        """Raise BadArgument: batch jobs are for chats."""
        raise BadArgument(
            f"{len(texts)} vectors: {self.model!r} answers chats in batch jobs: for vectors use it without them"
        )

    def close(self) -> None:
        """Forget the jobs whose answers were handed over; those that still run are found by the next try."""
        self._forget()

    def _forget(self) -> None:
        # Only now: the answers handed over by the last call are in the caller's keeping.
        for job in self._delivered:
            self._drop(job)
        self._delivered = []

    def _drop(self, job: Job) -> None:
        for suffix in (".json", ".id"):
            self.store.delete(f"{job.uri}{suffix}")

    def _paid(self, requests: dict[str, Request]) -> tuple[dict[str, Request], CeilingReached | None]:
        paid: dict[str, Request] = {}
        for key, request in requests.items():
            try:
                self.before(request)
            except CeilingReached as reached:
                return paid, reached
            paid[key] = request
        return paid, None

    def _remembered(self, wanted: dict[str, Request]) -> Iterator[Job]:
        """Yield the jobs that were asked some of `wanted` and are not handed over yet; take those out of `wanted`."""
        stored = [each.uri for each in self.store.list(f"{self.folder}/") if each.uri.endswith(".json")]
        for uri in stored:
            with suppress(BadSource):  # another task just had its answers
                record = orjson.loads(self.store.read(uri).to_pybytes())
                mine = {key: wanted[key] for key in record["keys"] if key in wanted}
                if mine and (job := self._sent(Job(uri.removesuffix(".json"), record["tag"], "", mine))):
                    for key in mine:
                        del wanted[key]
                    yield job

    def _sent(self, job: Job) -> Job | None:
        """Return the job with the provider's name; None when the task that remembered it died before it was sent."""
        if self.store.stat(f"{job.uri}.id"):
            return replace(job, name=self.store.read(f"{job.uri}.id").to_pybytes().decode())
        if found := self.calls.find(job.tag):
            return self._named(job, found)
        self._drop(job)
        return None

    def _submit(self, requests: dict[str, Request]) -> Job:
        digest = hashlib.sha256("".join(sorted(requests)).encode()).hexdigest()[:32]
        job = Job(f"{self.folder}/{digest}", uuid.uuid4().hex, "", requests)
        if not self.store.create(f"{job.uri}.json", orjson.dumps({"tag": job.tag, "keys": list(requests)})):
            raise Transient(f"{job.uri}: another task is sending the same questions; a new try waits for its answers")
        file = self.calls.upload(b"".join(self._line(key, request) for key, request in requests.items()))
        return self._named(job, self.calls.create(file, job.tag))

    def _named(self, job: Job, made: dict[str, Any]) -> Job:
        self.store.create(f"{job.uri}.id", made["id"].encode())
        log.info("%s: batch job %s answers %s questions", self.model, made["id"], f"{len(job.requests):,}")
        return replace(job, name=made["id"])

    def _line(self, key: str, request: Request) -> bytes:
        body = wire.body(request, self.server)
        line = {"custom_id": key, "method": "POST", "url": "/v1/chat/completions", "body": body}
        return orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE)

    def _split(self, requests: dict[str, Request], done: Done) -> Iterator[dict[str, Request]]:
        part: dict[str, Request] = {}
        size = 0
        for key, request in requests.items():
            more = len(self._line(key, request))
            if more > MOST_BYTES:
                done(request, Failure(Kind.TOO_LONG, f"{more:,} bytes: a batch job holds {MOST_BYTES:,}"))
                continue
            if len(part) == MOST_LINES or size + more > MOST_BYTES:
                yield part
                part, size = {}, 0
            part[key] = request
            size += more
        if part:
            yield part

    def _wait(self, jobs: list[Job], done: Done) -> None:
        progress: dict[str, str] = {}
        while jobs:
            jobs = [job for job in jobs if not self._ended(job, progress, done)]
            if jobs:
                time.sleep(self.poll_s)

    def _ended(self, job: Job, progress: dict[str, str], done: Done) -> bool:
        """Hand the answers of a job over if it has ended; return whether it has."""
        state = self.calls.job(job.name)
        if state is None:
            self._drop(job)
            raise Transient(f"{self.server.shown}: batch job {job.name!r} is not there any more: a new try asks again")
        now = f"{state.get('status')}, {state.get('request_counts')}"
        if progress.get(job.name) != now:
            log.info("%s: batch job %s is %s", self.model, job.name, now)
            progress[job.name] = now
        if state.get("status") == "failed":
            self._drop(job)
            raise self._failed(job, state)
        if state.get("status") in ENDED:
            self._deliver(job, state, done)
        return state.get("status") in ENDED

    def _failed(self, job: Job, state: dict[str, Any]) -> Exception:
        """Return what to raise for a job of which the provider did not even begin."""
        errors = (state.get("errors") or {}).get("data") or [{}]
        said = "; ".join(sorted({f"{each.get('code')}: {each.get('message')}" for each in errors})[:3])
        message = f"{self.server.shown}: batch job {job.name!r} failed: {self.server.hide(said)}"
        if any("limit" in str(each.get("code")) for each in errors):
            return Transient(f"{message}; it is sent again when other jobs have ended")
        return ModelRefused(f"{message}; check that the provider's batch API has the model {self.server.model!r}")

    def _deliver(self, job: Job, state: dict[str, Any], done: Done) -> None:
        files = [state[name] for name in ("output_file_id", "error_file_id") if state.get(name)]
        outcomes = {line["custom_id"]: self._outcome(line) for file in files for line in self.calls.lines(file)}
        refusals = [outcome for outcome in outcomes.values() if isinstance(outcome, Refusal)]
        if refusals and not any(isinstance(outcome, Completion) for outcome in outcomes.values()):
            self._drop(job)
            raise ModelRefused(f"{self.server.shown}: {refusals[0].detail}; {refusals[0].cure}")
        missing = Failure(Kind.SERVER, UNSENT.format(status=state["status"]))
        for key, request in job.requests.items():
            outcome = outcomes.get(key, missing)
            done(request, Failure(Kind.SERVER, outcome.detail) if isinstance(outcome, Refusal) else outcome)
        self._delivered.append(job)

    def _outcome(self, line: dict[str, Any]) -> Completion | Failure | Refusal:
        response, error = line.get("response"), line.get("error") or {}
        if not response:
            return Failure(Kind.SERVER, self.server.hide(f"{error.get('code')}: {error.get('message')}"))
        outcome = wire.outcome(response["status_code"], response["body"], self.server)
        if isinstance(outcome, Setback):
            return Failure(outcome.kind, outcome.detail)
        if isinstance(outcome, Completion) and outcome.usage.cost is not None:
            usage = replace(outcome.usage, cost=outcome.usage.cost * self.discount)
            return replace(outcome, usage=usage)
        return outcome
