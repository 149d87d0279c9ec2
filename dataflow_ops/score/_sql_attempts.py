"""What the SQL in several replies gives, beside the result of the SQL that is right."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dataflow_ops.databases import compare
from dataflow_ops.databases.opened import Databases
from dataflow_ops.databases.replies import sql_of
from dataflow_ops.databases.result import Failed, Result
from dataflow_ops.score._sql_runs import NO_SQL, Runner

NO_REPLY = "no reply"


@dataclass(frozen=True)
class Compared:
    """What came of the replies of one row, an item for each; the lists are None where the gold has no result."""

    attempts: Sequence[str | None]
    attempt_faults: Sequence[str | None] | None = None
    matches: Sequence[bool] | None = None
    groups: Sequence[int | None] | None = None
    success: float | None = None
    gold_fault: str | None = None


def compared(runner: Runner, name: str | None, gold: str | None, replies: Sequence[str | None]) -> Compared:
    """Run the gold, then each different SQL of the replies; what gives equal results is a group, 0 the one of the gold.

    Nothing else is run where the gold has no result.
    """
    attempts = [sql_of(reply) for reply in replies]
    right = runner.whole(name, gold)
    if isinstance(right, str):
        return Compared(attempts, gold_fault=right)
    found: dict[str | None, Result | str] = {
        sql: right if sql == gold else runner.whole(name, sql) for sql in dict.fromkeys(attempts) if sql
    }
    numbers = _numbers(right, found, ordered=_ordered(runner.databases, name, gold or ""))
    groups = [numbers.get(sql) for sql in attempts]
    matches = [number == 0 for number in groups]
    faults = [_fault(reply, found.get(sql, NO_SQL)) for reply, sql in zip(replies, attempts, strict=True)]
    success = sum(matches) / len(matches) if matches else None
    return Compared(attempts, faults, matches, groups, success)


def _ordered(databases: Databases, name: str | None, gold: str) -> bool:
    database = databases.find(name)
    return not isinstance(database, Failed) and compare.ordered(gold, database.dialect)


def _numbers(right: Result, found: Mapping[str | None, Result | str], *, ordered: bool) -> dict[str | None, int | None]:
    """Return the number of the group of each statement that has a result, 0 for what equals `right`."""
    results = {sql: result for sql, result in found.items() if isinstance(result, Result)}
    first, *others = compare.groups([right, *results.values()], ordered=ordered)
    order = {number: at for at, number in enumerate(dict.fromkeys([first, *others]))}
    return {sql: order[number] for sql, number in zip(results, others, strict=True)}


def _fault(reply: str | None, found: Result | str) -> str | None:
    if reply is None or not reply.strip():
        return NO_REPLY
    return found if isinstance(found, str) else None
