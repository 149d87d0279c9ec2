"""The words of Word: runs of a paragraph as Markdown, with links, marks of notes and formulas."""

import re
from collections.abc import Iterator
from itertools import groupby
from typing import TYPE_CHECKING, Any

from docx.oxml.ns import qn

from dataflow_ops.documents.markdown import link

if TYPE_CHECKING:
    from docx.opc.part import Part
    from lxml.etree import _Element

Run = tuple[str, str]
"""Words, and the mark that stands on both sides of them."""

_INSIDE = frozenset(map(qn, ("w:ins", "w:moveTo", "w:smartTag", "w:sdt", "w:sdtContent", "w:fldSimple", "w:customXml")))
_CONTAINERS = frozenset(map(qn, ("w:sdt", "w:sdtContent", "w:ins", "w:moveTo", "w:customXml")))
_FIXED = {qn("w:tab"): " ", qn("w:cr"): "\n", qn("w:noBreakHyphen"): "-", qn("w:ptab"): " "}
_NOTES = {qn("w:footnoteReference"): "", qn("w:endnoteReference"): "e"}
_FORMULAS = frozenset({
    f"{{http://schemas.openxmlformats.org/officeDocument/2006/math}}{name}" for name in ("oMath", "oMathPara")
})  # fmt: skip
_FORMULA_TEXT = "{http://schemas.openxmlformats.org/officeDocument/2006/math}t"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_BLIP = "{http://schemas.openxmlformats.org/drawingml/2006/main}blip"
_OLD_PICTURE = "{urn:schemas-microsoft-com:vml}imagedata"
_MONOSPACED = re.compile(r"courier|consol|mono|menlo|monaco|\bcode\b|terminal", re.IGNORECASE)
_OFF = frozenset({"0", "false", "off", "none"})


def inner(element: "_Element") -> Iterator["_Element"]:
    """Yield the paragraphs and tables of a body, a cell or a text box, also those in controls and in changes."""
    for child in element:
        if child.tag in (qn("w:p"), qn("w:tbl")):
            yield child
        elif child.tag in _CONTAINERS:
            yield from inner(child)


def text(paragraph: "_Element", part: "Part", *, marked: bool = True) -> str:
    """Return the words of a paragraph as if all changes were accepted; emphasis only if `marked`."""
    runs = ((words, mark if marked else "") for words, mark in _runs(paragraph, part))
    joined = (
        ("".join(words for words, _ in same), mark) for mark, same in groupby(runs, key=lambda run: run[1])
    )  # fmt: skip
    found = "".join(_marked(words, mark) for words, mark in joined)
    return "\n".join(re.sub("[ \t]+", " ", line).strip() for line in found.strip().split("\n"))


def verbatim(paragraph: "_Element", part: "Part") -> str:
    """Return a line of code with its blanks."""
    return "".join(words for words, _ in _runs(paragraph, part)).rstrip()


def is_monospaced(paragraph: "_Element") -> bool:
    """Tell whether all words of a paragraph are set as those of a program."""
    runs = [each for each in paragraph.iter(qn("w:r")) if each.find(qn("w:t")) is not None]
    fonts = (each.find(f"{qn('w:rPr')}/{qn('w:rFonts')}") for each in runs)
    return bool(runs) and all(
        font is not None and _MONOSPACED.search(font.get(qn("w:ascii")) or "") for font in fonts
    )  # fmt: skip


def _marked(words: str, mark: str) -> str:
    bare = words.strip()
    if not mark or not bare or "\n" in bare:
        return words
    before, after = words[: len(words) - len(words.lstrip())], words[len(words.rstrip()) :]
    return f"{before}{mark}{bare}{mark[::-1]}{after}"


def _runs(element: "_Element", part: "Part") -> Iterator[Run]:
    for child in element:
        if child.tag == qn("w:r"):
            yield "".join(_characters(child)), _mark(child)
        elif child.tag == qn("w:hyperlink"):
            yield _linked(child, part), ""
        elif child.tag in _INSIDE:
            yield from _runs(child, part)
        elif child.tag in _FORMULAS:
            formula = "".join(each.text or "" for each in child.iter(_FORMULA_TEXT)).strip()
            yield (f"${formula}$" if formula else ""), ""


def _characters(run: "_Element") -> Iterator[str]:
    for child in run:
        if child.tag == qn("w:t"):
            yield child.text or ""
        elif child.tag in _FIXED:
            yield _FIXED[child.tag]
        elif child.tag == qn("w:br"):
            yield "\n" if child.get(qn("w:type")) in (None, "textWrapping") else ""
        elif child.tag in _NOTES:
            yield f"[^{_NOTES[child.tag]}{child.get(qn('w:id'), '')}]"


def _mark(run: "_Element") -> str:
    settings = run.find(qn("w:rPr"))
    if settings is None:
        return ""
    on = {each.tag for each in settings if each.get(qn("w:val"), "1") not in _OFF}
    return "".join(
        mark for tag, mark in (("w:strike", "~~"), ("w:b", "**"), ("w:i", "*")) if qn(tag) in on
    )  # fmt: skip


def _linked(element: "_Element", part: "Part") -> str:
    words = "".join(found for found, _ in _runs(element, part))
    related = part.rels.get(element.get(qn("r:id"), ""))
    address = related.target_ref if related is not None and related.is_external else ""
    allowed = re.match(r"(?:https?|mailto|ftp):", address, re.IGNORECASE)
    return link(words, address) if words.strip() and allowed else words


def boxes(paragraph: "_Element") -> Iterator["_Element"]:
    """Yield the text boxes that hang on a paragraph."""
    return (each for each in paragraph.iter(qn("w:txbxContent")) if _hangs_on(paragraph, each))


def _hangs_on(paragraph: "_Element", element: "_Element") -> bool:
    """Tell whether something is of this very paragraph, and not written a second time for older programs."""
    for above in element.iterancestors():
        if above.tag == _FALLBACK:
            return False
        if above.tag == qn("w:p"):
            return above is paragraph
    return False


def pictures(paragraph: "_Element", part: "Part") -> Iterator[tuple[str, bytes]]:
    """Yield the pictures of a paragraph: the words that describe them, and their bytes."""
    for drawing in paragraph.iter(qn("w:drawing"), qn("w:pict")):
        told = drawing.find(f".//{qn('wp:docPr')}")
        words = " ".join((told.get("descr") or "").split()) if told is not None else ""
        for shown in drawing.iter(_BLIP, _OLD_PICTURE):
            data = _bytes(part, shown.get(qn("r:embed")) or shown.get(qn("r:id")) or "")
            if data and _hangs_on(paragraph, shown):
                yield words, data


def _bytes(part: "Part", key: str) -> bytes:
    related: Any = part.rels.get(key)
    return b"" if related is None or related.is_external else related.target_part.blob
