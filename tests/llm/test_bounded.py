"""At the ceiling: what was reserved too much is spent, and tasks wait for each other."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from dataflow_ops.errors import CeilingReached
from dataflow_ops.llm.purse import Bounded
from tests.llm.purses import answer, left_over, purse, request


def test_a_task_waits_while_others_give_back(tmp_path):
    rich, poor = purse(tmp_path, tokens=500), purse(tmp_path, tokens=500, patience_s=30.0)
    for number in range(4):
        rich.before(request(number))
    with pytest.raises(CeilingReached):
        poor.before(request(99, most=300))
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(poor.wait)
        for number in range(4):
            rich.settle(request(number), answer(1, 1))
        rich.close()
        assert waiting.result(60)
    poor.before(request(99, most=300))
    assert poor.tokens.spent == 0


def test_a_task_does_not_wait_for_what_nobody_gives_back(tmp_path):
    dead, poor = purse(tmp_path, tokens=500), purse(tmp_path, tokens=500, patience_s=0.3)
    for number in range(4):
        dead.before(request(number))
    assert not poor.wait()
    with pytest.raises(CeilingReached):
        poor.before(request(99, most=300))
    assert not poor.wait()


class Server:
    """A backend that has up to `at_once` requests under way, each of which takes a tenth of what was reserved."""

    model = "openai:m"

    def __init__(self, purse, at_once=8):
        self.purse, self.at_once, self.asked = purse, at_once, Counter()

    def complete(self, requests, done):
        under_way = []
        try:
            for each in requests:
                self.purse.before(each)
                self.asked[each.key] += 1
                under_way.append(each)
                if len(under_way) == self.at_once:
                    self._answer(under_way, done)
        finally:
            self._answer(under_way, done)

    def _answer(self, under_way, done):
        while under_way:
            done(under_way.pop(), answer(10, 90))

    def embed(self, texts):
        return [[0.0] for _ in texts]

    def close(self):
        pass


def bounded(tmp_path, numbers, **ceiling):
    """Ask through a `Bounded`; return the keys of what was answered."""
    counted = purse(tmp_path, **ceiling)
    backend = Bounded(server := Server(counted), counted)
    answered = []
    try:
        backend.complete([request(n, most=990) for n in numbers], lambda each, outcome: answered.append(each.key))
    finally:
        backend.close()
        assert len(set(answered)) == len(answered)
        assert set(server.asked.values()) <= {1}
    return answered


def test_reservations_alone_do_not_reach_the_ceiling(tmp_path):
    assert len(bounded(tmp_path, range(40), tokens=5_000)) == 40
    assert left_over(tmp_path, tokens=5_000) == 1_000


def test_tasks_that_reserve_more_than_there_is_all_come_to_an_end(tmp_path):
    def work(number):
        return bounded(tmp_path, range(number * 100, number * 100 + 20), tokens=20_000, patience_s=20.0)

    with ThreadPoolExecutor(8) as pool:
        answered = list(pool.map(work, range(8)))
    assert [len(each) for each in answered] == [20] * 8
    assert left_over(tmp_path, tokens=20_000) == 20_000 - 8 * 20 * 100


def test_at_the_ceiling_all_that_is_paid_for_is_kept(tmp_path):
    with pytest.raises(CeilingReached):
        bounded(tmp_path, range(60), tokens=5_000)
    assert left_over(tmp_path, tokens=5_000) < 1_000
