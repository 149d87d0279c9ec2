"""The query that a reply ends in, and what can be wrong with it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import get_args

from dataflow_ops.databases import parse, vectors
from dataflow_ops.databases.replies import sql_of
from dataflow_ops.databases.result import Failed
from dataflow_ops.databases.schema import Dialect, dialect_of
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


def variants(answers: Sequence[Answer], parents: Sequence[str | None], dialects: Sequence[str | None]) -> list[Answer]:
    """Return the Query of each reply, unless it does not parse or is the query it was to be made of."""
    pairs = list(zip(parents, dialects, strict=True))
    keys = {(sql, of): _canonical(sql, of) for sql, of in dict.fromkeys(pairs)}
    return [_variant(query(each), keys[pair], pair[1]) for each, pair in zip(answers, pairs, strict=True)]


def _canonical(sql: str | None, dialect: str | None) -> str | None:
    """Return a text that is the same for all spellings of a query; None where it does not parse."""
    known = dialect_of(dialect)
    return parse.canonical(sql, known) if sql and known else None


def _variant(found: Answer, parent: str | None, dialect: str | None) -> Answer:
    if found.failure:
        return found
    known = dialect_of(dialect)
    if known is None:
        return unusable(found, f"no SQL is known of dialect {dialect!r}; {nearest(dialect or '', get_args(Dialect))}")
    sql = found.value.sql
    key = parse.canonical(sql, known)
    if key is None:
        why = parse.one(sql, known)
        told = why if isinstance(why, Failed) else "it cannot be written again"
        return unusable(found, f"the new query cannot be read, {told}; it begins {sql[:60]!r}")
    return unusable(found, "the new query is the one it was to be made of") if key == parent else found


def unusable(answer: Answer, why: str) -> Answer:
    """Return a failure that says why an answer, which was paid for, is of no use."""
    return Answer(failure=Failure(Kind.UNPARSABLE, why), usage=answer.usage)
