"""Statements of rows, run in their databases, and why one has no result to work with."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from dataflow_ops.databases import guard
from dataflow_ops.databases.database import Database
from dataflow_ops.databases.limits import DEFAULT, Limits
from dataflow_ops.databases.opened import Databases
from dataflow_ops.databases.result import Failed, Result
from dataflow_ops.errors import BadSource

NO_SQL = "no SQL"
T = TypeVar("T")


@dataclass
class Runner:
    """Runs statements in the databases of a task; one that turns out unreadable is opened once."""

    databases: Databases
    limits: Limits = DEFAULT
    allow_unstable: bool = False
    _unreadable: dict[str | None, Failed] = field(default_factory=dict)

    def explain(self, name: str | None, sql: str | None) -> str | None:
        """Return why a statement cannot be run in the database `name`, None when it can."""
        if not sql or not sql.strip():
            return NO_SQL
        failed = self._asked(name, lambda database: database.explain(sql, self.limits))
        return str(failed) if failed else None

    def run(self, name: str | None, sql: str | None) -> Result | str:
        """Return the result of a statement in the database `name`, or why there is none."""
        if not sql or not sql.strip():
            return NO_SQL
        found = self._asked(name, lambda database: self._unstable(database, sql) or database.run(sql, self.limits))
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
        what = ", ".join(map(repr, names))
        return database.refusal(sql) or f"unstable: the result changes with the clock or by chance: {what}"

    def _asked(self, name: str | None, ask: Callable[[Database], T]) -> T | Failed:
        if name in self._unreadable:
            return self._unreadable[name]
        try:
            found = self.databases.find(name)
            return found if isinstance(found, Failed) else ask(found)
        except BadSource as error:
            self._unreadable[name] = Failed("error", str(error))
            return self._unreadable[name]
