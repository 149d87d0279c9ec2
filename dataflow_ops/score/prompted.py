"""Judge rows with a prompt of your own: a number, a label, or a verdict, each with the model's reason.

The prompts that are there by default have a hole `$text` and ask for a `task` in words; see `generate.prompted`.
"""

from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from dataflow_ops.columns import put
from dataflow_ops.errors import BadArgument
from dataflow_ops.llm.asking import ask, with_columns
from dataflow_ops.llm.chat import Llm
from dataflow_ops.llm.form import build
from dataflow_ops.llm.holes import Columns, fillings
from dataflow_ops.llm.prompts import PromptName, load
from dataflow_ops.op import Writes

ACCEPTED = "accepted"


def rating(
    table: pa.Table,
    llm: Llm,
    *,
    prompt: PromptName = "prompted/rating",
    columns: Columns = None,
    task: str = "",
    at_least: int = 1,
    at_most: int = 5,
    rating: Writes = "rating",
    reason: Writes = "rating_reason",
    temperature: float = 0.0,
    max_tokens: int = 1024,
    seed: int = 0,
) -> pa.Table:
    """Rate each row with a whole number from `at_least` to `at_most`, and say why.

    `task` says in words what is rated, for a prompt with a hole `$task`; prompts may have the holes `$at_least` and
    `$at_most`, others are filled by the columns of their names, or those that `columns` says: `{"hole": "column"}`.
    Raises BadArgument when no number lies between the bounds, or for a hole that nothing fills.
    """
    form = build({"reason": "text", "rating": {"integer": [at_least, at_most]}})
    asked = load(prompt)
    holes = fillings(asked, table.num_rows, columns, task=task, at_least=at_least, at_most=at_most)
    answers = ask(table, llm, asked, holes, schema=form, temperature=temperature, max_tokens=max_tokens, seed=seed)
    return with_columns(table, llm, answers, {rating: "rating", reason: "reason"}, schema=form)


def label(
    table: pa.Table,
    llm: Llm,
    *,
    choices: Sequence[str],
    prompt: PromptName = "prompted/label",
    columns: Columns = None,
    task: str = "",
    label: Writes = "label",
    reason: Writes = "label_reason",
    temperature: float = 0.0,
    max_tokens: int = 1024,
    seed: int = 0,
) -> pa.Table:
    """Give each row one of `choices`, and say why.

    `task` says in words what the labels tell apart; prompts may have a hole `$choices`, others are filled as those of
    `rating`. Raises BadArgument for choices that are empty or repeat each other.
    """
    form = build({"reason": "text", "label": list(choices)})
    asked = load(prompt)
    holes = fillings(asked, table.num_rows, columns, task=task, choices=list(choices))
    answers = ask(table, llm, asked, holes, schema=form, temperature=temperature, max_tokens=max_tokens, seed=seed)
    return with_columns(table, llm, answers, {label: "label", reason: "reason"}, schema=form)


def verdict(
    table: pa.Table,
    llm: Llm,
    *,
    prompt: PromptName = "prompted/verdict",
    columns: Columns = None,
    task: str = "",
    faults: Sequence[str] = ("not accepted",),
    verdict: Writes = "verdict",
    reason: Writes = "verdict_reason",
    objections: Writes = "objections",
    temperature: float = 0.0,
    max_tokens: int = 1024,
    seed: int = 0,
) -> pa.Table:
    """Decide of each row whether it is accepted, and say why: what `filters.prompted.accepted` goes by.

    `verdict` is `accepted` or one of `faults`. `objections` is a list: empty for a row that is accepted, else the
    fault, which can be counted, and the model's reason. `task` says in words what is required; prompts may have a hole
    `$verdicts`, others are filled as those of `rating`. Raises BadArgument for faults that are empty, repeat each other, or include `accepted`.
    """
    if not faults or ACCEPTED in faults:
        raise BadArgument(f"faults={faults!r}: expected one name or more for what is not {ACCEPTED!r}")
    form, asked = build({"reason": "text", "verdict": [ACCEPTED, *faults]}), load(prompt)
    holes = fillings(asked, table.num_rows, columns, task=task, verdicts=[ACCEPTED, *faults])
    answers = ask(table, llm, asked, holes, schema=form, temperature=temperature, max_tokens=max_tokens, seed=seed)
    judged = with_columns(table, llm, answers, {verdict: "verdict", reason: "reason"}, schema=form)
    against = [None if answer.failure else _objections(answer.value) for answer in answers]
    return put(judged, objections, pa.array(against, pa.list_(pa.string())))


def _objections(answer: Any) -> list[str]:
    return [] if answer.verdict == ACCEPTED else [answer.verdict, answer.reason]
