"""Batch jobs: what is sent, what comes of each line, and what is raised."""

import json

import pytest

from dataflow_ops.errors import BadArgument, CeilingReached, ModelRefused, Transient
from dataflow_ops.llm import batch_api
from dataflow_ops.llm.answers import Answers
from dataflow_ops.llm.chat import Completion, Failure, Kind
from dataflow_ops.llm.model import Model
from dataflow_ops.llm.purse import Bounded, Purse
from dataflow_ops.store import Folder
from tests.llm.batches import asked, backend, remembered, right, texts
from tests.llm.provider import Provider, completion
from tests.llm.questions import question


@pytest.fixture
def provider():
    with Provider().serve() as serving:
        yield serving


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


def test_a_wrong_key_fails_at_once(provider, tmp_path):
    with pytest.raises(ModelRefused, match=r"check the key") as caught:
        asked(backend(provider, tmp_path, key="wrong"), range(2))
    assert "wrong" not in str(caught.value)


def test_an_unreachable_server_is_for_another_try(tmp_path):
    provider = Provider()
    provider.url = "http://127.0.0.1:9"
    with pytest.raises(Transient, match=r"127\.0\.0\.1:9"):
        asked(backend(provider, tmp_path), [1])


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


def test_failures_hold_no_value(provider, tmp_path):
    provider.answer = lambda _: None
    assert all(isinstance(outcome, Failure) for outcome in asked(backend(provider, tmp_path), range(3)).values())
