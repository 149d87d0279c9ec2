"""Words of HTML as Markdown: emphasis, code, links, superscripts."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from dataflow_ops.documents.markdown import link

if TYPE_CHECKING:
    from lxml.etree import _Element

SKIPPED = frozenset({
    "script", "style", "noscript", "template", "head", "iframe", "object", "embed", "audio", "video", "canvas", "svg",
    "button", "input", "select", "textarea", "rt", "rp", "map", "title", "meta", "link",
})  # fmt: skip
"""What is not words to be read: programs, styles, controls, readings above characters."""
DEEPEST = 150
"""Elements inside each other; what lies deeper is read without its markup."""

_BLANKS = re.compile(r"[ \t\r\n\f]+")
_EMPHASIS = {"b": "**", "strong": "**", "i": "*", "em": "*", "del": "~~", "s": "~~", "strike": "~~"}
_CODE = frozenset({"code", "kbd", "samp", "tt"})
_ADDRESS = re.compile(r"(?:https?|mailto|ftp):|(?!#)[^:]*(?:[/?#]|$)", re.IGNORECASE)
"""What a link of a text may lead to: programs (`javascript:`), data and places on the same page are no address."""
_SUPER = str.maketrans("0123456789+-−=()ni", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿⁱ")
_SUB = str.maketrans("0123456789+-−=()", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎")


def name(node: "_Element") -> str:
    """Return the name of an element without its namespace; "" for a comment or an instruction."""
    return node.tag.rpartition("}")[2].lower() if isinstance(node.tag, str) else ""


def squeezed(text: str | None) -> str:
    """Return `text` with every run of white space as one space."""
    return _BLANKS.sub(" ", text or "")


def words(node: "_Element", depth: int = 0) -> str:
    """Return what an element says, as one piece of Markdown; only `br` breaks its lines."""
    return tidy("".join(_inside(node, depth)))


def tidy(text: str) -> str:
    """Return pieces of words that were put together, with single blanks and none around line breaks."""
    lines = (re.sub(" {2,}", " ", line).strip() for line in text.split("\n"))
    return "\n".join(line for line in lines if line)


def piece(node: "_Element", depth: int) -> str:
    """Return an element among words as Markdown, blanks at its ends outside of its marks."""
    tag = name(node)
    if not tag or tag in SKIPPED:
        return ""
    if tag == "br":
        return "\n"
    if tag == "math":
        return _formula(node)
    inside = "".join(_inside(node, depth))
    bare = inside.strip()
    if not bare:
        return " " if inside else ""
    before, after = inside[: len(inside) - len(inside.lstrip())], inside[len(inside.rstrip()) :]
    return f"{before}{_marked(node, tag, bare)}{after}"


def _inside(node: "_Element", depth: int) -> Iterator[str]:
    yield squeezed(node.text)
    for child in node:
        yield piece(child, depth + 1) if depth < DEEPEST else squeezed("".join(map(str, child.itertext())))
        yield squeezed(child.tail)


def _marked(node: "_Element", tag: str, bare: str) -> str:
    if tag in _EMPHASIS and "\n" not in bare and not bare.startswith(_EMPHASIS[tag]):
        return f"{_EMPHASIS[tag]}{bare}{_EMPHASIS[tag]}"
    if tag in _CODE:
        return _code(squeezed("".join(map(str, node.itertext()))).strip())
    if tag == "a" and _ADDRESS.match(node.get("href") or "#"):
        return link(bare, (node.get("href") or "").strip())
    if tag in ("sup", "sub"):
        return _raised(bare, _SUPER if tag == "sup" else _SUB, "^" if tag == "sup" else "_")
    return f"“{bare}”" if tag == "q" else bare


def _code(text: str) -> str:
    """Return code among words, behind more backticks than it holds in a row."""
    marks = "`" * (max((len(run) for run in re.findall("`+", text)), default=0) + 1)
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{marks}{pad}{text}{pad}{marks}"


def _raised(text: str, letters: dict[int, int], mark: str) -> str:
    """Write raised and lowered digits as characters; of other words those of a reference stay as they are."""
    if all(ord(letter) in letters for letter in text):
        return text.translate(letters)
    return text if len(text) > 3 or text.startswith("[") else f"{mark}{text}"


def _formula(node: "_Element") -> str:
    """Return a formula as the LaTeX that its page gives for it, else its characters."""
    notes = (each for each in node.iter() if name(each) == "annotation" and "tex" in (each.get("encoding") or ""))
    latex = next((squeezed(each.text).strip() for each in notes), "") or (node.get("alttext") or "").strip()
    return f"${latex}$" if latex else squeezed("".join(map(str, node.itertext())))
