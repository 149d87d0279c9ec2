"""Servers are simulated: their latency as a function of how many requests are in flight."""

import heapq
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataflow_ops.llm.pace import LONGEST_PAUSE_S, Pace, Rate, retry_after


def limits(pace: Pace, latency: Callable[[int], float], answers: int, fails: Callable[[int], bool] = lambda _: False):
    """Keep as many requests in flight as `pace` allows; return the limit after each answer, and the time that took."""
    now, flying, course = 0.0, [], []
    pace.begin(now)
    while len(course) < answers:
        while len(flying) < pace.limit:
            heapq.heappush(flying, (now + latency(len(flying) + 1), now, fails(len(flying) + 1)))
        now, sent, failed = heapq.heappop(flying)
        if failed:
            pace.failed(sent, now, overloaded=True)
        else:
            pace.answered(sent, now, len(flying) + 1)
        course.append(pace.limit)
    return course, now


def test_it_rises_fast_to_the_ceiling_when_the_server_bears_it():
    course, seconds = limits(Pace(1024), lambda flying: 0.2, 3000)
    assert course[-1] == 1024
    assert seconds < 0.2 * 9  # from 8 to 1,024 in seven round trips


def test_it_stays_near_what_a_server_can_do_at_once():
    course, _ = limits(Pace(1024), lambda flying: 0.1 * max(1, flying / 64), 20_000)
    assert 64 <= sum(course[10_000:]) / 10_000 <= 256
    assert max(course) < 512


def test_it_stays_high_when_more_at_once_is_slower_but_more_comes_of_it():
    course, _ = limits(Pace(256), lambda flying: 0.5 + flying**0.8 * 0.02, 20_000)
    assert course[-1] >= 200


def test_it_falls_once_per_round_trip_when_told_to_slow_down():
    pace = Pace(256)
    limits(pace, lambda flying: 0.1, 1000)
    before = pace.limit
    for late in range(20):
        pace.failed(1000.0 + late / 1000, 1000.1 + late / 1000, overloaded=True)
    assert pace.limit == int(before * 0.7)
    pace.failed(1001.0, 1001.1, overloaded=True)
    assert pace.limit == int(before * 0.7 * 0.7)


def test_it_settles_below_a_limit_that_the_server_enforces():
    course, _ = limits(Pace(1024), lambda flying: 0.1, 20_000, fails=lambda flying: flying > 40)
    assert 25 <= sum(course[10_000:]) / 10_000 <= 45


def test_longer_answers_are_not_taken_for_a_longer_queue():
    pace = Pace(256)
    limits(pace, lambda flying: 0.2, 5000)
    course, _ = limits(pace, lambda flying: 2.0, 20_000)
    assert course[-1] == 256
    assert sum(course) / len(course) > 220


def test_some_failures_are_borne_and_many_are_not():
    pace = Pace(256)
    limits(pace, lambda flying: 0.1, 5000)
    for number in range(1000):
        (pace.failed(2000 + number, 2000.1 + number, overloaded=False) if number % 10 == 0 else None)
        pace.answered(2000 + number, 2000.1 + number, 256)
    assert pace.limit == 256
    for number in range(1000):
        pace.failed(4000 + number, 4000.1 + number, overloaded=False)
    assert pace.limit < 100


def test_one_at_a_time_always_remains():
    pace = Pace(3)
    assert pace.limit == 3
    for number in range(100):
        pace.failed(float(number), number + 0.5, overloaded=True)
    assert pace.limit == 1


def test_a_server_of_ones_own_may_get_all_at_once():
    assert Pace(256, at_first=1000).limit == 256
    course, _ = limits(Pace(256, at_first=256), lambda flying: 0.5 + flying / 64, 5000)
    assert min(course) == 256


def test_few_requests_do_not_raise_a_limit_they_do_not_reach():
    pace = Pace(256)
    for number in range(1000):
        pace.answered(float(number), number + 0.5, 1)
    assert pace.limit == 8


def test_a_pause_holds_all_and_the_longest_counts():
    pace = Pace(8)
    pace.pause(10.0, 5.0)
    pace.pause(11.0, 1.0)
    assert pace.wait(12.0) == 3.0
    assert pace.wait(15.0) == 0.0
    pace.pause(20.0, 1e9)
    assert pace.wait(20.0) == LONGEST_PAUSE_S


@given(st.integers(1, 2000), st.lists(st.floats(0, 5), min_size=1, max_size=300))
def test_no_minute_has_more_requests_than_allowed(per_minute, pauses):
    pace, now, sent = Pace(8, requests_per_minute=per_minute), 0.0, []
    for pause in pauses:
        now += pause
        now += pace.wait(now)
        pace.sent(now, 1)
        sent.append(now)
    for index, begin in enumerate(sent):
        assert sum(begin <= time < begin + 60 - 1e-6 for time in sent[index:]) <= max(1, per_minute)


def test_a_rate_is_reached_though_timers_are_late():
    rate, now = Rate(6000), 0.0
    for _ in range(6000):
        now += rate.wait(now)
        now += 0.004
        rate.take(now, 1)
    assert now < 61


def test_tokens_are_put_right_by_what_the_server_counts():
    pace = Pace(8, tokens_per_minute=6000)
    pace.sent(0.0, 600)
    assert pace.wait(0.0) == pytest.approx(5.77, abs=0.1)
    pace.corrected(-500)
    assert pace.wait(0.0) == pytest.approx(0.75, abs=0.1)
    pace.corrected(1000)
    assert pace.wait(0.0) == pytest.approx(10.8, abs=0.1)


@pytest.mark.parametrize(
    ("value", "milliseconds", "expected"),
    [
        ("3", None, 3.0),
        ("0.5", None, 0.5),
        ("-4", None, 0.0),
        ("3", "250", 0.25),
        ("3", "soon", 3.0),
        ("Wed, 01 Jul 2026 00:01:30 GMT", None, 90.0),
        ("Wed, 01 Jul 2026 00:01:30 -0000", None, 90.0),
        ("Wed, 01 Jul 2020 00:00:00 GMT", None, 0.0),
        ("inf", None, None),
        ("nan", None, None),
        ("soon", None, None),
        ("", None, None),
        (None, None, None),
    ],
)
def test_retry_after_is_seconds_or_a_date(value, milliseconds, expected):
    assert retry_after(value, milliseconds, datetime(2026, 7, 1, tzinfo=UTC)) == expected
