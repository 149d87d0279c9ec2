"""Addresses, settings and secrets of a server."""

import pytest

from dataflow_ops.errors import BadArgument
from dataflow_ops.llm.server import Server


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://localhost:8000", "http://localhost:8000/v1/models"),
        ("http://localhost:8000/", "http://localhost:8000/v1/models"),
        ("http://localhost:8000/v1", "http://localhost:8000/v1/models"),
        ("http://localhost:8000/v1/", "http://localhost:8000/v1/models"),
        ("https://openrouter.ai/api", "https://openrouter.ai/api/v1/models"),
        ("https://openrouter.ai/api/v1", "https://openrouter.ai/api/v1/models"),
        ("https://h.example/v1/chat/completions", "https://h.example/v1/models"),
        ("https://h.example/v1beta/openai/", "https://h.example/v1beta/openai/models"),
        (
            "https://x.azure.example/openai/deployments/d?api-version=2024",
            "https://x.azure.example/openai/deployments/d/models?api-version=2024",
        ),
    ],
)
def test_the_address_is_found_with_or_without_its_version(url, expected):
    assert Server(url, "tiny").endpoint("/models") == expected


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"url": "localhost:8000"}, "no address of a server"),
        ({"url": "ftp://h/v1"}, "no address of a server"),
        ({"url": "http://h:99999/"}, "no address of a server"),
        ({"url": "https://me:sk-secret@h/v1"}, "give the key as `key`"),
        ({"url": "http://h", "model": ""}, "no model is named"),
        ({"url": "http://h", "concurrency": 0}, "concurrency=0"),
        ({"url": "http://h", "timeout_s": -1}, "timeout_s=-1"),
        ({"url": "http://h", "tokens_per_minute": 0}, "tokens_per_minute=0"),
        ({"url": "http://h", "key": "sk-s\u0435cret\nX: y"}, "copy it anew"),
        ({"url": "http://h", "schema_style": "yaml"}, "'json_object'"),
        ({"url": "http://h", "prices": {"input": 1}}, "per million tokens"),
    ],
)
def test_settings_that_cannot_work_are_refused_at_once(settings, message):
    with pytest.raises(BadArgument, match=message) as caught:
        Server(**{"model": "tiny", **settings})
    assert "secret" not in str(caught.value)


def test_nothing_secret_is_shown():
    server = Server("https://h/v1?token=abc", "tiny", key=" sk-secret\n", headers={"api-key": "sk-other"})
    assert server.all_headers()["Authorization"] == "Bearer sk-secret"
    assert server.shown == "https://h/v1"
    for text in (repr(server), str(server), server.hide("wrong key sk-secret")):
        assert "sk-" not in text
