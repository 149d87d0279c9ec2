"""Those who send the requests of one call: as many at once as the pace allows, each one request after another."""

import asyncio
from collections import deque
from collections.abc import Iterator
from dataclasses import replace
from queue import SimpleQueue
from typing import Any

from dataflow_ops.llm.chat import Completion, Failure, Kind
from dataflow_ops.llm.line import ALONE_S, Job, Line, Reply
from dataflow_ops.llm.refusals import Refusal, Setback, about_this_row
from dataflow_ops.llm.wire import Vectors

Outcomes = list[tuple[Any, Any]]
UNREAD = 128
"""Outcomes that may wait for the caller; more are not asked for meanwhile: they are lost if the process is killed."""
WAITING = 64
"""Requests that may wait to be sent again, beyond as many as are in flight."""
LONGEST_BACKOFF_S = 30.0
PATIENT = 30
"""So often a request may be told to come later, on top of its attempts, while others are answered."""
LATELY_S = 30.0


class Crew:
    """One call: takes jobs from an iterator as they can be sent, puts outcomes into `box`, None at the end.

    Lives in the thread of its line, but for `box`, `was_read` and `error`. What was answered is never sent again: a job is
    in the hands of one worker, and given up when it has an outcome.
    """

    def __init__(self, line: Line, jobs: Iterator[Job]):
        self.box: SimpleQueue[Outcomes | None] = SimpleQueue()
        self._read = 0
        self.error: BaseException | None = None
        self._line, self._jobs = line, jobs
        self._more = True
        self._again: deque[Job] = deque()
        self._later = 0
        self._held: Outcomes = []
        self._made: Outcomes = []
        self._put = 0
        self._held_up = False
        self._workers: set[asyncio.Task[None]] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._over = False

    def start(self) -> None:
        """Begin."""
        self._line.ready()
        self._line.crews.append(self.fill)
        self.fill()

    def fill(self) -> None:
        """Set workers to work, as many as may be; end when there is nothing left to do."""
        while self._line.in_flight < self._line.limit and (job := self._next()):
            self._line.in_flight += 1
            worker = self._line.loop.create_task(self._work(job))
            self._workers.add(worker)
            worker.add_done_callback(self._leave)
        if self._over:
            return
        if not self._line.heard:
            self._wake(ALONE_S)
        if not self._workers and (self.error or not self._remaining()):
            self._end()

    def stop(self, error: BaseException) -> None:
        """Send nothing more; what is in flight is awaited, then the call ends with `error`."""
        self.error = self.error or error

    def was_read(self, count: int) -> bool:
        """Note in the caller's thread that outcomes were read; return whether asking was held up until then."""
        self._read += count
        held_up, self._held_up = self._held_up, False
        return held_up

    async def cancel(self) -> None:
        """Break off everything."""
        self.stop(asyncio.CancelledError())
        for worker in self._workers:
            worker.cancel()
        await asyncio.gather(*self._workers, return_exceptions=True)

    def _remaining(self) -> bool:
        return self._more or bool(self._again) or self._later > 0

    def _end(self) -> None:
        self._over = True
        self._line.crews.remove(self.fill)
        if self._timer:
            self._timer.cancel()
        self._release()
        self._flush()
        self.box.put(None)

    def _leave(self, worker: "asyncio.Task[None]") -> None:
        self._workers.discard(worker)
        self._line.in_flight -= 1
        if not worker.cancelled() and (error := worker.exception()):
            self.stop(error)
        self._line.refill()

    async def _work(self, first: Job) -> None:
        job: Job | None = first
        while job is not None:
            sent = self._line.loop.time()
            self._settle(job, await self._line.post(job), sent)
            if self._line.in_flight < self._line.limit:
                self._line.refill()
            job = self._next() if self._line.in_flight <= self._line.limit else None

    def _next(self) -> Job | None:
        """Return the next job if it may be sent now, else see to it that it is sent when it may."""
        now = self._line.loop.time()
        if self.error or not self._remaining() or self._crowded():
            return None
        wait = self._line.pace.wait(now)
        if wait > 0:
            self._wake(wait)
            return None
        job = self._again.popleft() if self._again else self._pull()
        if job:
            self._line.pace.sent(now, job.tokens)
        return job

    def _crowded(self) -> bool:
        if not self._again and self._later > WAITING + self._line.limit:
            return True
        if self._put - self._read > UNREAD:
            self._held_up = True  # said first and looked at again: the caller may be reading just now
        return self._put - self._read > UNREAD

    def _pull(self) -> Job | None:
        try:
            job = next(self._jobs, None)
        except Exception as error:  # noqa: BLE001 - raised again in the caller's thread
            self.stop(error)
            return None
        self._more = job is not None
        return job

    def _wake(self, seconds: float) -> None:
        when = self._line.loop.time() + seconds
        if self._timer is None or self._timer.when() <= self._line.loop.time() or self._timer.when() > when:
            if self._timer:
                self._timer.cancel()
            self._timer = self._line.loop.call_at(when, self.fill)

    def _settle(self, job: Job, reply: Reply, sent: float) -> None:
        line, result, now = self._line, reply.result, self._line.loop.time()
        line.usage += reply.usage
        if isinstance(result, Setback | Failure):
            job.charged += reply.usage
        if isinstance(result, Setback):
            self._set_back(job, result, reply.wait, sent)
            return
        line.heard = True
        line.pace.answered(sent, now, line.in_flight)
        if isinstance(result, Refusal):
            self.stop(line.refused(result))
        elif isinstance(result, Failure):
            self._fail(job, replace(result, usage=job.charged), now)
        else:
            self._answer(job, replace(result, usage=result.usage + job.charged), now)

    def _answer(self, job: Job, result: Completion | Vectors, now: float) -> None:
        self._line.good(None, now)
        usage = result.usage
        if usage.prompt_tokens:
            self._line.pace.corrected(usage.prompt_tokens + usage.completion_tokens - job.tokens)
        self._release()
        self._deliver(job.tag, result)

    def _fail(self, job: Job, failure: Failure, now: float) -> None:
        if job.halves:
            self._again.extend(job.halves())
            return
        if about_this_row(failure):
            self._line.alive(now)
            self._deliver(job.tag, failure)
            return
        self._held.append((job.tag, failure))
        error = self._line.good(failure, now)
        if error:
            self.stop(error)
            self._held.clear()
        elif not self._line.suspicious():
            self._release()

    def _set_back(self, job: Job, setback: Setback, wait: float | None, sent: float) -> None:
        line, now = self._line, self._line.loop.time()
        line.heard = line.heard or not setback.unreachable
        line.pace.failed(sent, now, overloaded=setback.throttled or setback.kind is Kind.TIMEOUT)
        if wait is not None:
            line.pace.pause(now, wait)
        job.limited += setback.limited
        job.tries += not setback.limited
        alone = job.limited >= PATIENT and now - line.since < LATELY_S
        last = alone or job.tries >= line.server.attempts
        error = line.bad(setback, now, limited=setback.limited, last=last)
        if error:
            self.stop(error)
        elif last:
            said = f"{setback.detail}; sent {job.tries + job.limited} times"
            self._deliver(job.tag, Failure(setback.kind, said, job.charged))
        elif not self.error:
            self._postpone(job)

    def _postpone(self, job: Job) -> None:
        longest = min(LONGEST_BACKOFF_S, self._line.server.backoff_s * 2.0 ** (job.tries + job.limited - 1))
        self._later += 1
        self._line.loop.call_later(self._line.chance.uniform(0, longest), self._return, job)

    def _return(self, job: Job) -> None:
        self._later -= 1
        self._again.append(job)
        self.fill()

    def _release(self) -> None:
        held, self._held = self._held, []
        for tag, failure in held:
            self._deliver(tag, failure)

    def _deliver(self, tag: Any, outcome: Any) -> None:
        if not self._made:
            self._line.loop.call_soon(self._flush)
        self._made.append((tag, outcome))
        self._put += 1  # here, not when it is flushed: between two ticks of a busy loop many answers come in

    def _flush(self) -> None:
        made, self._made = self._made, []
        if made:
            self.box.put(made)
