"""Airflow's REST API, as far as the commands need it."""

import json
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from dataflow_ops.errors import BadArgument, Transient
from dataflow_ops.local.home import LOCALHOST, Home

USER = "admin"
PAGE = 100
# This machine talks to itself: a proxy set in the environment has no say in it.
_open = urllib.request.build_opener(urllib.request.ProxyHandler({})).open


@dataclass
class Airflow:
    """A client that logs in when it must and waits for a server that restarts."""

    url: str
    password: str
    patience: float = 180.0  # seconds: on a busy machine the server needs more than one minute to come back
    _token: str | None = field(default=None, repr=False)

    @classmethod
    def at(cls, home: Home) -> "Airflow":
        """Return the client for a set-up."""
        return cls(f"http://{LOCALHOST}:{home.ports()['airflow']}", home.secret("airflow_password", size=12))

    def health(self) -> dict[str, Any]:
        """Return what the server says about itself and the others; empty when it does not answer."""
        try:
            return dict(_send(f"{self.url}/api/v2/monitor/health", timeout=5))
        except OSError:
            return {}

    def is_own(self) -> bool:
        """Return whether the server takes our password: else it is another set-up's, on a port that was ours to be."""
        try:
            self._token = self._log_in()
        except OSError:
            return False
        return True

    def warm_up(self) -> None:
        """Wake up the part of the server that tasks talk to: else the first task waits for it, 8 s and more."""
        _send(f"{self.url}/execution/health")

    def get(self, path: str, **query: Any) -> Any:
        """Return the answer to GET `/api/v2/{path}`."""
        return self._call("GET", path + ("?" + urllib.parse.urlencode(query, doseq=True) if query else ""))

    def post(self, path: str, body: Mapping[str, Any]) -> Any:
        """Return the answer to POST `/api/v2/{path}`."""
        return self._call("POST", path, body)

    def patch(self, path: str, body: Mapping[str, Any]) -> Any:
        """Return the answer to PATCH `/api/v2/{path}`."""
        return self._call("PATCH", path, body)

    def ensure(self, collection: str, key: str, body: Mapping[str, Any]) -> None:
        """Create what `body` describes, or change the one of that name."""
        try:
            self.post(collection, body)
        except Conflict:
            self.patch(f"{collection}/{quote(body[key])}", body)

    def pages(self, path: str, name: str, **query: Any) -> Iterator[dict[str, Any]]:
        """Yield all entries of a list that comes in pages; `name` is the key they stand under."""
        offset, total = 0, 1
        while offset < total:
            page = self.get(path, limit=PAGE, offset=offset, **query)
            yield from page[name]
            offset, total = offset + PAGE, page["total_entries"]

    def _call(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        deadline = time.monotonic() + self.patience
        while True:
            try:
                return self._attempt(method, path, body)
            except Transient:
                if time.monotonic() > deadline:
                    raise
                time.sleep(1)

    def _attempt(self, method: str, path: str, body: Mapping[str, Any] | None) -> Any:
        try:
            self._token = self._token or self._log_in()
            return _send(f"{self.url}/api/v2/{path}", method, body, self._token)
        except urllib.error.HTTPError as error:
            raise self._refusal(error, method, path) from error
        except (OSError, json.JSONDecodeError) as error:
            raise Transient(f"Airflow does not answer at {self.url}: {error}") from error

    def _log_in(self) -> str:
        login = {"username": USER, "password": self.password}
        return str(_send(f"{self.url}/auth/token", "POST", login)["access_token"])

    def _refusal(self, error: urllib.error.HTTPError, method: str, path: str) -> Exception:
        text = f"Airflow refused {method} {path!r}: {error.code} {error.read().decode(errors='replace')[:500]}"
        if error.code == 401:
            self._token = None
        if error.code in (401, 429) or error.code >= 500:
            return Transient(text)
        return {404: Missing, 409: Conflict}.get(error.code, BadArgument)(text)


class Missing(BadArgument):
    """There is no such thing."""


class Conflict(BadArgument):
    """There is one already."""


def quote(part: object) -> str:
    """Return `part` as one segment of a path."""
    return urllib.parse.quote(str(part), safe="")


def _send(
    url: str, method: str = "GET", body: Mapping[str, Any] | None = None, token: str | None = None, timeout: float = 60
) -> Any:
    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    data = json.dumps(body).encode() if body is not None else None
    with _open(urllib.request.Request(url, data, headers, method=method), timeout=timeout) as answer:  # noqa: S310 - our own URL
        return json.loads(answer.read() or b"null")
