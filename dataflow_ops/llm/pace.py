"""How fast to ask: how many requests at once, how many and how many tokens per minute, and when not at all.

The number of requests in flight is found by what the server bears. It doubles per round trip until there is a first
sign of too much, then grows by a quarter while answers are as quick as ever, by a twentieth when they are not or once
the server has ever said that it was too much. It shrinks by three tenths when the server says so (429, 503), when
requests time out and when many fail; when answers take twice as long and no more of them come, it goes back to where
they were quick.

Everything here is arithmetic on times that are passed in: no clock, no waiting.
"""

import math
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from statistics import median

FEWEST = 8
"""Slow answers alone do not bring the limit below this."""
LONGEST_PAUSE_S = 120.0
"""No Retry-After is followed longer than this before the server is asked again."""
SLACK_S = 0.25
"""Requests held up for this long may be made up for: timers are late, and rates should still be reached."""
DOUBLING, SWIFT, CAREFUL = 1.0, 0.25, 0.05
"""Growth per round trip: before the first sign of too much; when answers are as quick as ever; else."""
WINDOW = 16
"""Answers, at least, that are compared with those before."""
SLOWER = 2.0
FASTER = 1.05
UNHURRIED = 1.25
NOTICED_S = 0.05
"""Less than this is no queue: a busy machine is as late."""
REMEMBERED = 20
"""Windows of which the best counts as what the server can do."""
FORGOTTEN = 1.01
"""How the quickest answers are forgotten, per window: servers change in the course of hours."""
MANY_FAIL = 0.3


class Rate:
    """At most so many units in every minute, evenly spread: a request goes when those before it are paid for."""

    def __init__(self, per_minute: float | None, minute_s: float = 60.0):
        slack = min(SLACK_S, minute_s / 100)
        self._slack = slack
        self._interval = (minute_s + slack) / per_minute if per_minute else 0.0
        self._due = -math.inf

    def wait(self, now: float) -> float:
        """Return seconds until something may be sent, 0 for at once."""
        return max(0.0, self._due - now)

    def take(self, now: float, units: float) -> None:
        """Say that `units` are sent."""
        if self._interval:
            self._due = max(self._due, now - self._slack) + units * self._interval

    def correct(self, units: float) -> None:
        """Say that an answer took so many units more, or fewer, than were taken for it."""
        self._due += units * self._interval


@dataclass
class _Window:
    """What became of about as many requests as there were in flight."""

    begun: float
    size: float = WINDOW
    latencies: list[float] = field(default_factory=list)
    failed: int = 0

    @property
    def seen(self) -> int:
        return len(self.latencies) + self.failed


class Pace:
    """What all requests to one server have in common: the limit in flight, pauses, rates."""

    def __init__(
        self,
        concurrency: int,
        *,
        at_first: int = 8,
        requests_per_minute: float | None = None,
        tokens_per_minute: float | None = None,
        minute_s: float = 60.0,
    ):
        self._most = concurrency
        self._limit = float(min(at_first, concurrency))
        self._growth = DOUBLING
        self._late = self._told = False
        self._cut_at = -math.inf
        self._resume = -math.inf
        self._requests = Rate(requests_per_minute, minute_s)
        self._tokens = Rate(tokens_per_minute, minute_s)
        self._window = _Window(-math.inf)
        self._quickest = math.inf
        self._rates: deque[float] = deque(maxlen=REMEMBERED)
        self._slow: tuple[float, float] | None = None
        self._settling = False

    @property
    def limit(self) -> int:
        """Requests that may be in flight."""
        return int(self._limit)

    def wait(self, now: float) -> float:
        """Return seconds until the next request may be sent, as far as pauses and rates are concerned."""
        return max(self._resume - now, self._requests.wait(now), self._tokens.wait(now), 0.0)

    def sent(self, now: float, tokens: int) -> None:
        """Say that a request of about `tokens` tokens is sent."""
        self._requests.take(now, 1)
        self._tokens.take(now, tokens)

    def corrected(self, tokens: int) -> None:
        """Say that a request took so many tokens more, or fewer, than was thought."""
        self._tokens.correct(tokens)

    def pause(self, now: float, seconds: float) -> None:
        """Send nothing at all for a while."""
        self._resume = max(self._resume, now + min(seconds, LONGEST_PAUSE_S))

    def begin(self, now: float) -> None:
        """Say that requests begin to be sent after a time without any."""
        self._window = _Window(now, max(WINDOW, self._limit))

    def answered(self, sent: float, now: float, in_flight: int) -> None:
        """Say that a request sent at `sent` was answered; `in_flight` counts it."""
        if in_flight * 2 > self._limit:  # else the limit is not what holds us back, and nothing is learnt about it
            self._limit = min(self._most, self._limit + max(self._growth, 1.0 / self._limit))
        if sent > self._cut_at:  # those before show what the limit was too high for
            self._window.latencies.append(now - sent)
            self._judge(now)

    def failed(self, sent: float, now: float, *, overloaded: bool) -> None:
        """Say that a request sent at `sent` failed; `overloaded`: because the server has too much to do."""
        if sent <= self._cut_at:
            return
        if overloaded:
            self._told = True
            self._cut(now, floor=1)
        else:
            self._window.failed += 1
            self._judge(now)

    def _cut(self, now: float, share: float = 0.7, floor: int = 1) -> None:
        """Shrink, once for all requests that were in flight together."""
        self._growth = min(self._growth, CAREFUL)
        self._limit = max(min(floor, self._limit), self._limit * share)
        self._cut_at = now
        self._window = _Window(now, max(WINDOW, self._limit))

    def _judge(self, now: float) -> None:
        window = self._window
        if window.seen < window.size:
            return
        self._window = _Window(now, max(WINDOW, self._limit))
        if window.failed > MANY_FAIL * window.seen:
            self._cut(now)
        elif self._settling:
            self._settling = False
        else:
            self._compare(now, median(window.latencies), len(window.latencies) / max(now - window.begun, 1e-6))

    def _compare(self, now: float, latency: float, rate: float) -> None:
        """Shrink when answers take much longer than they did, not just once, and no more of them come."""
        if self._slow and rate < 0.8 * self._slow[0]:  # fewer come for it: answers were longer, not the queue
            self._quickest, self._limit = latency, max(self._limit, self._slow[1])
            self._rates.clear()
        self._slow = None
        self._quickest = min(latency, self._quickest * FORGOTTEN)
        late = latency - self._quickest > max(NOTICED_S, (SLOWER - 1) * self._quickest)
        if late:
            self._growth = min(self._growth, CAREFUL)
            if self._late and rate < FASTER * max(self._rates, default=0):
                self._slow, self._settling = (rate, self._limit), True
                # a little below what was answered at once when answers were quick: those beyond only waited
                self._cut(now, 0.8 * self._quickest / latency, floor=FEWEST)
        elif self._growth < DOUBLING:
            quick = latency < UNHURRIED * self._quickest and not self._told
            self._growth = SWIFT if quick else CAREFUL
        self._late = late
        self._rates.append(rate)


def retry_after(value: str | None, milliseconds: str | None, now: datetime | None = None) -> float | None:
    """Return the seconds that the headers `Retry-After` (seconds or a date) and `retry-after-ms` ask to wait."""
    for text, unit in ((milliseconds, 0.001), (value, 1.0)):
        try:
            seconds = float(text or "") * unit
        except ValueError:
            continue
        if math.isfinite(seconds):
            return max(0.0, seconds)
    try:
        date = parsedate_to_datetime(value or "")
    except ValueError:
        return None
    date = date if date.tzinfo else date.replace(tzinfo=UTC)
    return max(0.0, (date - (now or datetime.now(UTC))).total_seconds())
