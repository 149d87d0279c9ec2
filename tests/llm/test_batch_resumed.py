"""Tasks die and servers fail; every question is answered once and paid for once."""

import os
import signal
import subprocess
import sys

import pytest

from dataflow_ops.errors import Transient
from dataflow_ops.llm import batch_api
from dataflow_ops.llm.batch_api import BatchApi
from dataflow_ops.store import Anywhere
from tests.llm.batches import Killed, asked, backend, kill_when, right, texts
from tests.llm.provider import Provider
from tests.llm.questions import question
from tests.waiting import wait_until


@pytest.fixture
def provider():
    with Provider().serve() as serving:
        yield serving


@pytest.mark.parametrize(
    ("method", "number"), [("upload", 1), ("create", 1), ("job", 1), ("job", 3), ("lines", 1), ("lines", 2)]
)
def test_a_killed_task_is_continued_and_nothing_is_paid_twice(provider, tmp_path, monkeypatch, method, number):
    monkeypatch.setattr(batch_api, "MOST_LINES", 4)
    provider.polls_to_end = 2
    with monkeypatch.context() as patch:
        kill_when(patch, method, number)
        with pytest.raises(Killed):
            asked(backend(provider, tmp_path), range(8))
    assert texts(asked(backend(provider, tmp_path), range(8))) == right(range(8))
    assert set(provider.answered.values()) == {1}


def test_a_task_killed_between_making_a_job_and_noting_it_finds_it(provider, tmp_path, monkeypatch):
    for other in range(5):
        provider.add_job({"metadata": None, "input_file_id": f"other {other}"})
    with monkeypatch.context() as patch:
        patch.setattr(BatchApi, "_named", lambda *_: (_ for _ in ()).throw(Killed()))
        with pytest.raises(Killed):
            asked(backend(provider, tmp_path), range(3))
    for other in range(5):
        provider.add_job({"metadata": {"somebody": "else"}, "input_file_id": f"later {other}"})
    assert texts(asked(backend(provider, tmp_path), range(3))) == right(range(3))
    assert len(provider.jobs) == 11


def test_a_task_killed_while_it_takes_answers_asks_only_for_the_rest_of_them(provider, tmp_path):
    taken = []

    def dying(request, outcome):
        if len(taken) == 4:
            raise Killed
        taken.append(request)

    with pytest.raises(Killed):
        backend(provider, tmp_path).complete([question(number) for number in range(8)], dying)
    rest = [number for number in range(8) if question(number) not in taken]
    assert texts(asked(backend(provider, tmp_path), rest)) == right(rest)
    assert len(provider.jobs) == 1


def test_new_questions_beside_old_ones_get_a_job_of_their_own(provider, tmp_path, monkeypatch):
    with monkeypatch.context() as patch:
        kill_when(patch, "job")
        with pytest.raises(Killed):
            asked(backend(provider, tmp_path), range(4))
    assert texts(asked(backend(provider, tmp_path), range(2, 9))) == right(range(2, 9))
    assert set(provider.answered.values()) == {1}
    assert len(provider.jobs) == 2


def test_a_real_process_is_killed_while_it_waits(provider, tmp_path):
    program = f"""
from pathlib import Path
from tests.llm.provider import Provider
from tests.llm.batches import asked, backend
provider = Provider()
provider.url = {provider.url!r}
asked(backend(provider, Path({str(tmp_path)!r})), range(5))
"""
    provider.polls_to_end = 10**9
    process = subprocess.Popen([sys.executable, "-c", program])
    try:
        wait_until(lambda: provider.calls["GET /batches/batch-0"] > 1 or process.poll() is not None, 60)
        assert process.poll() is None
    finally:
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    provider.polls_to_end = 1
    assert texts(asked(backend(provider, tmp_path), range(5))) == right(range(5))
    assert len(provider.jobs) == 1


@pytest.mark.parametrize("call", ["POST /files", "POST /batches", "GET /batches/", "GET /files/"])
@pytest.mark.parametrize("fault", ["500", "late 500", "cut"])
def test_a_server_that_fails_now_and_then(provider, tmp_path, call, fault):
    provider.faults = [(call, fault)] * 2
    assert texts(asked(backend(provider, tmp_path), range(5))) == right(range(5))
    assert len(provider.faults) < 2
    assert set(provider.answered.values()) == {1}
    assert len(provider.jobs) == 1


def test_a_server_that_always_fails_is_for_another_try(provider, tmp_path):
    provider.faults = [("POST /files", "500")] * 3
    with pytest.raises(Transient, match="500: try again"):
        asked(backend(provider, tmp_path), range(5))
    assert texts(asked(backend(provider, tmp_path), range(5))) == right(range(5))


def test_a_job_that_is_lost_is_asked_again_by_the_next_try(provider, tmp_path, monkeypatch):
    with monkeypatch.context() as patch:
        kill_when(patch, "job")
        with pytest.raises(Killed):
            asked(backend(provider, tmp_path), range(2))
    provider.jobs.clear()
    with pytest.raises(Transient, match="not there any more"):
        asked(backend(provider, tmp_path), range(2))
    assert texts(asked(backend(provider, tmp_path), range(2))) == right(range(2))


def test_two_tasks_that_ask_the_same_share_a_job(provider, tmp_path):
    provider.polls_to_end = 3
    first, second, seen = backend(provider, tmp_path), backend(provider, tmp_path), []
    whole = first.calls.job

    def job(name):
        if not seen:
            seen.append(asked(second, range(2, 4)))
        return whole(name)

    first.calls.job = job
    assert texts(asked(first, range(4))) == right(range(4))
    assert texts(seen[0]) == right(range(2, 4))
    assert len(provider.jobs) == 1


def test_on_s3(provider, s3, tmp_path, monkeypatch):
    store = Anywhere(lambda: s3.client)
    with monkeypatch.context() as patch:
        kill_when(patch, "lines")
        with pytest.raises(Killed):
            asked(BatchApi(backend(provider, tmp_path).server, store, f"{s3.prefix}/run", poll_s=0.01), range(3))
    api = BatchApi(backend(provider, tmp_path).server, store, f"{s3.prefix}/run", poll_s=0.01)
    assert texts(asked(api, range(3))) == right(range(3))
    api.close()
    assert (list(store.list(f"{s3.prefix}/run/")), len(provider.jobs)) == ([], 1)
