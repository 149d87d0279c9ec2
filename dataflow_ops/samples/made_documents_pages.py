"""Pages of sample documents: what is drawn flows through columns, footnotes stand at their feet, heads above."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from dataflow_ops.samples.made_documents_known import Known
from dataflow_ops.samples.made_documents_lines import Ink, Line, Style, font, length, ligated

Drawing: TypeAlias = Callable[["Sheet", float, float], None]
"""Draws something with its top left corner at a place."""


@dataclass(frozen=True)
class Unit:
    """What is not cut by the end of a column: its height, how it is drawn at a place, what has to follow it there."""

    height: float
    draw: Drawing
    follows: float = 0.0
    notes: Sequence[str] = ()


@dataclass(frozen=True)
class Note:
    """A footnote and the lines it takes."""

    block: Known
    units: Sequence[Unit]

    @property
    def height(self) -> float:
        """Height of all lines."""
        return sum(unit.height for unit in self.units)


class Sheet:
    """One page being drawn: text is collected and written when the page is done."""

    def __init__(self, page: Any, style: Style) -> None:
        self.page, self.style = page, style
        self._texts: list[tuple[float, float, str, Ink]] = []

    def text(self, x: float, y: float, text: str, ink: Ink) -> None:
        """Write `text` on the line at `y`."""
        shown = ligated(text) if self.style.ligatures else text
        self._texts.append((x, y - ink.rise, shown, ink))

    def line(self, x: float, y: float, line: Line) -> None:
        """Write the words of a line, words that stand side by side in one go where margins are not even."""
        run: list[str] = []
        for number, (at, word) in enumerate(line.words):
            self._link(x + at, y, number, line)
            if self.style.justified:
                self.text(x + at, y, word.text, word.ink)
                continue
            run += [word.text if word.glued or not run else f" {word.text}"]
            after = line.words[number + 1][1] if number + 1 < len(line.words) else None
            if after is None or after.ink != word.ink:
                whole = "".join(run)
                self.text(x + at + word.width - length(whole, word.ink), y, whole, word.ink)
                run = []

    def rule(self, x: float, y: float, width: float, height: float = 0.0, stroke: float = 0.5) -> None:
        """Draw a line."""
        self.page.draw_line((x, y), (x + width, y + height), width=stroke)

    def finish(self) -> None:
        """Write the text, column after column or all that stands at one height before what is below it."""
        import pymupdf

        writer = pymupdf.TextWriter(self.page.rect)
        if self.style.by_height:
            self._texts.sort(key=lambda text: (text[1], text[0]))
        for x, y, text, ink in self._texts:
            writer.append((x, y), text, font(ink.font), ink.size)
        writer.write_text(self.page)

    def _link(self, x: float, y: float, number: int, line: Line) -> None:
        import pymupdf

        word = line.words[number][1]
        if word.target and self.style.links:
            area = pymupdf.Rect(x, y - word.ink.size, x + word.width, y + word.ink.size * 0.3)
            self.page.insert_link({"kind": pymupdf.LINK_URI, "from": area, "uri": word.target})


@dataclass
class Flow:
    """Fills the columns of one page after the other; `drawn` are the blocks in the order they came to stand in."""

    document: Any
    style: Style
    notes: dict[str, Note] = field(default_factory=dict)
    drawn: list[Known] = field(default_factory=list)
    outline: list[tuple[int, str, int]] = field(default_factory=list)
    _sheet: Sheet | None = None
    _column: int = 0
    _top: float = 0.0
    _y: float = 0.0
    _foot: list[Note] = field(default_factory=list)

    def put(self, block: Known, units: Sequence[Unit], *, across: bool = False, after: float | None = None) -> None:
        """Place a block; `across` all columns, which then begin below it; `after` it stays some space."""
        for number, unit in enumerate(units):
            self._make_room(unit)
            if number == 0:
                self._begin(block)
            column = 0 if across else self._column
            unit.draw(self.sheet, self._left(column), self._y)
            self._y += unit.height
            self._foot += [self.notes[name] for name in unit.notes]
        self._y += self.style.gap if after is None else after
        if across:
            self._top = self._y

    def close(self) -> None:
        """Finish the last page."""
        if self._sheet is not None:
            self._end_column()
            self._sheet.finish()
            self._sheet = None

    @property
    def sheet(self) -> Sheet:
        """The page that is being drawn."""
        if self._sheet is None:
            page = self.document.new_page(width=self.style.width, height=self.style.height)
            self._sheet = Sheet(page, self.style)
            self._column, self._top = 0, self.style.margin
            self._y = self._top
            self._run()
        return self._sheet

    @property
    def _bottom(self) -> float:
        rule = 8 if self._foot else 0
        return self.style.height - self.style.margin - sum(note.height for note in self._foot) - rule

    def _left(self, column: int) -> float:
        return self.style.margin + column * (self.style.column + self.style.gutter)

    def _begin(self, block: Known) -> None:
        self.drawn.append(block)
        if block.kind == "heading" and block.level:
            self.outline.append((block.level, block.text, len(self.document)))

    def _make_room(self, unit: Unit) -> None:
        sheet = self.sheet
        feet = sum(self.notes[name].height for name in unit.notes) + (8 if unit.notes and not self._foot else 0)
        if self._y + unit.height + unit.follows + feet <= self._bottom or self._y == self._top:
            return
        self._end_column()
        if self._column + 1 < self.style.columns:
            self._column, self._y = self._column + 1, self._top
        else:
            sheet.finish()
            self._sheet = None
            _ = self.sheet

    def _end_column(self) -> None:
        """Draw the footnotes of a column at its foot."""
        if not self._foot:
            return
        x, y = self._left(self._column), self._bottom + 8
        self.sheet.rule(x, y - 5, 60)
        for note in self._foot:
            self.drawn.append(note.block)
            for unit in note.units:
                unit.draw(self.sheet, x, y)
                y += unit.height
        self._foot = []

    def _run(self) -> None:
        """Write the running head and foot; the first page has no head."""
        style, number = self.style, len(self.document)
        ink = Ink(style.font, style.size * 0.8)
        if style.header and number > 1:
            self.sheet.text(style.margin, style.margin - 18, style.header, ink)
            self.sheet.rule(style.margin, style.margin - 13, style.width - 2 * style.margin, stroke=0.3)
        if style.footer:
            text = style.footer.replace("#", str(number))
            x = (style.width - length(text, ink)) / 2
            self.sheet.text(x, style.height - style.margin + 24, text, ink)
