"""Questions of people that rules know by their wording: those of the sample pairs, so that a demo has something to show."""

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType


def known_sql(question: str) -> str | None:
    """Return SQL of SQLite that answers a question of the sample pairs; None for any other."""
    return _bank().get(_plain(question))


@cache
def _bank() -> Mapping[str, str]:
    from dataflow_ops.samples import sql_pairs  # noqa: PLC0415 - only for questions that are not heard

    pairs = (pair for pair in sql_pairs.compose() if pair.kind == "right")
    return MappingProxyType(
        {_plain(pair.question): pair.sql for pair in pairs if isinstance(pair.question, str) and pair.question.strip()}
    )


def _plain(question: str) -> str:
    return " ".join(question[:2_000].split()).casefold()
