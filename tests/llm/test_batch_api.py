"""Batch jobs: every question is answered once and paid for once, whatever happens meanwhile."""

import json
import os
import signal
import subprocess
import sys

import pytest

from dataflow_ops.errors import BadArgument, CeilingReached, ModelRefused, Transient
from dataflow_ops.llm import batch_api
from dataflow_ops.llm.answers import Answers
from dataflow_ops.llm.batch_api import BatchApi
from dataflow_ops.llm.batch_calls import Calls
from dataflow_ops.llm.chat import Backend, Completion, Failure, Kind
from dataflow_ops.llm.model import Model
from dataflow_ops.llm.purse import Bounded, Purse
from dataflow_ops.llm.server import Server
from dataflow_ops.store import Anywhere, Folder
from tests.llm.provider import Provider, completion
from tests.llm.questions import question
from tests.waiting import wait_until


@pytest.fixture
def provider():
    with Provider().serve() as serving:
        yield serving


def backend(provider, tmp_path, *, key="right", store=None, **settings):
    prices = {"input": 1.0, "output": 10.0}
    server = Server(provider.url, "m", key=key, attempts=3, backoff_s=0.01, timeout_s=10, prices=prices)
    return BatchApi(server, store or Folder(), f"{tmp_path}/run", poll_s=0.01, **settings)


def asked(backend: Backend, numbers):
    """Ask; return what came of each question."""
    outcomes = {}

    def done(request, outcome):
        assert request.key not in outcomes
        outcomes[request.key] = outcome

    backend.complete([question(number) for number in numbers], done)
    return {number: outcomes[question(number).key] for number in numbers}


def texts(outcomes):
    return {number: getattr(outcome, "text", None) for number, outcome in outcomes.items()}


def right(numbers):
    return {number: f"answer to What is {number}?" for number in numbers}


def remembered(tmp_path):
    return sorted(path.suffix for path in (tmp_path / "run").rglob("*.*") if path.is_file())


def test_questions_are_answered_in_one_job_at_half_the_price(provider, tmp_path):
    api = backend(provider, tmp_path)
    outcomes = asked(api, range(7))
    assert texts(outcomes) == right(range(7))
    assert {outcome.usage.cost for outcome in outcomes.values()} == {0.5 * (100 * 1.0 + 10 * 10.0) / 1e6}
    assert len(provider.jobs) == 1
    assert api.model == question(0).model


def test_a_line_is_a_request_of_the_endpoint(provider, tmp_path):
    asked(backend(provider, tmp_path), [5])
    (line,) = map(json.loads, provider.files["file-0"].splitlines())
    assert (line["custom_id"], line["method"], line["url"]) == (question(5).key.hex(), "POST", "/v1/chat/completions")
    assert line["body"]["model"] == "m"
    assert line["body"]["messages"] == [{"role": "user", "content": "What is 5?"}]
    (job,) = provider.jobs.values()
    assert (job["endpoint"], job["completion_window"]) == ("/v1/chat/completions", "24h")


def test_jobs_are_waited_for(provider, tmp_path):
    provider.polls_to_end = 5
    assert texts(asked(backend(provider, tmp_path), range(2))) == right(range(2))
    assert provider.calls["GET /batches/batch-0"] == 5


def test_nothing_to_ask_makes_no_job(provider, tmp_path):
    assert asked(backend(provider, tmp_path), []) == {}
    assert provider.calls == {}


@pytest.mark.parametrize(("limit", "value"), [("MOST_LINES", 3), ("MOST_BYTES", 700)])
def test_large_jobs_are_split(provider, tmp_path, monkeypatch, limit, value):
    monkeypatch.setattr(batch_api, limit, value)
    assert texts(asked(backend(provider, tmp_path), range(7))) == right(range(7))
    sizes = [len(provider.files[job["input_file_id"]].splitlines()) for job in provider.jobs.values()]
    assert sizes == [3, 3, 1]


def test_a_question_too_long_for_any_job_fails_alone(provider, tmp_path, monkeypatch):
    monkeypatch.setattr(batch_api, "MOST_BYTES", 240)
    outcomes = asked(backend(provider, tmp_path), [1, 10**60])
    assert texts(outcomes) == {1: "answer to What is 1?", 10**60: None}
    assert outcomes[10**60].kind == Kind.TOO_LONG


def odd_ones_fail(content):
    number = int(content.removeprefix("What is ").removesuffix("?"))
    wrong = {
        1: (400, {"error": {"message": "maximum context length is 8", "code": "context_length_exceeded"}}),
        3: (500, {"error": {"message": "oops"}}),
        5: (400, {"error": {"message": "flagged by content filter", "code": "content_filter"}}),
        7: (200, {"choices": []}),
        9: None,
        11: (404, {"error": {"message": "no such model"}}),
    }
    return wrong.get(number, (200, completion(f"answer to {content}")))


def test_every_line_has_its_own_outcome(provider, tmp_path):
    provider.answer = odd_ones_fail
    outcomes = asked(backend(provider, tmp_path), range(12))
    assert texts(outcomes) == right(range(0, 12, 2)) | dict.fromkeys(range(1, 12, 2))
    kinds = [Kind.TOO_LONG, Kind.SERVER, Kind.REFUSED, Kind.SERVER, Kind.SERVER, Kind.SERVER]
    assert [outcomes[number].kind for number in range(1, 12, 2)] == kinds


def test_what_no_line_gets_is_refused_to_the_task(provider, tmp_path):
    provider.answer = lambda _: (404, {"error": {"message": "The model 'm' does not exist", "code": "model_not_found"}})
    with pytest.raises(ModelRefused, match=r"does not exist.*check the address"):
        asked(backend(provider, tmp_path), range(3))
    assert remembered(tmp_path) == []


@pytest.mark.parametrize("status", ["expired", "cancelled"])
def test_a_job_cut_short_gives_what_it_has(provider, tmp_path, status):
    provider.status = status
    outcomes = asked(backend(provider, tmp_path), range(6))
    assert texts(outcomes) == right(range(3)) | dict.fromkeys(range(3, 6))
    assert {outcomes[number].kind for number in range(3, 6)} == {Kind.SERVER}
    assert "batch_expired" in outcomes[5].detail


@pytest.mark.parametrize(
    ("code", "error", "message"),
    [
        ("model_not_found", ModelRefused, r"no such thing; check that the provider's batch API has the model 'm'"),
        ("token_limit_exceeded", Transient, "sent again when other jobs have ended"),
    ],
)
def test_a_job_that_the_provider_does_not_begin(provider, tmp_path, code, error, message):
    provider.status, provider.errors = "failed", [{"code": code, "message": "no such thing"}]
    with pytest.raises(error, match=message):
        asked(backend(provider, tmp_path), range(3))
    provider.status = "completed"
    assert texts(asked(backend(provider, tmp_path), range(3))) == right(range(3))


def test_failures_are_asked_again_in_a_new_job(provider, tmp_path):
    provider.answer = odd_ones_fail
    first = backend(provider, tmp_path)
    failed = [number for number, text in texts(asked(first, range(6))).items() if text is None]
    first.close()
    assert remembered(tmp_path) == []
    provider.answer = Provider().answer
    assert texts(asked(backend(provider, tmp_path), failed)) == right(failed)
    assert len(provider.jobs) == 2


class Killed(BaseException):
    """The task ends here."""


def kill_when(monkeypatch, method, number=1):
    """Let the task die right before the `number`-th call of a method."""
    calls, whole = [], getattr(Calls, method)

    def dying(*given):
        calls.append(given)
        if len(calls) == number:
            raise Killed
        return whole(*given)

    monkeypatch.setattr(Calls, method, dying)


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
from tests.llm.test_batch_api import asked, backend
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


def test_a_wrong_key_fails_at_once(provider, tmp_path):
    with pytest.raises(ModelRefused, match=r"check the key") as caught:
        asked(backend(provider, tmp_path, key="wrong"), range(2))
    assert "wrong" not in str(caught.value)


def test_an_unreachable_server_is_for_another_try(tmp_path):
    provider = Provider()
    provider.url = "http://127.0.0.1:9"
    with pytest.raises(Transient, match=r"127\.0\.0\.1:9"):
        asked(backend(provider, tmp_path), [1])


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


def test_the_ceiling_is_kept_and_what_it_allows_is_answered(provider, tmp_path):
    with Purse(Folder(), f"{tmp_path}/purse", tokens=4_000, patience_s=0.0) as purse:
        api, outcomes = Bounded(backend(provider, tmp_path, before=purse.before), purse), {}
        with pytest.raises(CeilingReached):
            api.complete(
                [question(number) for number in range(60)], lambda each, found: outcomes.update({each.key: found})
            )
    assert 26 <= sum(isinstance(outcome, Completion) for outcome in outcomes.values()) <= 36
    assert purse.tokens.spent == 110 * len(outcomes) <= 4_000


def test_answers_are_kept_and_shared_with_the_endpoint(provider, tmp_path):
    def model(known):
        return Model("openai:m", backend(provider, tmp_path), memory=known)

    chats = [question(number).chat for number in range(5)]
    with model(Answers(Folder(), f"{tmp_path}/answers", local=tmp_path / "local")) as first:
        assert [answer.value for answer in first.chat(chats)] == list(right(range(5)).values())
    with model(Answers(Folder(), f"{tmp_path}/answers", local=tmp_path / "other")) as again:
        assert [answer.value for answer in again.chat(chats)] == list(right(range(5)).values())
    assert set(provider.answered.values()) == {1}
    assert remembered(tmp_path) == []


def test_there_are_no_vectors(provider, tmp_path):
    with pytest.raises(BadArgument, match="without them"):
        backend(provider, tmp_path).embed(["a"])


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


def test_failures_hold_no_value(provider, tmp_path):
    provider.answer = lambda _: None
    assert all(isinstance(outcome, Failure) for outcome in asked(backend(provider, tmp_path), range(3)).values())
