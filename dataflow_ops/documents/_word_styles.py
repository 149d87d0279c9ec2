"""What the styles and the numbering of a Word document say of its paragraphs."""

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from docx.oxml.ns import qn

if TYPE_CHECKING:
    from docx.document import Document as Word
    from lxml.etree import _Element

LONGEST = 20
"""Styles that may be based on each other; a circle ends there."""
_HEADING = re.compile(r"heading ([1-9])")
_CODE = re.compile(r"\b(?:code|source|html preformatted|plain text|listing|verbatim|macro)\b")
_NESTED = re.compile(r"list (?:bullet|number) ([2-5])")
"""Styles of lists inside lists, which are no deeper levels of one list."""
_VALUE = qn("w:val")

Place = tuple[str, int]
"""The number of a list, and how deep an item of it stands, from 0."""


@dataclass(frozen=True)
class Style:
    """What a paragraph of a style is: its names from the nearest to the farthest, its level, its list."""

    names: tuple[str, ...]
    level: int | None
    place: Place | None
    deeper: int = 0

    @property
    def code(self) -> bool:
        """Whether it is for lines of a program."""
        return any(_CODE.search(name) for name in self.names)

    def named(self, *names: str) -> bool:
        """Tell whether it is one of `names` or based on one."""
        return any(name in self.names for name in names)


class Styles:
    """The styles of a document, each looked up once."""

    def __init__(self, word: "Word") -> None:
        found = word.styles.element.iter(qn("w:style"))
        self._elements = {each.get(qn("w:styleId")): each for each in found}
        self._known: dict[str | None, Style] = {}

    def of(self, paragraph: "_Element") -> Style:
        """Return the style of a paragraph, under what it says of itself."""
        settings = paragraph.find(qn("w:pPr"))
        named = settings.find(qn("w:pStyle")) if settings is not None else None
        key = named.get(_VALUE) if named is not None else None
        if key not in self._known:
            self._known[key] = self._read(key)
        style = self._known[key]
        own = _place(settings), _outline(settings)
        return Style(style.names, own[1] or style.level, own[0] or style.place, style.deeper) if any(own) else style

    def _read(self, key: str | None) -> Style:
        names, level, place = [], None, None
        for _ in range(LONGEST):
            element = self._elements.get(key) if key else None
            if element is None:
                break
            name = (attribute(element, "w:name") or key or "").lower()
            names.append(name)
            heading = _HEADING.fullmatch(name)
            settings = element.find(qn("w:pPr"))
            own = int(heading[1]) if heading else 1 if name == "title" else _outline(settings)
            level, place = level or own, place or _place(settings)
            key = attribute(element, "w:basedOn")
        nested = _NESTED.match(names[0]) if names else None
        return Style(tuple(names), min(level, 6) if level else None, place, int(nested[1]) - 1 if nested else 0)


def attribute(element: "_Element | None", tag: str) -> str | None:
    """Return the value of a setting inside `element`."""
    found = element.find(qn(tag)) if element is not None else None
    return found.get(_VALUE) if found is not None else None


def _outline(settings: "_Element | None") -> int | None:
    """Return the level of a heading, 1 to 6; the outline knows nine, and a tenth for text."""
    value = number(attribute(settings, "w:outlineLvl"), 9)
    return min(value + 1, 6) if value < 9 else None


def _place(settings: "_Element | None") -> Place | None:
    numbered = settings.find(qn("w:numPr")) if settings is not None else None
    key = attribute(numbered, "w:numId")
    return (key, min(number(attribute(numbered, "w:ilvl"), 0), 8)) if key else None


def number(text: str | None, default: int) -> int:
    """Return a small number, `default` for anything else."""
    return int(text) if text and re.fullmatch(r"[0-9]{1,6}", text) else default


class Numbering:
    """The marks of the items of lists, counted as the document goes on."""

    def __init__(self, word: "Word") -> None:
        self._formats: dict[Place, str] = {}
        self._lists: dict[str, str] = {}
        self._counts: dict[str, list[int]] = defaultdict(lambda: [0] * 9)
        element = _numbering(word)
        for each in element.iter(qn("w:abstractNum")) if element is not None else ():
            self._read(each)
        for each in element.iter(qn("w:num")) if element is not None else ():
            self._lists[each.get(qn("w:numId"), "")] = attribute(each, "w:abstractNumId") or ""

    def _read(self, element: "_Element") -> None:
        key = element.get(qn("w:abstractNumId"), "")
        for level in element.iter(qn("w:lvl")):
            place = key, number(level.get(qn("w:ilvl")), 0)
            self._formats[place] = attribute(level, "w:numFmt") or "decimal"

    def mark(self, style: Style) -> str:
        """Return what stands before the text of the next item: its indentation and its bullet or number."""
        if style.place is None or style.place[0] == "0":
            return self._by_name(style)
        key, depth = style.place
        levels = [*([depth] * style.deeper), *range(depth)]
        indent = "".join("  " if self._bullet(key, each) else "   " for each in levels)
        if self._bullet(key, depth):
            return f"{indent}- "
        counts = self._counts[key]
        counts[depth + 1 :] = [0] * (8 - depth)
        counts[depth] += 1
        return f"{indent}{counts[depth]}. "

    def _bullet(self, key: str, depth: int) -> bool:
        return self._formats.get((self._lists.get(key, ""), depth), "bullet") in ("bullet", "none")

    def _by_name(self, style: Style) -> str:
        named = style.names[0] if style.names else ""
        return "- " if named.startswith("list bullet") and style.place is None else ""


def _numbering(word: "Word") -> Any:
    """Return the definitions of lists, where the document has any."""
    related = (each for each in word.part.rels.values() if each.reltype.endswith("/numbering") and not each.is_external)
    part = next((each.target_part for each in related), None)
    return getattr(part, "element", None)
