"""The words of a PDF page: pieces of lines as they were drawn, with their place, size and style, in clean Unicode."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from dataflow_ops.documents.document import Box
from dataflow_ops.documents.markdown import link

VECTOR = 3
"""The type of a block that is a line or an area."""
WHITE = 0xFFFFFF
RECOGNISED = "GlyphLessFont"
"""The font of words that Tesseract has read."""
THIN = 3.0
"""Points a line is wide, at most."""
SUPERSCRIPT, ITALIC, MONO, BOLD = 1, 2, 8, 16
DRAWN_BOLD = 8
MOST = 5_000
"""Pieces of a page that are looked at: a map of a city has more, and no text that is read in lines."""

_RAISED = str.maketrans("0123456789+-−=()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿ")
_FORMS = re.compile("[\ufb00-\ufb06\ufb1d-\ufb4f\ufb50-\ufdff\ufe70-\ufefc\u2126\u212a\u212b]+")
_UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")
_BLANKS = re.compile("[\t\r\n\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f]")
_RTL = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")


@dataclass(slots=True)
class Piece:
    """Part of a line, without wide gaps in it: `text` is Markdown (links), `size` that of most of its characters.

    `atom` is the number of the table or the picture that stands there instead of words; `guessed` words were
    recognised on a picture.
    """

    text: str
    box: Box
    size: float
    bold: bool = False
    mono: bool = False
    plain: str = ""
    atom: int = -1
    guessed: bool = False

    @property
    def middle(self) -> float:
        """How far down the page it is."""
        return (self.box[1] + self.box[3]) / 2

    @property
    def height(self) -> float:
        """Points from its upper to its lower edge."""
        return self.box[3] - self.box[1]


@dataclass(frozen=True, slots=True)
class Link:
    """A part of a page that leads to an address."""

    box: Box
    address: str


@dataclass(frozen=True, slots=True)
class Rule:
    """A straight line that is drawn: level from x `begin` to `end` at y `at`, or upright from y to y at x `at`."""

    level: bool
    at: float
    begin: float
    end: float


def rules(page: dict[str, Any]) -> list[Rule]:
    """Return the lines that are drawn on `page`: thin boxes, and the sides of framed ones."""
    found: list[Rule] = []
    for block in page["blocks"]:
        if block.get("type") == VECTOR and len(found) < MOST:
            found.extend(_rules(block))
    return found


def _rules(block: dict[str, Any]) -> Iterator[Rule]:
    x0, y0, x1, y1 = block["bbox"]
    width, height = x1 - x0, y1 - y0
    if height <= THIN < 2 * width:
        yield Rule(True, (y0 + y1) / 2, x0, x1)
    elif width <= THIN < 2 * height:
        yield Rule(False, (x0 + x1) / 2, y0, y1)
    elif block["isrect"] and width > 2 * THIN and height > 2 * THIN and block["stroked"]:
        yield from (Rule(True, y0, x0, x1), Rule(True, y1, x0, x1), Rule(False, x0, y0, y1), Rule(False, x1, y0, y1))


@dataclass(frozen=True, slots=True)
class Stroke:
    """Something drawn: a straight line or a rectangle (`plain`), or any other shape."""

    box: Box
    plain: bool


def drawn(page: dict[str, Any]) -> list[Stroke]:
    """Return the strokes and areas of `page` that can be seen on white."""
    strokes = [
        Stroke(block["bbox"], block["isrect"])
        for block in page["blocks"]
        if block.get("type") == VECTOR and block["alpha"] and block["color"] != WHITE
    ]
    return strokes[:MOST]


def pieces(page: dict[str, Any], links: Sequence[Link] = ()) -> list[Piece]:
    """Return the pieces of `page` (the dictionary of its text) that run from left to right or right to left."""
    found: list[Piece] = []
    for line in _lines(page):
        piece = _piece(line, links)
        if piece is not None:
            found.append(piece)
        if len(found) >= MOST:
            break
    return found


def _lines(page: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for block in page["blocks"]:
        for line in block.get("lines", ()):
            if abs(line["dir"][1]) < 0.35:
                yield line


def upright_share(page: dict[str, Any]) -> float:
    """Return the share of characters that stand on a level line; 1 for a page without any."""
    level = total = 0
    for block in page["blocks"]:
        for line in block.get("lines", ()):
            count = sum(len(span["text"]) for span in line["spans"])
            total += count
            level += count if abs(line["dir"][1]) < 0.35 else 0
    return level / total if total else 1.0


def _piece(line: dict[str, Any], links: Sequence[Link]) -> Piece | None:
    spans = [span for span in line["spans"] if span["text"]]
    words = [span for span in spans if span["text"].strip()]
    if not words:
        return None
    recognised = words[0]["font"] == RECOGNISED
    size = _mean(words) if recognised else _weighted((span["size"], len(span["text"])) for span in words)
    mono = all(span["flags"] & MONO for span in words) and not recognised
    near = [each for each in links if _touches(each.box, line["bbox"])]
    plain = clean("".join(_raised(span, size, first=span is words[0]) for span in spans), keep_blanks=mono)
    text = _linked(spans, size, near) if near else plain
    bold = sum(len(span["text"].strip()) for span in words if _bold(span))
    return Piece(
        text=text if mono else text.strip(),
        box=_box_of(words),
        size=size,
        bold=2 * bold > len(plain),
        mono=mono,
        plain=plain if mono else plain.strip(),
    )


def _weighted(sizes: Iterable[tuple[float, int]]) -> float:
    counts: dict[float, int] = {}
    for size, count in sizes:
        counts[round(size, 1)] = counts.get(round(size, 1), 0) + count
    return max(counts, key=lambda size: counts[size])


def _mean(spans: Sequence[dict[str, Any]]) -> float:
    """Return the mean size of recognised words, each of which has its own."""
    return sum(span["size"] * len(span["text"]) for span in spans) / sum(len(span["text"]) for span in spans)


def _bold(span: dict[str, Any]) -> bool:
    return bool(span["flags"] & BOLD or span.get("char_flags", 0) & DRAWN_BOLD)


def _box_of(spans: Sequence[dict[str, Any]]) -> Box:
    boxes = [span["bbox"] for span in spans]
    return around(boxes)


def around(boxes: Iterable[Sequence[float]]) -> Box:
    """Return the smallest box that holds all of `boxes`."""
    x0, y0, x1, y1 = zip(*boxes, strict=True)
    return min(x0), min(y0), max(x1), max(y1)


def _touches(one: Sequence[float], other: Sequence[float]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _raised(span: dict[str, Any], size: float, *, first: bool) -> str:
    """Return the text of a span; raised figures as the characters Unicode has for them, so that 10³ stays 10³."""
    text: str = span["text"]
    if span["flags"] & SUPERSCRIPT and span["size"] < 0.85 * size and not first:
        raised = text.strip().translate(_RAISED)
        if raised and all(letter in "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿ" for letter in raised):
            return text.replace(text.strip(), raised)
    return text


def _linked(spans: Sequence[dict[str, Any]], size: float, links: Sequence[Link]) -> str:
    """Join spans; those under one link become the words of it."""
    parts: list[tuple[str | None, str]] = []
    for number, span in enumerate(spans):
        for address, text in _parts(span, _raised(span, size, first=number == 0), links):
            if parts and parts[-1][0] == address:
                parts[-1] = (address, parts[-1][1] + text)
            else:
                parts.append((address, text))
    return "".join(_as_link(address, clean(text)) for address, text in _with_blanks(parts))


def _with_blanks(parts: Sequence[tuple[str | None, str]]) -> list[tuple[str | None, str]]:
    """Let a blank between words of one link belong to the link."""
    found: list[tuple[str | None, str]] = []
    for place, (address, text) in enumerate(parts):
        before = found[-1][0] if found else None
        after = parts[place + 1][0] if place + 1 < len(parts) else None
        same = before is not None and (address == before or (not text.strip() and after == before))
        if same:
            found[-1] = (before, found[-1][1] + text)
        else:
            found.append((address, text))
    return found


def _parts(span: dict[str, Any], text: str, links: Sequence[Link]) -> Iterator[tuple[str | None, str]]:
    """Yield the words of a span with the address each leads to; a word has its share of the width of the span."""
    x0, y0, x1, y1 = span["bbox"]
    middle, step = (y0 + y1) / 2, (x1 - x0) / max(1, len(text))
    for word in re.finditer(r"\s+|\S+", text):
        place = x0 + step * (word.start() + word.end()) / 2
        over = (each.address for each in links if _holds(each.box, place, middle))
        yield next(over, None), word[0]


def _holds(box: Box, x: float, y: float) -> bool:
    return box[0] <= x <= box[2] and box[1] <= y <= box[3]


def _as_link(address: str | None, text: str) -> str:
    words = text.strip().rstrip(".,;:!?")
    if address is None or not words:
        return text
    before, after = text[: len(text) - len(text.lstrip())], text.lstrip()[len(words) :]
    same = words in (address, address.removeprefix("mailto:"))
    return f"{before}{f'<{words}>' if same else link(words, address)}{after}"


def clean(text: str, *, keep_blanks: bool = False) -> str:
    """Return `text` in NFC without unseen characters; presentation forms become letters, odd blanks a blank.

    A soft hyphen stays: whoever joins the lines needs it.
    """
    text = _FORMS.sub(lambda form: unicodedata.normalize("NFKC", form[0]), text)
    text = unicodedata.normalize("NFC", _BLANKS.sub(" ", _UNSEEN.sub("", text)))
    return text.rstrip() if keep_blanks else re.sub(" {2,}", " ", text)


def right_to_left(pieces: Iterable[Piece]) -> bool:
    """Return whether most letters of `pieces` are of a script that is written from right to left."""
    there = total = 0
    for piece in pieces:
        there += len(_RTL.findall(piece.plain))
        total += sum(map(str.isalpha, piece.plain))
    return 2 * there > total > 0


def joined(row: Sequence[Piece], *, rtl: bool = False) -> Piece:
    """Return the pieces of one line, in the order they are read, as one piece."""
    if len(row) == 1:
        return row[0]
    row = sorted(row, key=lambda piece: -piece.box[2] if rtl else piece.box[0])
    largest = max(row, key=lambda piece: len(piece.plain))
    text, plain = row[0].text, row[0].plain
    for left, right in pairwise(row):
        between = _between(left, right)
        text, plain = text + between + right.text, plain + between + right.plain
    return replace(largest, text=text, plain=plain, box=around(piece.box for piece in row),
                   bold=all(piece.bold for piece in row), mono=all(piece.mono for piece in row))  # fmt: skip


def _between(left: Piece, right: Piece) -> str:
    gap = max(right.box[0] - left.box[2], left.box[0] - right.box[2])
    if left.mono and right.mono:
        return " " * max(1, min(40, round(gap / max(1.0, 0.6 * left.size))))
    return " " if gap > 0.15 * left.size else ""
