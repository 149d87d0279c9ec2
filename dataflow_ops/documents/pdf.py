"""PDF files read page by page: columns, headings, lists, tables, captions, links; running heads and feet go.

PyMuPDF gives the words, the strokes and the pictures of a page; what they make together is decided here. Its companion
pymupdf4llm, whose layout is found by neural networks, was compared on five of the sample documents (14 pages), which the
rules here were made with: text F1 0.983 against 0.998 here, order of words 0.934 against 0.998. It reads about one page
per second of one core, the rules about 110 (500 pages of the same samples), so it is not used. `bench.document_quality`
compares both on layouts that no rule was made for.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from dataflow_ops.documents import _pdf_file as files
from dataflow_ops.documents import _pdf_headings as headings
from dataflow_ops.documents import _pdf_margins as margins
from dataflow_ops.documents._pdf_blocks import Part
from dataflow_ops.documents._pdf_figures import Album
from dataflow_ops.documents._pdf_ocr import Recognition
from dataflow_ops.documents._pdf_page import columns_of
from dataflow_ops.documents._pdf_seams import settle, sewn
from dataflow_ops.documents.document import Block, Document, Failed, Limits

SAMPLED = 40
"""Pages, spread over the file, whose font sizes say what plain text looks like."""
WINDOW = 2
"""Pages before and after a page that are looked at for running heads."""


@dataclass(slots=True)
class _Reading:
    """What has been read so far."""

    file: Any
    limits: Limits
    styles: headings.Styles
    album: Album
    ocr: Recognition
    notes: list[str]
    parts: list[Part] = field(default_factory=list)
    labels: set[str] = field(default_factory=set)
    settled: int = 0


def read(path: Path, limits: Limits) -> Document | Failed:
    """Read a PDF file; what cannot be read is said in the notes, or in a Failed when nothing can."""
    with files.opened(path) as file:
        if isinstance(file, Failed):
            return file
        failed = _refused(file, limits)
        return failed or _document(file, limits)


def _refused(file: Any, limits: Limits) -> Failed | None:
    if file.needs_pass:
        return Failed("encrypted", "it cannot be read without its password")
    try:
        count = file.page_count
    except files.BROKEN as error:
        return Failed("damaged", f"its pages cannot be counted: {files.error_line(error)}")
    if count == 0:
        return Failed("damaged", "no pages are left") if file.is_repaired else Failed("empty", "it has no pages")
    return Failed("too large", f"it has {count} pages, {limits.pages} are allowed") if count > limits.pages else None


def _document(file: Any, limits: Limits) -> Document | Failed:
    outline = headings.outline(_outline(file))
    notes: list[str] = []
    styles = headings.Styles(headings.body_size(_sample(file)), outline)
    reading = _Reading(file, limits, styles, Album(file, limits, notes), Recognition(limits, notes), notes)
    if file.is_repaired:
        reading.notes.append("the file is damaged: it was read as far as it could be repaired")
    for sheet, near in _windows(_sheets(reading)):
        kept = margins.without(sheet.pieces, sheet.size[1], sheet.number, near)
        try:
            columns = columns_of(replace(sheet, pieces=kept), reading.styles, reading.album, reading.labels)
        except files.BROKEN as error:
            reading.notes.append(f"page {sheet.number}: damaged, left out: {files.error_line(error)}")
            continue
        sewn(reading.parts, columns)
        reading.settled = settle(reading.parts, reading.settled)
    reading.album.close()
    blocks = _blocks(reading)
    if not any(block.text for block in blocks):
        why = "; ".join(reading.notes[:3]) or "its pages have no text layer"
        return Failed("damaged", why) if file.is_repaired else Failed("no text", why)
    return Document(
        media_type="application/pdf",
        blocks=blocks,
        images=tuple(reading.album.images),
        title=_title(file, blocks),
        language=_language(file),
        pages=file.page_count,
        notes=tuple(reading.notes),
    )


def _outline(file: Any) -> Sequence[Sequence[object]]:
    try:
        found: Sequence[Sequence[object]] = file.get_toc(simple=True)
    except files.BROKEN:
        return ()
    return found


def _sample(file: Any) -> Iterator[list[files.Piece]]:
    step = max(1, file.page_count // SAMPLED)
    for number in range(1, file.page_count + 1, step):
        try:
            yield files.sheet(file, number, links=False).pieces
        except files.BROKEN:
            continue
        files.tidy(number)


def _sheets(reading: _Reading) -> Iterator[files.Sheet]:
    """Yield the pages that can be read, and note those that cannot."""
    for number in range(1, reading.file.page_count + 1):
        files.tidy(number)
        try:
            yield reading.ocr.read(files.sheet(reading.file, number), reading.styles.body)
        except files.BROKEN as error:
            reading.notes.append(f"page {number}: damaged, left out: {files.error_line(error)}")


def _windows(sheets: Iterator[files.Sheet]) -> Iterator[tuple[files.Sheet, list[tuple[int, list[files.Piece]]]]]:
    """Yield each page with what stands at the edges of its neighbours."""
    ahead: deque[files.Sheet] = deque()
    around: deque[tuple[int, list[files.Piece]]] = deque(maxlen=2 * WINDOW + 1)
    for sheet in sheets:
        ahead.append(sheet)
        around.append((sheet.number, margins.edges(sheet.pieces, sheet.size[1])))
        if len(ahead) > WINDOW:
            yield _near(ahead.popleft(), around)
    while ahead:
        yield _near(ahead.popleft(), around)


def _near(
    sheet: files.Sheet, around: Sequence[tuple[int, list[files.Piece]]]
) -> tuple[files.Sheet, list[tuple[int, list[files.Piece]]]]:
    return sheet, [each for each in around if 0 < abs(each[0] - sheet.number) <= WINDOW]


def _blocks(reading: _Reading) -> tuple[Block, ...]:
    titles = [part for part in reading.parts if part.kind == "heading" and part.text.strip()]
    for place, level in headings.levels(titles, reading.styles.body).items():
        titles[place].level = level
    return tuple(
        Block(
            kind=part.kind,
            text=part.text,
            page=part.page,
            box=part.around,
            level=part.level if part.kind == "heading" else None,
            image=part.image,
        )
        for part in reading.parts
        if part.text.strip() or part.image
    )


def _title(file: Any, blocks: Sequence[Block]) -> str | None:
    said = " ".join(str((file.metadata or {}).get("title") or "").split())
    first = next((block.text for block in blocks if block.kind == "heading" and block.level == 1), None)
    return said[:500] or first


def _language(file: Any) -> str | None:
    try:
        found = file.language
    except files.BROKEN:
        return None
    return str(found) if found else None
