"""Lines of a column of a PDF page put together: paragraphs, headings, lists, code, captions, footnotes."""

import re
import statistics
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from dataflow_ops.documents._pdf_lines import Piece, around, joined
from dataflow_ops.documents._pdf_words import run_on
from dataflow_ops.documents.document import BlockKind, Box

BULLET = re.compile(r"([•‣⁃◦▪▫■□●○◆◇➢➤►▶✓✔\uf0b7\uf0a7\uf0d8¢]\s*|[·–—*-]\s+)(?=\S)")
NUMBER = re.compile(r"\(?(\d{1,3}|[a-zA-Z]|[ivxIVX]{1,5})[.)]\s+(?=\S)")
MARK = re.compile(r"[•‣⁃◦▪▫■□●○◆◇➢➤►▶✓✔\uf0b7\uf0a7\uf0d8¢·–—*-]|\(?(\d{1,3}|[a-zA-Z]|[ivxIVX]{1,5})[.)]")
SECTION = re.compile(r"\d{1,2}(\.\d{1,2}){0,4}\.?")
LEVEL = 12.0
"""Points: what stands beside a mark is at most so far up or down."""
BESIDE = 60
"""Pieces of a line that are looked at."""
CAPTION = re.compile(
    r"(fig(ure|\.)|table|tab\.|chart|plate|scheme|listing|abbildung|abb\.|tabelle|tableau|figura|tabla|图|表|図)\s*"
    r"(\d+|[ivx]+\b|[a-z]?\.?\d+)[.\d]*\s*(?P<after>[:.|—–-]|$)?\s*(?P<word>\w?)", re.IGNORECASE)  # fmt: skip
FOOTNOTE = re.compile(r"(\d{1,3}|[*†‡§¹²³⁴⁵⁶⁷⁸⁹⁰]+)[.)]?\s*(?=\S)")
ENDS = re.compile(r"[.!?:;。!?:;…।؟][\"'”’»)\]]*$")


@dataclass(slots=True)
class Part:
    """A block in the making: its lines, what it is, and how it is set."""

    kind: BlockKind
    lines: list[Piece]
    page: int
    text: str = ""
    image: str | None = None
    level: int | None = None
    box: Box | None = None
    place: float = field(default=0.0)

    @property
    def around(self) -> Box:
        """The box of all lines."""
        return self.box or around(line.box for line in self.lines)

    @property
    def size(self) -> float:
        """Points of the largest line."""
        return max((line.size for line in self.lines), default=0.0)


def with_marks(pieces: Sequence[Piece]) -> list[Piece]:
    """Return `pieces` with bullets and numbers that stand apart joined to the words they belong to."""
    usual = statistics.median([piece.size for piece in pieces] or [0.0])
    marks = [piece for piece in pieces if len(piece.plain) < 12 and _is_mark(piece, usual)]
    taken: dict[int, Piece] = {}
    level: dict[int, list[Piece]] = defaultdict(list)
    for piece in pieces if marks else ():
        level[int(piece.middle // LEVEL)].append(piece)
    for mark in marks:
        here = int(mark.middle // LEVEL)
        beside = (each for row in range(here - 1, here + 2) for each in level[row][:BESIDE])
        near = [each for each in beside if each is not mark and _follows(mark, each) and id(each) not in taken]
        if near:
            first = min(near, key=lambda each: each.box[0])
            taken[id(first)] = mark
    gone = {id(mark) for mark in taken.values()}
    return [
        joined([taken[id(piece)], piece]) if id(piece) in taken else piece for piece in pieces if id(piece) not in gone
    ]


def _is_mark(piece: Piece, usual: float) -> bool:
    """Return whether `piece` is a bullet or a number; a bare number only where it is set like a heading."""
    if MARK.fullmatch(piece.plain):
        return True
    return SECTION.fullmatch(piece.plain) is not None and (piece.bold or piece.size > 1.1 * usual)


def _follows(mark: Piece, piece: Piece) -> bool:
    gap = piece.box[0] - mark.box[2]
    near = -1 <= gap < 3.5 * piece.size and abs(mark.middle - piece.middle) < min(0.5 * piece.size, LEVEL)
    if not near or MARK.fullmatch(mark.plain):
        return near
    # The number of a section is set like its title; a figure in a table has figures beside it.
    return piece.bold == mark.bold and abs(piece.size - mark.size) < 0.3 and piece.plain[:1].isalpha()


def lines_of(column: Sequence[Piece], *, rtl: bool) -> list[Piece]:
    """Return the pieces of a column as lines from top to bottom: what stands beside each other is one line."""
    rows: list[list[Piece]] = []
    for piece in sorted(column, key=lambda each: each.box[1] if each.atom >= 0 else each.middle):
        if (
            piece.atom < 0
            and rows
            and rows[-1][0].atom < 0
            and abs(rows[-1][0].middle - piece.middle) < 0.35 * max(piece.size, rows[-1][0].size)
        ):
            rows[-1].append(piece)
        else:
            rows.append([piece])
    return [joined(row, rtl=rtl) for row in rows]


def parts(lines: Sequence[Piece], *, page: int, rtl: bool) -> Iterator[Part]:
    """Yield the parts of one column: a new one begins after a gap, with another size or style, an indent or a mark."""
    if not lines:
        return
    left, _, right, _ = around(line.box for line in lines)
    usual = _leading(lines)
    part: list[Piece] = []
    for line in lines:
        if part and _begins(part, line, left, right, usual, rtl=rtl):
            yield _part(part, page)
            part = []
        part.append(line)
    yield _part(part, page)


def _leading(lines: Sequence[Piece]) -> float:
    """Return the usual distance from line to line, in sizes of the upper one."""
    steps = [
        (below.box[3] - above.box[3]) / max(1.0, above.size)
        for above, below in pairwise(lines)
        if abs(above.size - below.size) < 0.5
    ]
    near = [step for step in steps if 0.8 < step < 2.5]
    return min(statistics.median_low(near), 1.9) if near else 1.3


def _begins(part: Sequence[Piece], line: Piece, left: float, right: float, usual: float, *, rtl: bool) -> bool:
    above = part[-1]
    step = line.box[3] - above.box[3]
    if step > (usual + 0.35) * max(above.size, line.size) or step < -0.5 * line.size:
        return True
    if abs(above.size - line.size) > 0.09 * max(above.size, line.size) + 0.1 or above.mono != line.mono:
        return True
    if _marked(line) and not above.mono:
        ended = ENDS.search(above.plain) is not None or above.bold != line.bold or _fits(above, line, right)
        return _marked(part[0]) or ended or line.box[0] > part[0].box[0] + 4
    if _marked(part[0]) and not above.mono:
        return _after_list(part, line, right)
    if above.bold != line.bold:
        return all(each.bold for each in part) or line.bold
    return not above.mono and _indented(part, line, left, right, rtl=rtl)


def _after_list(part: Sequence[Piece], line: Piece, right: float) -> bool:
    """Return whether an item ends before `line`: it stands left of the words of the item, after a line with an end."""
    if line.box[0] < part[0].box[0] - 2:
        return True
    if len(part) > 1 and part[1].box[0] > part[0].box[0] + 3 and line.box[0] < part[1].box[0] - 3:
        return True
    return _fits(part[-1], line, right)


def _fits(above: Piece, line: Piece, right: float) -> bool:
    """Return whether the first word of `line` would have found room at the end of the line above: that one ended."""
    word = len(line.plain.partition(" ")[0])
    needed = (line.box[2] - line.box[0]) * word / max(1, len(line.plain)) + 0.5 * line.size
    return right - above.box[2] > 1.1 * needed + 1


def _indented(part: Sequence[Piece], line: Piece, left: float, right: float, *, rtl: bool) -> bool:
    """Return whether a paragraph begins with `line`: it is indented, after a line that is not full."""
    above = part[-1]
    if rtl:
        indent, rest = above.box[2] - line.box[2], above.box[0] - left
    else:
        indent, rest = line.box[0] - above.box[0], right - above.box[2]
    ended = ENDS.search(above.plain) is not None
    inside = len(part) > 1 or part[0].plain[:1].islower()
    small = 0.6 * line.size < indent < 5 * line.size and inside
    return ended and (small or rest > 0.25 * (right - left) or (not rtl and _fits(above, line, right - 4)))


def _marked(line: Piece) -> bool:
    return bool(BULLET.match(line.plain) or NUMBER.match(line.plain)) and len(line.plain) > 2


def captioned(text: str) -> bool:
    """Return whether `text` is a caption and not a sentence that begins with "Figure 1 shows"."""
    found = CAPTION.match(text)
    return found is not None and (found["after"] is not None or not found["word"].islower())


def _part(lines: list[Piece], page: int) -> Part:
    if all(line.mono for line in lines):
        return Part("code", lines, page)
    if captioned(lines[0].plain):
        return Part("caption", lines, page, run_on(line.text for line in lines))
    if _marked(lines[0]):
        return Part("list", lines, page)
    return Part("paragraph", lines, page, run_on(line.text for line in lines))
