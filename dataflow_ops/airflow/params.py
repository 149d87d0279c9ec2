"""Parameters that DAGs share, as forms show them."""

from airflow.sdk import Param

MODEL, READING = "Model", "Reading and writing"
"""Sections of a form."""
CEILING = "Of this run, over all its tasks. What is paid for is kept"


def source_params(source: str, dataset: str) -> dict[str, Param]:
    """Return the DAG parameters that `ingest`, `read`, `write` and `publish` read."""
    return {
        "source": Param(
            source,
            type="string",
            title="Source",
            description="Folder, file or glob: JSONL, JSON, CSV, TSV, Parquet, text, HTML; .gz and .zst of these",
        ),
        "dataset": Param(dataset, type="string", title="Dataset", description="Where versions are published"),
        "shard_mib": Param(
            64, type="number", minimum=0.1, maximum=1024, title="Shard size, MiB of text", section=READING
        ),
        "batch_mib": Param(
            256,
            type="number",
            minimum=1,
            title="Batch size, MiB of files",
            description="Files of one batch are read by one task",
            section=READING,
        ),
        "full_refresh": Param(
            False,
            type="boolean",
            title="Full refresh",
            description="Read everything again and publish only that",
            section=READING,
        ),
        "redo": Param(
            None,
            type=["null", "string"],
            title="Redo rejected rows",
            description="Of a version: latest, its number, or the URI of its manifest. Nothing else is read",
            section=READING,
        ),
        "work": Param(
            "s3://dataflow/work",
            type="string",
            title="Work folder",
            description="Shards of each task, kept for looking at",
            section=READING,
        ),
    }


def databases_param(*addresses: str) -> Param:
    """Return the parameter that says which databases there are."""
    return Param(
        list(addresses),
        type="array",
        items={"type": "string"},
        minItems=1,
        title="Databases",
        description="One a line: a SQLite file, a folder of them, or connection:<name> of a PostgreSQL, MySQL or MariaDB server",
    )


def model_params(model: str = "rehearsal") -> dict[str, Param]:
    """Return the DAG parameters that `apply_llm` and `publish` read."""
    return {
        "model": Param(
            model,
            type="string",
            title="Model",
            description="openai:<model> by the connection, vllm:<model> on this machine's GPU, or rehearsal: no model",
            examples=["rehearsal", "openai:gpt-4o-mini", "openai-batch:gpt-4o-mini", "vllm:Qwen/Qwen2.5-7B-Instruct"],
            section=MODEL,
        ),
        "llm_conn_id": Param(
            "llm_default", type="string", title="Connection", description="Of type llm", section=MODEL
        ),
        "ceiling_usd": Param(
            None,
            type=["null", "number"],
            exclusiveMinimum=0,
            title="Ceiling, US dollars",
            description=CEILING,
            section=MODEL,
        ),
        "ceiling_tokens": Param(
            None,
            type=["null", "integer"],
            exclusiveMinimum=0,
            title="Ceiling, tokens",
            description=CEILING,
            section=MODEL,
        ),
        "prompts": Param(
            None,
            type=["null", "object"],
            title="Own prompts",
            description='By the prompt they stand in for: {"text/qa_style": "s3://bucket/mine.md"}, or the text itself',
            section=MODEL,
        ),
        "answers": Param(
            "s3://dataflow/answers",
            type=["null", "string"],
            title="Answers",
            description="Every answer is kept here and never asked for twice, by whichever DAG; null: keep none",
            section=MODEL,
        ),
        "answers_days": Param(
            None,
            type=["null", "number"],
            exclusiveMinimum=0,
            title="Days",
            description="Older answers do not count",
            section=MODEL,
        ),
        "rehearsal_as_latest": Param(
            False,
            type="boolean",
            title="Publish a rehearsal",
            description="As a version like any other; else it is put beside them",
            section=MODEL,
        ),
    }
