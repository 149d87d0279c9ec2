"""What asking a model server costs the client: `python -m bench.llm_client [--clients ours requests] [--latency 0 0.2]`.

Requests per second and CPU time of the client per request, with 64, 256 and 1,024 requests at once, against a server in
a process of its own that does nothing but wait: ours, a thread pool of `requests.post`, and the official openai client.
The latter two live in an environment of their own, made by the first run. Each measurement is a process of its own;
sessions are warm before the clock starts.
"""

import argparse
import asyncio
import json
import subprocess
import sys
import time
import venv
from collections.abc import Callable, Iterable
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__)
ENVIRONMENT = HERE.parent / "envs" / "openai"
PACKAGES = ["openai==2.9.0", "requests==2.32.5"]
PROMPT = "Is this sentence grammatical? Answer yes or no, and say why in a few words. " * 8
MESSAGES = [{"role": "user", "content": PROMPT}]
TURNS = 10
"""Requests measured, per request in flight."""
LONGEST_S = 300

Ask = Callable[[int], int]
"""Ask so many times; return how many were answered."""


class Waiter(asyncio.Protocol):
    """One connection to a server that answers every request alike, after a while."""

    def __init__(self, latency: float, answer: bytes):
        self.latency, self.answer, self.buffer = latency, answer, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the connection."""
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer once the whole request is there."""
        self.buffer += data
        head, found, body = self.buffer.partition(b"\r\n\r\n")
        length = head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]
        if not found or len(body) < int(length or 0):
            return
        self.buffer = b""
        asyncio.get_running_loop().call_later(self.latency, self.write)

    def write(self) -> None:
        """Send the answer, unless the client has gone."""
        if not self.transport.is_closing():
            self.transport.write(self.answer)  # type: ignore[attr-defined]


async def serve(latency: float) -> None:
    """Print the address and answer until killed."""
    usage = {"prompt_tokens": 150, "completion_tokens": 12, "total_tokens": 162}
    choice = {"index": 0, "message": {"role": "assistant", "content": "yes: it has a subject and a verb"}}
    answer = {"id": "a", "object": "chat.completion", "created": 1, "model": "tiny", "usage": usage}
    body = json.dumps({**answer, "choices": [{**choice, "finish_reason": "stop", "logprobs": None}]}).encode()
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Waiter(latency, head + body), "127.0.0.1", 0, backlog=4096)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1", flush=True)
    await server.serve_forever()


def ours(url: str, concurrency: int) -> Ask:
    """Return what asks with our client."""
    from dataflow_ops.llm.chat import Chat, Completion, Request
    from dataflow_ops.llm.endpoint import Endpoint, Server

    endpoint = Endpoint(Server(url, "tiny", key="sk-none", concurrency=concurrency))

    def ask(count: int) -> int:
        outcomes = []
        chat = Chat(tuple(MESSAGES))
        asked = [Request(endpoint.model, chat, sample=number) for number in range(count)]
        endpoint.complete(asked, lambda _, outcome: outcomes.append(outcome))
        return sum(isinstance(outcome, Completion) for outcome in outcomes)

    return ask


def posts(url: str, concurrency: int) -> Ask:
    """Return what asks with a thread pool of `requests.post`."""
    from concurrent.futures import ThreadPoolExecutor

    import requests

    pool = ThreadPoolExecutor(concurrency)
    headers = {"Authorization": "Bearer sk-none"}

    def one(number: int) -> int:
        body = {"model": "tiny", "messages": MESSAGES, "seed": number}
        try:
            response = requests.post(f"{url}/chat/completions", headers=headers, json=body, timeout=(10, 120))
            return len(response.json()["choices"])
        except requests.RequestException:
            return 0

    return lambda count: sum(pool.map(one, range(count)))


def official(url: str, concurrency: int) -> Ask:
    """Return what asks with the official openai client, as many at once by a semaphore."""
    import openai

    runner = asyncio.Runner()
    client = openai.AsyncOpenAI(base_url=url, api_key="sk-none", max_retries=0, timeout=120)

    async def one(number: int, slots: asyncio.Semaphore) -> int:
        async with slots:
            try:
                answer = await client.chat.completions.create(model="tiny", messages=MESSAGES, seed=number)  # type: ignore
                return len(answer.choices)
            except openai.APIError:
                return 0

    async def every(count: int) -> int:
        slots = asyncio.Semaphore(concurrency)
        return sum(await asyncio.gather(*(one(number, slots) for number in range(count))))

    return lambda count: runner.run(every(count))


CLIENTS = {"ours": ours, "requests": posts, "openai": official}
NAMES = {"ours": "ours", "requests": "thread pool of `requests.post`", "openai": "openai client"}


def measure(client: str, url: str, concurrency: int) -> dict[str, float]:
    """Ask in this process and return what it took."""
    ask = CLIENTS[client](url, concurrency)
    ask(4 * concurrency)
    count = TURNS * concurrency
    wall, cpu = time.monotonic(), time.process_time()
    answered = ask(count)
    wall, cpu = time.monotonic() - wall, time.process_time() - cpu
    return {"per_second": answered / wall, "cpu_ms": cpu / count * 1000, "failed": count - answered}


def environment() -> Path:
    """Return the interpreter of the environment with the other clients, made when it is not there."""
    python = ENVIRONMENT / "bin" / "python"
    if not python.exists():
        venv.create(ENVIRONMENT, symlinks=True, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", *PACKAGES], check=True)
    return python


@contextmanager
def server(latency: float) -> Iterable[str]:
    """Run the server in a process of its own."""
    process = subprocess.Popen([sys.executable, HERE, "--serve", str(latency)], stdout=subprocess.PIPE, text=True)
    try:
        yield process.stdout.readline().strip()  # type: ignore[union-attr]
    finally:
        process.kill()
        process.wait()


def cell(client: str, latency: float, concurrency: int) -> str:
    """Measure in a process of its own and say what came of it."""
    python = Path(sys.executable) if client == "ours" else environment()
    module = ["-m", "bench.llm_client"] if client == "ours" else [str(HERE)]
    with server(latency) as url:
        command = [python, *module, "--measure", client, url, str(concurrency)]
        kept = {"capture_output": True, "text": True, "timeout": LONGEST_S, "cwd": HERE.parent.parent}
        try:
            done = subprocess.run(command, check=False, **kept)
        except subprocess.TimeoutExpired:
            return f"not done in {LONGEST_S} s"
    if done.returncode:
        return done.stderr.strip().splitlines()[-1][:60]
    found = json.loads(done.stdout)
    failed = f", {found['failed']:,.0f} failed" if found["failed"] else ""
    return f"{found['per_second']:,.0f}/s, {found['cpu_ms']:.2f} ms{failed}"


def main() -> None:
    """Measure all, or play a part in a measurement."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clients", nargs="+", choices=CLIENTS, default=list(CLIENTS))
    parser.add_argument("--latency", nargs="+", type=float, default=[0, 0.2], help="seconds that the server waits")
    parser.add_argument("--concurrency", nargs="+", type=int, default=[64, 256, 1024])
    parser.add_argument("--serve", type=float, help=argparse.SUPPRESS)
    parser.add_argument("--measure", nargs=3, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve is not None:
        asyncio.run(serve(given.serve))
    elif given.measure:
        client, url, concurrency = given.measure
        print(json.dumps(measure(client, url, int(concurrency))))
    else:
        print(f"| server | client | {' | '.join(f'{each:,} at once' for each in given.concurrency)} |")
        print(f"|---|---|{'---|' * len(given.concurrency)}")
        for latency in given.latency:
            for client in given.clients:
                cells = [cell(client, latency, each) for each in given.concurrency]
                print(f"| {latency * 1000:.0f} ms | {NAMES[client]} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
