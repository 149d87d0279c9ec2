"""Captions and notes that a file writes as any other paragraph: told by how they begin."""

import re
from dataclasses import replace

from dataflow_ops.documents.document import Block

LONGEST = 400
"""Characters of a caption."""
_CAPTION = re.compile(
    r"[*_]{0,3}(?:fig(?:ure|\.)?|table|tab\.|chart|plate|scheme|listing|abbildung|abb\.|tabelle|tableau|figura|tabla|"
    r"图|表|図)\s*(?:\d+(?:[.-]\d+)*|[IVXivx]+\b|[A-Z]\.?\d+)[*_]{0,3}\s?[.:|—–：][*_]{0,3}\s*\S",
    re.IGNORECASE,
)
_NOTE = re.compile(r"(?:[¹²³⁴-⁹⁰]{1,3}|[†‡])\s*\S")


def named(blocks: tuple[Block, ...]) -> tuple[Block, ...]:
    """Return `blocks`, those paragraphs called captions and footnotes that are such."""
    return tuple(_named(block) if block.kind == "paragraph" else block for block in blocks)


def _named(block: Block) -> Block:
    if _NOTE.match(block.text):
        return replace(block, kind="footnote")
    short = len(block.text) <= LONGEST and "\n" not in block.text
    return replace(block, kind="caption") if short and _CAPTION.match(block.text) else block
