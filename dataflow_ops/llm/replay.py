"""A replay: answers from the row cache and from nowhere else. Nothing is asked, nothing is paid."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from dataflow_ops.llm.chat import Completion, Done, Failure, Kind, Request


class Known(Protocol):
    """Where answers are looked up: `dataflow_ops.llm.answers.Answers`."""

    def find(self, requests: Sequence[Request]) -> Mapping[bytes, Completion]:
        """Return the answers there are, by key."""


class Replay:
    """A backend that gives the answers that `model` once gave.

    What was never asked is a failure of kind `unanswered`. Vectors are not kept, so that there are none to replay.
    """

    def __init__(self, known: Known, model: str):
        self.known, self.model = known, model

    def complete(self, requests: Sequence[Request], done: Done) -> None:
        """Look all `requests` up and call `done` for each, in order."""
        found = self.known.find(requests)
        missing = Failure(Kind.UNANSWERED, f"the row cache holds no answer of {self.model!r} to this question")
        for request in requests:
            done(request, found.get(request.key, missing))

    def embed(self, texts: Sequence[str]) -> list[list[float] | Failure]:
        """Return a failure for each text."""
        return [Failure(Kind.UNANSWERED, "vectors are not kept in the row cache")] * len(texts)

    def close(self) -> None:
        """Do nothing: who opened the row cache closes it."""
