"""Real handbooks that Debian ships as PDF and as EPUB made from the same source: the EPUB says what the PDF holds.

XeTeX, pdfTeX and dblatex set them: running heads, words cut by hyphens, footnotes, code, tables, numbered headings. The
order of the footnotes differs between both, "Chapter 1" stands in the PDF alone: no reader can come to 1.
"""

import gzip
import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.corpus import DATA, fetch
from bench.document_measures import Truth, key

HEADINGS = {f"h{level}": level for level in range(1, 7)}
BLOCKS = {*HEADINGS, "p", "pre", "table", "ul", "ol", "dl", "li", "dt", "dd", "div", "section", "blockquote", "aside"}
DROPPED = (
    "//a[contains(@class,'footnote-reference') or contains(@class,'headerlink')] | //div[@class='toc'] | //nav | "
    "//dl[contains(@class,'footnote')]/dt | //*[contains(@class,'toctree')] | //script | //sup[@class='footnote']"
)
SPACE = re.compile(r"\s+")


@dataclass(frozen=True)
class Handbook:
    """A package, its PDF and EPUB, and which chapters are read: numbers of entries of the outline's first level.

    `levels` says whether the EPUB tells the levels of headings.
    """

    package: str
    pdf: str
    epub: str
    chapters: range
    levels: bool = True


HANDBOOKS = (
    Handbook(
        "debian-policy",
        "usr/share/doc/debian-policy/policy.pdf.gz",
        "usr/share/doc/debian-policy/policy.epub",
        range(5),
    ),
    Handbook(
        "developers-reference",
        "usr/share/developers-reference/developers-reference.pdf",
        "usr/share/developers-reference/developers-reference.epub",
        range(2, 5),
    ),
    Handbook(
        "debmake-doc",
        "usr/share/doc/debmake-doc/debmake-doc.en.pdf",
        "usr/share/doc/debmake-doc/debmake-doc.en.epub",
        range(4),
        levels=False,
    ),
)


def known(folder: Path) -> Iterator[Truth]:
    """Write the chosen chapters of each handbook into `folder` and yield what is known of them."""
    for place in (folder / "handbooks", DATA / "tree"):
        place.mkdir(parents=True, exist_ok=True)
    for book in HANDBOOKS:
        root, path = fetch(book.package), f"handbooks/{book.package}.pdf"
        titles, pages = _cut(root / book.pdf, book.chapters, folder / path)
        chapters = _chapters(root / book.epub)
        blocks = [block for title in titles for block in _blocks(chapters[key(title)], book.levels)]
        yield {"path": path, "layout": book.package, "fault": None, "pages": pages, "running": [], "blocks": blocks}


def _cut(source: Path, chapters: range, target: Path) -> tuple[list[str], int]:
    """Write the pages of some chapters; return their titles and how many pages they are."""
    import pymupdf

    data = source.read_bytes()
    file = pymupdf.open("pdf", gzip.decompress(data) if source.suffix == ".gz" else data)
    top = [(title, page) for level, title, page in file.get_toc() if level == 1]
    first, last = top[chapters[0]][1] - 1, top[chapters[-1] + 1][1] - 1
    file.select(range(first, last))
    target.write_bytes(file.tobytes(garbage=3, deflate=True))
    return [top[number][0] for number in chapters], last - first


def _chapters(path: Path) -> dict[str, Any]:
    """Return the bodies of the chapters by their titles."""
    from lxml import html

    bodies = {}
    with zipfile.ZipFile(path) as book:
        for name in book.namelist():
            if not name.endswith("html"):
                continue
            body = html.fromstring(book.read(name)).find("body")
            for element in body.xpath(DROPPED):
                element.drop_tree()
            title = next((element for element in body.iter(*HEADINGS)), None)
            if title is not None:
                bodies.setdefault(key(_text(title)), body)
    return bodies


def _blocks(body: Any, levels: bool) -> list[dict[str, Any]]:
    found = list(_leaves(body, False))
    least = min(block["level"] for block in found if "level" in block)
    for block in found:
        if "level" in block:
            block["level"] = block["level"] - least + 1 if levels else None
    return found


def _leaves(element: Any, within: bool) -> Iterator[dict[str, Any]]:
    """Yield the blocks of an element; `within` a list, paragraphs are its items."""
    tag = element.tag
    if tag in HEADINGS:
        yield {"kind": "heading", "text": _text(element), "level": HEADINGS[tag]}
    elif tag == "pre":
        yield {"kind": "code", "text": element.text_content()}
    elif tag == "table":
        rows = [[_text(cell) for cell in row.iter("td", "th")] for row in element.iter("tr")]
        yield {"kind": "table", "text": _barred(rows), "cells": rows}
    elif any(child.tag in BLOCKS for child in element.iterdescendants()):
        if (element.text or "").strip():
            yield {"kind": "list", "text": SPACE.sub(" ", element.text).strip()}
        for child in element.iterchildren("*"):
            yield from _leaves(child, within or tag in ("li", "dd", "dt", "aside"))
    elif text := _text(element):
        yield {"kind": "paragraph" if tag == "p" and not within else "list", "text": text}


def _text(element: Any) -> str:
    return SPACE.sub(" ", element.text_content().replace("\u200b", "")).strip()


def _barred(rows: Sequence[Sequence[str]]) -> str:
    return "\n".join(f"| {' | '.join(cell.replace('|', '') for cell in row)} |" for row in rows)
