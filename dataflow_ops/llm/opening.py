"""The seam: a model by its name.

    with open_llm("openai:gpt-4o-mini", Access(server={"url": "https://…", "key": "…"})) as llm:
        table = generate.text.qa_style(table, llm)

| name | who answers |
| --- | --- |
| `openai:<model>` | a server that speaks OpenAI's protocol |
| `openai-batch:<model>` | the same, by batch jobs: within a day, at half price |
| `vllm:<model>` | a vLLM server that is started on this machine and ends with the task |
| `rehearsal`, `rehearsal:errors=0.1,seed=3` | plain rules, no model |
| `replay:<one of the above>` | only what it answered before |
"""

import os
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dataflow_ops.errors import BadArgument, nearest
from dataflow_ops.llm.chat import Backend, Request
from dataflow_ops.llm.model import Memory, Model, free
from dataflow_ops.llm.prices import Price
from dataflow_ops.llm.rehearsal import NAME, Rehearsal
from dataflow_ops.llm.replay import Replay
from dataflow_ops.llm.server import Server

if TYPE_CHECKING:
    from dataflow_ops.llm.purse import Purse

Before = Callable[[Request], None]
"""Called right before a request is sent; it may raise CeilingReached."""
Jobs = Callable[[Server, Before], Backend]
"""Makes who asks in batch jobs: `batch_api.BatchApi` with the store that remembers them."""
Dollars = Callable[[int, int], float | None]
KINDS = ("openai", "openai-batch", "vllm", "rehearsal", "replay")


@dataclass(frozen=True)
class Access:
    """What a connection says: how servers are reached, and how vLLM is run."""

    server: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """Fields of `server.Server`; `model` is used where the name of the model is left out, as in `openai:`."""
    vllm: Mapping[str, Any] = field(default_factory=dict)
    """Fields of `vllm.server.VllmSettings` but the model."""


@dataclass(frozen=True)
class Spec:
    """The name of a model, taken apart."""

    kind: str
    model: str
    replayed: bool = False

    @classmethod
    def parse(cls, text: str) -> "Spec":
        """Read `kind:model`; BadArgument with the nearest kind when there is no such one."""
        kind, _, model = text.strip().partition(":")
        if kind == "replay":
            inner = cls.parse(model)
            if inner.replayed or inner.kind == NAME:
                raise BadArgument(f"model {text!r}: only what a model answered can be replayed; replay:openai:…")
            return cls(inner.kind, inner.model, replayed=True)
        if kind not in KINDS:
            raise BadArgument(f"model {text!r}: expected <kind>:<model>; no kind {kind!r}; {nearest(kind, KINDS)}")
        if kind == "vllm" and not model:
            raise BadArgument(f"model {text!r}: expected vllm:<name or folder of a model>")
        return cls(kind, model)

    def named(self, access: Access) -> str:
        """Return the name that requests are remembered by: the same whichever way the same model is asked."""
        if self.kind == NAME:
            return NAME
        model = self.model or access.server.get("model", "")
        if not model:
            raise BadArgument("model 'openai:': expected openai:<model>, or a connection that names a model")
        return f"{self.kind.removesuffix('-batch')}:{model}"


def open_llm(
    spec: str,
    access: Access | None = None,
    *,
    memory: Memory | None = None,
    purse: "Purse | None" = None,
    run: str = "",
    ask_again: bool = False,
    jobs: Jobs | None = None,
) -> Model:
    """Return the model called `spec`; nothing is connected or started before something is asked.

    `memory` holds answers over runs, `purse` what may be spent. `run` is whom a vLLM server is kept warm for. `jobs`
    makes the backend of batch jobs, which remembers what it submitted.
    """
    parsed, given = Spec.parse(spec), access or Access()
    name = parsed.named(given)
    if parsed.replayed:
        if memory is None:
            raise BadArgument(f"model {spec!r}: there are no answers to replay; name the folder that holds them")
        return Model(f"replay of {name}", Replay(memory, name), memory=memory)
    if parsed.kind == NAME:
        return Model(NAME, Rehearsal.parse(parsed.model))
    before = purse.before if purse else None
    if parsed.kind == "vllm":
        backend = _vllm(parsed, given, run, before)
    elif parsed.kind == "openai-batch":
        backend = _jobs(server_of(name, given), jobs, before)
    else:
        backend = _endpoint(server_of(name, given), name, before)
    if purse:
        backend = _bounded(backend, purse)
    return Model(name, backend, memory=memory, price=price_of(parsed, given), ask_again=ask_again)


def price_of(spec: Spec, access: Access) -> Dollars:
    """Return what gives the dollars for prompt tokens and completion tokens, None where no price is known."""
    if spec.kind == "vllm":
        return free
    return partial(_dollars, server_of(spec.named(access), access).price)


def _jobs(server: Server, jobs: Jobs | None, before: Before | None) -> Backend:
    if jobs is None:
        raise BadArgument("openai-batch: jobs are remembered beside the answers; name a folder for answers")
    return jobs(server, before or (lambda _: None))


def _dollars(price: Price | None, prompt_tokens: int, completion_tokens: int) -> float | None:
    return price.of(prompt_tokens, completion_tokens) if price else None


def _bounded(backend: Backend, purse: "Purse") -> Backend:
    from dataflow_ops.llm.purse import Bounded  # noqa: PLC0415 - knows stores

    return Bounded(backend, purse)


def server_of(name: str, access: Access) -> Server:
    """Return the server that `access` names and the model on it; BadArgument when it names none."""
    if not access.server.get("url"):
        raise BadArgument(f"model {name!r}: no server is named; set the host of the connection, https://…/v1")
    return Server(**{**access.server, "model": name.partition(":")[2]})


def _endpoint(server: Server, name: str, before: Before | None) -> Backend:
    from dataflow_ops.llm.endpoint import Endpoint  # noqa: PLC0415 - aiohttp is not for parsing DAG files

    return Endpoint(server, before=before, name=name)


def _vllm(spec: Spec, access: Access, run: str, before: Before | None) -> Backend:
    from dataflow_ops.llm.vllm.backend import Vllm  # noqa: PLC0415 - starts processes

    return Vllm(spec.model, access.vllm, run=run, root=scratch() / "vllm", before=before)


def scratch() -> Path:
    """Return the folder of this machine for journals and servers: `DATAFLOW_HOME`, else one beside temporary files."""
    home = os.environ.get("DATAFLOW_HOME")
    return Path(home) if home else Path(tempfile.gettempdir()) / f"dataflow-ops-{os.getuid()}"
