"""The REST client against a server that answers what a test tells it to."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from dataflow_ops.errors import BadArgument, Transient
from dataflow_ops.local.client import Airflow, Conflict, Missing


@pytest.fixture
def server():
    """Give a server whose `answers` are taken one after the other, and which keeps what it was `asked`."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            body = self.rfile.read(int(self.headers["Content-Length"] or 0))
            asked = (self.command, self.path, self.headers["Authorization"], json.loads(body or "null"))
            if self.path == "/auth/token":
                status = 201 if asked[3]["password"] == "secret" else 401
                answer = {"access_token": f"token{len(self.server.logins)}"}
                self.server.logins.append(asked[3])
            else:
                self.server.asked.append(asked)
                status, answer = self.server.answers.pop(0)
            self.send_response(status)
            self.end_headers()
            self.wfile.write(json.dumps(answer).encode())

        do_POST = do_PATCH = do_GET

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        running.asked, running.logins, running.answers = [], [], []
        threading.Thread(target=running.serve_forever, args=(0.02,), daemon=True).start()
        yield running
        running.shutdown()


@pytest.fixture
def client(server):
    return Airflow(f"http://127.0.0.1:{server.server_port}", "secret", patience=3)


def test_logs_in_once(server, client):
    server.answers = [(200, {"a": 1}), (200, {"a": 2})]
    assert [client.get("things", limit=5), client.post("things", {"b": 1})] == [{"a": 1}, {"a": 2}]
    assert server.logins == [{"username": "admin", "password": "secret"}]
    assert server.asked == [
        ("GET", "/api/v2/things?limit=5", "Bearer token0", None),
        ("POST", "/api/v2/things", "Bearer token0", {"b": 1}),
    ]


@pytest.mark.parametrize("status", [401, 429, 500, 503])
def test_tries_again_what_may_pass(server, client, status):
    server.answers = [(status, {}), (200, {"a": 1})]
    assert client.get("things") == {"a": 1}
    assert len(server.logins) == (2 if status == 401 else 1)


@pytest.mark.parametrize(("status", "error"), [(404, Missing), (409, Conflict), (422, BadArgument)])
def test_raises_at_once_what_does_not_pass(server, client, status, error):
    server.answers = [(status, {"detail": "why"})]
    with pytest.raises(error, match=f"GET 'things': {status} .*why"):
        client.get("things")


def test_gives_up_on_a_server_that_is_away(server, client):
    server.shutdown()
    server.server_close()
    client.patience = 0.0
    with pytest.raises(Transient, match="does not answer"):
        client.get("things")
    assert client.health() == {}


def test_creates_or_changes(server, client):
    server.answers = [(409, {}), (200, {})]
    client.ensure("things", "name", {"name": "a/b", "size": 1})
    assert [asked[:2] for asked in server.asked] == [("POST", "/api/v2/things"), ("PATCH", "/api/v2/things/a%2Fb")]


def test_reads_all_pages(server, client):
    entries = [{"n": number} for number in range(250)]
    server.answers = [(200, {"things": entries[first : first + 100], "total_entries": 250}) for first in (0, 100, 200)]
    assert list(client.pages("things", "things", state="x")) == entries
    assert server.asked[-1][1] == "/api/v2/things?limit=100&offset=200&state=x"


def test_a_proxy_of_the_environment_is_not_asked(server, client, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    server.answers = [(200, {"a": 1})]
    assert client.get("things") == {"a": 1}


def test_a_server_of_somebody_else_is_told_apart(client):
    assert client.is_own()
    client.password = "other"
    assert not client.is_own()
    client.url = "http://127.0.0.1:1"
    assert not client.is_own()
