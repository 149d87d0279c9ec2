"""Write conversations of several turns: first all that the user says, then all replies at once."""

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Annotated, Any

import pyarrow as pa
from pydantic import BaseModel, Field

from dataflow_ops.columns import get
from dataflow_ops.errors import BadArgument
from dataflow_ops.llm.asking import ask, with_columns
from dataflow_ops.llm.chat import Answer, Failure, Kind, Llm
from dataflow_ops.llm.prompts import PromptName
from dataflow_ops.llm.schema import Passage, Sentences
from dataflow_ops.op import Reads, Writes

MOST_TURNS = 50
"""Questions that are answered in one go; a conversation of more is rejected."""


class _Message(BaseModel):
    role: str
    content: str


class _Conversation(BaseModel):
    """What becomes of questions and replies; no model is asked for it."""

    messages: list[_Message]


@lru_cache
def _questions(at_least: int, at_most: int) -> type[BaseModel]:
    class Questions(BaseModel):
        questions: Annotated[list[Sentences], Field(min_length=at_least, max_length=at_most)]

    return Questions


@lru_cache
def _replies(count: int) -> type[BaseModel]:
    class Replies(BaseModel):
        replies: Annotated[list[Passage], Field(min_length=count, max_length=count)]

    return Replies


def user_turns(
    table: pa.Table,
    llm: Llm,
    *,
    category: Reads = "category",
    topic: Reads = "topic",
    flow: Reads = "flow",
    persona: Reads = "persona",
    questions: Writes = "questions",
    at_least: Annotated[int, Field(ge=1, le=MOST_TURNS)] = 6,
    at_most: Annotated[int, Field(ge=1, le=MOST_TURNS)] = 8,
    prompt: PromptName = "conversations/user_turns",
    temperature: float = 0.9,
    max_tokens: int = 1024,
    seed: int = 0,
) -> pa.Table:
    """Write what a user says, message by message, from an intent and the course it usually takes.

    After ConsistentChat (Chen et al. 2025). `questions` is a list of strings, from `at_least` to `at_most` of them.
    """
    if at_least > at_most:
        raise BadArgument(f"at_least={at_least!r} is more than at_most={at_most!r}: no list fits")
    form, rows = _questions(at_least, at_most), table.num_rows
    holes: dict[str, str | Sequence[Any]] = {"category": category, "topic": topic, "flow": flow, "persona": persona}
    holes |= {"at_least": [at_least] * rows, "at_most": [at_most] * rows}
    answers = ask(table, llm, prompt, holes, schema=form, temperature=temperature, max_tokens=max_tokens, seed=seed)
    return with_columns(table, llm, answers, {questions: "questions"}, schema=form)


def replies(
    table: pa.Table,
    llm: Llm,
    *,
    questions: Reads = "questions",
    messages: Writes = "messages",
    prompt: PromptName = "conversations/replies",
    temperature: float = 0.7,
    max_tokens: int = 4096,
    seed: int = 0,
) -> pa.Table:
    """Reply to all messages of a user at once: `questions`, a list of strings, becomes whole `messages`.

    The form of the answer holds as many replies as there are questions, no more and no fewer; an answer with another
    number is asked for once again and then rejected with that reason.
    """
    asked = _lists(table, questions)
    answers = [_unfit(each) for each in asked]
    sampling: dict[str, Any] = {"temperature": temperature, "max_tokens": max_tokens, "seed": seed}
    for count in sorted({len(each) for each, known in zip(asked, answers, strict=True) if known is None}):
        places = [at for at, known in enumerate(answers) if known is None and len(asked[at]) == count]
        rows = table.take(pa.array(places, pa.int64()))
        holes = {"questions": [asked[at] for at in places], "count": [count] * len(places)}
        found = ask(rows, llm, prompt, holes, schema=_replies(count), **sampling)
        for at, answer in zip(places, found, strict=True):
            answers[at] = _conversation(asked[at], answer)
    done = [answer for answer in answers if answer is not None]
    return with_columns(table, llm, done, {messages: "messages"}, schema=_Conversation)


def _lists(table: pa.Table, name: str) -> list[Any]:
    kind = get(table, name).type
    inner = kind.value_type if pa.types.is_list(kind) or pa.types.is_large_list(kind) else kind
    strings = pa.types.is_string(inner) or pa.types.is_large_string(inner) or pa.types.is_null(inner)
    if not strings or (inner is kind and not pa.types.is_null(kind)):
        raise BadArgument(f"column {name!r} is {kind}: expected lists of strings, as generate.conversations.user_turns")
    return table[name].to_pylist()


def _unfit(questions: Sequence[str | None] | None) -> Answer | None:
    """Say why there is nothing to reply to; None where there is."""
    if questions is None or not questions:
        return Answer(failure=Failure(Kind.EMPTY, "there are no questions to reply to"))
    if any(each is None or not each.strip() for each in questions):
        return Answer(failure=Failure(Kind.EMPTY, "one of the questions is empty"))
    if len(questions) > MOST_TURNS:
        return Answer(failure=Failure(Kind.TOO_LONG, f"{len(questions)} questions; {MOST_TURNS} is the most"))
    return None


def _conversation(questions: Sequence[str], answer: Answer) -> Answer:
    if answer.failure:
        return answer
    turns = zip(questions, answer.value.replies, strict=True)
    said = [_Message(role=role, content=text) for turn in turns for role, text in zip(_ROLES, turn, strict=True)]
    return replace(answer, value=_Conversation(messages=said))


_ROLES = ("user", "assistant")
