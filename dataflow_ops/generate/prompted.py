"""Write with a prompt of your own: a text for each row, several typed columns, or new rows.

The prompt is the name of one of this package, or the text of one. Its holes are filled by `columns`, a mapping of holes to
columns; a hole that is not in it by the column of its name. The prompts that are there by default have a hole `$text`
and ask for a `task` in words: `column(table, llm, task="Say in one sentence what this is about.")`.
"""

from typing import Annotated, Any

import pyarrow as pa
import xxhash
from pydantic import BaseModel, Field, create_model

from dataflow_ops.errors import BadArgument
from dataflow_ops.llm.asking import ask, with_columns, with_rows
from dataflow_ops.llm.chat import Llm
from dataflow_ops.llm.form import Fields, build
from dataflow_ops.llm.holes import Columns, fillings
from dataflow_ops.llm.prompts import Prompt, PromptName, load
from dataflow_ops.llm.schema import fields as arrow_fields
from dataflow_ops.llm.schema import json_schema
from dataflow_ops.op import Writes

Count = Annotated[int, Field(ge=1, le=100)]


def column(
    table: pa.Table,
    llm: Llm,
    *,
    prompt: PromptName = "prompted/column",
    columns: Columns = None,
    task: str = "",
    written: Writes = "answer",
    temperature: float = 0.7,
    max_tokens: int = 1024,
    seed: int = 0,
) -> pa.Table:
    """Write one text for each row: what a prompt of your own makes of its columns.

    `task` says in words what to do, for a prompt with a hole `$task`; other holes are filled by the columns of their
    names, or those that `columns` says: `{"hole": "column"}`. Raises BadArgument for a hole that nothing fills.
    """
    asked = load(prompt)
    holes = fillings(asked, table.num_rows, columns, task=task)
    answers = ask(table, llm, asked, holes, temperature=temperature, max_tokens=max_tokens, seed=seed)
    return with_columns(table, llm, answers, {written: ""})


def columns(
    table: pa.Table,
    llm: Llm,
    *,
    fields: Fields,
    prompt: PromptName = "prompted/columns",
    columns: Columns = None,
    task: str = "",
    reason: Writes | None = None,
    temperature: float = 0.0,
    max_tokens: int = 1024,
    seed: int = 0,
) -> pa.Table:
    """Write several typed columns for each row, one for each of `fields`, from one answer.

    A field is `"words"`, `"text"` of some sentences, a `"passage"`, a `"boolean"`, one of several choices
    `["easy", "hard"]`, a number within bounds `{"integer": [1, 5]}` or `{"number": [0, 1]}`, or a list of these,
    `{"list": "words", "at_most": 5}`. With `reason` the model argues first, in a column of that name. A prompt with a
    hole `$form` shows the JSON schema; the others are filled as those of `column`. Raises BadArgument for fields that
    do not fit.
    """
    if reason in fields:
        raise BadArgument(f"reason={reason!r} is the name of a field, too; choose another column")
    form = build({**({reason: "text"} if reason else {}), **fields})
    asked = load(prompt)
    holes = fillings(asked, table.num_rows, columns, task=task, form=json_schema(form))
    answers = ask(table, llm, asked, holes, schema=form, temperature=temperature, max_tokens=max_tokens, seed=seed)
    return with_columns(table, llm, answers, {name: name for name in form.model_fields}, schema=form)


def rows(
    table: pa.Table,
    llm: Llm,
    *,
    fields: Fields,
    prompt: PromptName = "prompted/rows",
    columns: Columns = None,
    task: str = "",
    count: Count = 3,
    synthetic: Writes = "synthetic",
    temperature: float = 0.7,
    max_tokens: int = 2048,
    seed: int = 0,
) -> pa.Table:
    """Write up to `count` new rows for each row, each with `fields`, in its place.

    A new row keeps the columns of the one it is made of, names it in `parents`, and is marked in `synthetic`. `fields`
    are given as for the op `columns`; prompts may have the holes `$form`, a JSON schema, and `$count`, others are
    filled as those of `column`. Raises BadArgument for fields that do not fit.
    """
    one, asked = build(fields), load(prompt)
    form = _several(one, count)
    holes = fillings(asked, table.num_rows, columns, task=task, form=json_schema(form), count=count)
    answers = ask(table, llm, asked, holes, schema=form, temperature=temperature, max_tokens=max_tokens, seed=seed)
    made_by = f"generate.prompted.rows {_fingerprint(asked, task, fields)}"
    types = {**arrow_fields(one), synthetic: pa.bool_()}
    return with_rows(table, llm, answers, lambda value: _made(value, synthetic), types, made_by=made_by)


def _several(one: type[BaseModel], count: int) -> type[BaseModel]:
    several: Any = Annotated[list[one], Field(min_length=1, max_length=count)]  # type: ignore[valid-type]
    return create_model("Rows", rows=(several, ...))


def _made(answer: Any, synthetic: str) -> list[dict[str, Any]]:
    return [{**row.model_dump(), synthetic: True} for row in answer.rows]


def _fingerprint(prompt: Prompt, task: str, fields: dict[str, Any]) -> str:
    """Tell the rows that two different prompts make of the same row apart by their ids."""
    return xxhash.xxh3_64_hexdigest(repr([prompt.messages, task, fields]).encode())
