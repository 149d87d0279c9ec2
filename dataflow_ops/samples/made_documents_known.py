"""The Markdown that sample documents are made of, as blocks: what a reader of the documents has to find."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

CAPTION = re.compile(r"(?:Table|Figure) \d+\. ")
FOOTNOTE = re.compile(r"\[\^(\d+)\]: ")
HEADING = re.compile(r"(#{1,6}) ")
ITEM = re.compile(r"(?:-|\d+\.) ")
PICTURE = re.compile(r"!\[(.*)\]\((\w+)\)")
_INLINE = re.compile(r"\[(?P<words>[^\]^]+)\]\((?P<target>[^)]+)\)|\[\^(?P<mark>\d+)\]")


@dataclass(frozen=True)
class Known:
    """One block of a sample document.

    `text` is Markdown without the marks of its kind: a heading has no #, a list one item a line with its - or number,
    code no fences, a footnote no mark; of an image it is the words to be seen in it. `cells` are those of a table, row
    by row; `level` is that of a heading; `name` the number of a footnote, or which figure an image shows.
    """

    kind: str
    text: str
    level: int | None = None
    cells: tuple[tuple[str, ...], ...] = ()
    name: str | None = None

    def record(self) -> dict[str, Any]:
        """Return the fields that say something, for JSON."""
        fields = {"kind": self.kind, "text": self.text, "level": self.level, "cells": self.cells, "name": self.name}
        return {name: value for name, value in fields.items() if value not in (None, ())}


@dataclass(frozen=True)
class Made:
    """A sample file and what is known of it: `known` in the order of reading, or the `fault` why it cannot be read.

    `running` are the heads and feet that come again on every page and belong to no text, # for the number of the page.
    """

    path: str
    data: bytes
    layout: str
    known: tuple[Known, ...] = ()
    running: tuple[str, ...] = ()
    pages: int | None = None
    fault: str | None = None

    def record(self) -> dict[str, Any]:
        """Return what is known, for JSON."""
        return {
            "path": self.path,
            "layout": self.layout,
            "fault": self.fault,
            "title": next((block.text for block in self.known if block.kind == "heading"), None),
            "pages": self.pages,
            "running": self.running,
            "blocks": [block.record() for block in self.known],
        }


@dataclass(frozen=True)
class Piece:
    """A stretch of a line: its words, where they link to, or the footnote that they are the mark of."""

    words: str
    target: str | None = None
    mark: bool = False


def pieces(text: str) -> list[Piece]:
    """Split a line of Markdown at its links and its marks of footnotes."""
    found, at = [], 0
    for match in _INLINE.finditer(text):
        found.append(Piece(text[at : match.start()]))
        found.append(Piece(match["mark"], mark=True) if match["mark"] else Piece(match["words"], match["target"]))
        at = match.end()
    return [piece for piece in [*found, Piece(text[at:])] if piece.words]


def items(block: Known) -> list[tuple[str, str]]:
    """Return the items of a list, each with its mark: - or a number with its point."""
    return [(line.partition(" ")[0], line.partition(" ")[2]) for line in block.text.splitlines()]


@cache
def source(subject: str) -> str:
    """Return the Markdown of a subject: beekeeping, town_report, instrument, chinese or hebrew."""
    folder = resources.files("dataflow_ops.samples") / "data" / "made_documents"
    return (folder / f"{subject}.md").read_text("utf-8")


def blocks(subject: str) -> tuple[Known, ...]:
    """Return the blocks of a subject in order."""
    return tuple(_block(part) for part in re.split(r"\n\s*\n", source(subject).strip()))


def title(known: Iterable[Known]) -> str:
    """Return the first heading."""
    return next(block.text for block in known if block.kind == "heading")


def notes_last(known: Iterable[Known]) -> tuple[Known, ...]:
    """Return the blocks with all footnotes at the end, where formats without pages have them."""
    return tuple(sorted(known, key=lambda block: block.kind == "footnote"))


def sections(known: Iterable[Known]) -> Iterator[list[Known]]:
    """Yield the blocks of each section: a heading of the first two levels and what follows it."""
    section: list[Known] = []
    for block in known:
        if section and block.kind == "heading" and (block.level or 0) <= 2:
            yield section
            section = []
        section.append(block)
    yield section


def _block(part: str) -> Known:
    if heading := HEADING.match(part):
        return Known("heading", part[heading.end() :], level=len(heading[1]))
    if footnote := FOOTNOTE.match(part):
        return Known("footnote", part[footnote.end() :], name=footnote[1])
    if picture := PICTURE.fullmatch(part):
        return Known("image", picture[1], name=picture[2])
    if part.startswith("```"):
        return Known("code", part.strip("`").strip("\n"))
    if part.startswith("|"):
        return Known("table", part, cells=_cells(part))
    return Known("caption" if CAPTION.match(part) else "list" if ITEM.match(part) else "paragraph", part)


def _cells(part: str) -> tuple[tuple[str, ...], ...]:
    rows = [line.strip("|").split("|") for line in part.splitlines()]
    return tuple(tuple(cell.strip() for cell in row) for number, row in enumerate(rows) if number != 1)
