"""A vLLM server as who answers: leased when first asked, let go of when the task is done."""

import logging
import shlex
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from dataflow_ops.errors import BadArgument, nearest
from dataflow_ops.llm.chat import Done, Failure, Request
from dataflow_ops.llm.endpoint import Endpoint
from dataflow_ops.llm.server import Server
from dataflow_ops.llm.vllm.lease import lease
from dataflow_ops.llm.vllm.server import VllmSettings

log = logging.getLogger(__name__)

AT_ONCE = 256
"""Requests in flight: what a server queues by itself, and has at hand when a place in its batch is free."""
FREE = {"input": 0.0, "output": 0.0}


class Vllm:
    """A `Backend`. Where all answers are known already no server is started: GPUs are not for looking things up."""

    def __init__(
        self,
        model: str,
        given: Mapping[str, Any],
        *,
        run: str,
        root: Path,
        before: Callable[[Request], None] | None = None,
    ):
        self.model = f"vllm:{model}"
        self._settings, self._run, self._root, self._before = _settings(model, given), run, root, before
        self._held = ExitStack()
        self._endpoint: Endpoint | None = None

    def complete(self, requests: Sequence[Request], done: Done) -> None:
        """Ask the server."""
        self._asked().complete(requests, done)

    def embed(self, texts: Sequence[str]) -> list[list[float] | Failure]:
        """Return a vector for each text."""
        return self._asked().embed(texts)

    def close(self) -> None:
        """Let go of the server: it stays warm for the next task of the run, for a while."""
        self._endpoint = None
        self._held.close()

    def _asked(self) -> Endpoint:
        if self._endpoint is None:
            leased = self._held.enter_context(lease(self._settings, self._run, root=self._root))
            log.info(
                "%s at %s, %s", self.model, leased.url, "started" if leased.started else "warm from an earlier task"
            )
            # A long prompt on a busy GPU waits its turn: that is no reason to give up on it.
            server = Server(
                leased.url, leased.model, leased.key, timeout_s=1800, concurrency=AT_ONCE, at_first=AT_ONCE, prices=FREE
            )
            endpoint = Endpoint(server, name=self.model, before=self._before)
            self._endpoint = self._held.enter_context(endpoint)
        return self._endpoint


def _settings(model: str, given: Mapping[str, Any]) -> VllmSettings:
    known = ("python", "flags", "warm_seconds", "start_seconds", "served_name")
    for name in given.keys() - set(known):
        raise BadArgument(f"vLLM has no setting {name!r}; {nearest(name, known)}")
    settings = dict(given)
    if isinstance(settings.get("flags"), str):
        settings["flags"] = tuple(shlex.split(settings["flags"]))
    if "python" in settings:
        settings["python"] = Path(settings["python"])
    return VllmSettings(model, **settings)
