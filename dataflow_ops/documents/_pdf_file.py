"""The seam to PyMuPDF: a PDF file opened, its pages as pieces of lines, its outline and its language."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pymupdf  # noqa: TID253 - readers are imported in the child process alone

from dataflow_ops.documents import _pdf_rtl
from dataflow_ops.documents._pdf_blocks import with_marks
from dataflow_ops.documents._pdf_grids import Word
from dataflow_ops.documents._pdf_lines import Link, Piece, Rule, Stroke, clean, drawn, pieces, rules, upright_share
from dataflow_ops.documents.document import Failed

BROKEN = (RuntimeError, ValueError, pymupdf.mupdf.FzErrorBase)
"""What PyMuPDF raises on a page or an object that is damaged."""
FLAGS = pymupdf.TEXT_PRESERVE_WHITESPACE | pymupdf.TEXT_MEDIABOX_CLIP | pymupdf.TEXT_COLLECT_VECTORS
"""Ligatures become letters, pictures stay out; what lies outside the page is not read."""
LINKS = 2_000
"""Links of a page that are looked at."""
KEEP_PAGES = 16
"""After so many pages the store of decoded fonts and pictures is emptied: memory stays flat."""


@dataclass(slots=True)
class Sheet:
    """A page with its text: `textpage` is good for tables as long as `page` is loaded."""

    number: int
    page: Any
    textpage: Any
    pieces: list[Piece]
    rules: list[Rule]
    drawn: list[Stroke]

    def words(self) -> list[Word]:
        """Return the words of the page, in the order of the file."""
        found = self.textpage.extractWORDS()
        return [Word(clean(text), (x0, y0, x1, y1), (block, line)) for x0, y0, x1, y1, text, block, line, _ in found]

    @property
    def size(self) -> tuple[float, float]:
        """Width and height in points."""
        return self.page.rect.width, self.page.rect.height

    @property
    def characters(self) -> int:
        """How many characters the text layer has."""
        return sum(len(piece.plain) for piece in self.pieces)


@contextmanager
def opened(path: Path) -> Iterator[Any]:
    """Yield the file at `path`, or a Failed."""
    pymupdf.TOOLS.mupdf_display_errors(False)
    pymupdf.TOOLS.mupdf_display_warnings(False)
    try:
        file = pymupdf.open(path, filetype="pdf")
    except pymupdf.EmptyFileError:
        yield Failed("empty", "the file has no bytes")
        return
    except BROKEN as error:
        yield Failed("damaged", f"it cannot be opened as PDF: {error_line(error)}")
        return
    try:
        yield file
    finally:
        file.close()


def error_line(error: Exception) -> str:
    """Return the first line of what PyMuPDF says, without the path of the file."""
    line = str(error).partition("\n")[0]
    return "its structure cannot be read" if "/" in line or not line else line[:200]


def sheet(file: Any, number: int, *, links: bool = True) -> Sheet:
    """Load page `number` (from 1) upright and return it with its pieces."""
    page = file.load_page(number - 1)
    if page.rotation:
        page.remove_rotation()
    textpage, text = _text(page)
    if upright_share(text) < 0.4:
        page.set_rotation(_turn(text))
        page.remove_rotation()
        textpage, text = _text(page)
    found = pieces(text, _links(page) if links else ())
    return Sheet(number, page, textpage, with_marks(found), rules(text), drawn(text))


def _text(page: Any) -> tuple[Any, dict[str, Any]]:
    textpage = page.get_textpage(flags=FLAGS)
    text = textpage.extractDICT()
    return textpage, _pdf_rtl.in_order(textpage.extractRAWDICT()) if _pdf_rtl.mixed(text) else text


def _turn(text: dict[str, Any]) -> int:
    """Return by how many degrees to turn a page whose lines run upwards or downwards."""
    downs = [line["dir"][1] > 0 for block in text["blocks"] for line in block.get("lines", ())]
    return 270 if 2 * sum(downs) > len(downs) else 90


def _links(page: Any) -> list[Link]:
    found: list[Link] = []
    link = page.first_link
    while link is not None and len(found) < LINKS:
        if link.is_external and link.uri.startswith(("http://", "https://", "mailto:")):
            found.append(Link(tuple(link.rect), link.uri[:2_000]))
        link = link.next
    return found


def tidy(number: int) -> None:
    """Give back what earlier pages left in the store, every few pages."""
    if number % KEEP_PAGES == 0:
        pymupdf.TOOLS.store_shrink(100)
        gc.collect(1)
