"""Plain text: lines that were broken at a margin put together again, lists told from paragraphs."""

import re
from collections.abc import Iterator
from itertools import pairwise

from dataflow_ops.documents._pdf_words import run_on
from dataflow_ops.documents.document import Block
from dataflow_ops.documents.markdown import prose

NARROWEST = 45
"""Characters of the longest line from which on lines may have been broken at a margin; verse is narrower."""

_APART = re.compile(r"\n(?:[^\S\n]*\n)+")
_ITEM = re.compile(r"[ \t]*(?:[-*•‣◦–]|\d{1,3}[.)])[ \t]+\S")
_BULLET = re.compile(r"^([ \t]*)[•‣◦–]", re.MULTILINE)
_COLUMNS = re.compile(r"\S[ \t]{3,}\S|\t")
"""Blanks within a line that put it into columns."""


def blocks(text: str) -> Iterator[Block]:
    """Yield the paragraphs and lists of a text: empty lines stand between them."""
    for piece in _APART.split(text):
        lines = [line.rstrip() for line in piece.strip("\n").split("\n")]
        if not any(lines):
            continue
        items = list(_items(lines))
        if _ITEM.match(lines[0]) and len(items) > 1:
            yield Block("list", "\n".join(_BULLET.sub(r"\1-", _whole(item)) for item in items))
        else:
            yield Block("paragraph", prose(_whole(lines)))


def _items(lines: list[str]) -> Iterator[list[str]]:
    item: list[str] = []
    for line in lines:
        if item and _ITEM.match(line):
            yield item
            item = []
        item.append(line)
    yield item


def _whole(lines: list[str]) -> str:
    """Join lines if a margin explains all their ends: the first word of each would not have fitted on the one before."""
    indent = lines[0][: len(lines[0]) - len(lines[0].lstrip())]
    return indent + run_on(lines) if _is_wrapped(lines) else "\n".join(lines)


def _is_wrapped(lines: list[str]) -> bool:
    if len(lines) < 2 or any(map(_COLUMNS.search, map(str.strip, lines))):
        return False
    margin = max(map(len, lines))
    needed = (len(line) + 1 + len(after.split(None, 1)[0]) for line, after in pairwise(lines))
    return margin >= NARROWEST and all(margin < each for each in needed)
