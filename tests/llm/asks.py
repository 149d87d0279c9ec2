"""Asking a server from a test, and what came of it."""

from collections import Counter
from collections.abc import Iterable

from dataflow_ops.llm.chat import Chat, Completion, Failure, Request
from dataflow_ops.llm.endpoint import Endpoint, Server
from tests.endpoint import Served


def requests(contents: Iterable[object]) -> list[Request]:
    return [Request("openai:tiny", Chat(({"role": "user", "content": str(content)},))) for content in contents]


def content(request: Request) -> str:
    return request.chat.messages[0]["content"]


class Outcomes:
    """What `done` was called with."""

    def __init__(self):
        self.of: dict[str, list[Completion | Failure]] = {}

    def __call__(self, request: Request, outcome: Completion | Failure) -> None:
        self.of.setdefault(content(request), []).append(outcome)

    @property
    def kinds(self) -> Counter[str]:
        every = [outcome for outcomes in self.of.values() for outcome in outcomes]
        return Counter(each.kind if isinstance(each, Failure) else "answered" for each in every)

    def with_kind(self, *kinds: str) -> set[str]:
        return {
            name
            for name, (outcome,) in self.of.items()
            if (outcome.kind if isinstance(outcome, Failure) else "answered") in kinds
        }


def server(served: Served, **settings) -> Server:
    return Server(served.url, "tiny", **{"backoff_s": 0.01, "timeout_s": 10, **settings})


def ask(served: Served, contents: Iterable[object], **settings) -> Outcomes:
    outcomes = Outcomes()
    with Endpoint(server(served, **settings)) as endpoint:
        endpoint.complete(requests(contents), outcomes)
    return outcomes
