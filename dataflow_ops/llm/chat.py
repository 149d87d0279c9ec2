"""What is asked of a model and what comes back: the words that all of `dataflow_ops.llm` speaks."""

import hashlib
import json
import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import astuple, dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any, Protocol

from pydantic import BaseModel

Message = Mapping[str, Any]
"""`{"role": "system" | "user" | "assistant", "content": text}`; content may be a list of parts, as for images."""


class Kind(StrEnum):
    """Why there is no answer."""

    EMPTY = "empty"
    """A value that the prompt needs is null or blank: nothing was asked."""
    REFUSED = "refused"
    """The model or its provider declined: a refusal, a content filter, a request it says is not valid."""
    UNPARSABLE = "unparsable"
    """The answer is not of the form that was asked for, nor was the second one."""
    TOO_LONG = "too long"
    """The prompt does not fit the model, or the answer did not end within `max_tokens`."""
    TIMEOUT = "timeout"
    """No answer in time, each time it was asked for."""
    SERVER = "server"
    """The server failed, each time it was asked."""
    UNANSWERED = "unanswered"
    """A replay, and the journal holds no answer."""


@dataclass(frozen=True)
class Usage:
    """What answers took: tokens by the server's own count, money by the price table (None: no price is known)."""

    requests: int = 0
    cached: int = 0
    """Answers that were there already: nothing was asked."""
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: float | None = 0.0

    def __add__(self, other: "Usage") -> "Usage":
        return self._with(other, operator.add)

    def __sub__(self, other: "Usage") -> "Usage":
        return self._with(other, operator.sub)

    def _with(self, other: "Usage", sign: Callable[[Any, Any], Any]) -> "Usage":
        """Combine each number with its like; a cost that is not known leaves the other unknown."""
        pairs = zip(astuple(self), astuple(other), strict=True)
        combined: list[Any] = [None if None in pair else sign(*pair) for pair in pairs]
        return Usage(*combined)


@dataclass(frozen=True)
class Failure:
    """Why one request has no answer; `detail` is what the server or the check said."""

    kind: Kind
    detail: str
    usage: Usage = field(default_factory=Usage, compare=False)
    """What was charged all the same: for refusals, and for answers that could not be used."""

    def __str__(self) -> str:
        return f"{self.kind}: {self.detail}"


@dataclass(frozen=True)
class Chat:
    """Messages to a model, and which prompt with which values they were made of: what a rehearsal answers from."""

    messages: tuple[Message, ...]
    prompt: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Sampling:
    """How a model draws its answer."""

    temperature: float | None = None
    max_tokens: int = 1024
    seed: int = 0
    top_p: float | None = None


@dataclass(frozen=True)
class Request:
    """One question for one answer. Its `key` names the answer in every journal, whoever asks and from where."""

    model: str
    chat: Chat
    sampling: Sampling = field(default_factory=Sampling)
    schema: Mapping[str, Any] | None = None
    """A JSON schema that the answer must fit; None for plain text."""
    sample: int = 0
    """Which of several answers to the same question."""

    @cached_property
    def space(self) -> str:
        """Return 12 hex digits shared by requests to one model with the same sampling and schema."""
        sampling = self.sampling
        return _digest([self.model, sampling.temperature, sampling.max_tokens, sampling.top_p, self.schema]).hex()[:12]

    @cached_property
    def key(self) -> bytes:
        """Return 16 bytes made of all that shapes the answer: model, messages, sampling, schema, sample number."""
        return _digest([self.space, self.chat.messages, self.sampling.seed, self.sample])


def _digest(value: Any) -> bytes:
    return hashlib.sha256(json.dumps(value, sort_keys=True, ensure_ascii=False).encode()).digest()[:16]


@dataclass(frozen=True)
class Completion:
    """What a server answered, before it is read."""

    text: str
    finish: str = "stop"
    """Why the answer ended: `stop`, or `length` when `max_tokens` ran out."""
    usage: Usage = field(default_factory=Usage)


@dataclass(frozen=True)
class Answer:
    """What came of one question: a value, or the failure that explains why there is none."""

    value: Any = None
    failure: Failure | None = None
    usage: Usage = field(default_factory=Usage)


Done = Callable[[Request, Completion | Failure], None]
"""Called once for each request, as soon as its outcome is known, in any order, in the caller's thread."""


class Backend(Protocol):
    """Who answers: an endpoint, a rehearsal, a journal."""

    @property
    def model(self) -> str:
        """What the answers are said to come from: part of every key."""

    def complete(self, requests: Sequence[Request], done: Done) -> None:
        """Ask all `requests` and call `done` for each; raise only what concerns them all (wrong key, no server)."""

    def embed(self, texts: Sequence[str]) -> list[list[float] | Failure]:
        """Return a vector for each text, in order."""

    def close(self) -> None:
        """Let go of connections and servers."""


class Llm(Protocol):
    """What an op is given as `llm`."""

    name: str
    """`openai:gpt-4o-mini`, `vllm:…`, `rehearsal`, `replay of …`: what rows are stamped with."""

    def chat(
        self,
        chats: Sequence[Chat],
        *,
        schema: type[BaseModel] | None = None,
        n: int = 1,
        temperature: float | None = None,
        max_tokens: int = 1024,
        seed: int = 0,
    ) -> list[Answer]:
        """Return `n` answers for each chat, those of a chat next to each other, chats in their order.

        With `schema` a value is an instance of it, else a string. A chat that cannot be answered does not raise: its
        answer holds a failure.
        """

    def embed(self, texts: Sequence[str]) -> list[Answer]:
        """Return a vector (list of floats) for each text, in order."""
