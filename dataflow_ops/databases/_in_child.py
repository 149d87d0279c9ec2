"""An engine whose statements run in a child process: whatever they do, the task goes on."""

import json
from collections.abc import Mapping
from typing import Any

import orjson

from dataflow_ops.child import Child, Lost
from dataflow_ops.databases import examples, wire
from dataflow_ops.databases.limits import Limits
from dataflow_ops.databases.result import Failed, Result
from dataflow_ops.errors import BadSource, Transient

GRACE_SECONDS = 3.0
"""How long beyond its limit a statement may take where the engine does not stop it at once."""
SECONDS_PER_MIB = 0.25
"""How long a result may take to be handed over on a busy machine."""
SCHEMA_SECONDS = 300.0


class InChild:
    """Asks a child process; `given` goes with every question, since a child that is lost is replaced by a new one.

    After `close` it can be asked again: that starts a new child.
    """

    def __init__(self, name: str, child: Child, given: Mapping[str, Any], *, grace: float = GRACE_SECONDS) -> None:
        self._name, self._given, self._grace = name, dict(given), grace
        self._child = child

    def explain(self, sql: str, limits: Limits) -> Failed | None:
        """Let the engine plan a statement; nothing is run."""
        found = self._answer("explain", sql, limits)
        return found if isinstance(found, Failed) else None

    def run(self, sql: str, limits: Limits) -> Result | Failed:
        """Run a statement; text that is not UTF-8 is read with its wrong bytes replaced."""
        return self._answer("run", sql, limits)

    def close(self) -> None:
        """End the child process, and what it is connected to."""
        self._child.end()

    def _answer(self, what: str, sql: str, limits: Limits) -> Result | Failed:
        question = {"do": what, "sql": sql, "seconds": limits.seconds, "rows": limits.rows, "size": limits.mib * 2**20}
        try:
            kind, *found = self._ask(question, limits.seconds + self._grace + limits.mib * SECONDS_PER_MIB)
        except Lost as lost:
            late = "too long" in str(lost)
            return Failed("time", f"stopped after {limits.seconds:g} s") if late else Failed("error", str(lost))
        if kind == "failed":
            return Failed(*found)
        columns, rows, truncated, seconds = found
        if seconds > limits.seconds:  # in one step that could not be stopped
            return Failed("time", f"it took more than {limits.seconds:g} s")
        return Result(tuple(columns), wire.unpacked(rows), truncated, seconds)

    def _tables(self) -> list[dict[str, Any]]:
        """Return what the database holds, as the child tells it."""
        question = {"do": "schema", "rows": examples.ROWS, "characters": examples.READ}
        try:
            kind, *found = self._ask(question, SCHEMA_SECONDS)
        except Lost as lost:
            raise BadSource(f"database {self._name}: its tables could not be read: {lost}") from lost
        if kind == "failed":
            error = Transient if found[0] == "time" else BadSource
            raise error(f"database {self._name}: its tables could not be read: {': '.join(found)}")
        return [{**each, "rows": [wire.row(row) for row in each["rows"]]} for each in found[0]]

    def _ask(self, question: dict[str, Any], seconds: float) -> list[Any]:
        line = self._child.line(json.dumps({**question, **self._given}).encode() + b"\n", seconds)
        answer = (json if question["do"] == "schema" else orjson).loads(line)  # rows of a schema may hold infinity
        if answer[0] == "bad":
            raise BadSource(f"database {self._name}: {answer[1]}")
        if answer[0] == "away":
            raise Transient(f"database {self._name}: {answer[1]}")
        return answer
