"""Workbooks of Excel (.xlsx): each sheet as its tables, values instead of formulas."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from itertools import groupby, islice
from pathlib import Path
from typing import Any

from dataflow_ops.documents.document import Block, Document, Failed, Limits
from dataflow_ops.documents.kinds import SHEETS
from dataflow_ops.documents.markdown import prose, table

ROWS = 1_048_576
"""Rows that a sheet can have."""
CELLS = 500_000
"""Cells of a sheet that are written."""

Row = list[str]


def read(path: Path, limits: Limits) -> Document | Failed:
    """Read a workbook: a sheet counts as a page, its name is a heading; hidden sheets are read as well."""
    from openpyxl import load_workbook  # noqa: PLC0415 - loaded in the child process alone

    with path.open("rb") as stream:  # of a path it wants to see the suffix
        book = load_workbook(stream, read_only=True, data_only=True, keep_links=False)
        sheets = book.worksheets
        if len(sheets) > limits.pages:
            return Failed("too large", f"{len(sheets)} sheets; expected {limits.pages} at most")
        notes: list[str] = []
        blocks = tuple(block for page, sheet in enumerate(sheets, start=1) for block in _sheet(sheet, page, notes))
        title = (book.properties.title or "").strip() or None
        return Document(SHEETS, blocks, title=title, pages=len(sheets), notes=tuple(notes))


def _sheet(sheet: Any, page: int, notes: list[str]) -> Iterator[Block]:
    """Yield a heading and the tables of a sheet, if there is anything on it."""
    sheet.reset_dimensions()  # what a file says of its size is not believed
    bands = list(_bands(_bounded(islice(sheet.iter_rows(values_only=True), ROWS), sheet.title, notes)))
    if bands:
        yield Block("heading", " ".join(str(sheet.title).split()), page, level=1)
    for band in bands:
        yield _written(band, page)


def _bounded(rows: Iterable[tuple[Any, ...]], title: str, notes: list[str]) -> Iterator[Row]:
    """Yield rows until they hold more cells than are written."""
    size = 0
    for number, row in enumerate(rows, start=1):
        words = [*map(_words, row)] if any(value is not None for value in row) else []
        size += len(words) - words.count("")
        if size > CELLS:
            notes.append(f"sheet {title!r}: what is below row {number - 1} is left out")
            return
        yield words


def _bands(rows: Iterable[Row]) -> Iterator[list[Row]]:
    """Yield rows that stand together: an empty one is between two tables."""
    for filled, band in groupby(rows, key=any):
        if filled:
            yield list(band)


def _written(band: list[Row], page: int) -> Block:
    """Write rows as a table without its empty columns; a single column as lines."""
    used = sorted({at for row in band for at, words in enumerate(row) if words})
    cells = [[row[at] if at < len(row) else "" for at in used] for row in band]
    if len(used) == 1:
        return Block("paragraph", prose("\n".join(row[0] for row in cells)), page)
    return Block("table", table(cells), page)


def _words(value: Any) -> str:
    """Return a value as one would type it; numbers without the noise of their binary form."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float):
        return f"{value:.15g}"
    if isinstance(value, datetime):
        bare = value.time() == time(0) and value.microsecond == 0
        return value.date().isoformat() if bare else value.isoformat(" ", "seconds")
    if isinstance(value, (date, time, timedelta)):
        return str(value)
    return str(value).strip()
