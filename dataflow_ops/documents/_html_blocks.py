"""A tree of HTML elements as blocks, whole: nothing in it is taken for decoration."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dataflow_ops.documents import _html_tables
from dataflow_ops.documents._html_inline import DEEPEST, SKIPPED, name, piece, squeezed, tidy, words
from dataflow_ops.documents.document import Block
from dataflow_ops.documents.markdown import code, of_block, prose

if TYPE_CHECKING:
    from lxml.etree import _Element

HEADINGS = {f"h{level}": level for level in range(1, 7)}
BLOCKS = frozenset({
    *HEADINGS, "p", "div", "section", "article", "main", "aside", "header", "footer", "nav", "address", "center",
    "ul", "ol", "dl", "li", "dt", "dd", "menu", "table", "tr", "td", "th", "pre", "blockquote", "figure", "figcaption",
    "caption", "hr", "fieldset", "details", "summary", "body", "html", "hgroup", "dialog", "search", "form",
})  # fmt: skip
_LANGUAGE = re.compile(r"(?:^|\s)(?:lang(?:uage)?|highlight(?:-source)?|brush:)[-\s]*([\w+#-]{1,20})")

Pictures = Callable[[str], str | None]
"""Takes what a picture of the document is called there, and returns the name of its `Image`."""


def blocks(root: "_Element", pictures: Pictures | None = None) -> list[Block]:
    """Return the blocks of the elements inside `root`; pictures are shown where `pictures` knows them."""
    return _Walk(_with_blocks(root), pictures or (lambda _: None)).of(root, 0)


def blocks_of_code(root: "_Element") -> list[Block]:
    """Return the code inside `root`, with its languages."""
    return [Block("code", code(_verbatim(node), _language(node))) for node in root.iter("pre")]


def _with_blocks(root: "_Element") -> set["_Element"]:
    """Return the elements that hold blocks, themselves blocks or not."""
    found: set[_Element] = set()
    for node in root.iter():
        if name(node) in BLOCKS or name(node) == "img":
            above = node.getparent()
            while above is not None and above not in found:
                found.add(above)
                above = above.getparent()
    return found


@dataclass
class _Walk:
    holders: set["_Element"]
    pictures: Pictures
    found: list[Block] = field(default_factory=list)
    loose: list[str] = field(default_factory=list)

    def of(self, node: "_Element", depth: int) -> list[Block]:
        """Return the blocks inside one element."""
        inner = _Walk(self.holders, self.pictures)
        inner.children(node, depth)
        inner.flush()
        return inner.found

    def children(self, node: "_Element", depth: int) -> None:
        self.loose.append(squeezed(node.text))
        for child in node:
            self.take(child, depth + 1)
            self.loose.append(squeezed(child.tail))

    def flush(self) -> None:
        """End the paragraph of the words that stand in no block of their own."""
        text = tidy("".join(self.loose))
        self.loose.clear()
        if text:
            self.found.append(Block("paragraph", prose(text)))

    def take(self, node: "_Element", depth: int) -> None:
        tag = name(node)
        if not tag or tag in SKIPPED:
            return
        if tag not in BLOCKS and tag != "img" and node not in self.holders:
            self.loose.append(piece(node, depth))
            return
        self.flush()
        if depth > DEEPEST:
            self.loose.append(squeezed(" ".join(map(str, node.itertext()))))
        else:
            self.block(tag, node, depth)
        self.flush()

    def block(self, tag: str, node: "_Element", depth: int) -> None:
        """Add one element that is a block, or hold blocks."""
        if tag in HEADINGS:
            self.add(Block("heading", words(node, depth).replace("\n", " "), level=HEADINGS[tag]))
        elif tag in ("ul", "ol", "dl", "menu") and not _is_layout(node):
            self.add(Block("list", "\n".join(self.items(node, tag, depth))))
        elif tag == "table":
            self.table(node, depth)
        elif tag == "pre":
            self.add(Block("code", code(_verbatim(node), _language(node))) if _verbatim(node).strip() else None)
        elif tag == "blockquote":
            self.quotation(node, depth)
        elif tag in ("figcaption", "caption"):
            self.add(Block("caption", prose(words(node, depth))))
        elif tag == "img":
            self.picture(node)
        elif tag != "hr":
            self.children(node, depth)

    def add(self, block: Block | None) -> None:
        if block is not None and (block.text.strip() or block.image):
            self.found.append(block)

    def quotation(self, node: "_Element", depth: int) -> None:
        inner = "\n\n".join(filter(None, map(of_block, self.of(node, depth))))
        lines = (f"> {line}".rstrip() for line in inner.split("\n"))
        self.add(Block("paragraph", "\n".join(lines)) if inner else None)

    def picture(self, node: "_Element") -> None:
        known = self.pictures(node.get("src") or "")
        if known:
            self.add(Block("image", squeezed(node.get("alt")).strip(), image=known))

    def items(self, node: "_Element", tag: str, depth: int) -> Iterator[str]:
        """Write the items of a list; what an item holds below its first line is indented."""
        number = _number(node.get("start"))
        for item in node:
            if name(item) in ("", *SKIPPED):
                continue
            mark = f"{number}. " if tag == "ol" else "  - " if name(item) == "dd" else "- "
            inside = _item(self.of(item, depth + 1))
            if inside:
                number += 1
                yield mark + inside.replace("\n", "\n" + " " * len(mark)).replace("\n" + " " * len(mark) + "\n", "\n\n")

    def table(self, node: "_Element", depth: int) -> None:
        rows = _html_tables.rows(node)
        if _html_tables.is_layout(node, rows):
            self.children(node, depth)
            return
        for child in node:
            if name(child) == "caption":
                self.add(Block("caption", prose(words(child, depth))))
        text = _html_tables.written(rows, lambda cell: self.cell(cell, depth))
        self.add(Block("table", text) if text else None)

    def cell(self, node: "_Element", depth: int) -> str:
        if node not in self.holders:
            return words(node, depth)
        return " ".join(filter(None, map(of_block, self.of(node, depth + 1))))


def _item(inner: list[Block]) -> str:
    """Join what an item holds: a list inside of it follows at once, other blocks behind an empty line."""
    text = ""
    for block in inner:
        text += ("\n" if block.kind == "list" else "\n\n") if text else ""
        text += of_block(block)
    return text


def _is_layout(node: "_Element") -> bool:
    """Take a list whose items are sections of a page for what it is."""
    return any(name(each) in HEADINGS or name(each) == "table" for each in node.iter())


def _number(start: str | None) -> int:
    return int(start) if start and re.fullmatch(r"\d{1,8}", start.strip()) else 1


def _verbatim(node: "_Element") -> str:
    """Return the lines of code, `br` among them."""
    for each in list(node.iter("br")):
        each.tag, each.text = "span", "\n"
    return "".join(map(str, node.itertext()))


def _language(node: "_Element") -> str:
    classes = (each.get("class") or "" for each in (node, *node.iter("code")))
    return next((found[1].lower() for found in map(_LANGUAGE.search, classes) if found), "")
