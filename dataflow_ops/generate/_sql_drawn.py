"""Plans of queries over a database, drawn so that levels, tables and columns come up as often as each other."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random

from dataflow_ops.databases.database import Database
from dataflow_ops.databases.opened import Databases
from dataflow_ops.databases.result import Failed
from dataflow_ops.databases.schema import Dialect
from dataflow_ops.databases.vectors import Vectorised, vectorised
from dataflow_ops.errors import BadSource
from dataflow_ops.generate._sql_asked import PLACES
from dataflow_ops.generate._sql_focus import Tables, dealt, has_dates
from dataflow_ops.generate._sql_levels import Criterion, Level, criteria

MOST_COLUMNS = 6
"""Of a result."""


@dataclass(frozen=True)
class Plan:
    """One query to be written."""

    complexity: Level
    focus: Sequence[str]
    functions: Sequence[str] = ()
    result_columns: int | None = None
    vectors: Mapping[str, str] | None = None
    """Which texts are searched by meaning, and where their vectors are."""


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
        found = self._opened(db_id)
        if isinstance(found, Failed):
            return found
        database, tables = found
        if not tables.names:
            return Failed("error", f"database {db_id!r} has no table that can be asked about")
        return list(self._plans(tables, database.dialect, self._draw(row)))

    def searches(self, row: str, db_id: str | None) -> Plans:
        """Return plans that search columns of text by meaning, or why there are none."""
        found = self._opened(db_id)
        if isinstance(found, Failed):
            return found
        database, tables = found
        columns = [each for each in vectorised(database.schema) if each.table.lower() in tables.names]
        if not columns:
            return Failed(
                "error", f"database {db_id!r} has no column of text with vectors; databases.vectors.add makes them"
            )
        return list(self._searches(columns, tables, self._draw(row)))

    def _opened(self, db_id: str | None) -> tuple[Database, Tables] | Failed:
        database = self.databases.find(db_id)
        if isinstance(database, Failed):
            return database
        try:
            return database, Tables(database.schema)
        except BadSource as error:
            return Failed("error", str(error))

    def _draw(self, row: str) -> Random:
        return Random(f"{self.seed} {row}")  # noqa: S311 - what is planned is no secret

    def _plans(self, tables: Tables, dialect: Dialect, draw: Random) -> Iterator[Plan]:
        starts, levels = list(dealt(tables.names, self.count, draw)), list(dealt(self.levels, self.count, draw))
        for start, level in zip(starts, levels, strict=True):
            criterion = criteria()[level]
            focus = tables.about(start, draw.randint(*criterion.focus), draw)
            known = _known(criterion, dialect, dates=has_dates(focus))
            functions = draw.sample(known, min(len(known), draw.choice((0, 1, 2))))
            yield Plan(level, [table.name for table in focus], functions, _columns(draw))

    def _searches(self, columns: Sequence[Vectorised], tables: Tables, draw: Random) -> Iterator[Plan]:
        starts, levels = list(dealt(columns, self.count, draw)), list(dealt(self.levels, self.count, draw))
        for column, level in zip(starts, levels, strict=True):
            about = tables.about(column.table.lower(), draw.randint(*criteria()[level].focus), draw)
            focus = [*(table.name for table in about), column.vector_table]
            yield Plan(level, focus, vectors={place: getattr(column, place) for place in PLACES})


def _known(criterion: Criterion, dialect: Dialect, *, dates: bool) -> Sequence[str]:
    return (*criterion.functions[dialect], *(criterion.dates[dialect] if dates else ()))


def _columns(draw: Random) -> int:
    """Draw one column in half of all cases, two in a quarter, and so on."""
    count = 1
    while count < MOST_COLUMNS and draw.random() < 0.5:
        count += 1
    return count
