"""Statements with `embed('…')`, filled with the numbers of the texts."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from dataflow_ops.databases.result import Failed

Vector = Sequence[float] | np.ndarray
Embed = Callable[[list[str]], Sequence[Vector]]
"""Returns a vector for each text."""

WRITTEN = "embed takes one text in single quotes, written out"
CHARACTERS, TEXTS = 1_000, 8
"""Of one text in `embed('…')`, and how many a statement may have."""


@dataclass(frozen=True)
class Filling:
    """A statement that can be run, and what its blobs stand for."""

    sql: str
    calls: tuple[tuple[str, str], ...] = ()
    """Each call as it was written, and the blob in its place."""

    def named(self, columns: Sequence[str]) -> tuple[str, ...]:
        """Return the names of columns as they would be without blobs: SQLite calls a column without a name by its SQL."""
        return tuple(self._named(column) for column in columns)

    def _named(self, column: str) -> str:
        for call, blob in self.calls:
            column = column.replace(blob, call)
        return column


def filling(sql: str, embed: Embed) -> Filling | Failed:
    """Replace calls of `embed`; see `vectors.filled`."""
    calls = _calls(sql) if "embed" in sql.lower() else []
    if isinstance(calls, Failed):
        return calls
    return _spliced(sql, calls, embed([each.text for each in calls])) if calls else Filling(sql)


@dataclass(frozen=True)
class _Call:
    """A place where `embed` is called, and with which text."""

    begin: int
    end: int
    text: str


def _calls(sql: str) -> list[_Call] | Failed:
    """Return the calls of `embed`, found in tokens: what stands in comments, strings and names is none."""
    from sqlglot import tokenize  # noqa: PLC0415 - not for DAG files
    from sqlglot.errors import SqlglotError  # noqa: PLC0415

    try:
        tokens = tokenize(sql, read="sqlite")
    except SqlglotError as error:
        return Failed("syntax", (str(error).splitlines() or [""])[0][:200])
    calls: list[_Call] = []
    for at, (name, after) in enumerate(pairwise(tokens)):
        if name.text.lower() == "embed" and _kinds(name, after) in (["VAR", "L_PAREN"], ["IDENTIFIER", "L_PAREN"]):
            inside = tokens[at + 2 : at + 4]
            fault = _fault(inside[0].text) if _kinds(*inside) == ["STRING", "R_PAREN"] else WRITTEN
            if fault or len(calls) == TEXTS:
                return Failed("refused", fault or f"embed('…') stands more than {TEXTS} times in it")
            calls.append(_Call(name.start, inside[1].end + 1, inside[0].text))
    return calls


def _kinds(*tokens: Any) -> list[str]:
    return [token.token_type.name for token in tokens]


def _fault(text: str) -> str | None:
    if not text.strip() or len(text) > CHARACTERS:
        return f"embed has a text of {len(text):,} characters: expected 1 to {CHARACTERS:,}, not only blanks"
    return "embed has a text that is no Unicode" if any("\ud800" <= each <= "\udfff" for each in text) else None


def _spliced(sql: str, calls: Sequence[_Call], vectors: Sequence[Vector]) -> Filling:
    """Put blobs where calls stand; all else stays as it is written, since what is checked has to be what runs."""
    blobs = [_blob(vector) for vector in vectors]
    parts, done = [], 0
    for call, blob in zip(calls, blobs, strict=True):
        parts += [sql[done : call.begin], blob]
        done = call.end
    pairs = zip((sql[call.begin : call.end] for call in calls), blobs, strict=True)
    return Filling("".join((*parts, sql[done:])), tuple(pairs))


def _blob(vector: Vector) -> str:
    values = np.asarray(vector, np.float64)
    return f"x'{(values / np.sqrt(values @ values)).astype('<f4').tobytes().hex()}'"
