"""What a page is about: trafilatura says which words, the page itself how they are set.

trafilatura's own tree loses headings within title pages, the languages of code, and whole blocks where it falls back on
plain text; so the blocks of the page are kept that hold its words, and those between them that are no menus.
"""

import re
import unicodedata
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from dataflow_ops.documents import _html_blocks
from dataflow_ops.documents._html_inline import name
from dataflow_ops.documents.document import Block

if TYPE_CHECKING:
    from lxml.etree import _Element

TELLING = 24
"""Letters and digits from which on it is no chance that a line is among the words of a page."""
LONG = 60
"""Letters and digits of a paragraph that trafilatura left out and that is kept all the same."""
LOOKED = 10_000_000_000
"""Characters that are looked through for lines that are not where they are expected."""

_FURNITURE = frozenset({"nav", "aside", "footer", "dialog", "menu"})
_ROLES = frozenset({"navigation", "banner", "contentinfo", "complementary", "search", "dialog", "alert", "menu"})
_NAMED = re.compile(
    r"(?:^|[\s_-])(?:cookies?|consent|newsletter|subscribe|share|sharing|social|related|sidebar|breadcrumbs?|adverts?|ads?|"
    r"promo|sponsored|comments?|menu|navbar|pagination|skip-link|modal|popup)(?:$|[\s_-])",
    re.IGNORECASE,
)
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_LINK = re.compile(r"\[((?:\\.|[^\]\\]){0,500})\]\((?:<[^>]*>|[^()\s]*(?:\([^()\s]*\)[^()\s]*)*)\)")


def blocks(root: "_Element", said: str) -> list[Block]:
    """Return the blocks of a page that hold the words `said`, and what stands between them; [] if there are none.

    `root` is changed: what is furniture is taken out of it.
    """
    _clear(root)
    found = _html_blocks.blocks(root)
    words = _Said(bare(said))
    kept = [_is_said(block, words) for block in found]
    if not any(kept):
        return []
    first, end = kept.index(True), len(kept) - kept[::-1].index(True)
    first -= _heads(found[: first + 1])
    end += _also(found[end:])
    inside = zip(found[first:end], kept[first:end], strict=True)
    return _without_empty_heads([block for block, known in inside if known or _belongs(block, words)])


def _heads(found: Sequence[Block]) -> int:
    """Return how many headings right above the last block stand over it, each higher than the one below it."""
    level, count = found[-1].level or 7, 0
    for block in reversed(found[:-1]):
        if block.kind != "heading" or (block.level or 1) >= level:
            break
        level, count = block.level or 1, count + 1
    return count


def _also(rest: Sequence[Block]) -> int:
    """Return how many blocks behind the last words still belong to them: code, a table, and the line that leads to it."""
    count = 0
    for at, block in enumerate(rest):
        if block.kind in ("code", "table", "formula", "caption"):
            count = at + 1
        elif not (block.kind == "paragraph" and block.text.endswith(":") and count == at):
            break
    return count


class _Said:
    """The words of a page; lines are looked for where the last one was found, and from the beginning only so often."""

    def __init__(self, words: str) -> None:
        self._words = words
        self._at, self._left = 0, LOOKED

    def __contains__(self, line: str) -> bool:
        found = self._words.find(line, self._at)
        if found < 0 and self._left > 0:
            self._left -= len(self._words)
            found = self._words.find(line)
        if found >= 0:
            self._at = found
        return found >= 0


def bare(text: str) -> str:
    """Return the letters and digits of `text`, which no way of writing it changes."""
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", text)))


def _clear(root: "_Element") -> None:
    """Take out menus, banners and what cannot be seen, but nothing that is a good part of the page."""
    whole = _size(root)
    for node in list(root.iter()):
        above = node.getparent()
        if above is None or name(above) == "html" or not _is_furniture(node):
            continue
        if _size(node) < 0.3 * whole:
            tail = node.tail
            node.clear()
            node.tag, node.tail = "noscript", tail


def _size(node: "_Element") -> int:
    return sum(len(text) for text in map(str, node.itertext()) if not text.isspace())


def _is_furniture(node: "_Element") -> bool:
    if name(node) in _FURNITURE or node.get("role") in _ROLES or node.get("aria-hidden") == "true":
        return True
    if node.get("hidden") is not None or _HIDDEN.search(node.get("style") or ""):
        return True
    called: tuple[Any, ...] = (node.get("class"), node.get("id"))
    return any(_NAMED.search(each) for each in called if each)


def _is_said(block: Block, words: _Said) -> bool:
    """Tell whether at least half of a block that is long enough to tell is among the words of the page."""
    lines = [bare(line) for line in _plain(block.text).split("\n")]
    if block.kind in ("table", "code"):
        lines = [bare("".join(lines)), *lines]
    total = sum(map(len, lines))
    return total >= TELLING and 2 * sum(len(line) for line in lines if line in words) >= total


def _plain(text: str) -> str:
    return _LINK.sub(r"\1", text)


def _belongs(block: Block, words: _Said) -> bool:
    """Tell whether a block between others is part of what they are about."""
    if block.kind not in ("paragraph", "list"):
        return True
    told = bare(_plain(block.text))
    size = len(told)
    linked = sum(len(bare(found[1])) for found in _LINK.finditer(block.text))
    return linked <= 0.4 * size and (block.kind == "list" or size >= LONG or told in words)


def _without_empty_heads(found: Sequence[Block]) -> list[Block]:
    """Leave out headings at the end, which are those of something else."""
    end = len(found)
    while end and found[end - 1].kind == "heading":
        end -= 1
    return list(found[:end])
