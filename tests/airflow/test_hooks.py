"""Connections to models, against a real server."""

import json

import pytest
from airflow.sdk import Connection

from dataflow_ops.airflow.hooks import DatabaseHook, LlmHook, access_of, url_of
from dataflow_ops.airflow.provider import DATABASE_CONNECTION, MODEL_CONNECTION, provider_info
from dataflow_ops.errors import BadArgument
from dataflow_ops.llm.server import Server
from dataflow_ops.llm.vllm.backend import Vllm
from tests.endpoint import Behaviour, serving

KEY = "sk-of-no-use-anywhere"


def connection(host="https://models.example/v1", password=KEY, **extra):
    return Connection(conn_id="mine", conn_type="llm", host=host, password=password, extra=json.dumps(extra))


def test_a_connection_says_how_a_server_is_reached():
    access = access_of(connection(model="m", requests_per_minute="60", concurrency="8", input_price=1, output_price=2))
    server = Server(**access.server)
    assert (server.url, server.key, server.model) == ("https://models.example/v1", KEY, "m")
    assert (server.requests_per_minute, server.concurrency) == (60, 8)
    assert server.price.of(1_000_000, 1_000_000) == 3
    assert KEY not in repr(access)


@pytest.mark.parametrize(
    ("host", "port", "url"),
    [
        ("https://a.example/v1", None, "https://a.example/v1"),
        ("a.example", None, "https://a.example"),
        ("http://127.0.0.1", 8000, "http://127.0.0.1:8000"),
    ],
)
def test_hosts_are_taken_as_people_write_them(host, port, url):
    found = Connection(conn_id="mine", conn_type="llm", host=host, port=port)
    assert access_of(found).server == {"url": url}


def test_a_connection_says_how_vllm_is_run(tmp_path):
    access = access_of(connection(host=None, vllm_flags="--max-model-len 512 --dtype float32", vllm_warm_seconds="5"))
    settings = Vllm("m", access.vllm, run="r", root=tmp_path)._settings
    assert (settings.flags, settings.warm_seconds) == (("--max-model-len", "512", "--dtype", "float32"), 5)


def test_a_field_that_does_not_fit_is_named():
    with pytest.raises(BadArgument, match="connection 'mine': requests_per_minute='many': expected a number"):
        access_of(connection(requests_per_minute="many"))
    with pytest.raises(BadArgument, match="vLLM has no setting 'flgs'; did you mean 'flags'"):
        Vllm("m", {"flgs": ""}, run="r", root=".")


@pytest.mark.parametrize(
    ("extra", "password", "ok", "words"),
    [
        ({"model": "tiny"}, KEY, True, "has 'tiny'"),
        ({}, KEY, True, "answers and has 1 models"),
        ({"model": "tinny"}, KEY, False, "did you mean 'tiny'"),
        ({"model": "tiny"}, "sk-another-key", False, "401"),
    ],
)
def test_the_button_that_tests_a_connection(monkeypatch, extra, password, ok, words):
    with serving(Behaviour(key=KEY)) as served:
        found = connection(served.url, password, **extra)
        monkeypatch.setattr(LlmHook, "get_connection", lambda self, name: found)
        passed, said = LlmHook("mine").test_connection()
    assert passed is ok
    assert words in said
    assert password not in said


def test_nobody_there(monkeypatch):
    monkeypatch.setattr(LlmHook, "get_connection", lambda self, name: connection("http://127.0.0.1:9/v1"))
    assert LlmHook("mine").test_connection()[0] is False
    monkeypatch.setattr(LlmHook, "get_connection", lambda self, name: connection(None))
    assert "Base URL is empty" in LlmHook("mine").test_connection()[1]


def test_every_field_of_the_form_is_read():
    from dataflow_ops.airflow import hooks

    known = {*hooks.SERVER_FIELDS, "input_price", "output_price"}
    fields = set(MODEL_CONNECTION["conn-fields"])
    assert {field for field in fields if not field.startswith("vllm_")} == known
    assert set(DATABASE_CONNECTION["conn-fields"]) - {"server"} <= set(hooks.URL_OPTIONS)
    assert set(DATABASE_CONNECTION["conn-fields"]["server"]["schema"]["enum"]) <= set(hooks.SERVERS)
    assert provider_info()["connection-types"] == [MODEL_CONNECTION, DATABASE_CONNECTION]


def server(kind, schema="shop", **extra):
    return Connection(
        conn_id="shop", conn_type=kind, host="db", port=1, login="reader", password=KEY, schema=schema,
        extra=json.dumps(extra),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("connection", "url"),
    [
        (server("database", server="postgresql"), "postgresql://reader:***@db:1/shop"),
        (server("database", server="mariadb", sslmode=""), "mariadb://reader:***@db:1/shop"),
        (server("postgres", sslmode="require", cursor="no"), "postgresql://reader:***@db:1/shop?sslmode=require"),
        (server("mysql"), "mysql://reader:***@db:1/shop"),
    ],
)
def test_a_connection_says_where_a_database_is(connection, url):
    found = url_of(connection)
    assert str(found) == url
    assert found.password == KEY


@pytest.mark.parametrize(
    ("connection", "words"),
    [
        (server("http"), "connection 'shop' is to 'http': expected one of postgres, postgresql, mysql, mariadb"),
        (server("database"), "connection 'shop' is to None"),
        (server("mysql", schema=None), "connection 'shop' names no database"),
    ],
)
def test_a_connection_to_something_else_is_refused(connection, words):
    with pytest.raises(BadArgument, match=words):
        url_of(connection)


def test_a_database_that_is_away_is_told(monkeypatch):
    away = Connection(conn_id="shop", conn_type="postgres", host="127.0.0.1", port=9, login="a", schema="b")
    monkeypatch.setattr(DatabaseHook, "get_connection", lambda self, name: away)
    works, told = DatabaseHook("shop").test_connection()
    assert not works
    assert "127.0.0.1" in told
