"""Plan which queries are to be written over databases: rows made by rule, no model is asked."""

from collections.abc import Mapping, Sequence
from typing import Annotated

import pyarrow as pa
from pydantic import Field

from dataflow_ops.columns import put, strings
from dataflow_ops.databases.result import Failed
from dataflow_ops.errors import BadArgument
from dataflow_ops.generate._sql_drawn import Drawn, Plans
from dataflow_ops.generate._sql_levels import LEVELS, Level
from dataflow_ops.llm.asking import child
from dataflow_ops.op import REJECTED, Connected, Reads, Writes

Count = Annotated[int, Field(ge=1, le=10_000)]
Levels = Annotated[Sequence[Level], Field(min_length=1)]
NAMES = pa.list_(pa.string())
TYPES = {"complexity": pa.string(), "functions": NAMES, "result_columns": pa.int64(), "focus": NAMES}


def assignments(
    table: pa.Table,
    *,
    databases: Connected,
    count: Count = 10,
    levels: Levels = LEVELS,
    db_id: Reads = "db_id",
    complexity: Writes = "complexity",
    functions: Writes = "functions",
    result_columns: Writes = "result_columns",
    focus: Writes = "focus",
    synthetic: Writes = "synthetic",
    seed: int = 0,
) -> pa.Table:
    """Plan `count` queries over the database of each row, one new row for each in its place.

    A plan has one of `levels`, all of them equally often; tables in `focus` to ask about; up to two `functions` to try,
    none in a third of the plans; and a number of `result_columns`, 1 to 6, one in half of them. The first table of each
    focus is dealt so that no table comes again before all have come; to it come tables that foreign keys join: none
    in a simple query, then 0 or 1, 1 or 2, 2 or 3, fewer where there are no more. Tables without rows are left out if
    any has some. All is drawn by `seed` and the row's id.

    New rows keep the columns of their database's row and name it in `parents`. A database that is not there, cannot be
    read or has no table is a rejected row.
    """
    drawn = Drawn(databases, count, list(dict.fromkeys(levels)), seed)
    plans = [drawn.plans(*each) for each in _databases(table, db_id)]
    names = {"complexity": complexity, "functions": functions, "result_columns": result_columns, "focus": focus}
    return _planned(table, plans, names, synthetic, made_by=f"generate.sql_plans.assignments {seed}")


def _databases(table: pa.Table, db_id: str) -> Sequence[tuple[str, str | None]]:
    return list(zip(strings(table, "id").to_pylist(), strings(table, db_id).to_pylist(), strict=True))


def _planned(
    table: pa.Table, plans: Sequence[Plans], names: Mapping[str, str], synthetic: str, *, made_by: str
) -> pa.Table:
    """Return a row for each plan, with all that the row of its database has, and the rows without plans."""
    written = [*names.values(), synthetic]
    if len(set(written)) < len(written):
        raise BadArgument(f"{written} are the columns to write: expected different ones")
    made = [(at, number, plan) for at, each in enumerate(plans) if not isinstance(each, Failed)
            for number, plan in enumerate(each)]  # fmt: skip
    new = table.take(pa.array([at for at, _, _ in made], pa.int64()))
    parents = strings(new, "id").to_pylist()
    ids = [child(parent, made_by, number) for parent, (_, number, _) in zip(parents, made, strict=True)]
    new = put(new, "id", pa.array(ids, table.schema.field("id").type))
    new = put(new, "parents", pa.array([[parent] for parent in parents], NAMES))
    for field, name in names.items():
        new = put(new, name, pa.array([getattr(plan, field) for _, _, plan in made], TYPES[field]))
    return _with_rejects(put(new, synthetic, pa.repeat(pa.scalar(True), new.num_rows)), table, plans)


def _with_rejects(planned: pa.Table, table: pa.Table, plans: Sequence[Plans]) -> pa.Table:
    """Add the rows of databases for which nothing could be planned, and why."""
    failed = [(at, str(each)) for at, each in enumerate(plans) if isinstance(each, Failed)]
    if not failed:
        return planned
    left = table.take(pa.array([at for at, _ in failed], pa.int64()))
    left = put(left, REJECTED, pa.array([why for _, why in failed], pa.string()))
    return pa.concat_tables([planned, left], promote_options="default")
