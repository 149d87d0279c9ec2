"""What an op is given as `llm`: looks up what is answered already, asks the rest, reads the answers, keeps the count."""

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from types import TracebackType
from typing import Any, Protocol

from pydantic import BaseModel

from dataflow_ops.llm import vectors
from dataflow_ops.llm.chat import Answer, Backend, Chat, Completion, Failure, Kind, Request, Sampling, Usage
from dataflow_ops.llm.forecast import Forecast
from dataflow_ops.llm.schema import THOUGHT, json_schema, read


def free(prompt_tokens: int, completion_tokens: int) -> float:  # noqa: ARG001 - what a price table is asked for
    """Return the price of what runs on one's own machine."""
    return 0.0


REPAIR = """\
Your answer could not be read: {why}.
Answer the same question again, with nothing but one JSON object of this form:
{form}"""


class Memory(Protocol):
    """Where answers are kept: `dataflow_ops.llm.answers.Answers`."""

    def find(self, requests: Sequence[Request]) -> Mapping[bytes, Completion]:
        """Return the answers there are, by key."""

    def put(self, request: Request, completion: Completion) -> None:
        """Keep an answer."""

    def flush(self) -> None:
        """Let every machine see what was kept."""

    def close(self) -> None:
        """Flush and let go."""


class Model(AbstractContextManager["Model"]):
    """A backend with a memory: what is answered once is never asked again.

    With `ask_again`, answers in memory that cannot be read are asked for anew: to redo rejected rows.
    """

    def __init__(
        self,
        name: str,
        backend: Backend,
        *,
        memory: Memory | None = None,
        price: Callable[[int, int], float | None] = free,
        ask_again: bool = False,
    ):
        self.name, self.backend, self.memory = name, backend, memory
        self.ask_again = ask_again
        self.forecast = Forecast(name, price)
        self.usage = Usage()

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
        """Return `n` answers for each chat, in order; see `chat.Llm`."""
        sampling = Sampling(temperature=temperature, max_tokens=max_tokens, seed=seed)
        form = json_schema(schema) if schema else None
        requests = [Request(self.backend.model, chat, sampling, form, sample) for chat in chats for sample in range(n)]
        answers = self._answers(requests, schema)
        self._repair(requests, answers, schema)
        if self.memory:
            self.memory.flush()
        return answers

    def embed(self, texts: Sequence[str]) -> list[Answer]:
        """Return a vector for each text, in order; the same text is sent once, and never again."""
        requests = [vectors.request(self.backend.model, text) for text in texts]
        known = dict(self.memory.find(requests)) if self.memory else {}
        rest = {request.key: text for request, text in zip(requests, texts, strict=True) if request.key not in known}
        self.usage += Usage(cached=len(texts) - len(rest), requests=len(rest))
        found = dict(zip(rest, self.backend.embed(list(rest.values())), strict=True)) if rest else {}
        if self.memory:
            self._keep(self.memory, requests, found)
        answers = {key: vectors.answer(completion) for key, completion in known.items()}
        answers |= {key: Answer(failure=v) if isinstance(v, Failure) else Answer(v) for key, v in found.items()}
        return [answers[request.key] for request in requests]

    @staticmethod
    def _keep(memory: Memory, requests: Sequence[Request], found: Mapping[bytes, list[float] | Failure]) -> None:
        for key, request in {request.key: request for request in requests}.items():
            vector = found.get(key)
            if isinstance(vector, list):
                memory.put(request, vectors.completion(vector))

    def close(self) -> None:
        """Keep what is not kept yet, and let go of the backend."""
        try:
            self.backend.close()
        finally:
            if self.memory:
                self.memory.close()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _answers(self, requests: Sequence[Request], schema: type[BaseModel] | None) -> list[Answer]:
        """Return what memory knows and ask the rest, each question once however many rows ask it."""
        known = dict(self.memory.find(requests)) if self.memory else {}
        answers = {key: _answer(completion, schema) for key, completion in known.items()}
        if self.ask_again:
            answers = {key: answer for key, answer in answers.items() if answer.failure is None}
        rest = {request.key: request for request in requests if request.key not in answers}
        self.usage += Usage(cached=len(requests) - len(rest))
        self.forecast.begin(list(rest.values()), len(requests) - len(rest))
        if rest:
            answers |= self._asked(list(rest.values()), schema)
        return [answers[request.key] for request in requests]

    def _asked(self, requests: Sequence[Request], schema: type[BaseModel] | None) -> dict[bytes, Answer]:
        answers: dict[bytes, Answer] = {}

        def done(request: Request, outcome: Completion | Failure) -> None:
            self.usage += outcome.usage
            if isinstance(outcome, Completion):
                if self.memory:
                    self.memory.put(request, outcome)
                self.forecast.answered(outcome.usage)
            answers[request.key] = _answer(outcome, schema)

        self.backend.complete(requests, done)
        return answers

    def _repair(self, requests: Sequence[Request], answers: list[Answer], schema: type[BaseModel] | None) -> None:
        """Show a model once what was wrong with its answer, and ask again."""
        broken = [at for at, answer in enumerate(answers) if _unreadable(answer)]
        if schema is None or not broken:
            return
        again = [_mended(requests[at], answers[at]) for at in broken]
        for at, answer in zip(broken, self._answers(again, schema), strict=True):
            if not (answer.failure and answers[at].failure and answer.failure.kind != Kind.UNPARSABLE):
                answers[at] = replace(answer, usage=answers[at].usage + answer.usage)


def _unreadable(answer: Answer) -> bool:
    return answer.failure is not None and answer.failure.kind == Kind.UNPARSABLE


def _mended(request: Request, answer: Answer) -> Request:
    why = REPAIR.format(why=answer.failure.detail if answer.failure else "", form=json.dumps(request.schema))
    more: list[dict[str, Any]] = [{"role": "user", "content": why}]
    return replace(request, chat=replace(request.chat, messages=(*request.chat.messages, *more)))


def _answer(outcome: Completion | Failure, schema: type[BaseModel] | None) -> Answer:
    if isinstance(outcome, Failure):
        return Answer(failure=outcome)
    found: Any = read(schema, outcome.text) if schema else THOUGHT.sub("", outcome.text).strip()
    if outcome.finish == "length" and (schema is None or isinstance(found, Failure)):
        found = Failure(Kind.TOO_LONG, f"the answer did not end within max_tokens: {outcome.text[:60]!r} …")
    elif found == "":
        found = Failure(Kind.UNPARSABLE, "the answer is empty")
    if isinstance(found, Failure):
        return Answer(failure=found, usage=outcome.usage)
    return Answer(found, usage=outcome.usage)
