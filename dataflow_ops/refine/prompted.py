"""Change a column with a prompt of your own."""

import pyarrow as pa
import pyarrow.compute as pc

from dataflow_ops.columns import put
from dataflow_ops.llm.asking import ask, with_columns
from dataflow_ops.llm.chat import Llm
from dataflow_ops.llm.holes import Columns, fillings
from dataflow_ops.llm.prompts import PromptName, load
from dataflow_ops.op import Changes, Writes


def rewrite(
    table: pa.Table,
    llm: Llm,
    *,
    text: Changes = "text",
    prompt: PromptName = "prompted/rewrite",
    columns: Columns = None,
    task: str = "",
    raw: Writes | None = None,
    temperature: float = 0.0,
    max_tokens: int = 4096,
    seed: int = 0,
) -> pa.Table:
    """Rewrite `text` as a task in words, or a prompt of your own, says.

    The hole `$text` of the prompt is filled by the column `text`, others as `columns` says; see `generate.prompted`.
    With `raw` the text as it was is kept in a column of that name. A row without an answer, or with nothing to
    rewrite, keeps its text and is rejected. Raises BadArgument for a hole that nothing fills.
    """
    asked = load(prompt)
    named = {**({"text": text} if "text" in asked.holes else {}), **(columns or {})}
    holes = fillings(asked, table.num_rows, named, task=task)
    answers = ask(table, llm, asked, holes, temperature=temperature, max_tokens=max_tokens, seed=seed)
    before, done = table[text], with_columns(table, llm, answers, {text: ""})
    after = put(done, text, pc.coalesce(done[text].cast(before.type), before))
    return put(after, raw, before) if raw else after
