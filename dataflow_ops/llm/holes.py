"""What fills the holes of a prompt that its user chose: columns, the task in words, and settings of the op."""

from collections.abc import Sequence
from typing import Any

from dataflow_ops.errors import BadArgument
from dataflow_ops.llm.prompts import Prompt

Columns = dict[str, str] | None
"""A setting that maps the holes of a prompt to columns; a hole that is not in it is filled by the column of its name."""


def fillings(
    prompt: Prompt, rows: int, columns: Columns = None, *, task: str = "", **settings: Any
) -> dict[str, str | Sequence[Any]]:
    """Return what fills each hole of `prompt`, for `ask`: the name of a column, or the same value for all `rows`.

    `columns` comes first; then `task` and `settings`, as far as the prompt has holes of these names; then the column
    that is called like the hole. Raises BadArgument when the prompt asks for a task and none is given, or the reverse.
    """
    named = dict(columns or {})
    if "task" in prompt.holes - named.keys() and not task:
        raise BadArgument(f"prompt {prompt.name!r} asks for a task: say in `task` what the model is to do")
    if task and "task" not in prompt.holes:
        raise BadArgument(f"prompt {prompt.name!r} has no hole $task for task={task!r}: write it into the prompt")
    said = {"task": task, **settings}
    rest = prompt.holes - named.keys()
    return {**{hole: [said[hole]] * rows if hole in said else hole for hole in rest}, **named}
