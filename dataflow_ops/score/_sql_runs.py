"""Statements of rows, run in their databases, and why one has no result to work with."""

from dataclasses import dataclass

from dataflow_ops.databases import guard
from dataflow_ops.databases.database import Database
from dataflow_ops.databases.limits import DEFAULT, Limits
from dataflow_ops.databases.opened import Databases
from dataflow_ops.databases.result import Failed, Result

NO_SQL = "no SQL"


@dataclass(frozen=True)
class Runner:
    """Runs statements in the databases of a task."""

    databases: Databases
    limits: Limits = DEFAULT
    allow_unstable: bool = False

    def explain(self, name: str | None, sql: str | None) -> str | None:
        """Return why a statement cannot be run in the database `name`, None when it can."""
        if not sql or not sql.strip():
            return NO_SQL
        found = self.databases.find(name)
        failed = found if isinstance(found, Failed) else found.explain(sql, self.limits)
        return str(failed) if failed else None

    def run(self, name: str | None, sql: str | None) -> Result | str:
        """Return the result of a statement in the database `name`, or why there is none."""
        if not sql or not sql.strip():
            return NO_SQL
        database = self.databases.find(name)
        if isinstance(database, Failed):
            return str(database)
        found = self._unstable(database, sql) or database.run(sql, self.limits)
        return found if isinstance(found, Result) else str(found)

    def whole(self, name: str | None, sql: str | None) -> Result | str:
        """Return the result of a statement, or why there is none that can be compared: one that is cut cannot."""
        found = self.run(name, sql)
        return found if isinstance(found, str) else self.cut(found) or found

    def cut(self, result: Result) -> str | None:
        """Return what of a result is not there, None when all is."""
        if not result.truncated:
            return None
        by_rows = len(result.rows) >= self.limits.rows
        return f"cut: more than {self.limits.rows:,} rows" if by_rows else f"cut: more than {self.limits.mib:g} MiB"

    def _unstable(self, database: Database, sql: str) -> Failed | str | None:
        """Return why the answer may be another one tomorrow; what may not be run at all is told first."""
        names = [] if self.allow_unstable else guard.unstable(sql, database.dialect)
        if not names:
            return None
        told = f"unstable: the result changes with the clock or by chance, by {', '.join(names)}"
        return database.refusal(sql) or told
