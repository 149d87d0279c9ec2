"""Plans of queries over a database, drawn so that levels and tables come up as often as each other."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

from dataflow_ops.databases.opened import Databases
from dataflow_ops.databases.result import Failed
from dataflow_ops.databases.schema import Dialect
from dataflow_ops.generate._sql_focus import Tables, dealt, has_dates
from dataflow_ops.generate._sql_levels import Criterion, Level, criteria

MOST_COLUMNS = 6
"""Of a result."""


@dataclass(frozen=True)
class Plan:
    """One query to be written."""

    complexity: Level
    focus: Sequence[str]
    functions: Sequence[str]
    result_columns: int


Plans = list[Plan] | Failed


@dataclass(frozen=True)
class Drawn:
    """What plans are drawn from: databases, how many of each, levels, and a seed."""

    databases: Databases
    count: int
    levels: Sequence[Level]
    seed: int

    def plans(self, row: str, db_id: str | None) -> Plans:
        """Return plans for the database of one row, or why there are none."""
        database = self.databases.find(db_id)
        if isinstance(database, Failed):
            return database
        tables = Tables(database.schema)
        if not tables.names:
            return Failed("error", f"database {db_id!r} has no table that can be asked about")
        return list(self._plans(tables, database.dialect, Random(f"{self.seed} {row}")))  # noqa: S311 - no secret

    def _plans(self, tables: Tables, dialect: Dialect, draw: Random) -> Iterator[Plan]:
        starts, levels = list(dealt(tables.names, self.count, draw)), list(dealt(self.levels, self.count, draw))
        for start, level in zip(starts, levels, strict=True):
            criterion = criteria()[level]
            focus = tables.about(start, draw.randint(*criterion.focus), draw)
            known = _known(criterion, dialect, dates=has_dates(focus))
            functions = draw.sample(known, min(len(known), draw.choice((0, 1, 2))))
            yield Plan(level, [table.name for table in focus], functions, _columns(draw))


def _known(criterion: Criterion, dialect: Dialect, *, dates: bool) -> Sequence[str]:
    return (*criterion.functions[dialect], *(criterion.dates[dialect] if dates else ()))


def _columns(draw: Random) -> int:
    """Draw one column in half of all cases, two in a quarter, and so on."""
    count = 1
    while count < MOST_COLUMNS and draw.random() < 0.5:
        count += 1
    return count
