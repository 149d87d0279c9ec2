"""Blocks of sample documents set as what they are: headings, paragraphs, lists, tables, code, figures, footnotes."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import accumulate

from dataflow_ops.samples import made_documents_figures as figures
from dataflow_ops.samples.made_documents_known import Known, items, pieces
from dataflow_ops.samples.made_documents_lines import Ink, Line, Style, broken, length, words
from dataflow_ops.samples.made_documents_pages import Drawing, Flow, Note, Sheet, Unit

_PAD = 4.0
"""Points between the rule of a table and its words."""


def place(flow: Flow, blocks: Iterable[Known]) -> None:
    """Let all blocks flow; in a document of several columns the first two stand across them."""
    style, blocks = flow.style, list(blocks)
    flow.notes |= {block.name or "": _note(block, style) for block in blocks if block.kind == "footnote"}
    shown = [block for block in blocks if block.kind != "footnote"]
    wide = replace(style, columns=1)
    for number, block in enumerate(shown):
        across = style.columns > 1 and number < 2
        units = _UNITS[block.kind](block, wide if across else style)
        flow.put(block, units, across=across, after=2.0 if block.kind in ("image", "heading") else None)


def _paragraph(block: Known, style: Style) -> list[Unit]:
    lines = broken(words(pieces(block.text), Ink(style.font, style.size)), style.column, style, style.indent)
    return _units(lines, style)


def _units(lines: Sequence[Line], style: Style, x: float = 0.0) -> list[Unit]:
    return [
        Unit(style.line, partial(_write, line=line, dx=x, size=style.size), notes=tuple(line.notes)) for line in lines
    ]


def _write(sheet: Sheet, x: float, y: float, *, line: Line, dx: float, size: float) -> None:
    sheet.line(x + dx, y + size, line)


def _heading(block: Known, style: Style) -> list[Unit]:
    size = style.headings[(block.level or 1) - 1]
    plain = replace(style, justified=False, hyphens=False)
    lines = broken(words(pieces(block.text), Ink(style.heading_font, size)), style.column, plain)
    height, above = size * 1.25, style.line * 0.6
    units = [Unit(height, partial(_write, line=line, dx=0.0, size=size), follows=4 * style.line) for line in lines]
    first = units[0]
    return [replace(first, height=height + above, draw=_lowered(first.draw, above)), *units[1:]]


def _lowered(draw: Drawing, by: float) -> Drawing:
    def drawn(sheet: Sheet, x: float, y: float) -> None:
        draw(sheet, x, y + by)

    return drawn


def _list(block: Known, style: Style) -> list[Unit]:
    ink, indent = Ink(style.font, style.size), 16.0
    units: list[Unit] = []
    for mark, text in items(block):
        lines = _units(broken(words(pieces(text), ink), style.column - indent, style), style, indent)
        lines[0] = replace(
            lines[0], draw=partial(_marked, mark="•" if mark == "-" else mark, ink=ink, rest=lines[0].draw)
        )
        units += lines
    return units


def _marked(sheet: Sheet, x: float, y: float, *, mark: str, ink: Ink, rest: Drawing) -> None:
    sheet.text(x + 3, y + ink.size, mark, ink)
    rest(sheet, x, y)


def _code(block: Known, style: Style) -> list[Unit]:
    ink = Ink("cour", style.size * 0.85)
    lines = block.text.splitlines()
    return [Unit(len(lines) * style.line, partial(_typed, lines=lines, ink=ink, height=style.line))]


def _typed(sheet: Sheet, x: float, y: float, *, lines: Sequence[str], ink: Ink, height: float) -> None:
    for number, line in enumerate(lines):
        sheet.text(x + 8, y + number * height + ink.size, line, ink)


def _image(block: Known, style: Style) -> list[Unit]:
    x = (style.column - figures.WIDTH) / 2
    return [Unit(figures.HEIGHT, partial(_figure, name=block.name or "", dx=x), follows=3 * style.line)]


def _figure(sheet: Sheet, x: float, y: float, *, name: str, dx: float) -> None:
    figures.draw(name, sheet, x + dx, y)


def _caption(block: Known, style: Style) -> list[Unit]:
    small = replace(style, size=style.size * 0.88, justified=False, hyphens=False, indent=0.0)
    units = _paragraph(block, small)
    table = block.text.startswith("Table")
    return [replace(unit, follows=80.0 if table else 0.0) for unit in units]


def _note(block: Known, style: Style) -> Note:
    small = replace(style, size=style.size * 0.8, indent=0.0)
    ink = Ink(style.font, small.size)
    mark = next(words(pieces(f"[^{block.name}]"), ink))
    return Note(block, _units(broken([mark, *words(pieces(block.text), ink)], style.column, small), small))


def _table(block: Known, style: Style) -> list[Unit]:
    """Set a table as one piece: its columns are as wide as their longest words ask for, numbers stand to the right."""
    size = style.size * 0.88
    widths, plain = _widths(block.cells, style, size), replace(style, justified=False, hyphens=False)
    rows = []
    for number, cells in enumerate(block.cells):
        ink = Ink(style.bold if number == 0 else style.font, size)
        pairs = zip(cells, widths, strict=True)
        rows.append([broken(words(pieces(cell), ink), width - 2 * _PAD, plain) for cell, width in pairs])
    grid = _Grid(rows, widths, [_numeric(cell) for cell in block.cells[-1]], size)
    return [Unit(sum(grid.heights) + _PAD, grid.draw)]


def _widths(cells: Sequence[Sequence[str]], style: Style, size: float) -> list[float]:
    """Return the widths of columns: their longest cell, the widest of them less when together they are too wide."""
    ink = Ink(style.bold, size)
    widths = [max(length(cell, ink) for cell in column) + 2 * _PAD + 1 for column in zip(*cells, strict=True)]
    over = sum(widths) - style.column
    if over > 0:
        widest = max(range(len(widths)), key=widths.__getitem__)
        widths[widest] -= over
        return widths
    return [width - over / len(widths) * (0.8 if style.rules == "all" else 0.5) for width in widths]


@dataclass(frozen=True)
class _Grid:
    """A table ready to be drawn: lines of each cell, width of each column, and whether it stands to the right."""

    rows: Sequence[Sequence[Sequence[Line]]]
    widths: Sequence[float]
    right: Sequence[bool]
    size: float

    @property
    def heights(self) -> list[float]:
        """Heights of the rows."""
        return [max(map(len, row)) * self.size * 1.2 + 2 * _PAD for row in self.rows]

    def draw(self, sheet: Sheet, x: float, y: float) -> None:
        """Draw the words, then the rules."""
        edges = [x + width for width in accumulate(self.widths, initial=0.0)]
        levels = [y + height for height in accumulate(self.heights, initial=0.0)]
        for row, level in zip(self.rows, levels, strict=False):
            for lines, left, width, right in zip(row, edges, self.widths, self.right, strict=False):
                self._cell(sheet, lines, left, level, width if right else 0.0)
        rules = sheet.style.rules
        shown = {"all": levels, "three": [levels[0], levels[1], levels[-1]], "none": []}[rules]
        for level in shown:
            sheet.rule(x, level, edges[-1] - x, stroke=0.8 if rules == "three" else 0.5)
        for edge in edges if rules == "all" else []:
            sheet.rule(edge, y, 0.0, levels[-1] - y)

    def _cell(self, sheet: Sheet, lines: Sequence[Line], x: float, y: float, right: float) -> None:
        """Write a cell, its lines ending at `right` unless that is 0."""
        for number, line in enumerate(lines):
            end = max((at + word.width for at, word in line.words), default=0.0)
            dx = right - _PAD - end if right else _PAD
            sheet.line(x + dx, y + _PAD + self.size * (1 + number * 1.2) - 1, line)


def _numeric(cell: str) -> bool:
    return cell.lstrip("+-").replace(",", "").replace(".", "").isdigit()


_UNITS: Mapping[str, Callable[[Known, Style], list[Unit]]] = {
    "paragraph": _paragraph,
    "heading": _heading,
    "list": _list,
    "code": _code,
    "image": _image,
    "caption": _caption,
    "table": _table,
}
