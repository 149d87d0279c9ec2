"""What a model says of SQL: whether it answers its question."""

from collections.abc import Sequence
from typing import Any

import pyarrow as pa
from pydantic import BaseModel

from dataflow_ops.columns import put, strings
from dataflow_ops.llm.asking import ask, with_values
from dataflow_ops.llm.chat import Llm
from dataflow_ops.llm.prompts import PromptName
from dataflow_ops.llm.schema import Sentences
from dataflow_ops.op import Reads, Writes

NO_EVIDENCE = "(none)"
"""What a prompt says where a question needs no evidence."""


class _Correspondence(BaseModel):
    reason: Sentences
    corresponds: bool


def corresponds(
    table: pa.Table,
    llm: Llm,
    *,
    sql: Reads = "sql",
    question: Reads = "question",
    evidence: Reads | None = "evidence",
    schema: Reads = "schema",
    dialect: Reads = "dialect",
    mismatch: Writes = "mismatch",
    prompt: PromptName = "sql/corresponds",
    temperature: float = 0.0,
    max_tokens: int = 1024,
    seed: int = 0,
) -> pa.Table:
    """Say in what a query does not answer its question; null where it answers it, no more and no less.

    The model is shown the schema, the question with its evidence, and the query, and gives its reason before its
    verdict. `evidence` is a column or None; null and blank count as none. What the query returns is not shown: whether
    question and result agree is for execution to prove, see `score.sql.compared`.
    """
    told = [None] * table.num_rows if evidence is None else strings(table, evidence).to_pylist()
    shown = [each if each and each.strip() else NO_EVIDENCE for each in told]
    holes: dict[str, str | Sequence[Any]] = {
        "dialect": dialect, "schema": schema, "question": question, "evidence": shown, "sql": sql,
    }  # fmt: skip
    sampling: dict[str, Any] = {"temperature": temperature, "max_tokens": max_tokens, "seed": seed}
    answers = ask(table, llm, prompt, holes, schema=_Correspondence, **sampling)
    found = [None if each.value is None or each.value.corresponds else each.value.reason for each in answers]
    return with_values(put(table, mismatch, pa.array(found, pa.string())), llm, answers)
