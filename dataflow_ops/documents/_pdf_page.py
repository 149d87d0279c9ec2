"""A page of a PDF put together: its parts in the order of reading."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby

from dataflow_ops.documents import markdown
from dataflow_ops.documents._pdf_aligned import aligned
from dataflow_ops.documents._pdf_blocks import BULLET, NUMBER, Part, lines_of, parts
from dataflow_ops.documents._pdf_figures import Album, figures
from dataflow_ops.documents._pdf_file import Sheet
from dataflow_ops.documents._pdf_grids import grids
from dataflow_ops.documents._pdf_headings import Styles
from dataflow_ops.documents._pdf_lines import Piece, right_to_left
from dataflow_ops.documents._pdf_notes import noted
from dataflow_ops.documents._pdf_order import columns
from dataflow_ops.documents._pdf_words import run_on
from dataflow_ops.documents.document import Box

NEAR_CAPTION = 40.0
"""Points between a picture and its caption, at most."""


def columns_of(sheet: Sheet, styles: Styles, album: Album, labels: set[str]) -> list[list[Part]]:
    """Return the columns of a page in the order of reading, each as its parts; `labels` are those of footnotes."""
    rtl = right_to_left(sheet.pieces)
    atoms, pieces = _tables(sheet)
    pieces = _with_figures(sheet, pieces, atoms, album)
    found: list[list[Part]] = []
    for column in columns([*pieces, *_standing(atoms)], rtl=rtl):
        made: list[Part] = []
        for lines in _between_atoms(lines_of(column, rtl=rtl)):
            one = [atoms[lines[0].atom]] if lines[0].atom >= 0 else parts(lines, page=sheet.number, rtl=rtl)
            made.extend(one)
        found.append(made)
    found = noted(found, sheet.rules, styles.body, labels)
    found = [list(_written(column, styles)) for column in found]
    _captioned([part for column in found for part in column], album)
    return found


def _tables(sheet: Sheet) -> tuple[list[Part], list[Piece]]:
    """Return the tables of a page, and its pieces that stand in none."""
    found = grids(sheet.rules, sheet.words()) if len(sheet.rules) > 3 else []
    pieces = [piece for piece in sheet.pieces if not any(_inside(piece, table.box) for table in found)]
    for table, used in aligned(pieces, sheet.rules, sheet.size[0]):
        gone = set(map(id, used))
        pieces = [piece for piece in pieces if id(piece) not in gone]
        found.append(table)
    return [Part("table", [], sheet.number, markdown.table(table.rows), box=table.box) for table in found], pieces


def _with_figures(sheet: Sheet, pieces: list[Piece], atoms: list[Part], album: Album) -> list[Piece]:
    """Add the pictures of a page to `atoms` and return the pieces that stand in none."""
    for figure in figures(sheet, pieces, [part.around for part in atoms], album):
        words = run_on(piece.plain for piece in figure.words)
        atoms.append(Part("image", [], sheet.number, words, image=figure.name, box=figure.box))
        gone = set(map(id, figure.words))
        pieces = [piece for piece in pieces if id(piece) not in gone]
    return pieces


def _standing(atoms: Sequence[Part]) -> list[Piece]:
    """Return a piece for the place of each table and picture."""
    return [Piece("", part.around, 0.1, atom=place) for place, part in enumerate(atoms)]


def _captioned(found: Sequence[Part], album: Album) -> None:
    """Give each picture of the page the caption that stands nearest over or under it."""
    captions = [part for part in found if part.kind == "caption"]
    for part in found:
        near = [each for each in captions if _distance(part.around, each.around) < NEAR_CAPTION]
        place = next((n for n, image in enumerate(album.images) if image.name == part.image), None)
        if part.kind == "image" and near and place is not None and album.images[place].page == part.page:
            caption = min(near, key=lambda each: _distance(part.around, each.around))
            album.images[place] = replace(album.images[place], caption=caption.text)


def _distance(one: Box, two: Box) -> float:
    """Return how far one box is over or under another, infinite when it is beside."""
    if one[0] > two[2] or two[0] > one[2]:
        return float("inf")
    return max(0.0, one[1] - two[3], two[1] - one[3])


def _inside(piece: Piece, box: Box) -> bool:
    return box[0] - 1 <= (piece.box[0] + piece.box[2]) / 2 <= box[2] + 1 and box[1] <= piece.middle <= box[3]


def _between_atoms(lines: Sequence[Piece]) -> Iterator[list[Piece]]:
    """Yield tables and pictures alone, and the lines between them together."""
    for is_atom, group in groupby(lines, key=lambda line: line.atom >= 0):
        if is_atom:
            yield from ([atom] for atom in group)
        else:
            yield list(group)


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
