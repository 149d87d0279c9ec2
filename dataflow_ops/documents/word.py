"""Documents of Word (.docx): headings by their styles, lists, tables, pictures, footnotes."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from docx.oxml.ns import qn

from dataflow_ops.documents import _word_notes, _word_text
from dataflow_ops.documents._image_files import Pictures
from dataflow_ops.documents._word_styles import Numbering, Style, Styles, attribute, number
from dataflow_ops.documents.document import Block, Document, Failed, Limits
from dataflow_ops.documents.kinds import WORD
from dataflow_ops.documents.markdown import code, of_block, prose, table

if TYPE_CHECKING:
    from docx.document import Document as Word
    from lxml.etree import _Element

DEEPEST = 8
"""Tables and text boxes inside each other."""
WIDEST = 200
"""Columns that a cell may span."""


def read(path: Path, limits: Limits) -> Document | Failed:
    """Read a document as it stands when all changes are accepted; headers, footers and contents are left out."""
    from docx import Document as opened  # noqa: N813, PLC0415 - it is a function

    word = opened(str(path))
    pictures = Pictures(limits)
    blocks = list(_joined(_Body(word, pictures).blocks(word.element.body, 0)))
    blocks += [Block("footnote", f"[^{label}]: {prose(text)}") for label, text in _word_notes.texts(word)]
    told = word.core_properties
    return Document(
        WORD, tuple(blocks), tuple(pictures.found), title=(told.title or "").strip() or _first_title(blocks),
        language=told.language or None, notes=pictures.notes(),
    )  # fmt: skip


def _first_title(blocks: list[Block]) -> str | None:
    first = next((block for block in blocks if block.kind == "heading"), None)
    return first.text if first and first.level == 1 else None


class _Body:
    """What of a document stands in its body, a cell or a text box."""

    def __init__(self, word: "Word", pictures: Pictures) -> None:
        self._part = word.part
        self._styles, self._numbers = Styles(word), Numbering(word)
        self._pictures = pictures

    def blocks(self, element: "_Element", depth: int) -> Iterator[Block]:
        """Yield the blocks inside `element`, each item of a list and each line of code by itself."""
        for item in _word_text.inner(element) if depth <= DEEPEST else ():
            yield from self._table(item, depth) if item.tag.endswith("}tbl") else self._paragraph(item, depth)

    def _paragraph(self, item: "_Element", depth: int) -> Iterator[Block]:
        style = self._styles.of(item)
        text = _word_text.text(item, self._part, marked=not style.level)
        if text and style.level:
            yield Block("heading", text.replace("\n", " "), level=style.level)
        elif (text or style.code) and not (style.names and style.names[0].startswith("toc ")):
            yield self._body_text(item, style, text)
        for words, data in _word_text.pictures(item, self._part):
            name = self._pictures.add(data)
            if name or words:
                yield Block("image", words, image=name)
        for box in _word_text.boxes(item):
            yield from self.blocks(box, depth + 1)

    def _body_text(self, item: "_Element", style: Style, text: str) -> Block:
        if style.code or _word_text.is_monospaced(item):
            return Block("code", _word_text.verbatim(item, self._part))
        mark = self._numbers.mark(style)
        if mark:
            return Block("list", mark + text.replace("\n", "\n" + " " * len(mark)))
        if style.named("caption"):
            return Block("caption", prose(text))
        quoted = style.named("quote", "intense quote")
        return Block("paragraph", "> " + text.replace("\n", "\n> ") if quoted else prose(text))

    def _table(self, item: "_Element", depth: int) -> Iterator[Block]:
        """Write a table; one that has a single column only places things on the page."""
        rows = [list(_cells(row)) for row in _named(item, "tr")]
        if max(map(len, rows), default=0) < 2:
            for cell in (cell for row in rows for cell in row if cell is not None):
                yield from self.blocks(cell, depth + 1)
            return
        texts = ([self._cell(cell, depth) for cell in row] for row in rows)
        yield Block("table", table([each for each in texts if any(each)]))

    def _cell(self, cell: "_Element | None", depth: int) -> str:
        inside = self.blocks(cell, depth + 1) if cell is not None else ()
        return " ".join(filter(None, map(of_block, inside)))


def _named(element: "_Element", name: str) -> Iterator["_Element"]:
    """Yield the children of a name, also those in controls."""
    for child in element:
        tag = child.tag.rpartition("}")[2] if isinstance(child.tag, str) else ""
        if tag == name:
            yield child
        elif tag in ("sdt", "sdtContent", "ins"):
            yield from _named(child, name)


def _cells(row: "_Element") -> Iterator["_Element | None"]:
    """Yield the cells of a row, None for places that a cell before or above takes as well."""
    yield from [None] * min(number(attribute(_settings(row, "w:trPr"), "w:gridBefore"), 0), WIDEST)
    for cell in _named(row, "tc"):
        told = _settings(cell, "w:tcPr")
        merged = told is not None and told.find(qn("w:vMerge")) is not None
        yield None if merged and attribute(told, "w:vMerge") != "restart" else cell
        yield from [None] * min(number(attribute(told, "w:gridSpan"), 1) - 1, WIDEST)


def _settings(element: "_Element", name: str) -> "_Element | None":
    return element.find(qn(name))


def _joined(blocks: Iterator[Block]) -> Iterator[Block]:
    """Put the items of a list together, and the lines of code."""
    kind, lines = "", list[str]()
    for block in blocks:
        if block.kind != kind or (lines and kind == "list" and _other_list(lines[0], block.text)):
            yield from _finished(kind, lines)
            lines = []
        if block.kind in ("list", "code"):
            kind = block.kind
            lines.append(block.text)
        elif block.text or block.image:
            yield block
    yield from _finished(kind, lines)


def _other_list(first: str, item: str) -> bool:
    """Tell whether an item that is not indented has another sort of mark than the list."""
    return not item.startswith(" ") and item.startswith("- ") != first.lstrip().startswith("- ")


def _finished(kind: str, lines: list[str]) -> Iterator[Block]:
    if any(lines):
        text = "\n".join(lines)
        yield Block("list", text) if kind == "list" else Block("code", code(text))
