"""Pages of a PDF without a text layer, read by Tesseract where its data is there."""

import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from dataflow_ops.documents import _ocr
from dataflow_ops.documents._pdf_blocks import with_marks
from dataflow_ops.documents._pdf_file import BROKEN, FLAGS, Sheet, error_line
from dataflow_ops.documents._pdf_lines import Piece, pieces
from dataflow_ops.documents.document import Limits

FEW = 20
"""Characters of a page that has no text layer, fewer than."""
COVERED = 0.35
"""Share of such a page that images cover, at least."""
GLYPHS = 150
"""Areas drawn on such a page, at least, if its letters are drawings."""
STROKES = 4_000
"""Strokes of a page that is rendered: a map takes a minute."""
DPI = 200
PIXELS = 25_000_000
SHARE = 0.75
"""Share of the time for a file after which no further page is sent to Tesseract: what was read is not lost."""


@dataclass(slots=True)
class Recognition:
    """What is needed to read pages that are pictures, and what there is to say about it."""

    limits: Limits
    notes: list[str]
    lacking: str | None = None
    until: float = field(init=False)

    def __post_init__(self) -> None:
        self.lacking = _ocr.missing(self.limits.ocr_languages) if self.limits.ocr else None
        self.until = time.monotonic() + SHARE * self.limits.seconds

    def read(self, sheet: Sheet, body: float) -> Sheet:
        """Return a page with the words on its picture, if it needs that and it can be done."""
        if not needed(sheet):
            return sheet
        why = self._hindered() or ("too much is drawn on it" if len(sheet.drawn) > STROKES else None)
        if why:
            self.notes.append(f"page {sheet.number}: no text layer, {why}")
            return sheet
        try:
            textpage, found = _recognised(sheet, self.limits.ocr_languages)
        except BROKEN as error:
            self.notes.append(f"page {sheet.number}: no text layer, OCR failed: {error_line(error)}")
            return sheet
        self.notes.append(f"page {sheet.number}: no text layer, read by OCR")
        return replace(sheet, textpage=textpage, pieces=with_marks(_levelled(found, body)))

    def _hindered(self) -> str | None:
        if not self.limits.ocr:
            return "OCR is turned off"
        if self.lacking:
            return self.lacking
        return "no time left for OCR" if time.monotonic() > self.until else None


def needed(sheet: Sheet) -> bool:
    """Return whether a page has next to no text but something that may show some."""
    broken = sum(piece.plain.count("\ufffd") for piece in sheet.pieces)
    if sheet.characters >= FEW and 2 * broken < sheet.characters:
        return False
    if len(sheet.drawn) >= GLYPHS or broken >= FEW:
        return True
    width, height = sheet.size
    covered = sum(_area(info["bbox"], width, height) for info in _images(sheet.page))
    return covered >= COVERED * width * height


def _images(page: Any) -> Sequence[dict[str, Any]]:
    found: Sequence[dict[str, Any]] = page.get_image_info()
    return found


def _area(box: Sequence[float], width: float, height: float) -> float:
    across, down = min(box[2], width) - max(box[0], 0.0), min(box[3], height) - max(box[1], 0.0)
    return max(0.0, across) * max(0.0, down)


def _recognised(sheet: Sheet, languages: str) -> tuple[Any, list[Piece]]:
    width, height = sheet.size
    dpi = int(min(DPI, 72 * (PIXELS / max(1.0, width * height)) ** 0.5))
    data = str(_ocr.data_folder())
    textpage = sheet.page.get_textpage_ocr(flags=FLAGS, language=languages, dpi=max(dpi, 10), full=True, tessdata=data)
    return textpage, pieces(textpage.extractDICT())


def _levelled(found: Sequence[Piece], body: float) -> list[Piece]:
    """Return pieces whose sizes, which are guesses, are those of the text or clearly larger ones."""
    if not found:
        return []
    counted = [piece.size for piece in found for _ in range(0, len(piece.plain), 10)]
    usual = statistics.median(counted)
    return [
        replace(piece, size=_level(piece.size / usual) * body, bold=False, mono=False, guessed=True) for piece in found
    ]


def _level(ratio: float) -> float:
    return ratio if ratio > 1.2 else 1.0
