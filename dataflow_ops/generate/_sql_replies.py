"""The query that a reply ends in, and what can be wrong with it."""

from dataclasses import dataclass, replace
from typing import get_args

from dataflow_ops.databases import parse, vectors
from dataflow_ops.databases.replies import sql_of
from dataflow_ops.databases.result import Failed
from dataflow_ops.databases.schema import Dialect
from dataflow_ops.errors import nearest
from dataflow_ops.llm.chat import Answer, Failure, Kind


@dataclass(frozen=True)
class Query:
    """A query that a reply ended in."""

    sql: str


def query(answer: Answer) -> Answer:
    """Return the SQL that a reply ends in, a Query; a failure where there is none."""
    if answer.failure:
        return answer
    found = sql_of(answer.value)
    if found is not None:
        return replace(answer, value=Query(found))
    return unusable(answer, f"no complete fenced block of SQL at the end; the reply ended {answer.value[-60:]!r}")


def search(answer: Answer) -> Answer:
    """Return a Query that searches by meaning; a failure where it does not, or not in a way that can be run."""
    if answer.failure:
        return answer
    sql = answer.value.sql
    ready = vectors.filled(sql, lambda texts: [[1.0]] * len(texts))
    if isinstance(ready, Failed):
        return unusable(answer, f"the search cannot be run, {ready}; it begins {sql[:60]!r}")
    return answer if ready != sql else unusable(answer, "it searches nothing: expected MATCH embed('some words')")


def variant(answer: Answer, parent: str | None, dialect: str | None) -> Answer:
    """Return the SQL that a reply ends in, unless it does not parse or is the query it was to be made of."""
    found = query(answer)
    if found.failure:
        return found
    if dialect not in get_args(Dialect):
        return unusable(answer, f"no SQL is known of dialect {dialect!r}; {nearest(dialect or '', get_args(Dialect))}")
    tree = parse.one(found.value.sql, dialect)
    if isinstance(tree, Failed):
        return unusable(answer, f"the new query cannot be read, {tree}; it begins {found.value.sql[:60]!r}")
    if parent is not None and parse.canonical(found.value.sql, dialect) == parse.canonical(parent, dialect):
        return unusable(answer, "the new query is the one it was to be made of")
    return found


def unusable(answer: Answer, why: str) -> Answer:
    """Return a failure that says why an answer, which was paid for, is of no use."""
    return Answer(failure=Failure(Kind.UNPARSABLE, why), usage=answer.usage)
