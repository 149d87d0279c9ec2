"""Whatever races, dies or is estimated wrongly: all tasks together never spend more than the ceiling."""

import multiprocessing
import os
import random
import signal
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dataflow_ops.errors import BadArgument, CeilingReached
from dataflow_ops.llm.chat import Chat, Completion, Failure, Kind, Request, Sampling, Usage
from dataflow_ops.llm.coins import Coins
from dataflow_ops.llm.purse import Bounded, Purse, prompt_tokens
from dataflow_ops.store import Anywhere, Folder

DOLLARS = 1e-6
"""What a token costs in these tests."""


def request(number, *, most=90, text="x"):
    return Request("openai:m", Chat(({"role": "user", "content": f"{text}{number}"},)), Sampling(max_tokens=most))


def answer(prompt, completion, cost=None):
    return Completion("yes", usage=Usage(1, 0, prompt, completion, cost))


def price(model, prompt, completion):
    return (prompt + completion) * DOLLARS


def purse(folder, tokens=None, money=None, **given_):
    return Purse(Folder(), f"{folder}/purse", **({"tokens": tokens, "money": money, "patience_s": 0.0} | given_))


def spend(purse, numbers=range(10**9), *, took=100, **asked):
    """Ask one after the other until the ceiling is reached; return how many were asked."""
    count = 0
    try:
        for number in numbers:
            purse.before(request(number, **asked))
            purse.settle(request(number, **asked), answer(10, took - 10))
            count += 1
    except CeilingReached:
        pass
    return count


def test_without_a_ceiling_nothing_is_counted_or_written(tmp_path):
    with purse(tmp_path) as free:
        assert spend(free, range(100)) == 100
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("ceiling", [{"tokens": 5_000}, {"money": 5_000 * DOLLARS}])
def test_the_ceiling_is_reached_and_not_passed(tmp_path, ceiling):
    with purse(tmp_path, price=price, **ceiling) as counted:
        assert 48 <= spend(counted, took=100) <= 50


def test_the_lower_of_two_ceilings_holds(tmp_path):
    with purse(tmp_path / "a", tokens=5_000, money=1.0, price=price) as counted:
        assert 48 <= spend(counted) <= 50
    with purse(tmp_path / "b", tokens=10**9, money=5_000 * DOLLARS, price=price) as counted:
        assert 48 <= spend(counted) <= 50


def test_a_refused_request_reserves_nothing_of_either(tmp_path):
    with purse(tmp_path, tokens=10**6, money=50 * DOLLARS, price=price) as counted:
        with pytest.raises(CeilingReached):
            counted.before(request(1))
        assert counted.tokens.reserved == {}
    assert left_over(tmp_path, tokens=10**6) == 10**6


def left_over(folder, **ceiling):
    """How many tokens are still to be had."""
    (kind,) = ceiling
    return Coins(Folder(), f"{folder}/purse/{kind}", ceiling[kind]).take(10**18, 0)


def test_what_was_reserved_too_much_may_be_spent(tmp_path):
    with purse(tmp_path, tokens=5_000) as counted:
        assert spend(counted, took=20, most=1_000) > 150


def test_the_message_says_what_was_spent_and_what_to_do(tmp_path):
    with purse(tmp_path, tokens=1_000) as counted:
        spend(counted)
        with pytest.raises(
            CeilingReached, match=r"1,000 tokens: this task has spent 1,000 tokens.*raise the ceiling on"
        ):
            counted.before(request(1))
    with purse(tmp_path, money=1.5, price=lambda *_: 1.0) as counted:
        counted.before(request(1))
        with pytest.raises(CeilingReached, match=r"\$1\.5000: .* spent \$0\.0000, and \$1\.0000 are reserved"):
            counted.before(request(2))


def test_a_price_must_be_known_where_money_is_counted(tmp_path):
    with purse(tmp_path, money=1.0) as counted, pytest.raises(BadArgument, match="'openai:m'.*give its price"):
        counted.before(request(1))


@pytest.mark.parametrize("ceiling", [{"tokens": -1}, {"money": float("nan")}, {"money": float("inf")}])
def test_a_ceiling_is_a_number(tmp_path, ceiling):
    with pytest.raises(BadArgument, match="expected a ceiling of 0 or more"):
        purse(tmp_path, **ceiling)


def test_a_request_sent_again_is_reserved_for_once(tmp_path):
    with purse(tmp_path, tokens=150) as counted:
        for _ in range(5):
            counted.before(request(1))
        counted.settle(request(1), answer(10, 10))
        counted.settle(request(1), answer(10, 10))
        assert counted.tokens.spent == 20
    assert left_over(tmp_path, tokens=150) == 130


@pytest.mark.parametrize(
    ("outcome", "left"),
    [
        (answer(10, 5), 985),
        (answer(10, 200), 790),
        (Failure(Kind.SERVER, "away"), 1_000),
        (Failure(Kind.TOO_LONG, "8k"), 1_000),
        (Failure(Kind.TIMEOUT, "120 s"), 1_000 - 90 - 9),
        (Failure(Kind.REFUSED, "filter"), 1_000 - 90 - 9),
    ],
)
def test_what_an_outcome_takes(tmp_path, outcome, left):
    with purse(tmp_path, tokens=1_000) as counted:
        counted.before(request(1))
        counted.settle(request(1), outcome)
    assert left_over(tmp_path, tokens=1_000) == left


def test_money_is_what_the_server_charged(tmp_path):
    with purse(tmp_path, money=0.001, price=price) as counted:
        counted.before(request(1))
        counted.settle(request(1), answer(10, 5, cost=0.0000004))
    assert left_over(tmp_path, money=1_000_000) == 1_000_000 - 400


def test_leftovers_can_be_spent_by_the_next_task(tmp_path):
    total = 0
    for _ in range(30):
        with purse(tmp_path, tokens=10_000) as counted:
            total += spend(counted, range(3))
    assert total == 90
    with purse(tmp_path, tokens=10_000) as counted:
        assert 8 <= spend(counted) <= 10


def test_what_a_dead_task_held_is_lost_and_no_more(tmp_path):
    dead = purse(tmp_path, tokens=100_000)
    dead.before(request(1))
    lost = 100_000 - left_over(tmp_path, tokens=100_000)
    assert 99 <= lost <= 2_000


def test_requests_under_way_at_the_end_count_as_spent(tmp_path):
    with purse(tmp_path, tokens=1_000) as counted:
        counted.before(request(1))
        reserved = counted.tokens.reserved[request(1).key]
    assert left_over(tmp_path, tokens=1_000) == 1_000 - reserved


def test_a_raised_ceiling_mints_the_difference(tmp_path):
    with purse(tmp_path, tokens=1_000) as counted:
        first = spend(counted)
    with purse(tmp_path, tokens=3_000) as counted:
        assert 28 <= first + spend(counted) <= 30
    with purse(tmp_path, tokens=2_000) as counted:
        assert spend(counted) <= 1


@settings(max_examples=50, deadline=None)
@given(ceilings=st.lists(st.integers(0, 500), min_size=1, max_size=5), seed=st.integers(0, 99))
def test_whatever_is_taken_and_given_the_sum_is_the_ceiling(tmp_path_factory, ceilings, seed):
    folder, random_ = tmp_path_factory.mktemp("coins"), random.Random(seed)
    held = 0
    for ceiling in ceilings:
        coins = Coins(Folder(), str(folder), ceiling)
        for _ in range(5):
            held += coins.take(random_.randint(0, 60), random_.randint(0, 100))
            assert held <= max(ceilings)
            given_ = random_.randint(0, held)
            if given_:
                coins.give(given_)
                held -= given_
    everything = Coins(Folder(), str(folder), max(ceilings)).take(10**9, 0)
    assert held + everything == max(ceilings)


def test_threads_and_tasks_race(tmp_path):
    ceiling, purses = 200_000, [purse(tmp_path, tokens=200_000) for _ in range(4)]

    def work(number):
        return spend(purses[number % 4], range(number * 10**6, 10**9))

    with ThreadPoolExecutor(8) as pool:
        counts = list(pool.map(work, range(8)))
    for each in purses:
        each.close()
    left = left_over(tmp_path, tokens=ceiling)
    assert 100 * sum(counts) + left == ceiling
    assert left < 1_000


def race(folder, number, queue):
    """Spend in a process of its own; one of them is killed in the middle."""
    mine = purse(folder, tokens=300_000)
    count = spend(mine, range(number * 10**6, number * 10**6 + (50 if number == 0 else 10**5)))
    queue.put((number, count))
    queue.close()
    queue.join_thread()
    if number == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    mine.close()


def test_processes_race_and_one_is_killed(tmp_path):
    context = multiprocessing.get_context("spawn")
    queue = context.Queue()
    running = [context.Process(target=race, args=(tmp_path, number, queue)) for number in range(8)]
    for process in running:
        process.start()
    counts = dict(queue.get(timeout=100) for _ in running)
    for process in running:
        process.join(60)
    assert [process.exitcode for process in running] == [-signal.SIGKILL, *[0] * 7]
    left = left_over(tmp_path, tokens=300_000)
    spent = 100 * sum(counts.values()) + left
    assert 300_000 - 3_000 <= spent <= 300_000


def test_many_tasks_share_a_small_sum(tmp_path):
    tasks = [purse(tmp_path, tokens=200_000) for _ in range(100)]
    assert [spend(task, range(1)) for task in tasks] == [1] * 100


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


@pytest.mark.parametrize(
    ("messages", "schema", "tokens"),
    [
        ([{"role": "user", "content": ""}], None, 8),
        ([{"role": "user", "content": "abcd"}], None, 10),
        ([{"role": "user", "content": "漢字"}], None, 10),
        ([{"role": "system", "content": "abc"}, {"role": "user", "content": "abc"}], None, 18),
        ([{"role": "user", "content": [{"type": "text", "text": "abc"}, {"type": "image_url"}]}], None, 2_009),
        ([{"role": "user", "content": "abc"}], {"type": "object"}, 15),
    ],
)
def test_prompts_are_estimated_from_their_bytes(messages, schema, tokens):
    assert prompt_tokens(Request("m", Chat(tuple(messages)), schema=schema)) == tokens


def test_estimates_that_were_too_low_are_made_good(tmp_path):
    with purse(tmp_path, tokens=20_000) as counted:
        total = 0
        try:
            for number in range(10**6):
                counted.before(request(number, most=10))
                counted.settle(request(number, most=10), answer(90, 10))
                total += 100
        except CeilingReached:
            pass
    assert 19_700 <= total <= 20_000


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


def test_on_s3(s3):
    store = Anywhere(lambda: s3.client)
    tasks = [Purse(store, f"{s3.prefix}/purse", tokens=20_000, patience_s=0.0) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        counts = list(pool.map(lambda number: spend(tasks[number], range(number * 10**6, 10**9)), range(4)))
    for each in tasks:
        each.close()
    assert 190 <= sum(counts) <= 200
