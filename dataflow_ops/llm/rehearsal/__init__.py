"""No model at all: plain rules that answer with something of the right shape, so that a pipeline can be tried whole.

Each prompt `subject/op` has one small function `op` in the module `subject` beside this file: it is given the values
that fill the prompt's holes and a seeded random source, and returns a mapping for a prompt with a schema, else text. A
prompt without such a function, one of your own, is answered from its schema alone. What is made this way is never
called model output: rows, manifests and cards say `rehearsal`.
"""

import json
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import xxhash

from dataflow_ops.errors import BadArgument
from dataflow_ops.llm.chat import Chat, Completion, Done, Failure, Kind, Request, Usage
from dataflow_ops.llm.prompts import load
from dataflow_ops.llm.rehearsal.shapes import instance

Rule = Callable[[Mapping[str, Any], random.Random], Any]
NAME = "rehearsal"
DIMENSIONS = 64
"""Of the vectors that stand in for embeddings."""


@dataclass(frozen=True)
class Rehearsal:
    """Answers by rule, the same for the same request; a part of them, `errors`, is wrong, unparsable or refused."""

    errors: float = 0.0
    seed: int = 0
    model: str = NAME

    @classmethod
    def parse(cls, settings: str) -> "Rehearsal":
        """Read `errors=0.1,seed=3`; BadArgument says what does not fit."""
        given = dict(each.partition("=")[::2] for each in settings.split(",") if each)
        try:
            errors, seed = float(given.pop("errors", 0.0)), int(given.pop("seed", 0))
        except ValueError as error:
            raise BadArgument(f"rehearsal:{settings}: {error}; expected rehearsal:errors=0.1,seed=3") from error
        if given or not 0 <= errors <= 1:
            raise BadArgument(f"rehearsal:{settings}: expected `errors`, from 0 to 1, and `seed`")
        return cls(errors, seed)

    def complete(self, requests: Sequence[Request], done: Done) -> None:
        """Answer all `requests`, in order."""
        for request in requests:
            done(request, self._outcome(request))

    def embed(self, texts: Sequence[str]) -> list[list[float] | Failure]:
        """Return hashed bags of words: texts that share words are near to each other, and nothing more."""
        return [_bag(text) for text in texts]

    def close(self) -> None:
        """Let go of nothing."""

    def _outcome(self, request: Request) -> Completion | Failure:
        draw = random.Random(f"{self.seed} {request.key.hex()}")  # noqa: S311 - not for secrets
        text = _shown(_reply(request, draw))
        if draw.random() >= self.errors:
            return Completion(text, usage=Usage(requests=1))
        kind = draw.choice(["wrong", "unparsable", "refused"])
        if kind == "refused":
            return Failure(Kind.REFUSED, "rehearsed refusal")
        wrong = _shown(instance(request.schema, draw) if request.schema else "")
        return Completion(wrong if kind == "wrong" else text[: len(text) // 2], usage=Usage(requests=1))


def _reply(request: Request, draw: random.Random) -> Any:
    rule = rule_of(request.chat)
    if rule is not None:
        return rule(request.chat.values, draw)
    return instance(request.schema, draw) if request.schema else _own_words(request.chat, draw)


def rule_of(chat: Chat) -> Rule | None:
    """Return the function that answers a prompt; None when there is none, or its holes are not those it knows.

    A prompt of one's own stands in under the name of one of this package, and may have other holes.
    """
    rule = _rule(chat.prompt)
    return rule if rule and load(chat.prompt).holes <= chat.values.keys() else None


@lru_cache
def _rule(prompt: str) -> Rule | None:
    subject, _, op = prompt.partition("/")
    module = f"{__name__}.{subject}"
    if not subject.isidentifier() or not find_spec(module):
        return None
    found: Rule | None = getattr(import_module(module), op, None)
    return found


def _shown(reply: Any) -> str:
    return reply if isinstance(reply, str) else json.dumps(reply, ensure_ascii=False)


def _own_words(chat: Chat, draw: random.Random) -> str:
    words = str(chat.messages[-1]["content"]).split()
    start = draw.randrange(max(len(words) - 40, 1))
    return "Rehearsed: " + " ".join(words[start : start + 40])


def _bag(text: str) -> list[float]:
    vector = [0.0] * DIMENSIONS
    for word in text.lower().split():
        digest = xxhash.xxh3_64_intdigest(word.encode())
        vector[digest % DIMENSIONS] += 1.0 if digest >> 32 & 1 else -1.0
    norm = sum(value * value for value in vector) ** 0.5 or 1.0
    return [value / norm for value in vector]
