"""Slides of PowerPoint (.pptx): titles as headings, lists, tables, charts, pictures, notes."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from dataflow_ops.documents import _slide_text
from dataflow_ops.documents._image_files import Pictures
from dataflow_ops.documents.document import Block, Box, Document, Failed, Limits
from dataflow_ops.documents.kinds import SLIDES
from dataflow_ops.documents.markdown import prose, table

POINT = 12_700
"""The unit of lengths is 1/914400 inch."""
DEEPEST = 20
"""Groups inside each other."""


def read(path: Path, limits: Limits) -> Document | Failed:
    """Read slides; a slide is a page, hidden ones are read as well."""
    from pptx import Presentation  # noqa: PLC0415 - loaded in the child process alone

    shown = Presentation(str(path))
    if len(shown.slides) > limits.pages:
        return Failed("too large", f"{len(shown.slides)} slides; expected {limits.pages} at most")
    pictures = Pictures(limits)
    blocks = [
        block for page, slide in enumerate(shown.slides, start=1) for block in _Slide(page, pictures).blocks(slide)
    ]  # fmt: skip
    told = shown.core_properties
    first = next((block.text for block in blocks if block.kind == "heading"), None)
    return Document(
        SLIDES, tuple(blocks), tuple(pictures.found), title=(told.title or "").strip() or first,
        language=told.language or None, pages=len(shown.slides), notes=pictures.notes(),
    )  # fmt: skip


class _Slide:
    def __init__(self, page: int, pictures: Pictures) -> None:
        self._page, self._pictures = page, pictures

    def blocks(self, slide: Any) -> Iterator[Block]:
        """Yield the title, then what else is on the slide in the order it was put there, then the notes."""
        title = slide.shapes.title
        if title is not None and title.text_frame.text.strip():
            words = " ".join(title.text_frame.text.split())
            yield Block("heading", words, self._page, _box(title), level=1)
        for shape in slide.shapes:
            if title is None or shape.shape_id != title.shape_id:
                yield from self._shape(shape, 0)
        notes = slide.notes_slide.notes_text_frame if slide.has_notes_slide else None
        if notes is not None and notes.text.strip():
            yield Block("paragraph", prose(_slide_text.lines(notes)), self._page)

    def _shape(self, shape: Any, depth: int) -> Iterator[Block]:
        if hasattr(shape, "shapes"):
            for each in shape.shapes if depth < DEEPEST else ():
                yield from self._shape(each, depth + 1)
        elif getattr(shape, "has_table", False):
            yield self._table(shape)
        elif getattr(shape, "has_chart", False):
            yield from self._chart(shape)
        else:
            yield from self._picture(shape)
            if shape.has_text_frame and not _is_furniture(shape):
                for kind, text in _slide_text.blocks(shape.text_frame, bulleted=_is_body(shape)):
                    yield Block(kind, text, self._page, _box(shape))

    def _table(self, shape: Any) -> Block:
        rows = [["" if cell.is_spanned else cell.text for cell in row.cells] for row in shape.table.rows]
        return Block("table", table([row for row in rows if any(row)]), self._page, _box(shape))

    def _chart(self, shape: Any) -> Iterator[Block]:
        """Yield the title of a chart, and the numbers that it shows where its kind is known."""
        chart = shape.chart
        title = chart.chart_title.text_frame.text.strip() if chart.has_title else ""
        if title:
            yield Block("caption", prose(title), self._page, _box(shape))
        try:
            tables = [_slide_text.numbers(plot) for plot in chart.plots]
        except ValueError:  # python-pptx does not know a chart of this kind
            return
        for rows in tables:
            if len(rows) > 1:
                yield Block("table", table(rows), self._page, _box(shape))

    def _picture(self, shape: Any) -> Iterator[Block]:
        data = _slide_text.picture(shape)
        if data is None:
            return
        words = _slide_text.described(shape)
        name = self._pictures.add(data, page=self._page, box=_box(shape))
        if name or words:
            yield Block("image", words, self._page, _box(shape), image=name)


def _box(shape: Any) -> Box | None:
    """Return the place of a shape on its slide; one of a group is placed in its group's own units."""
    sides = shape.left, shape.top, shape.width, shape.height
    if None in sides:
        return None
    left, top, width, height = (each / POINT for each in sides)
    return left, top, left + width, top + height


def _is_furniture(shape: Any) -> bool:
    """Tell whether a shape is the number, the date or the footer of a slide."""
    return shape.is_placeholder and shape.placeholder_format.type in _slide_text.furniture()


def _is_body(shape: Any) -> bool:
    """Tell whether paragraphs of a shape have bullets by themselves."""
    return shape.is_placeholder and shape.placeholder_format.type in _slide_text.bodies()
