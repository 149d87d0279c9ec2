"""How a model op asks about the rows of a table, and puts the answers beside them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import xxhash
from pydantic import BaseModel

from dataflow_ops.columns import get, put
from dataflow_ops.llm import prompts
from dataflow_ops.llm.chat import Answer, Failure, Kind, Llm
from dataflow_ops.llm.schema import fields
from dataflow_ops.op import ANSWERED_BY, REJECTED

NOT_A_MODEL = ("rehearsal", "replay")
"""How names begin of what answers without a model."""


def ask(
    table: pa.Table,
    llm: Llm,
    prompt: prompts.PromptName,
    holes: Mapping[str, str | Sequence[Any]],
    *,
    schema: type[BaseModel] | None = None,
    n: int = 1,
    temperature: float | None = None,
    max_tokens: int = 1024,
    seed: int = 0,
) -> list[Answer]:
    """Ask about each row; return `n` answers for each, in order.

    `holes` says what fills the holes of the prompt: the name of a column, or a value for each row. A row with a null
    among them, or a blank text in a column, is not asked about: its answers are failures of kind `empty`.
    """
    loaded = prompts.load(prompt)
    loaded.check(holes)
    columns = {name: _values(table, given) for name, given in holes.items()}
    rows = [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
    empty = [next((name for name, value in row.items() if _is_empty(value, holes[name])), None) for row in rows]
    chats = [loaded.fill(row) for row, missing in zip(rows, empty, strict=True) if missing is None]
    sampling: dict[str, Any] = {"temperature": temperature, "max_tokens": max_tokens, "seed": seed}
    answers = iter(llm.chat(chats, schema=schema, n=n, **sampling) if chats else ())
    return [next(answers) if missing is None else _empty(missing, holes) for missing in empty for _ in range(n)]


def _values(table: pa.Table, given: str | Sequence[Any]) -> Sequence[Any]:
    if not isinstance(given, str):
        return given
    return get(table, given).to_pylist()


def _is_empty(value: Any, given: str | Sequence[Any]) -> bool:
    """Take a blank cell for an empty one; a blank value that an op chose is meant so."""
    return value is None or (isinstance(given, str) and isinstance(value, str) and not value.strip())


def _empty(hole: str, holes: Mapping[str, str | Sequence[Any]]) -> Answer:
    named = holes[hole]
    return Answer(failure=Failure(Kind.EMPTY, f"nothing in {named if isinstance(named, str) else hole!r}"))


def with_columns(
    table: pa.Table,
    llm: Llm,
    answers: Sequence[Answer],
    columns: Mapping[str, str],
    *,
    schema: type[BaseModel] | None = None,
) -> pa.Table:
    """Add one answer to each row: `columns` maps new columns to fields of the schema, or one to "" for plain text.

    A row without an answer stays, says why in the column `_rejected`, and is moved to the rejects by the task.
    """
    types = fields(schema)
    for column, field in columns.items():
        kind = types[field] if field else pa.string()
        table = put(table, column, pa.array([_field(answer.value, field) for answer in answers], kind))
    return with_values(table, llm, answers)


def with_values(table: pa.Table, llm: Llm, answers: Sequence[Answer]) -> pa.Table:
    """Say of each row who answered, and of a row without an answer why; its values are in the table already."""
    return _stamped(_rejected(table, answers), llm)


def _field(value: Any, field: str) -> Any:
    found = getattr(value, field) if field and value is not None else value
    return _as_data(found)


def _as_data(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump()
    return [_as_data(each) for each in value] if isinstance(value, (list, tuple)) else value


def with_rows(
    table: pa.Table,
    llm: Llm,
    answers: Sequence[Answer],
    make: Callable[[Any], Iterable[Mapping[str, Any]]],
    types: Mapping[str, pa.DataType],
    *,
    made_by: str,
) -> pa.Table:
    """Return the rows that `make` makes of each answer, one answer for each row of `table`, in its place.

    A made row has the columns of the row it comes from, over them those of `types`, `parents`, and an `id` made of the
    parent's, `made_by` and its number: the same answer makes the same rows. Rows without an answer stay and say why;
    an answer of which nothing is made is one.
    """
    made = [[dict(each) for each in make(answer.value)] if answer.failure is None else [] for answer in answers]
    barren = [
        answer if rows or answer.failure else Answer(failure=Failure(Kind.UNPARSABLE, "the answer holds no row"))
        for answer, rows in zip(answers, made, strict=True)
    ]
    failed = [at for at, answer in enumerate(barren) if answer.failure]
    left = _rejected(table.take(pa.array(failed, pa.int64())), [barren[at] for at in failed])
    new = _made(table, made, types, made_by)
    return _stamped(pa.concat_tables([new, left], promote_options="default"), llm)


def _made(
    table: pa.Table, made: Sequence[Sequence[Mapping[str, Any]]], types: Mapping[str, pa.DataType], made_by: str
) -> pa.Table:
    source = [at for at, rows in enumerate(made) for _ in rows]
    number = [place for rows in made for place, _ in enumerate(rows)]
    new = table.take(pa.array(source, pa.int64()))
    parents = new["id"].to_pylist()
    ids = [child(parent, made_by, place) for parent, place in zip(parents, number, strict=True)]
    new = put(new, "id", pa.array(ids, pa.string()))
    new = put(new, "parents", pa.array([[parent] for parent in parents], pa.list_(pa.string())))
    for name, kind in types.items():
        new = put(new, name, pa.array([row.get(name) for rows in made for row in rows], kind))
    return new


def child(parent: str, made_by: str, number: int) -> str:
    """Return the id of the `number`-th row that `made_by` makes of `parent`."""
    return xxhash.xxh3_128_hexdigest(f"{parent}\0{made_by}\0{number}".encode())


def _rejected(table: pa.Table, answers: Sequence[Answer]) -> pa.Table:
    reasons = pa.array([str(answer.failure) if answer.failure else None for answer in answers], pa.string())
    if REJECTED in table.column_names:
        reasons = pc.coalesce(table[REJECTED], pa.chunked_array([reasons]))
    return table if reasons.null_count == len(reasons) else put(table, REJECTED, reasons)


def _stamped(table: pa.Table, llm: Llm) -> pa.Table:
    """Say who answered; what a rehearsal or a replay once touched keeps that stamp."""
    name = pa.scalar(llm.name, pa.string())
    if ANSWERED_BY not in table.column_names:
        return table.append_column(ANSWERED_BY, pa.repeat(name, table.num_rows))
    before = pc.fill_null(table[ANSWERED_BY], "")
    starts = [pc.starts_with(before, pattern=each) for each in NOT_A_MODEL]
    return put(table, ANSWERED_BY, pc.if_else(pc.or_(*starts), before, name))
