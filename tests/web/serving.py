"""A web server that says exactly what a test wants it to say, also what no proper server says."""

import socketserver
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

Answer = bytes | Callable[[Callable[[bytes], None]], None]
"""The bytes of an answer, head and all, or what is given a function that sends some."""


def page(content: bytes = b"<html>hello</html>", status: str = "200 OK", **headers: str) -> bytes:
    """Return an answer with its length, and headers: `content_type` is `Content-Type`."""
    named = {"content-length": str(len(content))} | {key.replace("_", "-"): value for key, value in headers.items()}
    lines = "".join(f"{key}: {value}\r\n" for key, value in named.items())
    return f"HTTP/1.1 {status}\r\n{lines}\r\n".encode() + content


def moved(location: str, status: str = "302 Found") -> bytes:
    """Return a redirect."""
    return page(b"", status, location=location)


NOT_FOUND = page(b"nothing", "404 Not Found")


@dataclass
class Site:
    """A server: its answers by path, one after the other where there are several, and what it was asked."""

    answers: dict[str, Answer | list[Answer]]
    port: int = 0
    host: str = "127.0.0.1"
    asked: list[tuple[float, str, bytes]] = field(default_factory=list)

    def url(self, path: str = "/") -> str:
        """Return an address here."""
        return f"http://{self.host}:{self.port}{path}"

    @property
    def paths(self) -> list[str]:
        """What was asked for, robots.txt aside."""
        return [path for _, path, _ in self.asked if path != "/robots.txt"]

    def answer(self, path: str) -> Answer:
        """Return the next answer of a path; the last one stays."""
        found = self.answers.get(path, NOT_FOUND)
        if isinstance(found, list):
            return found.pop(0) if len(found) > 1 else found[0]
        return found


@contextmanager
def serving(answers: dict[str, Answer | list[Answer]] | None = None, host: str = "127.0.0.1") -> Iterator[Site]:
    """Run a server until the block ends."""
    site = Site(dict(answers or {}), host=host)
    stopped = threading.Event()

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            self.request.settimeout(0.2)
            head = b""
            while not stopped.is_set() and not head.endswith(b"\r\n\r\n"):
                try:
                    piece = self.request.recv(65_536)
                except TimeoutError:
                    continue
                if not piece:
                    return
                head += piece
            path = head.split(b" ")[1].decode() if head else ""
            site.asked.append((time.monotonic(), path, head))
            self.request.settimeout(10)
            answer = site.answer(path)
            try:
                answer(self.send) if callable(answer) else self.send(answer)
            except (ConnectionError, TimeoutError):
                return

        def send(self, data: bytes) -> None:
            if stopped.is_set():
                raise ConnectionResetError
            self.request.sendall(data)

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        allow_reuse_address = True

    with Server((host, 0), Handler) as server:
        site.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield site
        finally:
            stopped.set()
            server.shutdown()
            thread.join()
