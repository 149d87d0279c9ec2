"""A leased server of real vLLM: answers, refusals, and its end."""

import json
import os
import signal
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Literal
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from pydantic import BaseModel, Field

from dataflow_ops.errors import BadArgument
from dataflow_ops.llm import chat
from dataflow_ops.llm.endpoint import Endpoint, Server
from dataflow_ops.llm.vllm.kept import find
from dataflow_ops.llm.vllm.lease import lease
from dataflow_ops.llm.vllm.processes import alive, members
from dataflow_ops.llm.vllm.server import VllmSettings
from tests.vllm.conftest import CACHE, FLAGS, PYTHON, Served
from tests.vllm.tiny import WINDOW
from tests.waiting import wait_until

PROMPTS = 48


class Verdict(BaseModel):
    """An answer whose every part is bounded: else a model of random weights would write on and on."""

    score: int = Field(ge=0, le=5)
    label: Literal["good", "bad", "unclear"]
    words: list[Literal["red", "green", "blue"]] = Field(max_length=3)
    why: str = Field(max_length=12)


def ask(served: Served, text: str, key: str | None = None, **more: Any) -> dict[str, Any]:
    """Return the first choice of a chat completion."""
    body = {"model": served.model, "messages": [{"role": "user", "content": text}], "temperature": 0, **more}
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {key or served.key}"}
    with urlopen(Request(f"{served.url}/chat/completions", json.dumps(body).encode(), headers), timeout=300) as answer:
        return json.load(answer)["choices"][0]


def status(served: Served, text: str, **more: Any) -> int:
    """Return the HTTP status of a chat completion."""
    try:
        ask(served, text, **more)
    except HTTPError as error:
        return error.code
    return 200


def test_every_answer_fits_the_schema(served: Served) -> None:
    shape = {"type": "json_schema", "json_schema": {"name": "Verdict", "schema": Verdict.model_json_schema()}}
    with ThreadPoolExecutor(16) as pool:
        asked = [f"Number {i}: is this good?" for i in range(PROMPTS)]
        answers = list(pool.map(lambda text: ask(served, text, response_format=shape, max_tokens=256), asked))
    read = [Verdict.model_validate_json(answer["message"]["content"]) for answer in answers]
    assert len(read) == PROMPTS
    assert {answer["finish_reason"] for answer in answers} == {"stop"}


def test_greedy_answers_and_their_probabilities_are_the_same_again(served: Served) -> None:
    first, second = (ask(served, "Say something.", max_tokens=16, logprobs=True) for _ in range(2))
    assert first["message"]["content"] == second["message"]["content"]
    likely = [[token["logprob"] for token in one["logprobs"]["content"]] for one in (first, second)]
    assert likely[0] == pytest.approx(likely[1], abs=1e-4)


def test_a_prompt_that_is_too_long_fails_alone(served: Served) -> None:
    with ThreadPoolExecutor(3) as pool:
        texts = ["short", "long " * WINDOW, "short as well"]
        assert list(pool.map(lambda text: status(served, text, max_tokens=8), texts)) == [200, 400, 200]


def test_only_the_key_opens(served: Served) -> None:
    assert status(served, "Hello", key="another") == 401


def test_the_client_of_all_servers_asks_it(served: Served) -> None:
    texts = [*(f"Number {i}" for i in range(20)), "long " * WINDOW]
    asked = [
        chat.Request(
            f"vllm:{served.model}",
            chat.Chat(({"role": "user", "content": text},)),
            chat.Sampling(temperature=0.0, max_tokens=256),
            Verdict.model_json_schema(),
        )
        for text in texts
    ]
    outcomes: dict[bytes, chat.Completion | chat.Failure] = {}
    server = Server(served.url, served.model, served.key, timeout_s=300)
    with Endpoint(server, name=f"vllm:{served.model}") as endpoint:
        endpoint.complete(asked, lambda request, outcome: outcomes.update({request.key: outcome}))
    *short, long = (outcomes[request.key] for request in asked)
    assert [Verdict.model_validate_json(one.text) for one in short if isinstance(one, chat.Completion)]
    assert all(isinstance(one, chat.Completion) for one in short)
    assert isinstance(long, chat.Failure)
    assert long.kind is chat.Kind.TOO_LONG


def test_a_model_that_is_not_one(tmp_path: Path, around: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in around.items():
        monkeypatch.setenv(name, value)
    nothing = tmp_path / "nothing"
    nothing.mkdir()
    settings = VllmSettings(str(nothing), PYTHON, (*FLAGS, *CACHE), start_seconds=300)
    with pytest.raises(BadArgument, match="no such model") as raised, lease(settings, "run", root=tmp_path / "leases"):
        pytest.fail("there is no model")
    assert "Invalid repository ID" in str(raised.value)


def test_nothing_is_left_when_the_task_is_killed(served: Served) -> None:
    (noted,) = served.root.glob("*/keeper.json")
    kept = find(noted.parent)
    assert kept
    before = list(members(kept.server))
    assert len(before) > 1, "the engine is a process of its own"
    assert sum(map(resident, before)) > 300 << 20
    with ThreadPoolExecutor(4) as pool:
        asking = [pool.submit(ask, served, f"Write. {i}", max_tokens=400, ignore_eos=True) for i in range(4)]
        os.kill(served.holder.pid, signal.SIGKILL)
        wait_until(lambda: not any(map(alive, before)), 10)
        assert all(request.exception() for request in asking)
    assert list(members(kept.server)) == []
    assert sum(map(resident, before)) == 0


def resident(one: Any) -> int:
    """Return the bytes of memory that a process holds."""
    try:
        pages = Path(f"/proc/{one.pid}/statm").read_text().split()[1]
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return int(pages) * os.sysconf("SC_PAGE_SIZE")
