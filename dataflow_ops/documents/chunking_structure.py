"""What a text of Markdown consists of: headings, running text, and tables, code and formulas that are not cut."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any, Literal

from dataflow_ops.documents.document import Block, Box
from dataflow_ops.documents.markdown import of_block
from dataflow_ops.fences import CLOSING, OPENING

PartKind = Literal["heading", "text", "table", "code", "formula"]

NEAR = 20_000
"""Characters within which a block is looked for, after those before it, in a text that was changed since."""

LINES = 100
"""Lines of a formula."""

_KINDS: Mapping[str, PartKind] = {"heading": "heading", "table": "table", "code": "code", "formula": "formula"}
_HEADING = re.compile(r" {0,3}(#{1,6})(?:[ \t]+(.*?))?(?:[ \t]+#+)?[ \t]*")
_UNDERLINE = re.compile(r" {0,3}(=+|-{2,})[ \t]*")
_RULE = re.compile(r"[ \t]*\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*")
_FIRST = frozenset("#`~$\\=-")
"""How a line begins, blanks aside, that may be no line of a paragraph; a row of a table has a bar."""
_FORMULAS = {"$$": "$$", "\\[": "\\]"}


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a text, text[begin:end], that is of one kind; `title` is what a heading says."""

    kind: PartKind
    begin: int
    end: int
    level: int = 0
    title: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where text[begin:end] stands in the document that the text was read from."""

    begin: int
    end: int
    page: int
    box: Box | None


@dataclass(frozen=True, slots=True)
class Structure:
    """The parts of a text, in order and without gaps but blanks, and what is known of their places."""

    parts: tuple[Part, ...]
    places: tuple[Place, ...]


def structure(text: str, blocks: Iterable[Mapping[str, Any]] | None) -> Structure:
    """Return what `text` consists of: its blocks where it has some and they fit it, else what its Markdown says.

    A text that was changed since its blocks were made keeps the places of those that are found in it again, in order.
    """
    known = list(blocks or ())
    spans = _spans(text, known)
    if spans is not None:
        parts = _filled(text, [_part(block, *span) for block, span in zip(known, spans, strict=True)])
        return Structure(parts, _places(known, spans))
    found = list(_again(text, known))
    parts = _filled(text, markdown(text))
    return Structure(parts, _places([block for block, _ in found], [span for _, span in found]))


def _spans(text: str, blocks: Sequence[Mapping[str, Any]]) -> list[tuple[int, int]] | None:
    """Return the spans that blocks say they have, None if the text at one of them is not that of the block."""
    spans = [(block.get("begin"), block.get("end")) for block in blocks]
    before, checked = 0, []
    for block, (begin, end) in zip(blocks, spans, strict=True):
        if not (isinstance(begin, int) and isinstance(end, int) and before <= begin <= end <= len(text)):
            return None
        if text[begin:end] != _written(block):
            return None
        before = end
        checked.append((begin, end))
    return checked or None


def _written(block: Mapping[str, Any]) -> str:
    kind: Any = block.get("kind") or "paragraph"
    words = block.get("text") or ""
    return of_block(Block(kind, words, level=block.get("level"), image=block.get("image")))


def _again(text: str, blocks: Iterable[Mapping[str, Any]]) -> Iterator[tuple[Mapping[str, Any], tuple[int, int]]]:
    at = 0
    for block in blocks:
        written = _written(block)
        begin = text.find(written, at, at + len(written) + NEAR) if written else -1
        if begin >= 0:
            at = begin + len(written)
            yield block, (begin, at)


def _part(block: Mapping[str, Any], begin: int, end: int) -> Part:
    kind = _KINDS.get(block.get("kind") or "", "text")
    if kind != "heading":
        return Part(kind, begin, end)
    return Part(kind, begin, end, min(max(block.get("level") or 1, 1), 6), " ".join((block.get("text") or "").split()))


def _places(blocks: Sequence[Mapping[str, Any]], spans: Sequence[tuple[int, int]]) -> tuple[Place, ...]:
    return tuple(
        Place(begin, end, block["page"], tuple(block["box"]) if block.get("box") else None)
        for block, (begin, end) in zip(blocks, spans, strict=True)
        if begin < end and isinstance(block.get("page"), int)
    )


def _filled(text: str, parts: Iterable[Part]) -> tuple[Part, ...]:
    """Return parts without blanks around them, and what stands between them, if not blank, as running text."""
    whole: list[Part] = []
    at = 0
    for part in [*parts, Part("text", len(text), len(text))]:
        between = Part("text", at, part.begin)
        whole += [_trimmed(text, each) for each in (between, part) if _says(text, each)]
        at = part.end
    return tuple(whole)


def _says(text: str, part: Part) -> bool:
    return part.begin < part.end and not text[part.begin : part.end].isspace()


def _trimmed(text: str, part: Part) -> Part:
    said = text[part.begin : part.end]
    # The first line of code may be indented.
    begin = part.begin if part.kind == "code" else part.end - len(said.lstrip())
    end = part.begin + len(said.rstrip())
    if (begin, end) == (part.begin, part.end):
        return part
    return Part(part.kind, begin, end, part.level, part.title)


def markdown(text: str) -> Iterator[Part]:
    """Yield the headings, tables, code between fences and displayed formulas of `text`, and its paragraphs."""
    lines = _Lines(text)
    start: int | None = None  # where a paragraph began
    while lines.at < len(lines.lines):
        begin, bare = lines.begins[lines.at], lines.lines[lines.at].lstrip()
        part, count = lines.part(start) if bare[:1] in _FIRST or "|" in bare else (None, 1)
        if part is not None or not bare:
            if start is not None and not (part and part.begin == start):
                yield Part("text", start, begin)
            start = None
        elif start is None:
            start = begin
        if part is not None:
            yield part
        lines.at += count
    if start is not None:
        yield Part("text", start, len(text))


class _Lines:
    """The lines of a text, and the one that is looked at."""

    def __init__(self, text: str) -> None:
        self.lines = text.split("\n")
        self.begins = [0, *accumulate(len(line) + 1 for line in self.lines)]
        self.begins[-1] = len(text)
        self.at = 0
        self.open_to = 0
        """No formula that begins before this line is closed."""

    @property
    def begin(self) -> int:
        return self.begins[self.at]

    @property
    def line(self) -> str:
        return self.of(self.at)

    def of(self, number: int) -> str:
        """Return a line without its end, "" after the last one."""
        return self.lines[number].rstrip("\r") if number < len(self.lines) else ""

    def end(self, number: int) -> int:
        """Return where the line after a line begins."""
        return self.begins[min(number + 1, len(self.lines))]

    def part(self, start: int | None) -> tuple[Part | None, int]:
        """Return the part that begins in this line, if it is no paragraph, and how many lines to go on."""
        line = self.line
        if start is not None and self.at and self.begins[self.at - 1] == start and _UNDERLINE.fullmatch(line):
            level = 1 if "=" in line else 2
            return Part("heading", start, self.end(self.at), level, " ".join(self.of(self.at - 1).split())), 1
        bare = line.lstrip()
        if bare.startswith("#") and (heading := _HEADING.fullmatch(line)):
            return Part("heading", self.begin, self.end(self.at), len(heading[1]), heading[2] or ""), 1
        if bare.startswith(("```", "~~~")) and (opening := OPENING.fullmatch(line)):
            return self._until(opening["fence"], "code")
        if bare[:2] in _FORMULAS and self.at >= self.open_to:
            return self._formula(bare)
        if "|" in line and self._is_table():
            return self._table()
        return None, 1

    def _until(self, fence: str, kind: PartKind) -> tuple[Part, int]:
        """Return the code up to its closing fence, or, as CommonMark has it, to the end of the text."""
        last = self.at + 1
        while last < len(self.lines):
            closing = CLOSING.fullmatch(self.of(last))
            if closing and closing[1].startswith(fence):
                break
            last += 1
        last = min(last, len(self.lines) - 1)
        return Part(kind, self.begin, self.end(last)), last - self.at + 1

    def _formula(self, bare: str) -> tuple[Part | None, int]:
        """Return the lines from `$$` to `$$` without an empty one between; none where it does not close."""
        closing, said = _FORMULAS[bare[:2]], bare[2:].rstrip()
        for last in range(self.at, self.at + LINES):
            said = said if last == self.at else self.of(last).rstrip()
            if said.endswith(closing):
                return Part("formula", self.begin, self.end(last)), last - self.at + 1
            if not said and last > self.at:
                break
        self.open_to = last
        return None, 1

    def _is_table(self) -> bool:
        rule = self.of(self.at + 1)
        return "|" in rule and _RULE.fullmatch(rule) is not None

    def _table(self) -> tuple[Part, int]:
        last = self.at + 1
        while "|" in self.of(last + 1):
            last += 1
        return Part("table", self.begin, self.end(last)), last - self.at + 1
