"""What SQL does when databases run it, only reading and within limits, and how hard it is to write."""

import math
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from types import MappingProxyType
from typing import Annotated, Any, get_args

import pyarrow as pa
from pydantic import Field

from dataflow_ops.columns import get, put, strings
from dataflow_ops.databases import components as parts
from dataflow_ops.databases import parse
from dataflow_ops.databases.limits import Limits
from dataflow_ops.databases.result import Result
from dataflow_ops.databases.schema import Dialect
from dataflow_ops.errors import BadArgument
from dataflow_ops.op import Connected, Reads, Writes
from dataflow_ops.score import _sql_attempts
from dataflow_ops.score._samples import LISTS, samples_of
from dataflow_ops.score._sql_previews import preview
from dataflow_ops.score._sql_runs import Runner
from dataflow_ops.score._sql_votes import Ballot, choose

Share = Annotated[float, Field(ge=0, le=1)]
Seconds = Annotated[float, Field(gt=0, le=3600)]
Rows = Annotated[int, Field(ge=1, le=1_000_000)]
MiB = Annotated[float, Field(gt=0, le=1024)]
Samples = Annotated[int, Field(ge=1, le=1000)]
Thresholds = tuple[Share, Share, Share]

TEXT, TEXTS = pa.string(), pa.list_(pa.string())
LABELS = ("extra hard", "hard", "medium", "easy")
DIALECTS = get_args(Dialect)
NUMBERS = (pa.types.is_floating, pa.types.is_integer, pa.types.is_decimal, pa.types.is_null)
TYPES: Mapping[str, pa.DataType] = MappingProxyType(
    {
        "attempts": TEXTS,
        "attempt_faults": TEXTS,
        "matches": pa.list_(pa.bool_()),
        "groups": pa.list_(pa.int32()),
        "success": pa.float64(),
        "agreement": pa.float64(),
    }
)


def executable(
    table: pa.Table,
    *,
    databases: Connected,
    sql: Reads = "sql",
    db_id: Reads = "db_id",
    sql_fault: Writes = "sql_fault",
) -> pa.Table:
    """Say why a statement cannot be run in its database, null when it can: it parses, only reads, and can be planned.

    Nothing is run. The kind of reason stands before a colon: `syntax: …`, `refused: …` for what does more than read,
    `unknown name: …`, `error: …`; it is `no SQL` where there is none. Raises Transient where a server is away.
    """
    runner = Runner(databases)
    pairs = _pairs(table, db_id, sql)
    found = {pair: runner.explain(*pair) for pair in dict.fromkeys(pairs)}
    return put(table, sql_fault, pa.array([found[pair] for pair in pairs], TEXT))


def executed(
    table: pa.Table,
    *,
    databases: Connected,
    sql: Reads = "sql",
    db_id: Reads = "db_id",
    sql_fault: Writes = "sql_fault",
    result_rows: Writes = "result_rows",
    result_width: Writes = "result_width",
    result_preview: Writes = "result_preview",
    sql_seconds: Writes = "sql_seconds",
    seconds: Seconds = 5.0,
    rows: Rows = 10_000,
    mib: MiB = 16.0,
    allow_empty: bool = True,
    allow_unstable: bool = False,
) -> pa.Table:
    """Run a statement in its database, and say why its result is of no use, null when it is of use.

    Beside the kinds of `executable` there are `time: …` and `memory: …` for what the limits stop; `cut: …` for a result
    of more than `rows` or `mib`, which nothing can be compared with; `unstable: …`, unless allowed, for one that
    changes with the clock or by chance (that is read off the statement, which is not run); `no rows: …` where empty
    results are not allowed: a row of nulls, or a count of 0, is a row.

    The result has `result_rows` rows (null where it is cut) of `result_width` columns, `result_preview` shows the first
    three as JSON, long values cut, and `sql_seconds` is what it took. Each different statement runs once.
    Raises Transient where a server is away.
    """
    runner = Runner(databases, Limits(seconds, rows, mib), allow_unstable)
    pairs = _pairs(table, db_id, sql)
    found = {pair: _run(runner, pair, allow_empty) for pair in dict.fromkeys(pairs)}
    columns = zip(*(found[pair] for pair in pairs), strict=True) if pairs else ((),) * 5
    names = (sql_fault, result_rows, result_width, result_preview, sql_seconds)
    types = (TEXT, pa.int64(), pa.int64(), TEXT, pa.float64())
    for name, values, kind in zip(names, columns, types, strict=True):
        table = put(table, name, pa.array(values, kind))
    return table


def _pairs(table: pa.Table, db_id: str, sql: str) -> list[tuple[str | None, str | None]]:
    return list(zip(strings(table, db_id).to_pylist(), strings(table, sql).to_pylist(), strict=True))


def _run(runner: Runner, pair: tuple[str | None, str | None], allow_empty: bool) -> tuple[Any, ...]:
    """Return what is kept of a result, which may be large: the reason, its size, its first rows, its seconds."""
    result = runner.run(*pair)
    if not isinstance(result, Result):
        return result, None, None, None, None
    cut = runner.cut(result)
    fault = cut or (None if result.rows or allow_empty else "no rows: the result is empty")
    return fault, None if cut else len(result.rows), len(result.columns), preview(result), result.seconds


def canonical(
    table: pa.Table,
    *,
    sql: Reads = "sql",
    db_id: Reads = "db_id",
    dialect: Reads = "dialect",
    sql_key: Writes = "sql_key",
) -> pa.Table:
    """Write what is the same for the same statement in the same database: its id, a line end, normalised SQL.

    Statements that differ in blanks, line ends, comments, a last semicolon, the case of keywords or of names that are
    not quoted have the same key. It is null where the SQL does not parse, and where one of the three is null.
    """
    columns = (strings(table, name).to_pylist() for name in (db_id, sql, dialect))
    keys = []
    for name, text, language in zip(*columns, strict=True):
        normal = parse.canonical(text, language) if text and language in DIALECTS and name is not None else None
        keys.append(None if normal is None else f"{name}\n{normal}")
    return put(table, sql_key, pa.array(keys, TEXT))


def compared(
    table: pa.Table,
    *,
    databases: Connected,
    reasonings: Reads = "reasonings",
    sql: Reads = "sql",
    db_id: Reads = "db_id",
    attempts: Writes = "attempts",
    attempt_faults: Writes = "attempt_faults",
    matches: Writes = "matches",
    groups: Writes = "groups",
    success: Writes = "success",
    gold_fault: Writes = "gold_fault",
    seconds: Seconds = 5.0,
    rows: Rows = 10_000,
    mib: MiB = 16.0,
    allow_unstable: bool = False,
) -> pa.Table:
    """Run the SQL that each of several replies ends in, and compare its result with that of `sql`, the gold.

    Lists have an item for each reply. `attempts` is the last complete block of SQL, null where there is none;
    `attempt_faults` says why one has no result, in the kinds of `executed`, `no SQL` or `no reply`; those with equal
    results have the same number in `groups`, 0 where it is the gold's, null where there is no result; `matches` says
    which are the gold's. `success` is their share of all replies, failed ones included.

    Results are equal when they have the same rows as often, whatever the columns are called, numbers within a
    tolerance; the order of rows counts where the gold ends in ORDER BY. Equal SQL of a row runs once.
    Where the gold has no result that can be compared `gold_fault` says why, nothing else of the row is run, and
    `matches`, `groups`, `attempt_faults` and `success` are null: that is no failure of the replies. `success` is null
    without replies as well. Held at a time are the results of one row. Raises Transient where a server is away.
    """
    runner = Runner(databases, Limits(seconds, rows, mib), allow_unstable)
    given = zip(_pairs(table, db_id, sql), samples_of(table, reasonings), strict=True)
    found = [_sql_attempts.compared(runner, name, gold, replies or ()) for (name, gold), replies in given]
    names = {"attempts": attempts, "attempt_faults": attempt_faults, "matches": matches, "groups": groups}
    return _told(table, found, names | {"success": success, "gold_fault": gold_fault})


def voted(
    table: pa.Table,
    *,
    reasonings: Reads = "reasonings",
    attempts: Reads = "attempts",
    groups: Reads = "groups",
    matches: Reads = "matches",
    gold_fault: Reads = "gold_fault",
    reasoning: Writes = "reasoning",
    reasoning_sql: Writes = "reasoning_sql",
    agreement: Writes = "agreement",
    unproven: Writes = "unproven",
    at_least: Share = 0.0,
    min_samples: Samples = 1,
    allow_ties: bool = False,
) -> pa.Table:
    """Choose a reply by the result that most of them give; it is proven when that is the result of the gold.

    `reasoning` is the first reply of the largest group, `reasoning_sql` its SQL, `agreement` the share of all replies,
    failed ones included, that are in the group. `unproven` is null when the group has the result of the gold, at least
    `min_samples` replies and a share of `at_least`; else it says why, the kind of reason before a colon, and the other
    columns hold the best guess: `gold fails: …`, `no samples`, `no attempt runs: …`, `tie: …`, `outvoted: …`,
    `too few agree: …`. Groups of the same size are a tie, and prove nothing, unless `allow_ties` lets the one with the
    gold's result win. The vote is in the manner of MBR-Exec (Shi et al. 2022, arXiv:2204.11454).
    """
    lists = [_lists(table, name) for name in (attempts, groups, matches)]
    replies, faults = samples_of(table, reasonings), strings(table, gold_fault).to_pylist()
    ballots = [
        Ballot(given or (), tried or (), placed or (), right or (), fault)
        for given, tried, placed, right, fault in zip(replies, *lists, faults, strict=True)
    ]
    found = [choose(each, at_least=at_least, min_samples=min_samples, allow_ties=allow_ties) for each in ballots]
    names = {"reasoning": reasoning, "reasoning_sql": reasoning_sql, "agreement": agreement, "unproven": unproven}
    return _told(table, found, names)


def _told(table: pa.Table, found: Sequence[Any], names: Mapping[str, str]) -> pa.Table:
    for part, name in names.items():
        table = put(table, name, pa.array([getattr(each, part) for each in found], TYPES.get(part, TEXT)))
    return table


def _lists(table: pa.Table, name: str) -> list[list[Any] | None]:
    column = get(table, name)
    if not any(fits(column.type) for fits in LISTS) and not pa.types.is_null(column.type):
        raise BadArgument(f"column {name!r} is {column.type}: expected lists, an item for each reply")
    found: list[list[Any] | None] = column.to_pylist()
    return found


def execution_difficulty(
    table: pa.Table,
    *,
    success: Reads = "success",
    execution_difficulty: Writes = "execution_difficulty",
    thresholds: Thresholds = (0.2, 0.5, 0.9),
) -> pa.Table:
    """Say how hard SQL is to write by how often a model succeeds: `extra hard`, `hard`, `medium`, or `easy`.

    `thresholds` are the shares of success up to which it is extra hard, hard, and medium: with ten replies two, five
    and nine right ones. It is null where `success` is: what could not be measured has no difficulty.
    """
    if not 0 <= thresholds[0] < thresholds[1] < thresholds[2] < 1:
        raise BadArgument(f"thresholds={thresholds!r}: expected three shares that rise, such as (0.2, 0.5, 0.9)")
    shares = _shares(table, success)
    found = [None if share is None else LABELS[bisect_left(thresholds, share)] for share in shares]
    return put(table, execution_difficulty, pa.array(found, TEXT))


def _shares(table: pa.Table, name: str) -> list[float | None]:
    column = get(table, name)
    if not any(fits(column.type) for fits in NUMBERS):
        raise BadArgument(f"column {name!r} is {column.type}: expected shares of success, numbers from 0 to 1")
    return [None if share is None or math.isnan(share) else share for share in column.cast(pa.float64()).to_pylist()]


def components(
    table: pa.Table,
    *,
    sql: Reads = "sql",
    dialect: Reads = "dialect",
    components: Writes = "components",
    component_difficulty: Writes = "component_difficulty",
) -> pa.Table:
    """Count what SQL is made of, and say by it how hard it is to write: `easy`, `medium`, `hard`, or `extra hard`.

    After the hardness of Spider (Yu et al. 2018, arXiv:1809.08887), counted on the parse tree: clauses and joins,
    nested queries and set operations, and more than one aggregate, condition or grouping; the hardest query within the
    statement decides, and windows, CASE, HAVING and WITH count as well. `components` is a struct of the counts.
    Both columns are null where the SQL does not parse, or nothing says in which dialect it is.
    """
    pairs = zip(strings(table, sql).to_pylist(), strings(table, dialect).to_pylist(), strict=True)
    found = [parts.counts(text, language) if text and language in DIALECTS else None for text, language in pairs]
    counts = [each if isinstance(each, parts.Counts) else None for each in found]
    told = [None if each is None else asdict(each) for each in counts]
    labels = [None if each is None else parts.difficulty(each) for each in counts]
    kind = pa.struct([(each.name, pa.int64()) for each in fields(parts.Counts)])
    return put(put(table, components, pa.array(told, kind)), component_difficulty, pa.array(labels, TEXT))
