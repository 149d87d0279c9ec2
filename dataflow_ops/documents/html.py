"""Pages of the web: what they are about, without menus, advertisements and footers.

trafilatura decides which words of a page are its text; how they are set is read from the page itself. Where that does
not find them trafilatura's tree is written as Markdown here, because its own Markdown loses the empty lines of code, the
rows of tables with two heads and the ends of paragraphs within items.
"""

import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dataflow_ops.documents import _html_blocks, _html_main
from dataflow_ops.documents._decoding import read_text
from dataflow_ops.documents._html_inline import name, squeezed
from dataflow_ops.documents.document import Block, Document, Failed, Limits
from dataflow_ops.documents.kinds import HTML

if TYPE_CHECKING:
    from lxml.etree import _Element

_NAMES = {"quote": "blockquote", "row": "tr", "lb": "br", "item": "li", "graphic": "img"}
_LISTS = {"ol": "ol", "dl": "dl"}
_MARKS = {"#b": "strong", "#i": "em", "#t": "code", "#sub": "sub", "#sup": "sup"}
_ENTITY = re.compile(r"&(?!(?:amp|lt|gt|quot|apos);)([A-Za-z][A-Za-z0-9]{1,31});")
_CONTROLS = re.compile(
    "[\x00-\x08\x0b\x0e-\x1f\x7f\ufffe\uffff]|&#0*(?:[1-8]|1[124-9]|2[0-9]|3[01])(?![0-9]);?|&#x0*(?:[1-8bef]|1[0-9a-f])(?![0-9a-f]);?",
    re.IGNORECASE,
)
"""Characters that no tree of XML can hold: one of them, and trafilatura gives up."""
_DECLARATION = re.compile(r"\s*<\?xml[^>]*\?>")


def read(path: Path, limits: Limits) -> Document | Failed:
    """Read a page; its address and its pictures are not asked for."""
    text = read_text(path, limits)
    if isinstance(text, Failed):
        return text
    root = tree(text)
    if root is None:
        return Failed("no text", "there is no element in it")
    blocks = _about(text, root)
    if not blocks:
        return Failed("no text", "nothing but menus, controls and the like")
    language = (root.get("lang") or "").strip()[:35]
    return Document(HTML, tuple(blocks), title=_title(root) or None, language=language or None)


def _about(text: str, root: "_Element") -> list[Block]:
    """Return the blocks of what a page is about."""
    captions = _freed_captions(root)
    main = _main(root)
    if main is None:
        return []
    again = tree(text)
    said = "".join(map(str, main.body.itertext()))
    found = _html_main.blocks(again, said) if again is not None else []
    return found or _with_languages(_with_captions(_html_blocks.blocks(main.body), captions), root)


def tree(text: str) -> "_Element | None":
    """Return the elements of a page, however it is written; None if there are none."""
    from lxml import etree, html  # noqa: PLC0415 - loaded in the child process alone

    parser = html.HTMLParser(encoding="utf-8", no_network=True, huge_tree=True)  # else it drops what is deep
    bare = _CONTROLS.sub("", _DECLARATION.sub("", text, count=1))
    try:
        return html.document_fromstring(bare.encode("utf-8", "replace"), parser=parser)
    except etree.ParserError:
        return None


def strict_tree(text: str) -> "_Element | None":
    """Return the elements of a page written as XML, where `<a/>` and `<title/>` end at once; else as `tree` does."""
    from html.entities import html5  # noqa: PLC0415

    from lxml import etree  # noqa: PLC0415

    from dataflow_ops.documents._archive import tree as xml_tree  # noqa: PLC0415

    known = _ENTITY.sub(lambda found: html5.get(f"{found[1]};", found[0]), _DECLARATION.sub("", text, count=1))
    try:
        return xml_tree(known.encode("utf-8", "replace"))
    except etree.XMLSyntaxError:
        return tree(text)


def _main(root: "_Element") -> Any:
    """Return what of a page is its text, by trafilatura; None if there is nothing."""
    from trafilatura import bare_extraction  # noqa: PLC0415 - loaded in the child process alone

    found: Any = bare_extraction(
        root, include_comments=False, include_tables=True, include_links=True, include_formatting=True,
        with_metadata=False,
    )  # fmt: skip
    if found is None or found.body is None:
        return None
    for node in list(found.body.iter()):
        _renamed(node)
    return found


def _renamed(node: "_Element") -> None:
    """Give an element of trafilatura's tree, which follows the Text Encoding Initiative, its name in HTML."""
    tag, style = name(node), node.get("rend") or ""
    if tag == "head":
        node.tag = style if style in _html_blocks.HEADINGS else "h2"
    elif tag == "list":
        node.tag = _LISTS.get(style, "ul")
    elif tag == "item" and style[:2] in ("dt", "dd"):
        node.tag = style[:2]
    elif tag == "cell":
        node.tag = "th" if node.get("role") == "head" else "td"
    elif tag == "hi":
        node.tag = _MARKS.get(style, "span")
    elif tag == "ref":
        node.tag = "a"
        node.set("href", node.get("target") or "")
    elif tag == "code" and _stands_alone(node):
        node.tag = "pre"
    elif tag in _NAMES:
        node.tag = _NAMES[tag]


def _stands_alone(node: "_Element") -> bool:
    above = node.getparent()
    inside = above is not None and name(above) not in ("body", "main", "div", "blockquote", "quote")
    return not inside or "\n" in "".join(map(str, node.itertext())).strip()


def _freed_captions(root: "_Element") -> frozenset[str]:
    """Put captions beside tables and open figures: else they are taken for a row, or left out."""
    found = [each for each in root.iter("caption", "figcaption") if each.getparent() is not None]
    for node in found:
        above = node.getparent()
        node.tag = "p"
        if above is not None and name(above) == "table":
            above.addprevious(node)
    for node in list(root.iter("figure")):
        node.tag = "div"
    return frozenset(_bare("".join(map(str, each.itertext()))) for each in found)


def _with_captions(blocks: list[Block], captions: frozenset[str]) -> list[Block]:
    return [
        replace(block, kind="caption") if block.kind == "paragraph" and _bare(block.text) in captions else block
        for block in blocks
    ]


def _bare(text: str) -> str:
    return "".join(filter(str.isalnum, text))


def _with_languages(blocks: list[Block], root: "_Element") -> list[Block]:
    """Name the languages of code as the page does."""
    whole = (each for each in _html_blocks.blocks_of_code(root) if not each.text.startswith("```\n"))
    known = {each.text.partition("\n")[2]: each for each in whole}
    return [
        known.get(each.text.partition("\n")[2], each) if each.kind == "code" else each for each in blocks
    ]  # fmt: skip


def _title(root: "_Element") -> str:
    """Return the only first heading of a page, else what it calls itself."""
    heads = ["".join(map(str, each.itertext())) for each in root.iter("h1")]
    titles = ["".join(map(str, each.itertext())) for each in root.iter("title")]
    return squeezed((heads if len(heads) == 1 else titles or [""])[0]).strip()[:500]
