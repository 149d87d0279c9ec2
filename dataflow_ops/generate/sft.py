"""Write instructions and replies for supervised fine-tuning."""

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
    instruction: Passage
    output: Passage


@lru_cache
def _pairs(at_most: int) -> type[BaseModel]:
    class Pairs(BaseModel):
        pairs: Annotated[list[_Pair], Field(min_length=1, max_length=at_most)]

    return Pairs


class _Questions(BaseModel):
    easy: Sentences
    medium: Sentences
    hard: Sentences


def pairs(
    table: pa.Table,
    llm: Llm,
    *,
    text: Reads = "text",
    instruction: Writes = "instruction",
    output: Writes = "output",
    count: Annotated[int, Field(ge=1, le=10)] = 1,
    prompt: PromptName = "sft/pairs",
    temperature: float = 0.7,
    max_tokens: int = 2048,
    seed: int = 0,
) -> pa.Table:
    """Make up to `count` instructions with their replies from what a document knows, each a row of its own.

    A made row keeps the columns of the document it comes from.
    """
    holes = {"text": text, "count": [count] * table.num_rows}
    sampling: dict[str, Any] = {"temperature": temperature, "max_tokens": max_tokens, "seed": seed}
    answers = ask(table, llm, prompt, holes, schema=_pairs(count), **sampling)
    types = {instruction: pa.string(), output: pa.string(), "synthetic": pa.bool_()}

    def make(found: Any) -> Iterator[Mapping[str, Any]]:
        for pair in found.pairs:
            yield {instruction: pair.instruction, output: pair.output, "synthetic": True}

    return with_rows(table, llm, answers, make, types, made_by="generate.sft.pairs")


def questions(
    table: pa.Table,
    llm: Llm,
    *,
    topic: Reads = "topic",
    domain: Reads = "domain",
    theme: Reads = "theme",
    task_type: Reads = "task_type",
    instruction: Writes = "instruction",
    difficulty: Writes = "difficulty",
    prompt: PromptName = "sft/questions",
    temperature: float = 0.9,
    max_tokens: int = 1024,
    seed: int = 0,
) -> pa.Table:
    """Ask an easy, a medium and a hard question on one combination of a topic tree, each a row of its own.

    After Condor (Cao et al. 2025). A made row keeps topic, domain, theme and type of task; `difficulty` is easy,
    medium or hard.
    """
    holes = {"topic": topic, "domain": domain, "theme": theme, "task_type": task_type}
    sampling: dict[str, Any] = {"temperature": temperature, "max_tokens": max_tokens, "seed": seed}
    answers = ask(table, llm, prompt, holes, schema=_Questions, **sampling)
    types = {instruction: pa.string(), difficulty: pa.string(), "synthetic": pa.bool_()}

    def make(found: Any) -> Iterator[Mapping[str, Any]]:
        for level, asked in found.model_dump().items():
            yield {instruction: asked, difficulty: level, "synthetic": True}

    return with_rows(table, llm, answers, make, types, made_by="generate.sft.questions")


def answers(
    table: pa.Table,
    llm: Llm,
    *,
    instruction: Reads = "instruction",
    output: Writes = "output",
    prompt: PromptName = "sft/answers",
    temperature: float = 0.7,
    max_tokens: int = 2048,
    seed: int = 0,
) -> pa.Table:
    """Answer each instruction in plain text."""
    holes = {"instruction": instruction}
    found = ask(table, llm, prompt, holes, temperature=temperature, max_tokens=max_tokens, seed=seed)
    return with_columns(table, llm, found, {output: ""})


def critique(
    table: pa.Table,
    llm: Llm,
    *,
    instruction: Reads = "instruction",
    output: Reads = "output",
    critique: Writes = "critique",
    prompt: PromptName = "sft/critique",
    temperature: float = 0.3,
    max_tokens: int = 1024,
    seed: int = 0,
) -> pa.Table:
    """Say in plain text what is wrong with a reply and what would mend it."""
    holes = {"instruction": instruction, "output": output}
    found = ask(table, llm, prompt, holes, temperature=temperature, max_tokens=max_tokens, seed=seed)
    return with_columns(table, llm, found, {critique: ""})


def rewrite_by_critique(
    table: pa.Table,
    llm: Llm,
    *,
    instruction: Reads = "instruction",
    output: Reads = "output",
    critique: Reads = "critique",
    rewritten: Writes = "rewritten",
    prompt: PromptName = "sft/rewrite_by_critique",
    temperature: float = 0.7,
    max_tokens: int = 2048,
    seed: int = 0,
) -> pa.Table:
    """Write a reply anew with the faults mended that a critique names.

    The old reply stays beside the new one unless `rewritten` names its column.
    """
    holes = {"instruction": instruction, "output": output, "critique": critique}
    found = ask(table, llm, prompt, holes, temperature=temperature, max_tokens=max_tokens, seed=seed)
    return with_columns(table, llm, found, {rewritten: ""})
