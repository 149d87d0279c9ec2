"""Write text to pretrain on."""

import pyarrow as pa

from dataflow_ops.llm.asking import ask, with_columns
from dataflow_ops.llm.chat import Llm
from dataflow_ops.llm.prompts import PromptName
from dataflow_ops.op import Reads, Writes


def qa_style(
    table: pa.Table,
    llm: Llm,
    *,
    text: Reads = "text",
    rewritten: Writes = "rewritten",
    prompt: PromptName = "text/qa_style",
    temperature: float = 0.7,
    max_tokens: int = 2048,
    seed: int = 0,
) -> pa.Table:
    """Rewrite a document as questions and answers about what it says.

    After the synthetic web rewrites of Phi-4 (Abdin et al. 2024). `rewritten` is plain text: a line `Question: …`, a
    line `Answer: …` and an empty line for each pair.
    """
    answers = ask(table, llm, prompt, {"text": text}, temperature=temperature, max_tokens=max_tokens, seed=seed)
    return with_columns(table, llm, answers, {rewritten: ""})
