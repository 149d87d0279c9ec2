"""Sample documents as PDF: the same texts in the layouts that readers of PDF find hard."""

import io
from collections.abc import Mapping
from dataclasses import replace
from random import Random
from typing import Any

from dataflow_ops.samples.made_documents_known import Made, blocks, notes_last
from dataflow_ops.samples.made_documents_lines import Style
from dataflow_ops.samples.made_documents_markup import body
from dataflow_ops.samples.made_documents_pages import Flow
from dataflow_ops.samples.made_documents_set import place

_BEES = "Harrow Fell Association"
_TOWN = "Town of Ellermouth"
_A4 = Style(width=595, height=842, margin=60, size=10.5)
LAYOUTS: Mapping[str, tuple[str, Style]] = {
    "one column": ("beekeeping", Style(header=_BEES, footer="- # -", outline=True)),
    "two columns": (
        "beekeeping",
        replace(
            _A4, columns=2, justified=True, hyphens=True, ligatures=True, indent=12, gap=1, rules="three", size=9.5,
            header=_BEES, footer="#",
        ),
    ),
    "two columns, by height": ("town_report", replace(_A4, columns=2, size=9, rules="three", by_height=True)),
    "three columns": (
        "instrument",
        replace(
            _A4, width=842, height=595, columns=3, justified=True, hyphens=True, size=9, margin=45, footer="Page #",
        ),
    ),
    "tables, all rules": ("town_report", Style(header=_TOWN, footer="Page #", outline=True)),
    "tables, three rules": ("town_report", Style(justified=True, rules="three", header=_TOWN, footer="#")),
    "tables, no rules": ("town_report", replace(_A4, rules="none", footer="#")),
    "figures": ("instrument", Style(font="helv", bold="hebo", footer="#", outline=True)),
    "bold headings": (
        "instrument", Style(headings=(10.0, 10.0, 10.0), heading_font="tibo", rules="three", links=False),
    ),
    "Chinese": ("chinese", Style(font="cjk", bold="cjk", heading_font="cjk", footer="#")),
}  # fmt: skip
"""Layouts that are set line by line: the subject and the style."""
_CSS = (
    "body { font-family: serif; font-size: 10px; } h1 { font-size: 20px; } h2 { font-size: 15px; } "
    "h3 { font-size: 12px; } th, td { border: 1px solid #444; padding: 3px; } .footnote { font-size: 8px; }"
)


def all_made() -> list[Made]:
    """Return a PDF of each layout."""
    made = [typeset(layout, path(layout)) for layout in LAYOUTS]
    return [*made, told("beekeeping", "typeset by HTML"), right_to_left(), scanned("scan"), scanned("scan of one page")]


def path(layout: str) -> str:
    """Return where the PDF of a layout stands in the sample."""
    return f"pdf/{layout.lower().replace(',', '').replace(' ', '_')}.pdf"


def typeset(layout: str, path: str) -> Made:
    """Return the PDF of one of `LAYOUTS`."""
    subject, style = LAYOUTS[layout]
    return replace(styled(subject, style, path), layout=layout)


def styled(subject: str, style: Style, path: str) -> Made:
    """Return a PDF of a subject in a style of one's own."""
    document, flow = _typeset(subject, style)
    running = tuple(text for text in (style.header, style.footer) if text)
    return Made(path, saved(document), subject, tuple(flow.drawn), running, len(document))


def _typeset(subject: str, style: Style) -> tuple[Any, Flow]:
    import pymupdf

    document = pymupdf.open()
    flow = Flow(document, style)
    place(flow, blocks(subject))
    flow.close()
    if style.outline:
        document.set_toc([list(entry) for entry in flow.outline])
    return document, flow


def saved(document: Any, **options: Any) -> bytes:
    """Return the bytes of a PDF, its fonts cut to what it uses."""
    document.set_metadata({})
    document.subset_fonts()
    return bytes(document.tobytes(deflate=True, garbage=3, no_new_id=True, **options))


def told(subject: str, layout: str) -> Made:
    """Return a PDF that was typeset from HTML by another program than the others: footnotes stand at the end."""
    import pymupdf

    known = notes_last(block for block in blocks(subject) if block.kind != "image")
    page, sink = pymupdf.paper_rect("a5"), io.BytesIO()
    writer, story = pymupdf.DocumentWriter(sink), pymupdf.Story(body(known), user_css=_CSS)
    more = 1
    while more:
        device = writer.begin_page(page)
        more, _ = story.place(_inner(page))
        story.draw(device)
        writer.end_page()
    writer.close()
    document = pymupdf.open("pdf", sink.getvalue())
    return Made(path(layout), saved(document), layout, known, pages=len(document))


def _inner(page: Any) -> tuple[float, float, float, float]:
    return page.x0 + 45, page.y0 + 45, page.x1 - 45, page.y1 - 45


def right_to_left() -> Made:
    """Return a PDF in Hebrew, one page."""
    import pymupdf

    document, known = pymupdf.open(), blocks("hebrew")
    page = document.new_page(width=420, height=595)
    page.insert_htmlbox(_inner(page.rect), f'<div dir="rtl">{body(known)}</div>', css="* { text-align: right; }")
    return Made(path("Hebrew"), saved(document), "Hebrew", known, pages=1)


def scanned(layout: str) -> Made:
    """Return pages that are pictures: each of them, or the second alone, a little turned and with specks."""
    import pymupdf

    subject, style = LAYOUTS["one column"]
    document, flow = _typeset(subject, replace(style, outline=False, links=False))
    rng, made = Random(layout), pymupdf.open()  # noqa: S311 - to be repeatable
    for number, page in enumerate(document):
        if layout != "scan" and number != 1:
            made.insert_pdf(document, from_page=number, to_page=number)
            continue
        made.new_page(width=style.width, height=style.height).insert_image(page.rect, stream=_scan(page, rng))
    return Made(path(layout), saved(made), layout, tuple(flow.drawn), (style.header, style.footer), len(made))


def _scan(page: Any, rng: Random) -> bytes:
    """Return a page as a grey JPEG of 200 dpi."""
    from PIL import Image  # noqa: PLC0415 - of an extra

    pixels = page.get_pixmap(dpi=200, colorspace="gray")
    image = Image.frombytes("L", (pixels.width, pixels.height), pixels.samples)
    image = image.rotate(rng.choice((-0.4, 0.3)), Image.Resampling.BICUBIC, fillcolor=255)
    for _ in range(400):
        image.putpixel((rng.randrange(image.width), rng.randrange(image.height)), rng.randrange(120, 200))
    packed = io.BytesIO()
    image.save(packed, "JPEG", quality=70)
    return packed.getvalue()
