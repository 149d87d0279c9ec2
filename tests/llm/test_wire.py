import json

import pytest

from dataflow_ops.llm import wire
from dataflow_ops.llm.chat import Chat, Completion, Failure, Kind, Request, Sampling, Usage
from dataflow_ops.llm.refusals import Refusal, Setback, about_this_row, gist
from dataflow_ops.llm.server import Server

SERVER = Server("http://localhost:8000", "tiny", key="sk-very-secret", prices={"input": 1, "output": 2, "cached": 0.5})
SCHEMA = {"type": "object", "properties": {"ok": {"type": "boolean"}}, "required": ["ok"]}
USAGE = {"prompt_tokens": 1000, "completion_tokens": 100}


def request(text="Hello", **fields):
    return Request("openai:tiny", Chat(({"role": "user", "content": text},)), **fields)


def answer(message, finish="stop", **fields):
    return {
        "choices": [{"message": {"role": "assistant", **message}, "finish_reason": finish}],
        "usage": USAGE,
        **fields,
    }


def error(message, **fields):
    return {"error": {"message": message, **fields}}


def test_a_request_says_what_was_set_and_nothing_else():
    asked = request(sampling=Sampling(temperature=0.5, max_tokens=7, seed=40), sample=2)
    assert wire.body(asked, SERVER) == {
        "model": "tiny",
        "messages": [{"role": "user", "content": "Hello"}],
        "max_tokens": 7,
        "temperature": 0.5,
        "seed": 42,
    }


def test_extra_fields_are_added_and_null_ones_left_out():
    server = Server("http://h", "tiny", extra={"seed": None, "top_k": 5})
    asked = wire.body(request(), server)
    assert asked["top_k"] == 5
    assert "seed" not in asked


@pytest.mark.parametrize("model", ["o3-mini", "gpt-5-nano", "openai/gpt-5"])
def test_models_that_think_are_asked_in_their_words(model):
    asked = wire.body(request(), Server("http://h", model))
    assert asked["max_completion_tokens"] == 1024
    assert "max_tokens" not in asked


def test_a_schema_is_asked_for_in_three_ways():
    bodies = {
        style: wire.body(request(schema=SCHEMA), Server("http://h", "tiny", schema_style=style))
        for style in ("json_schema", "json_object", "prompt")
    }
    form = bodies["json_schema"]["response_format"]
    assert form == {"type": "json_schema", "json_schema": {"name": "answer", "strict": True, "schema": SCHEMA}}
    assert bodies["json_schema"]["messages"][0]["content"] == "Hello"
    assert bodies["json_object"]["response_format"] == {"type": "json_object"}
    assert "response_format" not in bodies["prompt"]
    for style in ("json_object", "prompt"):
        assert bodies[style]["messages"][0]["content"].startswith("Hello\n\n")
        assert bodies[style]["messages"][0]["content"].endswith(json.dumps(SCHEMA))


def test_a_schema_in_words_is_put_behind_parts_too():
    parts = [{"type": "image_url", "image_url": {"url": "data:"}}]
    asked = request(parts, schema=SCHEMA)
    sent = wire.body(asked, Server("http://h", "tiny", schema_style="prompt"))["messages"][0]["content"]
    assert [part["type"] for part in sent] == ["image_url", "text"]
    assert asked.chat.messages[0]["content"] == parts


def test_an_answer_has_text_finish_and_usage():
    assert wire.outcome(200, json.dumps(answer({"content": "yes"})).encode(), SERVER) == Completion(
        "yes", "stop", Usage(1, 0, 1000, 100, pytest.approx(0.0012))
    )
    assert wire.outcome(200, answer({"content": "ye"}, "length"), SERVER).finish == "length"
    assert wire.outcome(200, answer({"content": None}, "length"), SERVER).text == ""
    assert wire.outcome(200, answer({"content": [{"type": "text", "text": "a"}, {"text": "b"}]}), SERVER).text == "ab"


@pytest.mark.parametrize(
    ("usage", "cost"),
    [
        ({**USAGE, "prompt_tokens_details": {"cached_tokens": 600}}, 0.0004 + 0.0003 + 0.0002),
        ({**USAGE, "prompt_cache_hit_tokens": 600}, 0.0004 + 0.0003 + 0.0002),
        ({**USAGE, "prompt_tokens_details": None}, 0.0012),
        ({"prompt_tokens": None, "completion_tokens": "many"}, 0.0),
    ],
)
def test_cached_tokens_have_their_price(usage, cost):
    assert wire.outcome(200, {**answer({"content": ""}), "usage": usage}, SERVER).usage.cost == pytest.approx(cost)


def test_cost_is_unknown_without_a_price_or_a_count():
    nobody_knows = Server("http://h", "tiny")
    assert wire.outcome(200, answer({"content": ""}), nobody_knows).usage.cost is None
    assert wire.outcome(200, {**answer({"content": ""}), "usage": None}, SERVER).usage.cost is None
    billed = {**answer({"content": ""}), "usage": {**USAGE, "cost": 0.25}}
    assert wire.outcome(200, billed, nobody_knows).usage.cost == 0.25


def test_half_a_surrogate_pair_does_not_spoil_an_answer():
    payload = json.dumps(answer({"content": "a\ud83d"})).encode()
    assert wire.outcome(200, payload, SERVER).text == "a?"


TOO_LONG = [
    (
        400,
        error(
            "This model's maximum context length is 8192 tokens. However, you requested 9000",
            code="context_length_exceeded",
        ),
    ),
    (400, error("whatever", code="context_length_exceeded")),
    (400, {"object": "error", "message": "This model's maximum context length is 4096 tokens.", "code": 400}),
    (400, error("The decoder prompt (length 90) is longer than the maximum model length of 64.")),
    (400, error("You passed 1015 input tokens and requested 10. However, the model's context length is only 1024")),
    (400, error("prompt is too long: 210000 tokens > 200000 maximum")),
    (400, error("the request exceeds the available context size (4096 tokens)")),
    (
        422,
        {
            "error": "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4096",
            "error_type": "validation",
        },
    ),
    (400, error("The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).")),
    (400, error("Invalid 'messages[0].content': string too long. Expected a string with maximum length 10485760")),
    (413, error("Request Entity Too Large")),
    (
        429,
        error(
            "Request too large for gpt-4o on tokens per min (TPM): Limit 30000, Requested 50000",
            code="rate_limit_exceeded",
        ),
    ),
]


@pytest.mark.parametrize(("status", "body"), TOO_LONG)
def test_prompts_that_do_not_fit(status, body):
    outcome = wire.outcome(status, body, SERVER)
    assert isinstance(outcome, Failure)
    assert outcome.kind is Kind.TOO_LONG
    assert about_this_row(outcome)


@pytest.mark.parametrize(
    ("status", "body", "alone"),
    [
        (200, answer({"content": None, "refusal": "I cannot"}), True),
        (200, answer({"content": ""}, "content_filter"), True),
        (400, error("The response was filtered due to the prompt", code="content_filter"), True),
        (403, error("Your input was flagged by moderation"), True),
        (400, error("Invalid schema for response_format 'answer'"), False),
        (422, {"detail": [{"loc": ["body", "seed"], "msg": "Extra inputs are not permitted"}]}, False),
    ],
)
def test_requests_that_are_declined(status, body, alone):
    outcome = wire.outcome(status, body, SERVER)
    assert isinstance(outcome, Failure)
    assert outcome.kind is Kind.REFUSED
    assert about_this_row(outcome) is alone


@pytest.mark.parametrize(
    ("status", "body", "cure"),
    [
        (401, error("Incorrect API key provided: sk-very-secret"), "check the key"),
        (401, {"detail": "Unauthorized"}, "check the key"),
        (400, error("API key not valid. Please pass a valid API key."), "check the key"),
        (403, error("Project does not have access"), "check the key"),
        (404, error("The model `huge` does not exist", code="model_not_found"), "model's name"),
        (404, {"detail": "Not Found"}, "model's name"),
        (400, error("huge is not a valid model ID"), "model's name"),
        (301, {}, "check the address"),
        (405, {"detail": "Method Not Allowed"}, "check the address"),
        (402, error("Insufficient Balance"), "add to the account"),
        (
            429,
            error("You exceeded your current quota", type="insufficient_quota", code="insufficient_quota"),
            "add to the account",
        ),
        (400, error("Your credit balance is too low to access the API"), "add to the account"),
    ],
)
def test_what_concerns_all_requests(status, body, cure):
    outcome = wire.outcome(status, body, SERVER)
    assert isinstance(outcome, Refusal)
    assert cure in outcome.cure
    assert "secret" not in outcome.detail


@pytest.mark.parametrize(
    ("status", "payload", "throttled", "limited"),
    [
        (429, b'{"error": {"message": "Rate limit reached"}}', True, True),
        (429, b'{"error": {"message": "You exceeded your current quota, too many tokens", "code": 429}}', True, True),
        (503, b"<html>no backend</html>", True, False),
        (529, b"", True, False),
        (500, b"\xff\xfe", False, False),
        (502, b"", False, False),
        (409, b"", False, False),
        (200, b"", False, False),
        (200, b'{"choices": [', False, False),
        (200, b"[]", False, False),
        (200, b"[" * 100_000, False, False),
        (200, b'{"choices": []}', False, False),
        (200, b'{"choices": [{"message": "hello"}]}', False, False),
        (200, b'{"choices": [{"message": {"content": 5}}]}', False, False),
        (200, b'{"choices": null}', False, False),
        (200, b'{"choices": [{"message": {"content": ""}, "finish_reason": "error"}]}', False, False),
        (200, b'{"error": {"message": "upstream overloaded", "code": 503}}', True, False),
        (200, b'{"error": "upstream failed"}', False, False),
    ],
)
def test_what_may_be_answered_when_asked_again(status, payload, throttled, limited):
    outcome = wire.outcome(status, payload, SERVER)
    assert isinstance(outcome, Setback)
    assert outcome.detail
    assert (outcome.throttled, outcome.limited) == (throttled, limited)


def test_408_is_a_timeout():
    assert wire.outcome(408, b"", SERVER).kind is Kind.TIMEOUT


def test_long_words_of_a_server_are_cut():
    assert len(wire.outcome(500, b"x" * 100_000, SERVER).detail) < 1000
    assert len(wire.outcome(400, error("x" * 100_000), SERVER).detail) < 1000


def test_declined_in_the_same_words_is_seen_through_numbers_and_names():
    first, second, other = (
        wire.outcome(400, error(said), SERVER)
        for said in ("Unknown field 'seed' at 12", "Unknown field 'top_k' at 700", "Bad image")
    )
    assert gist(first) == gist(second) != gist(other)


def test_vectors_come_in_the_order_of_the_texts():
    data = [{"index": 1, "embedding": [1, 2.5]}, {"index": 0, "embedding": [3, 4]}]
    payload = json.dumps({"data": data, "usage": {"prompt_tokens": 1000}}).encode()
    found = wire.vectors(200, payload, SERVER, 2)
    assert found.rows == [[3.0, 4.0], [1.0, 2.5]]
    assert found.usage == Usage(1, 0, 1000, 0, 0.001)
    assert isinstance(wire.vectors(200, payload, SERVER, 3), Setback)
    assert isinstance(wire.vectors(200, b'{"data": [{"index": 0, "embedding": "AAAA"}]}', SERVER, 1), Setback)
    assert isinstance(wire.vectors(500, b"", SERVER, 1), Setback)


def test_what_was_charged_is_known_of_answers_that_cannot_be_used():
    assert wire.charged(json.dumps(answer({"refusal": "no"})).encode(), SERVER).prompt_tokens == 1000
    assert wire.charged(b'{"choices": [', SERVER) == Usage()
    assert wire.charged(b'{"error": "x"}', SERVER) == Usage()
