"""Whatever races or dies: all tasks together never spend more than the ceiling."""

import multiprocessing
import os
import random
import signal
from concurrent.futures import ThreadPoolExecutor

from hypothesis import given, settings
from hypothesis import strategies as st

from dataflow_ops.llm.coins import Coins
from dataflow_ops.llm.purse import Purse
from dataflow_ops.store import Anywhere, Folder
from tests.llm.purses import left_over, purse, request, spend


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


def test_on_s3(s3):
    store = Anywhere(lambda: s3.client)
    tasks = [Purse(store, f"{s3.prefix}/purse", tokens=20_000, patience_s=0.0) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        counts = list(pool.map(lambda number: spend(tasks[number], range(number * 10**6, 10**9)), range(4)))
    for each in tasks:
        each.close()
    assert 190 <= sum(counts) <= 200
