"""Tables of HTML as Markdown."""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from dataflow_ops.documents._html_inline import name
from dataflow_ops.documents.markdown import table

if TYPE_CHECKING:
    from lxml.etree import _Element

WIDEST = 500
"""Columns that spans may make a table have."""
LARGEST = 2_000_000
"""Cells that spans may fill."""

Rows = Sequence[Sequence["_Element"]]


def rows(node: "_Element") -> Rows:
    """Return the rows of a table, each with its cells; not those of tables inside it."""
    return [[each for each in row if name(each) in ("td", "th")] for row in _rows(node)]


def _rows(node: "_Element") -> Iterator["_Element"]:
    for child in node:
        if name(child) == "tr":
            yield child
        elif name(child) in ("thead", "tbody", "tfoot"):
            yield from (row for row in child if name(row) == "tr")


def is_layout(node: "_Element", found: Rows) -> bool:
    """Tell whether a table only places things on a page: it holds sections or tables, or has one column."""
    if (node.get("role") or "") in ("presentation", "none") or max(map(len, found), default=0) < 2:
        return True
    inside = (name(each) for each in node.iter() if each is not node)
    return any(each in ("table", "h1", "h2", "h3", "section", "article") for each in inside)


def written(found: Rows, text_of: Callable[["_Element"], str]) -> str:
    """Write a table; a cell that spans others has its words in the first of them."""
    made: list[list[str]] = []
    taken: dict[int, int] = {}  # by column, the rows that a cell from above still takes
    size = 0
    for row in found:
        cells = _row(row, taken, text_of)
        size += len(cells)
        if size > LARGEST:
            break
        made.append(cells)
    return table([each for each in made if any(each)])


def _row(row: Sequence["_Element"], taken: dict[int, int], text_of: Callable[["_Element"], str]) -> list[str]:
    cells: list[str] = []
    for cell in row:
        _skip(cells, taken)
        wide, high = _span(cell.get("colspan")), _span(cell.get("rowspan"))
        for column in range(len(cells), min(len(cells) + wide, WIDEST)):
            taken[column] = high - 1
        cells += [text_of(cell), *([""] * (wide - 1))]
    _skip(cells, taken)
    return cells[:WIDEST]


def _skip(cells: list[str], taken: dict[int, int]) -> None:
    """Leave out the columns that a cell from above takes."""
    while taken.get(len(cells), 0) > 0:
        taken[len(cells)] -= 1
        cells.append("")


def _span(given: str | None) -> int:
    return min(max(int(given), 1), WIDEST) if given and re.fullmatch(r"\s*[0-9]{1,6}\s*", given) else 1
