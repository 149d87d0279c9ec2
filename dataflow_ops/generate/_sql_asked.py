"""What is asked about SQL: rows as text for a prompt, and each of them asked for an answer of its own."""

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import pyarrow as pa

from dataflow_ops.columns import get, strings
from dataflow_ops.errors import BadArgument, nearest
from dataflow_ops.generate._sql_levels import criteria
from dataflow_ops.llm.asking import ask
from dataflow_ops.llm.chat import Answer, Failure, Kind, Llm
from dataflow_ops.llm.prompts import PromptName

PLACES = ("table", "column", "key", "vector_table", "vector_column", "vector_key")
"""What says which texts have which vectors, called as in `databases.vectors.Vectorised`."""


def apart(
    table: pa.Table,
    llm: Llm,
    prompt: PromptName,
    holes: Mapping[str, str | Sequence[Any]],
    *,
    seed: int,
    **sampling: Any,
) -> list[Answer]:
    """Ask about each row; rows that would ask the very same get seeds of their own, in their order.

    A model that is asked the same with the same seed says the same, and many rows of a plan may differ in nothing that a
    prompt shows.
    """
    named = {each: strings(table, each) for each in holes.values() if isinstance(each, str)}
    values = [named[each].to_pylist() if isinstance(each, str) else each for each in holes.values()]
    turns = _turns(list(zip(*values, strict=True)))
    answers = [Answer()] * len(turns)
    for turn in range(max(turns, default=-1) + 1):
        places = [at for at, each in enumerate(turns) if each == turn]
        part = pa.table(named).take(pa.array(places, pa.int64()))
        filled = {name: each if isinstance(each, str) else [each[at] for at in places] for name, each in holes.items()}
        found = ask(part, llm, prompt, filled, seed=seed + turn, **sampling)
        for at, answer in zip(places, found, strict=True):
            answers[at] = answer
    return answers


def _turns(keys: Sequence[Hashable]) -> list[int]:
    """Return how often each key was there before."""
    seen: Counter[Hashable] = Counter()
    turns = []
    for key in keys:
        turns.append(seen[key])
        seen[key] += 1
    return turns


def as_text(table: pa.Table, name: str | None, otherwise: str) -> list[str]:
    """Return the values of a column as a prompt shows them, lists with commas; `otherwise` where there is nothing."""
    cells = [None] * table.num_rows if name is None else get(table, name).to_pylist()
    shown = [", ".join(str(each) for each in cell if each) if isinstance(cell, list) else cell for cell in cells]
    return [otherwise if cell is None or not str(cell).strip() else str(cell) for cell in shown]


def originals(table: pa.Table, transformation: str) -> list[int]:
    """Return the places of rows that are no variations."""
    if transformation not in table.column_names:
        return list(range(table.num_rows))
    return [at for at, kind in enumerate(table[transformation].to_pylist()) if kind is None]


def told(levels: Sequence[str | None]) -> list[str | None]:
    """Return what a query of each level is like; null for a level that nobody knows."""
    known = {str(level): criterion.text for level, criterion in criteria().items()}
    return [known.get(level or "") for level in levels]


def with_level(answer: Answer, level: str | None, criterion: str | None) -> Answer:
    """Return an answer; where nothing was asked because nobody knows the level, a failure that names it."""
    if criterion is not None or not level or not level.strip():
        return answer
    return Answer(
        failure=Failure(Kind.EMPTY, f"there is no level of complexity {level!r}; {nearest(level, criteria())}")
    )


def where(table: pa.Table, name: str) -> dict[str, list[str | None]]:
    """Return the fields of a column that says which texts have which vectors; nulls where a row says nothing."""
    kind = get(table, name).type
    fields = {field.name for field in kind.fields} if pa.types.is_struct(kind) else set()
    if not pa.types.is_null(kind) and not set(PLACES) <= fields:
        raise BadArgument(f"column {name!r} is {kind}: expected a struct with {', '.join(PLACES)}")
    rows = table[name].to_pylist()
    return {place: [row and row[place] for row in rows] for place in PLACES}
