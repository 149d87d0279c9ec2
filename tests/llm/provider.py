"""A provider with a batch API: a real HTTP server that counts what it answers and fails when told to."""

import json
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Provider:
    """The state of the server, and what it does wrong."""

    def __init__(self):
        self.url = ""
        self.lock = threading.Lock()
        self.files: dict[str, bytes] = {}
        self.jobs: dict[str, dict[str, Any]] = {}
        self.polls_to_end = 1
        self.status = "completed"
        """How jobs end."""
        self.errors: list[dict[str, str]] = []
        self.answer = lambda content: (200, completion(f"answer to {content}"))
        """What a question is answered with: status and body; None leaves it out."""
        self.faults: list[tuple[str, str]] = []
        """The next calls that go wrong: a prefix of `METHOD /path`, and `500`, `late 500` or `cut`."""
        self.calls: Counter[str] = Counter()
        self.answered: Counter[str] = Counter()
        """How often each question was answered: what is paid for."""

    @contextmanager
    def serve(self) -> Iterator["Provider"]:
        """Serve on a free port."""
        server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (Handler,), {"provider": self}))
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        self.url = f"http://127.0.0.1:{server.server_port}"
        try:
            yield self
        finally:
            server.shutdown()
            thread.join()
            server.server_close()

    def add_file(self, data: bytes) -> str:
        """Keep a file; return its id."""
        name = f"file-{len(self.files)}"
        self.files[name] = data
        return name

    def add_job(self, wanted: dict[str, Any]) -> dict[str, Any]:
        """Begin a job."""
        name = f"batch-{len(self.jobs)}"
        self.jobs[name] = {"id": name, "object": "batch", "status": "validating", "polls": 0, **wanted}
        return self.jobs[name]

    def poll(self, name: str) -> dict[str, Any] | None:
        """Return how a job stands; each time it is a step further."""
        job = self.jobs.get(name)
        if job and job["status"] in ("validating", "in_progress"):
            job["polls"] += 1
            job["status"] = "in_progress"
            if job["polls"] >= self.polls_to_end:
                self.end(job)
        return job

    def end(self, job: dict[str, Any]) -> None:
        """End a job: nothing is answered if it failed, the first half if it is cut short, or else all."""
        job["status"] = self.status
        if self.status == "failed":
            job["errors"] = {"object": "list", "data": self.errors}
            return
        lines = [json.loads(line) for line in self.files[job["input_file_id"]].splitlines()]
        half = lines if self.status == "completed" else lines[: len(lines) // 2]
        answered = [found for line in half if (found := self.line(line))]
        # In any order, as the real one.
        job["output_file_id"] = self.add_file(b"\n".join(json.dumps(each).encode() for each in answered[::-1]))
        if half != lines:
            expired = {"code": "batch_expired", "message": "not executed in time"}
            rest = [{"custom_id": line["custom_id"], "response": None, "error": expired} for line in lines[len(half) :]]
            job["error_file_id"] = self.add_file(b"\n".join(json.dumps(each).encode() for each in rest))

    def line(self, line: dict[str, Any]) -> dict[str, Any] | None:
        """Answer one line of a job."""
        content = line["body"]["messages"][0]["content"]
        found = self.answer(content)
        if found is None:
            return None
        self.answered[content] += found[0] == 200
        response = {"status_code": found[0], "request_id": "r", "body": found[1]}
        return {"id": "x", "custom_id": line["custom_id"], "response": response, "error": None}


class Handler(BaseHTTPRequestHandler):
    """The calls of the batch API."""

    provider: Provider
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Answer for jobs and files."""
        path, _, query = self.path.removeprefix("/v1").partition("?")
        with self.provider.lock:
            self.provider.calls[f"GET {path}"] += 1
            if path == "/batches":
                found: Any = self._page(query)
            elif path.startswith("/batches/"):
                found = self.provider.poll(path.split("/")[2])
            else:
                found = self.provider.files.get(path.split("/")[2])
        self._send(f"GET {path}", 404 if found is None else 200, found)

    def do_POST(self) -> None:
        """Take files and jobs."""
        data, path = self.rfile.read(int(self.headers["Content-Length"])), self.path.removeprefix("/v1")
        call = f"POST {path}"
        if self.headers["Authorization"] != "Bearer right":
            return self._send(call, 401, {"error": {"message": "Incorrect API key provided: wrong", "code": "x"}})
        with self.provider.lock:
            self.provider.calls[call] += 1
            if (call, "500") in self.provider.faults:
                return self._send(call, 200, None)
            if path == "/files":
                boundary = self.headers["Content-Type"].partition("boundary=")[2].encode()
                parts = [part.partition(b"\r\n\r\n") for part in data.split(b"--" + boundary)[1:-1]]
                fields = {head.split(b'name="')[1].split(b'"')[0]: body[:-2] for head, _, body in parts}
                assert fields[b"purpose"] == b"batch"
                found = {"id": self.provider.add_file(fields[b"file"])}
            else:
                found = self.provider.add_job(json.loads(data))
        return self._send(call, 200, found)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""

    def _page(self, query: str) -> dict[str, Any]:
        after = dict(pair.split("=") for pair in query.split("&")).get("after")
        latest = list(self.provider.jobs.values())[::-1]
        start = 1 + [job["id"] for job in latest].index(after) if after else 0
        return {"data": latest[start : start + 2], "has_more": start + 2 < len(latest)}

    def _send(self, call: str, status: int, found: Any) -> None:
        fault = next((each for each in self.provider.faults if call.startswith(each[0])), None)
        if fault:
            self.provider.faults.remove(fault)
        if fault and fault[1] != "cut":
            status, found = 500, {"error": {"message": "try again"}}
        data = (
            found if isinstance(found, bytes) else json.dumps(found or {"error": {"message": "no such thing"}}).encode()
        )
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data[: len(data) // 2] if fault and fault[1] == "cut" else data)
        if fault:
            self.close_connection = True


def completion(text: str, tokens: tuple[int, int] = (100, 10)) -> dict[str, Any]:
    """Return the body of an answer."""
    usage = {"prompt_tokens": tokens[0], "completion_tokens": tokens[1], "total_tokens": sum(tokens)}
    message = {"role": "assistant", "content": text}
    return {"choices": [{"index": 0, "message": message, "finish_reason": "stop"}], "usage": usage}
