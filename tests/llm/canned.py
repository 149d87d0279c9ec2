"""A backend whose answers a test writes down: the edge of the machine, where a server would be."""

from collections.abc import Sequence

from dataflow_ops.llm.chat import Completion, Done, Failure, Request, Usage
from dataflow_ops.llm.model import Model

TOOK = Usage(requests=1, prompt_tokens=10, completion_tokens=5)
"""What each canned answer took."""


class Canned:
    """Gives `outcomes` one after the other, whatever is asked; `asked` holds the requests that came."""

    def __init__(self, *outcomes: str | Completion | Failure, model: str = "canned"):
        self.outcomes, self.model = list(outcomes), model
        self.asked: list[Request] = []

    def complete(self, requests: Sequence[Request], done: Done) -> None:
        for request in requests:
            assert self.outcomes, f"asked more often than answers were canned: {request.chat.messages[-1]}"
            self.asked.append(request)
            outcome = self.outcomes.pop(0)
            done(request, Completion(outcome, usage=TOOK) if isinstance(outcome, str) else outcome)

    def embed(self, texts: Sequence[str]) -> list[list[float] | Failure]:
        return [[float(len(text))] for text in texts]

    def close(self) -> None:
        self.outcomes.clear()


def canned(*outcomes: str | Completion | Failure) -> Model:
    """Return what an op is given as `llm`, answering with `outcomes`."""
    return Model("canned", Canned(*outcomes))
