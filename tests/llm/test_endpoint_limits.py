"""Limits of the server, of the run and of the caller."""

import threading
import time
from collections import Counter
from itertools import pairwise

import pytest

from dataflow_ops.errors import CeilingReached, Transient
from dataflow_ops.llm.chat import Completion, Failure, Request
from dataflow_ops.llm.endpoint import Endpoint
from tests.endpoint import Behaviour, serving
from tests.llm.asks import Outcomes, ask, content, requests, server


def test_no_more_are_in_flight_than_allowed():
    with serving(Behaviour(latency=0.01, slots=1000)) as served:
        begun = time.monotonic()
        ask(served, range(100), concurrency=2)
        assert time.monotonic() - begun >= 100 * 0.01 / 2


def test_nothing_is_sent_while_the_server_wants_to_be_left_alone():
    with serving(Behaviour(limited=0.2, retry_after=0.3, seed=2)) as served:
        outcomes = ask(served, range(20), concurrency=1)
    assert outcomes.kinds == {"answered": 20}
    pairs = [(hit.at, after.at) for hit, after in pairwise(served.hits) if hit.what == "limited"]
    assert pairs
    assert all(after - at >= 0.3 for at, after in pairs)


def test_all_keep_away_when_one_is_told_to():
    with serving(Behaviour(latency=0.005, limited=0.01, retry_after=2, seed=2)) as served:
        outcomes = ask(served, range(200))
    assert outcomes.kinds == {"answered": 200}
    pauses = [hit.at for hit in served.hits if hit.what == "limited"]
    assert pauses
    for begun in pauses:  # what was on its way already may still come in
        assert not [hit for hit in served.hits if begun + 1 < hit.at < begun + 2]


def test_too_many_requests_never_cost_a_row():
    with serving(Behaviour(per_second=40, retry_after=0.2)) as served:
        outcomes = ask(served, range(120), attempts=1)
    assert outcomes.kinds == {"answered": 120}
    assert max(Counter(hit.content for hit in served.hits).values()) < 20


def test_nothing_but_too_many_requests_is_given_up_for_later(monkeypatch):
    monkeypatch.setattr("dataflow_ops.llm.line.PATIENCE_S", 0.5)
    outcomes = Outcomes()
    with serving(Behaviour(limited=1.0, retry_after=0.1)) as served, Endpoint(server(served)) as endpoint:
        time.sleep(0.6)  # what was long before the call does not count
        begun = time.monotonic()
        with pytest.raises(Transient, match="429: Rate limit reached"):
            endpoint.complete(requests(range(100)), outcomes)
        assert time.monotonic() - begun >= 0.5
    assert outcomes.of == {}


def test_no_minute_has_more_requests_than_allowed():
    with serving() as served, Endpoint(server(served, requests_per_minute=50), minute_s=2.0) as endpoint:
        endpoint.complete(requests(range(75)), Outcomes())
        times = [hit.at for hit in served.hits]
    assert len(times) == 75
    for begin in times:  # a busy machine needs a while from sending to coming in
        assert sum(begin <= time < begin + 1.2 for time in times) <= 50


def test_no_minute_has_more_tokens_than_allowed():
    with serving() as served, Endpoint(server(served, tokens_per_minute=1000), minute_s=1.0) as endpoint:
        endpoint.complete(requests(f"{number} {'x' * 200}" for number in range(40)), Outcomes())
        hits = served.hits
    tokens = sum(hit.prompt_tokens + hit.completion_tokens for hit in hits)
    assert hits[-1].at - hits[0].at > 0.8 * tokens / 1000 - 0.2


def test_a_slow_caller_is_waited_for(monkeypatch):
    monkeypatch.setattr("dataflow_ops.llm.crew.UNREAD", 100)
    asked: list[str] = []
    ahead = []

    def done(request: Request, outcome: Completion | Failure) -> None:
        ahead.append(len(asked) - len(ahead))
        if len(ahead) == 1:
            time.sleep(1)

    with serving() as served, Endpoint(server(served), before=lambda each: asked.append(content(each))) as endpoint:
        endpoint.complete(requests(range(2000)), done)
    assert len(ahead) == 2000
    assert max(ahead) <= 100 + 256 + 1


def test_the_ceiling_ends_it_and_keeps_what_was_asked():
    allowed = threading.Semaphore(30)

    def before(request: Request) -> None:
        if not allowed.acquire(blocking=False):
            raise CeilingReached("spent")

    outcomes = Outcomes()
    with serving(Behaviour(latency=0.01)) as served, Endpoint(server(served), before=before) as endpoint:
        with pytest.raises(CeilingReached, match="spent"):
            endpoint.complete(requests(range(1000)), outcomes)
        assert outcomes.kinds == {"answered": 30}
        assert len(served.hits) == 30


def test_before_is_called_once_for_a_request_that_is_sent_again():
    asked: Counter[str] = Counter()
    with serving(Behaviour(failing=0.3)) as served:
        with Endpoint(server(served), before=lambda request: asked.update([content(request)])) as endpoint:
            endpoint.complete(requests(range(50)), Outcomes())
        assert len(served.hits) > 50
    assert asked == {str(number): 1 for number in range(50)}
