"""What a query is made of, and how hard it is by that."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from dataflow_ops.databases.result import Failed
from dataflow_ops.databases.schema import Dialect

Difficulty: TypeAlias = Literal["easy", "medium", "hard", "extra hard"]
LABELS: tuple[Difficulty, ...] = ("easy", "medium", "hard", "extra hard")
"""From the easiest to the hardest."""


@dataclass(frozen=True)
class Counts:
    """How much there is of what in a whole statement, and what the hardest query in it is judged by."""

    columns: int
    """What the outermost SELECT returns; a star is one."""
    tables: int
    joins: int
    where_conditions: int
    group_columns: int
    having_conditions: int
    order_columns: int
    limits: int
    distincts: int
    set_operations: int
    common_tables: int
    """Queries of WITH."""
    subqueries_from: int
    subqueries_where: int
    subqueries_having: int
    subqueries_select: int
    subqueries_elsewhere: int
    aggregates: int
    windows: int
    functions: int
    """Calls that are neither aggregates nor windows; casts are none."""
    ors: int
    likes: int
    """Patterns of all kinds."""
    ins: int
    exists: int
    cases: int
    clauses: int
    """Of the hardest query: its first kind of components, see `difficulty`."""
    nested: int
    """Of the hardest query: its second kind."""
    extras: int
    """Of the hardest query: what it has more than one of."""


def counts(sql: str, dialect: Dialect) -> Counts | Failed:
    """Count what a query is made of, by its parse tree; Failed where it does not parse."""
    from dataflow_ops.databases import _components  # noqa: PLC0415 - loads the parser

    return _components.counted(sql, dialect)


def difficulty(counts: Counts) -> Difficulty:
    """Return how hard a query is by its components, after the hardness of Spider (Yu et al. 2018, arXiv:1809.08887).

    Spider counts in the outermost query: `clauses`, one each for WHERE, GROUP BY, ORDER BY, LIMIT, every join, OR and
    LIKE; `nested`, one for every subquery in a condition and every set operation; `extras`, one each for more than one
    aggregate, selected column, condition of WHERE and column of GROUP BY. The bounds are Spider's, but for two clauses
    with two extras: extra hard there, where three extras are hard; hard here.

    Changed here: subqueries in FROM and SELECT and queries of WITH are nested as well, a recursive one twice. HAVING,
    CASE and any window count as clauses, and so does every window once more. More than one function is an extra.
    Several columns are none when all are plain: `SELECT name, age FROM singer` is easy. All is counted for every query
    within the statement, and the hardest of them decides: a query is no easier than those it is built on.
    """
    return label(counts.clauses, counts.nested, counts.extras)


def label(clauses: int, nested: int, extras: int) -> Difficulty:
    """Return the level of one query."""
    if nested == 0 and extras == 0 and clauses <= 1:
        return "easy"
    if nested == 0 and ((extras <= 2 and clauses <= 1) or (extras < 2 and clauses <= 2)):
        return "medium"
    flat = nested == 0 and ((extras > 2 and clauses <= 2) or (extras <= 2 and clauses <= 3))
    return "hard" if flat or (nested == 1 and clauses <= 1 and extras == 0) else "extra hard"
