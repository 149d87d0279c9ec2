"""Words set in lines: fonts and measures, breaks at blanks, hyphens and syllables, even margins where asked for."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Any, Literal

from dataflow_ops.samples.made_documents_known import Piece

_SYLLABLE = re.compile(r"(?<=[a-z]{2})[aeiouy](?!th|ch|sh|ph|ck|gh|qu)[^aeiouy](?=[^aeiouy][aeiouy][a-z])")
_HAN = re.compile(r"[\u3001-\u9fff\uff00-\uffef]")
_CLOSING = frozenset("，。、：；！？）》")
_LIGATURES = (("ffi", "ﬃ"), ("ffl", "ﬄ"), ("fi", "ﬁ"), ("fl", "ﬂ"))


@dataclass(frozen=True)
class Style:
    """How a document looks; lengths are points.

    `rules` are the lines of a table: all, three (above, below the head, at the end) or none. `gap` stands between
    paragraphs, `indent` before their first line. `by_height` writes the lines of all columns from top to bottom, as some
    programs do, so that the order in the file is not that of reading.
    """

    width: float = 420
    height: float = 595
    margin: float = 48
    columns: int = 1
    gutter: float = 18
    font: str = "tiro"
    bold: str = "tibo"
    size: float = 10.0
    leading: float = 1.3
    headings: tuple[float, ...] = (19.0, 14.0, 11.5)
    heading_font: str = "hebo"
    justified: bool = False
    hyphens: bool = False
    ligatures: bool = False
    rules: Literal["all", "three", "none"] = "all"
    gap: float = 6.0
    indent: float = 0.0
    header: str = ""
    footer: str = ""
    outline: bool = False
    links: bool = True
    by_height: bool = False

    @property
    def line(self) -> float:
        """Height of a line of text."""
        return self.size * self.leading

    @property
    def column(self) -> float:
        """Width of a column."""
        return (self.width - 2 * self.margin - (self.columns - 1) * self.gutter) / self.columns


@dataclass(frozen=True)
class Ink:
    """What words are written with; `rise` lifts them above the line."""

    font: str
    size: float
    rise: float = 0.0


@dataclass(frozen=True)
class Word:
    """A word or a part of one: `glued` to what stands before it, perhaps the end of a line by a hyphen it lacks."""

    text: str
    ink: Ink
    glued: bool = False
    target: str | None = None
    note: str | None = None

    @property
    def width(self) -> float:
        """Width in points."""
        return length(self.text, self.ink)


@dataclass
class Line:
    """Words and where each begins; `notes` are the numbers of the footnotes marked in it."""

    words: list[tuple[float, Word]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@cache
def font(name: str) -> Any:
    """Return a font that PyMuPDF brings along."""
    import pymupdf

    return pymupdf.Font(name)


@lru_cache(8192)
def length(text: str, ink: Ink) -> float:
    """Return how wide a text is."""
    return float(font(ink.font).text_length(text, ink.size))


def words(pieces: Iterable[Piece], ink: Ink) -> Iterator[Word]:
    """Yield the words of pieces of text: Han characters are words of their own, marks of footnotes small and high."""
    blank = True
    for piece in pieces:
        if piece.mark:
            yield Word(piece.words, Ink(ink.font, ink.size * 0.62, ink.size * 0.35), glued=True, note=piece.words)
            blank = False
            continue
        for part in re.findall(r"\s+|\S+", piece.words):
            if part.isspace():
                blank = True
                continue
            for text, glued in _atoms(part):
                yield Word(text, ink, glued=glued or not blank, target=piece.target)
            blank = False


def _atoms(part: str) -> Iterator[tuple[str, bool]]:
    """Yield where a string without blanks may be broken: after a hyphen, and beside a Han character."""
    if not _HAN.search(part):
        for number, text in enumerate(re.findall(r"[^-]+-(?=\w)|.+", part)):
            yield text, number > 0
        return
    atoms: list[str] = []
    for letter in part:
        if atoms and (letter in _CLOSING or not (_HAN.match(letter) or _HAN.match(atoms[-1]))):
            atoms[-1] += letter
        else:
            atoms.append(letter)
    yield from ((text, number > 0) for number, text in enumerate(atoms))


def broken(parts: Iterable[Word], width: float, style: Style, first: float = 0.0) -> list[Line]:
    """Set words in lines of at most `width`; the first line begins at `first`."""
    lines, line, at = [], Line(), first
    for word in parts:
        for piece in _fitting(word, at, width, style, bool(line.words)):
            blank = 0.0 if piece.glued or not line.words else length(" ", piece.ink)
            if line.words and at + blank + piece.width > width and piece.note is None:
                lines.append(_even(line, at, width) if style.justified else line)
                line, at, blank = Line(), 0.0, 0.0
            line.words.append((at + blank, piece))
            line.notes += [piece.note] if piece.note else []
            at += blank + piece.width
    return [*lines, line]


def _fitting(word: Word, at: float, width: float, style: Style, follows: bool) -> Sequence[Word]:
    """Return the word, in two parts when it is too long for the line and its first syllables are not."""
    left = width - at - (length(" ", word.ink) if follows and not word.glued else 0.0)
    if not style.hyphens or word.width <= left:
        return [word]
    for cut in reversed(cuts(word.text)):
        head = Word(word.text[:cut] + "-", word.ink, word.glued, word.target)
        if head.width <= left:
            return [head, Word(word.text[cut:], word.ink, glued=True, target=word.target)]
    return [word]


def cuts(word: str) -> list[int]:
    """Return where a word of small letters, perhaps with a point or a comma behind it, may be hyphenated.

    Between two consonants that stand between vowels: it is not the rule of dictionaries, but never far from it.
    """
    bare = word.rstrip(".,;:?!")
    if len(bare) < 7 or not (bare.isalpha() and bare.islower()):
        return []
    return [match.end() for match in _SYLLABLE.finditer(bare) if match.end() <= len(bare) - 3]


def _even(line: Line, at: float, width: float) -> Line:
    gaps = sum(not word.glued for _, word in line.words[1:])
    more = (width - at) / gaps if gaps else 0.0
    moved, even = 0.0, Line(notes=line.notes)
    for number, (x, word) in enumerate(line.words):
        moved += more if number and not word.glued else 0.0
        even.words.append((x + moved, word))
    return even


def ligated(text: str) -> str:
    """Write f with i or l after it as the one character that printers have for it."""
    for letters, character in _LIGATURES:
        text = text.replace(letters, character)
    return text
