"""Sample documents as Word, PowerPoint and Excel files."""

import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from dataflow_ops.samples.made_documents_figures import photograph
from dataflow_ops.samples.made_documents_known import Known, Made, blocks, items, notes_last, pieces, sections
from dataflow_ops.samples.made_documents_markup import STAMP, archive, shown

_WORDS = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_FOOTNOTES = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"


def word(path: str, subject: str) -> Made:
    """Return a Word file with headings by style, lists, tables, real footnotes and links, a picture."""
    from docx import Document  # noqa: PLC0415 - of an extra

    document, known = Document(), shown(subject)
    for block in known:
        _WRITERS[block.kind](document, block)
    _add_footnotes(document, [block for block in known if block.kind == "footnote"])
    document.core_properties.created = document.core_properties.modified = datetime(*STAMP)
    return Made(path, _packed(document), "Word", notes_last(known))


def _runs(paragraph: Any, text: str) -> None:
    """Write text with its links and its marks of footnotes."""
    from docx.oxml import OxmlElement  # noqa: PLC0415 - of an extra
    from docx.oxml.ns import qn  # noqa: PLC0415 - of an extra

    for piece in pieces(text):
        if not (piece.mark or piece.target):
            paragraph.add_run(piece.words)
            continue
        run = paragraph.add_run("" if piece.mark else piece.words)
        if piece.mark:
            mark = OxmlElement("w:footnoteReference")
            mark.set(qn("w:id"), piece.words)
            run._r.append(mark)
            continue
        link = OxmlElement("w:hyperlink")
        link.set(qn("r:id"), paragraph.part.relate_to(piece.target, f"{_LINKS}/hyperlink", is_external=True))
        paragraph._p.append(link)
        link.append(run._r)


def _heading(document: Any, block: Known) -> None:
    document.add_heading(block.text, block.level)


def _paragraph(document: Any, block: Known) -> None:
    _runs(document.add_paragraph(style="Caption" if block.kind == "caption" else None), block.text)


def _list(document: Any, block: Known) -> None:
    for mark, text in items(block):
        _runs(document.add_paragraph(style="List Bullet" if mark == "-" else "List Number"), text)


def _table(document: Any, block: Known) -> None:
    table = document.add_table(len(block.cells), len(block.cells[0]), style="Table Grid")
    for row, cells in zip(table.rows, block.cells, strict=True):
        for cell, text in zip(row.cells, cells, strict=True):
            cell.text = text


def _code(document: Any, block: Known) -> None:
    run = document.add_paragraph(style="No Spacing").add_run(block.text)
    run.font.name = "Courier New"


def _image(document: Any, _block: Known) -> None:
    document.add_picture(io.BytesIO(photograph()))


def _nothing(_document: Any, _block: Known) -> None:
    """A footnote stands in a part of its own."""


_WRITERS = {
    "heading": _heading,
    "paragraph": _paragraph,
    "caption": _paragraph,
    "list": _list,
    "table": _table,
    "code": _code,
    "image": _image,
    "footnote": _nothing,
}


def _add_footnotes(document: Any, notes: Sequence[Known]) -> None:
    from docx.opc.packuri import PackURI  # noqa: PLC0415 - of an extra
    from docx.opc.part import Part  # noqa: PLC0415 - of an extra

    if not notes:
        return
    written = "".join(
        f'<w:footnote w:id="{note.name}"><w:p><w:r><w:footnoteRef/></w:r><w:r><w:t xml:space="preserve"> {note.text}'
        "</w:t></w:r></w:p></w:footnote>"
        for note in notes
    )
    whole = f'<?xml version="1.0" encoding="UTF-8"?>\n<w:footnotes xmlns:w="{_WORDS}">{written}</w:footnotes>'
    part = Part(PackURI("/word/footnotes.xml"), _FOOTNOTES, whole.encode(), document.part.package)
    document.part.relate_to(part, f"{_LINKS}/footnotes")


def slides(path: str, subject: str) -> Made:
    """Return slides, one for each section: its first sentences as a list, its table, the rest as the speaker's notes."""
    from pptx import Presentation  # noqa: PLC0415 - of an extra

    deck, known = Presentation(), []
    for section in sections(blocks(subject)):
        texts = [block.text for block in section if block.kind == "paragraph"]
        points = Known("list", "\n".join(f"- {text}" for text in re.findall(r"\S[^.]*\.", _bare(texts[0]))))
        table = next((block for block in section if block.kind == "table"), None)
        title = replace(section[0], level=None)
        rest = [Known("paragraph", _bare(text)) for text in texts[1:]]
        known += [title, points, *([table] if table else []), *rest]
        _slide(deck, title, points, table, rest)
    deck.core_properties.created = deck.core_properties.modified = datetime(*STAMP)
    return Made(path, _packed(deck), "PowerPoint", tuple(known), pages=len(deck.slides))


def _bare(text: str) -> str:
    return "".join(piece.words for piece in pieces(text) if not piece.mark)


def _slide(deck: Any, title: Known, points: Known, table: Known | None, rest: Sequence[Known]) -> None:
    slide = deck.slides.add_slide(deck.slide_layouts[1])
    slide.shapes.title.text = title.text
    slide.placeholders[1].text = "\n".join(text for _, text in items(points))
    if table:
        rows, columns = len(table.cells), len(table.cells[0])
        frame = slide.shapes.add_table(rows, columns, 900_000, 4_400_000, 7_000_000, 1_800_000)
        for row, cells in enumerate(table.cells):
            for column, text in enumerate(cells):
                frame.table.cell(row, column).text = text
    if rest:
        slide.notes_slide.notes_text_frame.text = "\n".join(block.text for block in rest)


def sheets(path: str, subject: str) -> Made:
    """Return a workbook: a sheet for each table, numbers as numbers, a heading for the name of the sheet."""
    from openpyxl import Workbook  # noqa: PLC0415 - of an extra

    book, known = Workbook(), []
    book.remove(book.active)
    for section in sections(blocks(subject)):
        for table in (block for block in section if block.kind == "table"):
            rows = [[_value(cell) for cell in row] for row in table.cells]
            sheet = book.create_sheet(section[0].text)
            for row in rows:
                sheet.append(row)
            cells = tuple(tuple(str(value) for value in row) for row in rows)
            known += [replace(section[0], level=None), replace(table, cells=cells, text=_barred(cells))]
    return Made(path, _packed(book), "Excel", tuple(known))


def _value(cell: str) -> str | int:
    bare = cell.replace(",", "")
    return int(bare) if re.fullmatch(r"[+-]?\d+", bare) else cell


def _barred(cells: Sequence[Sequence[str]]) -> str:
    rows = [f"| {' | '.join(row)} |" for row in cells]
    return "\n".join([rows[0], "|" + " --- |" * len(cells[0]), *rows[1:]])


def _packed(document: Any) -> bytes:
    """Return the bytes of an office file as they would be at one and the same moment."""
    saved = io.BytesIO()
    document.save(saved)
    with zipfile.ZipFile(saved) as file:
        members = {name: _at_one_time(name, file.read(name)) for name in _ordered(file.namelist())}
    return archive(members)


def _ordered(names: Iterable[str]) -> list[str]:
    return sorted(names, key=lambda name: (name != "[Content_Types].xml", name))


def _at_one_time(name: str, data: bytes) -> bytes:
    if name != "docProps/core.xml":
        return data
    return re.sub(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", b"2024-06-01T12:00:00Z", data)
