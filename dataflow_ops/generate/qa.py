"""Write questions about a text, each with the answer that the text gives."""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Annotated, Any

import pyarrow as pa
from pydantic import BaseModel, Field

from dataflow_ops.llm.asking import ask, with_columns, with_rows
from dataflow_ops.llm.chat import Llm
from dataflow_ops.llm.prompts import PromptName
from dataflow_ops.llm.schema import Passage, Sentences
from dataflow_ops.op import Reads, Writes


class _Pair(BaseModel):
    question: Sentences
    answer: Passage


@lru_cache
def _focuses(at_most: int) -> type[BaseModel]:
    class Focuses(BaseModel):
        focuses: Annotated[list[Sentences], Field(min_length=1, max_length=at_most)]

    return Focuses


def focuses(
    table: pa.Table,
    llm: Llm,
    *,
    text: Reads = "text",
    focus: Writes = "focus",
    count: Annotated[int, Field(ge=1, le=20)] = 3,
    prompt: PromptName = "qa/focuses",
    temperature: float = 0.7,
    max_tokens: int = 1024,
    seed: int = 0,
) -> pa.Table:
    """Find up to `count` different things to ask about a text, and make a row of each.

    A made row keeps the columns of the text it comes from; `focus` says in a sentence what its question is to be
    about. What the model names twice is one row.
    """
    holes = {"text": text, "count": [count] * table.num_rows}
    sampling: dict[str, Any] = {"temperature": temperature, "max_tokens": max_tokens, "seed": seed}
    answers = ask(table, llm, prompt, holes, schema=_focuses(count), **sampling)
    types = {focus: pa.string(), "synthetic": pa.bool_()}
    return with_rows(table, llm, answers, lambda found: _each(found, focus), types, made_by="generate.qa.focuses")


def _each(found: Any, focus: str) -> Iterator[Mapping[str, Any]]:
    different: dict[str, str] = {}
    for each in found.focuses:
        different.setdefault(each.casefold(), each)
    for each in different.values():
        yield {focus: each, "synthetic": True}


def pairs(
    table: pa.Table,
    llm: Llm,
    *,
    text: Reads = "text",
    focus: Reads = "focus",
    question: Writes = "question",
    answer: Writes = "answer",
    prompt: PromptName = "qa/pairs",
    temperature: float = 0.3,
    max_tokens: int = 1024,
    seed: int = 0,
) -> pa.Table:
    """Ask one question with the `focus` given, and answer it from the text alone."""
    sampling: dict[str, Any] = {"temperature": temperature, "max_tokens": max_tokens, "seed": seed}
    answers = ask(table, llm, prompt, {"text": text, "focus": focus}, schema=_Pair, **sampling)
    return with_columns(table, llm, answers, {question: "question", answer: "answer"}, schema=_Pair)
