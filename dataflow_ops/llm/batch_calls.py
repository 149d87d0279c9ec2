"""The calls of an OpenAI-style batch API: files go up, a job is made of one, files come down."""

import logging
import random
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Iterator, Mapping
from http.client import HTTPException
from typing import Any

import orjson

from dataflow_ops.errors import DataflowError, ModelRefused, Transient
from dataflow_ops.llm.refusals import Refusal, Setback, refusal_of
from dataflow_ops.llm.server import Server

log = logging.getLogger(__name__)

TAG = "dataflow_ops_job"
"""The field of a job's metadata by which it is recognised."""
PAGES = 10
"""Pages of 100 jobs in which a lost one is looked for, latest first."""
LONGEST_WAIT = 60.0
JSON = "application/json"


class Calls:
    """The batch API of a server. Calls are repeated when the server fails, except those that would pay twice."""

    def __init__(self, server: Server):
        self.server = server

    def upload(self, lines: bytes) -> str:
        """Upload the input of a job; return the id of the file."""
        boundary = uuid.uuid4().hex
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="purpose"\r\n\r\nbatch\r\n--{boundary}\r\n'
        head += 'Content-Disposition: form-data; name="file"; filename="batch.jsonl"\r\n'
        head += "Content-Type: application/jsonl\r\n\r\n"
        body = b"".join([head.encode(), lines, f"\r\n--{boundary}--\r\n".encode()])
        found = self._again("POST", "/files", body, f"multipart/form-data; boundary={boundary}")
        return str(found["id"])

    def create(self, file: str, tag: str) -> dict[str, Any]:
        """Make a job of an uploaded file, once: when it is not known whether there is one now, look before asking again."""
        wanted = {"input_file_id": file, "endpoint": "/v1/chat/completions", "completion_window": "24h"}
        body = orjson.dumps(wanted | {"metadata": {TAG: tag}})
        for left in reversed(range(self.server.attempts)):
            try:
                return self._parsed(self._bytes("POST", "/batches", body))
            except Transient as error:
                if not left:
                    raise
                self._wait(left, error)
            if found := self.find(tag):
                return found
        raise AssertionError("attempts is at least 1")

    def find(self, tag: str) -> dict[str, Any] | None:
        """Return the job that carries `tag`; None when there is none, or the server does not list jobs."""
        after = ""
        for _ in range(PAGES):
            try:
                page = self._again("GET", f"/batches?limit=100{after}")
            except ModelRefused as error:
                log.info("%s does not list its jobs: %s", self.server.shown, error)
                return None
            jobs = page.get("data") or []
            found = [job for job in jobs if (job.get("metadata") or {}).get(TAG) == tag]
            if found or not (jobs and page.get("has_more")):
                return found[0] if found else None
            after = f"&after={jobs[-1]['id']}"
        return None

    def job(self, name: str) -> dict[str, Any] | None:
        """Return how a job stands; None when the server does not know it."""
        for left in reversed(range(self.server.attempts)):
            try:
                return self._again("GET", f"/batches/{name}")
            except Unknown as error:
                # A job that was made a moment ago may not be known everywhere yet.
                if left:
                    self._wait(left, error)
        return None

    def lines(self, file: str) -> Iterator[dict[str, Any]]:
        """Yield the lines of a file."""
        content = self._repeated(lambda: self._bytes("GET", f"/files/{file}/content"))
        return (self._parsed(line) for line in content.splitlines() if line.strip())

    def _again(self, method: str, path: str, data: bytes | None = None, kind: str = JSON) -> dict[str, Any]:
        found: dict[str, Any] = self._repeated(lambda: self._parsed(self._bytes(method, path, data, kind)))
        return found

    def _repeated(self, call: Callable[[], Any]) -> Any:
        for left in reversed(range(self.server.attempts)):
            try:
                return call()
            except Transient as error:
                if not left:
                    raise
                self._wait(left, error)
        raise AssertionError("attempts is at least 1")

    def _wait(self, left: int, error: Exception) -> None:
        longest = min(LONGEST_WAIT, self.server.backoff_s * 2 ** (self.server.attempts - left - 1))
        log.info("%s; asking again", error)
        time.sleep(random.uniform(0, longest))  # noqa: S311 - spreads load

    def _parsed(self, text: bytes) -> dict[str, Any]:
        try:
            found = orjson.loads(text)
        except orjson.JSONDecodeError:
            found = None
        if not isinstance(found, dict):
            raise Transient(f"{self.server.shown}: expected a JSON object, there is {text[:200]!r}")
        return found

    def _bytes(self, method: str, path: str, data: bytes | None = None, kind: str = JSON) -> bytes:
        headers = self.server.all_headers() | {"Content-Type": kind}
        base, _, query = path.partition("?")
        address = self.server.endpoint(base) + (f"?{query}" if query else "")
        request = urllib.request.Request(address, data, headers, method=method)  # noqa: S310 - http or https by Server
        try:
            with urllib.request.urlopen(request, timeout=self.server.timeout_s) as response:  # noqa: S310
                # In one piece: only then does a connection that is cut off raise.
                return bytes(response.read())
        except urllib.error.HTTPError as error:
            raise self._explained(path, error.code, error.read()) from error
        except (OSError, HTTPException) as error:
            raise Transient(f"{self.server.shown}{path}: {error}") from error

    def _explained(self, path: str, status: int, body: bytes) -> DataflowError:
        where = f"{self.server.shown}{path}"
        words, codes = _said(body)
        found = refusal_of(status, self.server.hide(words), codes)
        if isinstance(found, Setback):
            return Transient(f"{where}: {found.detail}")
        if status == 404:
            return Unknown(f"{where}: {found.detail}; check that this server has a batch API")
        cure = found.cure if isinstance(found, Refusal) else "check that this server has a batch API for this model"
        return ModelRefused(f"{where}: {found.detail}; {cure}")


class Unknown(ModelRefused):
    """The server has no such thing."""


def _said(body: bytes) -> tuple[str, set[str]]:
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError:
        found = None
    error = found.get("error") if isinstance(found, Mapping) else None
    if not isinstance(error, Mapping):
        return body[:300].decode("utf-8", "replace"), set()
    return str(error.get("message"))[:300], {str(error.get("code")), str(error.get("type"))}
