"""What every Airflow process takes over as `airflow_local_settings`: imports made once, and a faster SQLite."""

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

from sqlalchemy import create_engine, event

if TYPE_CHECKING:
    from sqlalchemy.engine import Engine

# The scheduler forks its tasks: what it has imported, they have. Not polars: its threads do not survive a fork.
FOR_TASKS = ("numpy", "pyarrow", "pyarrow.parquet", "pyarrow.compute", "pandas", "numba", "boto3", "orjson", "xxhash")
# Not dataflow_ops.airflow: Airflow itself is still being imported where this runs.
OWN = (
    "dedup",
    "filters",
    "generate",
    "refine",
    "score",
    "stage",
    "ingest",
    "publish",
    "s3",
    "llm.answers",
    "llm.batch_api",
)


def import_for_tasks() -> None:
    """Import what tasks need, in the process that forks them."""
    for name in (*FOR_TASKS, *(f"dataflow_ops.{module}" for module in OWN)):
        import_module(name)


def create_metadata_engine(
    sql_alchemy_conn: str, *, connect_args: dict[str, Any], engine_args: dict[str, Any]
) -> "Engine":
    """Return the engine of Airflow's database, which does not wait for the disk at every commit.

    With a write-ahead log `NORMAL` keeps the file whole at a crash; only a power cut may take back the last commits.
    """
    engine = create_engine(sql_alchemy_conn, connect_args=connect_args, **engine_args)

    @event.listens_for(engine, "connect")
    def relax(connection: Any, _record: Any) -> None:
        connection.execute("PRAGMA synchronous=NORMAL")

    return engine


if "scheduler" in sys.argv:
    import_for_tasks()
