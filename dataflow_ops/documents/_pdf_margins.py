"""Running heads, running feet and page numbers: what stands at the same place of neighbouring pages."""

import re
from collections.abc import Sequence

from dataflow_ops.documents._pdf_lines import Piece

BAND = 0.13
"""Share of the height of a page, at the top and at the bottom, where they stand."""
_NUMBER = re.compile(r"\d+")
_ALONE = re.compile(
    r"(page|seite|p\.|стр\.|página|第)?\s*[-–—]?\s*(\d{1,4}|[ivxlc]{1,7})\s*[-–—]?\s*((of|von|/|de)\s*\d+|页|頁)?", re.I
)

Margin = tuple[Sequence[Piece], float]
"""The pieces of a page and its height."""


def without(
    pieces: Sequence[Piece], height: float, number: int, near: Sequence[tuple[int, Sequence[Piece]]]
) -> list[Piece]:
    """Return the pieces of page `number` that are no running head, foot or page number, given those of pages `near`.

    A piece goes when a page at most two away has the same words at the same place, in the same size; figures may
    differ by as much as the numbers of the pages.
    """
    edge = set(map(id, edges(pieces, height)))
    lone = _lone_head(pieces, height) if number > 1 else None
    kept = [
        piece
        for piece in pieces
        if piece is not lone
        and (id(piece) not in edge or not (_runs(piece, number, near) or _page_number(piece, pieces, height)))
    ]
    # A page where nothing else stands has no running head: it is a form, or a slide.
    return kept or [piece for piece in pieces if not _page_number(piece, pieces, height)]


def edges(pieces: Sequence[Piece], height: float) -> list[Piece]:
    """Return the pieces near the top and the bottom of a page that could be a running head or foot."""
    return [piece for piece in pieces if piece.box[3] < BAND * height or piece.box[1] > (1 - BAND) * height]


def _lone_head(pieces: Sequence[Piece], height: float) -> Piece | None:
    """Return the first piece of a page if it is small, alone, at the top edge and well apart from all others."""
    if len(pieces) < 6:
        return None
    first, *others = sorted(pieces, key=lambda piece: piece.box[1])
    if first.box[3] > 0.09 * height or len(first.plain) > 80:
        return None
    usual = sorted(piece.size for piece in others)[len(others) // 2]
    apart = min(piece.box[1] for piece in others) - first.box[3]
    return first if apart > 1.2 * first.height and first.size < 0.97 * usual else None


def _runs(piece: Piece, number: int, near: Sequence[tuple[int, Sequence[Piece]]]) -> bool:
    return any(_same(piece, other, page - number) for page, others in near for other in others)


def _same(piece: Piece, other: Piece, distance: int) -> bool:
    if abs(piece.middle - other.middle) > 3 or abs(piece.size - other.size) > 0.3:
        return False
    if piece.plain == other.plain:
        return abs(piece.box[0] - other.box[0]) < 3 or not _NUMBER.fullmatch(piece.plain)
    if _NUMBER.sub("0", piece.plain) != _NUMBER.sub("0", other.plain):
        return False
    ours, theirs = map(int, _NUMBER.findall(piece.plain[:80])), map(int, _NUMBER.findall(other.plain[:80]))
    return all(b - a in (0, distance) for a, b in zip(ours, theirs, strict=False))


def _page_number(piece: Piece, pieces: Sequence[Piece], height: float) -> bool:
    """Return whether `piece` is nothing but a page number, and the last or the first thing on the page."""
    if not _ALONE.fullmatch(piece.plain):
        return False
    below = any(other.box[1] > piece.box[3] for other in pieces)
    above = any(other.box[3] < piece.box[1] for other in pieces)
    return (not below and piece.box[1] > (1 - BAND) * height) or (not above and piece.box[3] < BAND * height)
