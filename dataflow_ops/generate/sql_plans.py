"""Plan which queries are to be written over databases: rows made by rule, no model is asked."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Annotated

import pyarrow as pa
from pydantic import Field

from dataflow_ops.columns import put, strings
from dataflow_ops.databases.opened import Databases
from dataflow_ops.databases.result import Failed
from dataflow_ops.databases.schema import Dialect
from dataflow_ops.errors import BadArgument, BadSource
from dataflow_ops.generate._sql_focus import Tables, dealt, has_dates
from dataflow_ops.generate._sql_levels import LEVELS, Criterion, Level, criteria
from dataflow_ops.llm.asking import child
from dataflow_ops.op import REJECTED, Connected, Reads, Writes

MOST_COLUMNS = 6
"""Of a result."""
NAMES = pa.list_(pa.string())


@dataclass(frozen=True)
class _Plan:
    """One query to be written."""

    complexity: Level
    functions: Sequence[str]
    result_columns: int
    focus: Sequence[str]


def assignments(
    table: pa.Table,
    *,
    databases: Connected,
    count: Annotated[int, Field(ge=1, le=10_000)] = 10,
    levels: Annotated[Sequence[Level], Field(min_length=1)] = LEVELS,
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
    drawn = _Drawn(databases, count, list(dict.fromkeys(levels)), seed)
    ids = strings(table, "id").to_pylist()
    plans = [drawn.plans(*each) for each in zip(ids, strings(table, db_id).to_pylist(), strict=True)]
    names = {"complexity": complexity, "functions": functions, "result_columns": result_columns, "focus": focus}
    if len({*names.values(), synthetic}) < 5:
        raise BadArgument(f"{[*names.values(), synthetic]} are the columns to write: expected five different ones")
    planned = _planned(table, plans, names, f"generate.sql_plans.assignments {seed}")
    return _with_rejects(put(planned, synthetic, pa.repeat(pa.scalar(True), planned.num_rows)), table, plans)


@dataclass(frozen=True)
class _Drawn:
    """What plans are drawn from."""

    databases: Databases
    count: int
    levels: Sequence[Level]
    seed: int

    def plans(self, row: str, db_id: str | None) -> list[_Plan] | Failed:
        """Return the plans for one row, or why there are none."""
        database = self.databases.find(db_id)
        if isinstance(database, Failed):
            return database
        try:
            tables = Tables(database.schema)
        except BadSource as error:
            return Failed("error", str(error))
        if not tables.names:
            return Failed("error", f"database {db_id!r} has no table that can be asked about")
        return list(self._each(tables, database.dialect, Random(f"{self.seed} {row}")))  # noqa: S311 - no secret

    def _each(self, tables: Tables, dialect: Dialect, draw: Random) -> Iterator[_Plan]:
        starts = list(dealt(tables.names, self.count, draw))
        for start, level in zip(starts, list(dealt(self.levels, self.count, draw)), strict=True):
            criterion = criteria()[level]
            focus = tables.about(start, draw.randint(*criterion.focus), draw)
            known = _known(criterion, dialect, dates=has_dates(focus))
            functions = draw.sample(known, min(len(known), draw.choice((0, 1, 2))))
            yield _Plan(level, functions, _columns(draw), [table.name for table in focus])


def _known(criterion: Criterion, dialect: Dialect, *, dates: bool) -> Sequence[str]:
    return (*criterion.functions[dialect], *(criterion.dates[dialect] if dates else ()))


def _columns(draw: Random) -> int:
    """Draw one column in half of all cases, two in a quarter, and so on."""
    count = 1
    while count < MOST_COLUMNS and draw.random() < 0.5:
        count += 1
    return count


def _planned(
    table: pa.Table, plans: Sequence[list[_Plan] | Failed], names: Mapping[str, str], made_by: str
) -> pa.Table:
    """Return a row for each plan, with all that the row of its database has."""
    made = [(at, number, plan) for at, each in enumerate(plans) if not isinstance(each, Failed)
            for number, plan in enumerate(each)]  # fmt: skip
    new = table.take(pa.array([at for at, _, _ in made], pa.int64()))
    parents = strings(new, "id").to_pylist()
    ids = [child(parent, made_by, number) for parent, (_, number, _) in zip(parents, made, strict=True)]
    new = put(new, "id", pa.array(ids, table.schema.field("id").type))
    new = put(new, "parents", pa.array([[parent] for parent in parents], NAMES))
    types = {"complexity": pa.string(), "functions": NAMES, "result_columns": pa.int64(), "focus": NAMES}
    for name, kind in types.items():
        new = put(new, names[name], pa.array([getattr(plan, name) for _, _, plan in made], kind))
    return new


def _with_rejects(planned: pa.Table, table: pa.Table, plans: Sequence[list[_Plan] | Failed]) -> pa.Table:
    """Add the rows of databases for which nothing could be planned, and why."""
    failed = [(at, str(each)) for at, each in enumerate(plans) if isinstance(each, Failed)]
    if not failed:
        return planned
    left = table.take(pa.array([at for at, _ in failed], pa.int64()))
    left = put(left, REJECTED, pa.array([why for _, why in failed], pa.string()))
    return pa.concat_tables([planned, left], promote_options="default")
