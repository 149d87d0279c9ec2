"""A few values of each column, and a few rows, out of the first rows of a table; what looks personal is masked."""

from collections.abc import Iterable, Sequence

from dataflow_ops.databases.masking import masked

ROWS = 200
"""Rows of a table that are looked at."""
VALUES = 5
"""Distinct values of a column that are kept."""
SAMPLE = 2
"""Rows that are kept."""
SHORT = 40
"""Characters of a value that is an example."""
LONGEST = 80
"""Characters of a value of a row that are shown."""
READ = 400
"""Characters of a value that are read, so that what looks personal is known before it is cut."""


def values(column: str, found: Iterable[object], *, table: str = "") -> tuple[str, ...]:
    """Return the first distinct values of a column as text; long ones are cut, and only where there are none else."""
    texts = [text for text in dict.fromkeys(map(_text, found)) if text is not None and text.strip()]
    short = [text for text in texts if len(text) <= SHORT]
    kept: dict[str, None] = {}
    for text in short or texts:
        kept[_cut(masked(column, text, table=table), SHORT)] = None
        if len(kept) == VALUES:
            break
    return tuple(kept)


def sample(
    columns: Sequence[str], rows: Sequence[Sequence[object]], *, table: str = ""
) -> tuple[tuple[str | None, ...], ...]:
    """Return the first rows as text."""
    shown = ([_shown(name, value, table) for name, value in zip(columns, row, strict=True)] for row in rows[:SAMPLE])
    return tuple(map(tuple, shown))


def _shown(column: str, value: object, table: str) -> str | None:
    text = _text(value)
    return None if text is None else _cut(masked(column, text, table=table), LONGEST)


def _text(value: object) -> str | None:
    """Return a value as text; bytes have none."""
    return None if value is None or isinstance(value, bytes) else str(value)


def _cut(text: str, characters: int) -> str:
    return text if len(text) <= characters else f"{text[: characters - 1]}…"
