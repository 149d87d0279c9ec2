"""Texts: Markdown by its blocks, anything else by its paragraphs."""

import re
from pathlib import Path

from dataflow_ops.documents import _markdown_blocks, _wrapped
from dataflow_ops.documents._decoding import read_text
from dataflow_ops.documents.document import Document, Failed, Limits
from dataflow_ops.documents.kinds import MARKDOWN, PLAIN

_SETTINGS = re.compile(r"---[ \t]*\n(?P<inside>(?:[^\n]*\n){0,200}?)(?:---|\.\.\.)[ \t]*(?:\n|\Z)")
"""YAML at the head of a Markdown file."""
_TITLE = re.compile(r"^title:[ \t]*(?P<quote>[\"']?)(?P<title>.+?)(?P=quote)[ \t]*$", re.MULTILINE)


def read_markdown(path: Path, limits: Limits) -> Document | Failed:
    """Read a file of Markdown; its title is that of its settings, else its first heading of level 1."""
    text = read_text(path, limits)
    if isinstance(text, Failed):
        return text
    settings = _SETTINGS.match(text)
    titled = _TITLE.search(settings["inside"]) if settings else None
    blocks = _markdown_blocks.blocks(text[settings.end() :] if settings else text)
    first = next((block.text for block in blocks if block.kind == "heading" and block.level == 1), None)
    notes = ("the settings at its head are left out",) if settings else ()
    return Document(MARKDOWN, tuple(blocks), title=titled["title"] if titled else first, notes=notes)


def read(path: Path, limits: Limits) -> Document | Failed:
    """Read a text of no special form: empty lines stand between its paragraphs."""
    text = read_text(path, limits)
    if isinstance(text, Failed):
        return text
    return Document(PLAIN, tuple(_wrapped.blocks(text)))
