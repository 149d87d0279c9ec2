"""Sample documents as HTML, alone, in a web page among what does not belong to it, and in the chapters of an EPUB."""

import html
import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence

from dataflow_ops.samples.made_documents_figures import photograph
from dataflow_ops.samples.made_documents_known import Known, Made, blocks, items, notes_last, pieces, sections, title

STAMP = (2024, 6, 1, 12, 0, 0)
"""The time that members of archives carry: archives are the same each time."""
_MENU = ("Home", "News", "Calendar", "Members", "Contact")
_RELATED = ("Ten knots for a wet day", "The market moves to Friday", "Photographs of the regatta")
_CONTAINER = (
    '<?xml version="1.0"?>\n<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
    '<rootfile full-path="book/package.opf" media-type="application/oebps-package+xml"/></rootfiles></container>\n'
)


def body(known: Iterable[Known]) -> str:
    """Return blocks as HTML."""
    return "\n".join(_ELEMENTS.get(block.kind, _paragraph)(block) for block in known)


def _inline(text: str) -> str:
    parts = []
    for piece in pieces(text):
        words = html.escape(piece.words, quote=False)
        link = f'<a href="{piece.target}">{words}</a>'
        parts.append(f"<sup>{words}</sup>" if piece.mark else link if piece.target else words)
    return "".join(parts)


def _paragraph(block: Known) -> str:
    return f"<p>{_inline(block.text)}</p>"


def _heading(block: Known) -> str:
    return f"<h{block.level}>{_inline(block.text)}</h{block.level}>"


def _list(block: Known) -> str:
    tag = "ul" if block.text.startswith("-") else "ol"
    return f"<{tag}>" + "".join(f"<li>{_inline(text)}</li>" for _, text in items(block)) + f"</{tag}>"


def _table(block: Known) -> str:
    head, *rest = block.cells
    rows = [_row("th", head), *(_row("td", row) for row in rest)]
    return "<table>\n" + "\n".join(rows) + "\n</table>"


def _row(tag: str, cells: Sequence[str]) -> str:
    return "<tr>" + "".join(f"<{tag}>{_inline(cell)}</{tag}>" for cell in cells) + "</tr>"


def _code(block: Known) -> str:
    return f"<pre><code>{html.escape(block.text, quote=False)}</code></pre>"


def _footnote(block: Known) -> str:
    return f'<p class="footnote"><sup>{block.name}</sup> {_inline(block.text)}</p>'


def _image(block: Known) -> str:
    return f'<img src="{block.name}.png" alt="{html.escape(block.text)}"/>'


_ELEMENTS = {
    "heading": _heading,
    "list": _list,
    "table": _table,
    "code": _code,
    "footnote": _footnote,
    "image": _image,
}


def web_page(path: str, subject: str) -> Made:
    """Return a page of the web: a menu, a banner, a list of other pages and a foot stand around the text."""
    known = notes_last(block for block in blocks(subject) if block.kind != "image")
    links = "".join(f'<li><a href="/{name.lower()}">{name}</a></li>' for name in _MENU)
    others = "".join(f'<li><a href="/{number}">{name}</a></li>' for number, name in enumerate(_RELATED))
    page = (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{title(known)}</title>\n'
        "<style>nav { display: flex }</style><script>window.seen = true;</script></head><body>\n"
        f'<div class="cookie-banner">We use cookies. <button>Accept all</button></div>\n<nav><ul>{links}</ul></nav>\n'
        f"<main><article>\n{body(known)}\n</article></main>\n"
        f'<aside class="related"><h3>Read also</h3><ul>{others}</ul></aside>\n'
        "<footer><p>All rights reserved. Imprint. Privacy.</p></footer></body></html>\n"
    )
    return Made(path, page.encode(), "web page", known, ("We use cookies. Accept all", *_MENU, *_RELATED))


def shown(subject: str) -> tuple[Known, ...]:
    """Return the blocks without the figures that are drawn: formats other than PDF show the photograph alone."""
    return tuple(block for block in blocks(subject) if block.kind != "image" or block.name == "back")


def epub(path: str, subject: str) -> Made:
    """Return an EPUB: one chapter for each section, in the order of its spine, which is not that of its names."""
    known = notes_last(shown(subject))
    chapters = {f"part{9 - number}.xhtml": section for number, section in enumerate(sections(known))}
    files = {f"book/{name}": _chapter(section) for name, section in chapters.items()}
    files["book/package.opf"] = _package(title(known), list(chapters))
    pictures = {"book/back.png": photograph()}
    members = {"mimetype": b"application/epub+zip", "META-INF/container.xml": _CONTAINER.encode()}
    members |= {name: text.encode() for name, text in sorted(files.items())} | pictures
    return Made(path, archive(members), "EPUB", known)


def _chapter(section: Sequence[Known]) -> str:
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE html>\n<html xmlns="http://www.w3.org/1999/xhtml"><head>'
        f"<title>{title(section)}</title></head><body>\n{body(section)}\n</body></html>\n"
    )


def _package(name: str, chapters: Sequence[str]) -> str:
    items = "".join(
        f'<item id="c{number}" href="{chapter}" media-type="application/xhtml+xml"/>'
        for number, chapter in enumerate(chapters)
    )
    spine = "".join(f'<itemref idref="c{number}"/>' for number in range(len(chapters)))
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<package xmlns="http://www.idpf.org/2007/opf" version="3.0" '
        'unique-identifier="id"><metadata xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f'<dc:identifier id="id">made-{len(chapters)}</dc:identifier><dc:title>{name}</dc:title>'
        f"<dc:language>en</dc:language></metadata><manifest>{items}"
        '<item id="p" href="back.png" media-type="image/png"/></manifest>'
        f"<spine>{spine}</spine></package>\n"
    )


def archive(members: Mapping[str, bytes]) -> bytes:
    """Return a ZIP archive of `members`, the first of them not compressed."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        for number, (name, data) in enumerate(members.items()):
            how = zipfile.ZIP_DEFLATED if number else zipfile.ZIP_STORED
            file.writestr(zipfile.ZipInfo(name, STAMP), data, how)
    return packed.getvalue()
