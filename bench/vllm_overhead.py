"""What our server, client and seam cost over bare vLLM, on the same prompts: `python -m bench.vllm_overhead`.

A Llama of dummy weights, on the CPU or on a GPU. Both engines are up all the time and take turns, each with prompts
that neither has seen. Needs `make vllm`, or DATAFLOW_VLLM_PYTHON.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench.report import table
from dataflow_ops.llm.chat import Chat, Completion, Request, Sampling
from dataflow_ops.llm.endpoint import Endpoint, Server
from dataflow_ops.llm.vllm.backend import AT_ONCE
from dataflow_ops.llm.vllm.kept import find, folder_of
from dataflow_ops.llm.vllm.lease import lease
from dataflow_ops.llm.vllm.processes import Life, life, members
from dataflow_ops.llm.vllm.server import VllmSettings, interpreter

ROOT = Path(__file__).parents[1]
ENGINE = {"load_format": "dummy", "dtype": "float32", "enforce_eager": True, "kv_cache_memory_bytes": 512 << 20}


def main() -> None:
    """Print seconds per round and what the way through the server adds."""
    given = arguments()
    os.environ.setdefault("VLLM_CACHE_ROOT", str(ROOT / ".cache" / "vllm"))
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    with tempfile.TemporaryDirectory() as folder:
        model = write_model(Path(folder), given)
        with bare(Path(folder), model, given) as ask_bare, through_server(Path(folder), model, given) as ask_server:
            rounds = [measured(number, given, ask_bare, ask_server) for number in range(given.rounds + 1)]
    report(rounds[1:], given)  # the first one warms both


def arguments() -> argparse.Namespace:
    """Return what is measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name, value in {"prompts": 200, "tokens": 32, "rounds": 5, "hidden": 256, "layers": 4, "seqs": 128}.items():
        parser.add_argument(f"--{name}", type=int, default=value)
    return parser.parse_args()


def write_model(folder: Path, given: argparse.Namespace) -> Path:
    """Write config and tokenizer of a Llama of the size asked for."""
    python = interpreter(VllmSettings("llama"))
    subprocess.run([python, ROOT / "tests" / "vllm" / "tiny.py", folder], check=True)
    path = folder / "llama" / "config.json"
    heads = given.hidden // 64
    size = {"hidden_size": given.hidden, "intermediate_size": 4 * given.hidden, "num_hidden_layers": given.layers}
    path.write_text(json.dumps(json.loads(path.read_text()) | size | {"num_attention_heads": heads}))
    return path.parent


@contextmanager
def bare(folder: Path, model: Path, given: argparse.Namespace) -> Iterator[Any]:
    """Give a function that asks vLLM in its own process."""
    answers = folder / "answers.jsonl"
    answers.touch()
    settings = {"model": str(model), "tokens": given.tokens, "max_num_seqs": given.seqs, "answers": str(answers)}
    (folder / "bare.json").write_text(json.dumps(settings | ENGINE))
    words = [interpreter(VllmSettings("llama")), Path(__file__).with_name("vllm_bare.py"), folder / "bare.json"]
    with (
        (folder / "bare.log").open("w") as log,
        answers.open() as said,
        subprocess.Popen(
            words, stdin=subprocess.PIPE, stdout=log, stderr=log, text=True, start_new_session=True
        ) as process,
    ):
        leader = life(process.pid)

        def ask(prompts: list[str]) -> list[float]:
            assert process.stdin
            before = cpu_seconds(leader)
            process.stdin.write(json.dumps(prompts) + "\n")
            process.stdin.flush()
            while not (line := said.readline()):
                if process.poll() is not None:
                    sys.exit((folder / "bare.log").read_text()[-3000:])
                time.sleep(0.05)
            return [*json.loads(line), cpu_seconds(leader) - before]

        yield ask


@contextmanager
def through_server(folder: Path, model: Path, given: argparse.Namespace) -> Iterator[Any]:
    """Give a function that asks a leased server by the endpoint client."""
    flags = ("--load-format", "dummy", "--dtype", "float32", "--enforce-eager", "--max-num-seqs", str(given.seqs))
    memory = ("--kv-cache-memory-bytes", str(ENGINE["kv_cache_memory_bytes"]))
    settings = VllmSettings(str(model), flags=(*flags, *memory), warm_seconds=0, served_name="llama")
    with lease(settings, "bench", root=folder / "leases") as leased:
        kept = find(folder_of(folder / "leases", settings, "bench"))
        assert kept
        server = Server(
            leased.url,
            leased.model,
            leased.key,
            timeout_s=1800,
            concurrency=AT_ONCE,
            at_first=AT_ONCE,
            extra={"ignore_eos": True},
        )
        with Endpoint(server, name="vllm:llama") as endpoint:
            yield lambda prompts: asked(endpoint, kept.server, prompts, given.tokens)


def cpu_seconds(leader: Life) -> float:
    """Return the CPU time that the processes of a session took so far."""
    fields = [Path(f"/proc/{each.pid}/stat").read_bytes().rpartition(b")")[2].split() for each in members(leader)]
    return sum(int(each[11]) + int(each[12]) for each in fields) / os.sysconf("SC_CLK_TCK")


def asked(endpoint: Endpoint, server: Life, prompts: list[str], tokens: int) -> list[float]:
    """Return the seconds all prompts took, how many tokens were made, and CPU seconds of the server and of us."""
    sampling = Sampling(temperature=0.0, max_tokens=tokens)
    requests = [Request("vllm:llama", Chat(({"role": "user", "content": prompt},)), sampling) for prompt in prompts]
    made: list[int] = []

    def done(_request: Request, outcome: Any) -> None:
        if not isinstance(outcome, Completion):
            sys.exit(f"no answer: {outcome}")
        made.append(outcome.usage.completion_tokens)

    began, before = time.perf_counter(), cpu_seconds(server) + time.process_time()
    endpoint.complete(requests, done)
    took = time.perf_counter() - began
    return [took, sum(made), cpu_seconds(server) + time.process_time() - before]


def measured(number: int, given: argparse.Namespace, ask_bare: Any, ask_server: Any) -> dict[str, list[float]]:
    """Return what one round took both ways; who goes first alternates."""
    ways = [("bare", ask_bare), ("server", ask_server)]
    took = {
        name: ask([f"{name} {number}.{i}: what is there to say of number {i * 7919}?" for i in range(given.prompts)])
        for name, ask in (ways if number % 2 else ways[::-1])
    }
    sys.stderr.write(f"round {number}: {took}\n")
    return took


def report(rounds: list[dict[str, list[float]]], given: argparse.Namespace) -> None:
    """Print a table, and the medians over rounds of how much more the server took."""
    rows = []
    for number, each in enumerate(rounds, start=1):
        (bare_s, bare_tokens, bare_cpu), (server_s, server_tokens, server_cpu) = each["bare"], each["server"]
        assert bare_tokens == server_tokens == given.prompts * given.tokens
        rows.append([str(number), f"{bare_s:.2f}", f"{server_s:.2f}", f"{bare_cpu:.2f}", f"{server_cpu:.2f}"])
    print(f"{given.prompts} prompts, {given.tokens} tokens each, hidden {given.hidden}, {given.layers} layers")
    print(table(["round", "bare vLLM, s", "server and client, s", "bare, CPU s", "server and client, CPU s"], rows))
    for name, at in (("wall", 0), ("CPU", 2)):
        more = statistics.median(each["server"][at] / each["bare"][at] for each in rounds) - 1
        print(f"{name} time, median: {100 * more:+.1f} %")


if __name__ == "__main__":
    main()
