"""The footnotes and endnotes of a Word document."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from docx.oxml.ns import qn

from dataflow_ops.documents import _archive, _word_text

if TYPE_CHECKING:
    from docx.document import Document as Word

_PARTS = (("/footnotes", "w:footnote", ""), ("/endnotes", "w:endnote", "e"))


def texts(word: "Word") -> Iterator[tuple[str, str]]:
    """Yield the label of each note, as it is referred to, and its words."""
    for kind, tag, letter in _PARTS:
        related = (each for each in word.part.rels.values() if each.reltype.endswith(kind) and not each.is_external)
        part = next((each.target_part for each in related), None)
        if part is None:
            continue
        for note in _archive.tree(part.blob).iter(qn(tag)):
            lines = (_word_text.text(each, part) for each in _word_text.inner(note))
            found = "\n".join(line for line in lines if line)
            if found and note.get(qn("w:type")) in (None, "normal"):
                yield f"{letter}{note.get(qn('w:id'), '')}", found
