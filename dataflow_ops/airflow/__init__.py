"""The words a DAG file is written in: ingest, read, apply, apply_llm, reduce, write, publish.

Each makes one task. Ops and their settings are checked when the DAG file is parsed, and again, with templates
rendered, when the task runs.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from airflow.sdk import Asset, XComArg

from dataflow_ops.airflow.operators import (
    ApplyLlmOperator,
    ApplyOperator,
    IngestOperator,
    PublishOperator,
    ReadOperator,
    ReduceOperator,
    WriteOperator,
)
from dataflow_ops.airflow.params import databases_param, model_params, source_params
from dataflow_ops.errors import BadArgument
from dataflow_ops.exports import parse as parse_exports
from dataflow_ops.ingest import wanted
from dataflow_ops.op import Shards, asks_model, describe, find_op, first_view, op_name

__all__ = [
    "apply",
    "apply_llm",
    "databases_param",
    "ingest",
    "model_params",
    "publish",
    "read",
    "reduce",
    "schedule",
    "source_params",
    "step",
    "write",
]

Ops = Callable[..., Any] | Mapping[str, Any] | Sequence[Callable[..., Any] | Mapping[str, Any]]
DATASET = "{{ params.dataset }}"
REDO = "{{ params.redo | default('', true) }}"


def schedule(pipeline: str) -> str | None:
    """Return when `pipeline` runs by itself: the environment variable `DATAFLOW_SCHEDULE_<PIPELINE>`, else never.

    A setting of the deployment, like the paused switch: the DAG file stays the same everywhere.
    """
    return os.environ.get(f"DATAFLOW_SCHEDULE_{pipeline.upper()}") or None


def step(op: Callable[..., Any], /, *, where: str | None = None, **settings: Any) -> dict[str, Any]:
    """Return `op` with its settings; BadArgument when they do not fit its signature.

    `where` names a column of true and false: the op is given the rows where it is true, and the others pass by.
    """
    describe(op, **settings)
    return {"op": op_name(op), "with": settings} | ({"where": where} if where else {})


def ingest(
    source: str = "{{ params.source }}",
    *,
    dataset: str = DATASET,
    full_refresh: bool | str = "{{ params.full_refresh }}",
    batch_mib: float | str = "{{ params.batch_mib }}",
    redo: str | None = REDO,
    code_files: bool = False,
    databases: bool = False,
    documents: bool = False,
    task_id: str = "ingest",
    **kwargs: Any,
) -> XComArg:
    """List the files under `source` that `dataset` does not hold yet, dealt into batches of about `batch_mib` MiB.

    With `redo`, a version of `dataset`, only the rows that its run rejected are read. With `code_files`, a file whose name
    tells a programming language is read as one text, and its name as the column `path` where that is asked for. With
    `databases`, `source` is addresses of databases, and each is one row: `db_id`, `dialect` and `db_version`. With
    `documents`, each PDF, Office, EPUB, HTML, Markdown or text file and each picture is one row, its bytes in the first
    column that is read; other files are not read.
    """
    return IngestOperator(
        task_id=task_id,
        source=source,
        dataset=dataset,
        full_refresh=full_refresh,
        batch_mib=batch_mib,
        redo=redo,
        code_files=code_files,
        databases=databases,
        documents=documents,
        **kwargs,
    ).output


def read(
    batch: Any,
    *,
    columns: Mapping[str, Sequence[str]],
    optional: Mapping[str, Sequence[str]] | None = None,
    shard_mib: float | str = "{{ params.shard_mib }}",
    text_unit: str = "file",
    task_id: str = "read",
    **kwargs: Any,
) -> XComArg:
    """Read the files of `batch` into shards; `columns` maps each wanted column to other names it may have.

    A record without one of them is rejected. An `optional` column is null where a record has none of its names, and
    takes numbers and booleans as text. A document of a plain text file is its `text_unit`: the whole "file", a "line"
    or a "paragraph".
    """
    asked = wanted(columns, optional)
    return ReadOperator(
        task_id=task_id,
        batch=batch,
        columns={column.name: list(column.aliases) for column in asked if column.required},
        optional={column.name: list(column.aliases) for column in asked if not column.required},
        shard_mib=shard_mib,
        text_unit=text_unit,
        **kwargs,
    ).output


def apply(ops: Ops, batch: Any, *, task_id: str | None = None, pool: str | None = None, **settings: Any) -> XComArg:
    """Run one op with `settings`, or several, over every shard of `batch`; `pool="gpu"` for ops that need the GPU."""
    steps = _mapping_steps(ops, settings)
    for each in steps:
        if asks_model(find_op(each["op"])):
            raise BadArgument(f"{each['op']!r} asks a model: use apply_llm")
    return ApplyOperator(task_id=task_id or _short(steps[-1]), batch=batch, ops=steps, **_where(pool)).output


def apply_llm(
    ops: Ops,
    batch: Any,
    *,
    model: str = "{{ params.model }}",
    llm_conn_id: str = "{{ params.llm_conn_id | default('llm_default') }}",
    prompts: str | Mapping[str, str] = "{{ params.prompts | default(none) | tojson }}",
    ceiling_usd: float | str | None = "{{ params.ceiling_usd | default('', true) }}",
    ceiling_tokens: int | str | None = "{{ params.ceiling_tokens | default('', true) }}",
    answers: str | None = "{{ params.answers | default('', true) }}",
    answers_days: float | str | None = "{{ params.answers_days | default('', true) }}",
    redo: str | None = REDO,
    task_id: str | None = None,
    pool: str = "gpu",
    **settings: Any,
) -> XComArg:
    """Run ops that ask a model over every shard of `batch`, in the pool `gpu`; ops that ask none may be among them."""
    steps = _mapping_steps(ops, settings)
    if not any(asks_model(find_op(each["op"])) for each in steps):
        raise BadArgument(f"none of {[each['op'] for each in steps]} asks a model: use apply")
    return ApplyLlmOperator(
        task_id=task_id or _short(steps[-1]),
        batch=batch,
        ops=steps,
        model=model,
        llm_conn_id=llm_conn_id,
        prompts=prompts,
        ceiling_usd=ceiling_usd,
        ceiling_tokens=ceiling_tokens,
        answers=answers,
        answers_days=answers_days,
        redo=redo,
        **_where(pool),
    ).output


def _where(pool: str | None) -> dict[str, Any]:
    """Return the pool, and the queue of that name: a pool limits how many run, with Celery the queue says where."""
    return {"pool": pool, "queue": pool} if pool else {}


def reduce(op: Callable[..., Any], batches: Any, *, task_id: str | None = None, **settings: Any) -> XComArg:
    """Look at all shards of `batches` at once, and add the columns that `op` writes."""
    if not describe(op, **settings).reduces:
        raise BadArgument(f"{op_name(op)!r} takes one table at a time: use apply; reduce is for ops over Shards")
    only = step(op, **settings)
    return ReduceOperator(task_id=task_id or _short(only), batches=batches, op=only).output


def write(
    batch: Any,
    *,
    columns: Sequence[str],
    index: Sequence[str] = (),
    exports: Mapping[str, Sequence[str]] | None = None,
    dataset: str = DATASET,
    task_id: str = "write",
    **kwargs: Any,
) -> XComArg:
    """Write `columns` of `batch` as parts of `dataset`; `index` columns are kept beside, to compare later runs with.

    With `exports`, `{"chat.jsonl": ["messages"]}`, the same rows are written once more with just those columns.
    """
    return WriteOperator(
        task_id=task_id,
        batch=batch,
        dataset=dataset,
        columns=list(columns),
        index=list(index),
        exports={each.name: list(each.columns) for each in parse_exports(exports)},
        **kwargs,
    ).output


def publish(
    written: Any,
    *,
    asset: str,
    dataset: str = DATASET,
    rehearsal_as_latest: bool | str = "{{ params.rehearsal_as_latest | default(false) }}",
    task_id: str = "publish",
    **kwargs: Any,
) -> XComArg:
    """Make what was written the next version of `dataset`, and tell Airflow that `asset` is updated.

    What a rehearsal answered is put beside the versions, unless `rehearsal_as_latest`.
    """
    return PublishOperator(
        task_id=task_id,
        written=written,
        dataset=dataset,
        rehearsal_as_latest=rehearsal_as_latest,
        outlets=[Asset(asset)],
        **kwargs,
    ).output


def _mapping_steps(ops: Ops, settings: Mapping[str, Any]) -> list[dict[str, Any]]:
    steps = _steps(ops, settings)
    for each in steps:
        _maps(each["op"])
    return steps


def _steps(ops: Ops, settings: Mapping[str, Any]) -> list[dict[str, Any]]:
    if callable(ops):
        return [step(ops, **settings)]
    if settings:
        raise BadArgument(f"settings {sorted(settings)} with several ops: say step(op, …) for the op they belong to")
    each = [ops] if isinstance(ops, Mapping) else ops
    return [step(op) if callable(op) else dict(op) for op in each]


def _maps(name: str) -> None:
    if first_view(find_op(name)) is Shards:
        raise BadArgument(f"{name!r} looks at all shards at once: use reduce; apply is for ops over one table")


def _short(only: Mapping[str, Any]) -> str:
    return str(only["op"]).rpartition(".")[2].rpartition(":")[2]
