"""Sample documents of every kind, invented, from Markdown that is known: PDF in many layouts, office files, the web.

A handbook for beekeepers, the annual report of a town and the guide to an instrument are set in the layouts that are hard
to read; beside them stand files that are locked, cut, empty, named wrongly or far larger than they look.
"""

import io
import textwrap
from collections.abc import Iterator
from dataclasses import replace
from itertools import takewhile
from pathlib import Path

from dataflow_ops.samples import made_documents_broken as broken
from dataflow_ops.samples import made_documents_pdf as pdf
from dataflow_ops.samples.dealt import TRUTH, lines, need_empty
from dataflow_ops.samples.made_documents_known import Known, Made, blocks, notes_last, pieces, source
from dataflow_ops.samples.made_documents_markup import epub, web_page
from dataflow_ops.samples.made_documents_office import sheets, slides, word


def write(folder: Path) -> None:
    """Write all files into `folder`, and `_truth.jsonl` with what is known of each; BadArgument for one with files.

    A line of the truth holds `path`, `layout`, `fault` (why the file cannot be read, or null), `title`, `pages`,
    `running` (heads and feet that belong to no text) and `blocks` in the order of reading, each with `kind` and `text`,
    headings with `level`, tables with `cells`. The files are the same each time with the same versions of the libraries,
    but for the locked ones.
    """
    need_empty(folder)
    made = list(all_made())
    for each in made:
        place = folder / each.path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(each.data)
    (folder / TRUTH).write_bytes(lines(each.record() for each in made))


def all_made() -> Iterator[Made]:
    """Yield every sample document."""
    yield from pdf.all_made()
    # Two files of one name are two documents.
    yield pdf.typeset("tables, all rules", "north/report.pdf")
    yield pdf.typeset("figures", "south/report.pdf")
    yield word("office/handbook.docx", "beekeeping")
    yield word("office/guide.docx", "instrument")
    yield slides("office/report.pptx", "town_report")
    yield sheets("office/report.xlsx", "town_report")
    yield web_page("web/handbook.html", "beekeeping")
    yield web_page("web/report.html", "town_report")
    yield epub("books/guide.epub", "instrument")
    yield markdown("text/guide.md", "instrument")
    yield plain("text/handbook.txt", "beekeeping", "utf-8-sig")
    yield plain("text/report.txt", "town_report", "cp1252")
    yield picture("pictures/page.png")
    yield from broken.all_made()


def markdown(path: str, subject: str) -> Made:
    """Return a subject as the Markdown it is."""
    return Made(path, source(subject).encode(), "Markdown", blocks(subject))


def plain(path: str, subject: str, encoding: str) -> Made:
    """Return a subject as text of lines of 72 characters, blank lines between its paragraphs."""
    words = [_words(block) for block in notes_last(blocks(subject)) if block.kind != "table"]
    text = "\n\n".join("\n".join(textwrap.wrap(each, 72, break_on_hyphens=False)) for each in words)
    known = tuple(Known("paragraph", each) for each in words)
    return Made(path, f"{text}\n".encode(encoding), f"plain text, {encoding}", known)


def _words(block: Known) -> str:
    return "".join(piece.words for piece in pieces(" ".join(block.text.splitlines())) if not piece.mark)


def picture(path: str) -> Made:
    """Return the first page of the handbook up to its first list as a PNG of 200 dpi."""
    import pymupdf

    page = pymupdf.open("pdf", pdf.typeset("one column", path).data)[0]
    known = takewhile(lambda block: block.kind != "list", blocks("beekeeping"))
    above = min(area.y0 for area in page.search_for("a veil that stands"))
    page.set_cropbox((0, 0, page.rect.width, above - 1))
    kept = tuple(block for block in known if block.kind != "footnote")
    packed = io.BytesIO(page.get_pixmap(dpi=200).tobytes("png"))
    return replace(Made(path, packed.getvalue(), "a picture of a page", kept))
