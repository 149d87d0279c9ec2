"""One database: nothing reaches its engine that has not been checked."""

from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from dataflow_ops.databases import guard
from dataflow_ops.databases.limits import DEFAULT, Limits
from dataflow_ops.databases.result import Failed, Result
from dataflow_ops.databases.schema import Dialect, Schema


class Engine(Protocol):
    """What runs statements: read-only, with limits of its own. It raises Transient where a server is away."""

    dialect: Dialect

    def schema(self) -> Schema:
        """Read what the database holds."""

    def explain(self, sql: str, limits: Limits) -> Failed | None:
        """Let the engine plan a statement; return why it cannot."""

    def run(self, sql: str, limits: Limits) -> Result | Failed:
        """Run a statement to its end, or to a limit."""

    def close(self) -> None:
        """End processes and connections."""


@dataclass(frozen=True)
class Database:
    """A database under its id."""

    id: str
    engine: Engine

    @property
    def dialect(self) -> Dialect:
        """What its SQL is called."""
        return self.engine.dialect

    @cached_property
    def schema(self) -> Schema:
        """What it holds, read once."""
        return self.engine.schema()

    def refusal(self, sql: str) -> Failed | None:
        """Return why a statement is not to be run: it does not parse, does more than read, or names what is not there."""
        return guard.refusal(sql, self.dialect, self.schema)

    def explain(self, sql: str, limits: Limits = DEFAULT) -> Failed | None:
        """Return why a statement cannot be run; the engine plans it, and nothing is run."""
        return self.refusal(sql) or self.engine.explain(sql, limits)

    def run(self, sql: str, limits: Limits = DEFAULT) -> Result | Failed:
        """Run a statement, within `limits`."""
        return self.refusal(sql) or self.engine.run(sql, limits)

    def close(self) -> None:
        """End processes and connections."""
        self.engine.close()
