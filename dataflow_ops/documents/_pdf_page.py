"""A page of a PDF put together: its parts in the order of reading."""

from collections.abc import Iterator, Sequence

from dataflow_ops.documents import markdown
from dataflow_ops.documents._pdf_blocks import BULLET, NUMBER, Part, lines_of, parts
from dataflow_ops.documents._pdf_file import Sheet
from dataflow_ops.documents._pdf_headings import Styles
from dataflow_ops.documents._pdf_lines import Piece, right_to_left
from dataflow_ops.documents._pdf_order import columns
from dataflow_ops.documents._pdf_words import run_on


def parts_of(sheet: Sheet, styles: Styles) -> list[Part]:
    """Return the parts of a page in the order of reading."""
    rtl = right_to_left(sheet.pieces)
    found: list[Part] = []
    for column in columns(sheet.pieces, rtl=rtl):
        found.extend(parts(lines_of(column, rtl=rtl), page=sheet.number, rtl=rtl))
    return list(_written(found, styles))


def _written(found: Sequence[Part], styles: Styles) -> Iterator[Part]:
    """Yield parts with their Markdown: items that follow each other are one list, lines of code one block."""
    items: list[Part] = []
    for part in found:
        if part.kind == "list":
            items.append(part)
            continue
        if items:
            yield _list(items)
            items = []
        yield _single(part, styles)
    if items:
        yield _list(items)


def _single(part: Part, styles: Styles) -> Part:
    if part.kind == "code":
        part.text = markdown.code(_code(part.lines))
    elif part.kind == "paragraph":
        plain = part.text
        part.kind = "heading" if styles.heading(part) else "paragraph"
        part.text = plain if part.kind == "heading" else markdown.prose(plain)
    return part


def _code(lines: Sequence[Piece]) -> str:
    left = min(line.box[0] for line in lines)
    return "\n".join(" " * round((line.box[0] - left) / max(1.0, 0.6 * line.size)) + line.plain for line in lines)


def _list(items: Sequence[Part]) -> Part:
    """Return items as one list; how far they are indented says how deep they are."""
    edges: list[float] = []
    rows = []
    for item in items:
        left = item.lines[0].box[0]
        edges = [edge for edge in edges if edge < left - 5] or []
        rows.append(f"{'  ' * len(edges)}{_item(item)}")
        edges.append(left)
    lines = [line for item in items for line in item.lines]
    return Part("list", lines, items[0].page, "\n".join(rows))


def _item(item: Part) -> str:
    words = run_on(line.text for line in item.lines)
    number = NUMBER.match(words)
    if number:
        mark = f"{number[1]}." if number[1].isdigit() else f"- {words[: number.end()].strip()}"
        return f"{mark} {words[number.end() :]}"
    return f"- {BULLET.sub('', words, count=1)}"
