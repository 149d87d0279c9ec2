"""The order of reading: pieces of a page put into columns, the columns into bands, from the top to the bottom."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from dataflow_ops.documents._pdf_lines import Piece, around
from dataflow_ops.documents.document import Box

GUTTER = 7.0
"""Points between columns, at least."""
DEEPEST = 6
"""Columns in columns that are looked for."""

Span: TypeAlias = tuple[float, float]


@dataclass(slots=True)
class _Band:
    """Strips under each other that leave the same gaps free."""

    strips: list[list[Piece]]
    gaps: list[Span]
    x0: float
    x1: float

    def inner(self) -> list[Span]:
        """Return the gaps that have something on both sides."""
        return [(begin, end) for begin, end in self.gaps if self.x0 < begin and self.x1 > end]

    def with_strip(self, other: "_Band") -> "_Band | None":
        """Return the band with one more strip, or None when it is columns that the two do not share."""
        both = [(max(a, c), min(b, d)) for a, b in self.gaps for c, d in other.gaps]
        gaps = [(begin, end) for begin, end in both if end - begin >= GUTTER]
        joined = _Band(self.strips + other.strips, gaps, min(self.x0, other.x0), max(self.x1, other.x1))
        if other.inner() and not self.inner() and self._left_of(other):
            return None
        columns = self.inner() or other.inner()
        return joined if (joined.inner() if columns else gaps) else None

    def _left_of(self, other: "_Band") -> bool:
        """Return whether strips without a gap begin where the first column of another band does: they stand over it."""
        return abs(self.x0 - other.x0) < 4 * GUTTER or self.x0 < other.x0


def columns(pieces: Sequence[Piece], *, rtl: bool = False, depth: int = 0) -> list[list[Piece]]:
    """Return `pieces` as columns in the order of reading, each from top to bottom.

    A page is cut into strips with nothing across their borders; neighbouring strips that leave the same gap free from
    top to bottom are one band of columns (after the X-Y cut of Nagy and Seth, 1984, with columns before paragraphs).
    """
    found: list[list[Piece]] = []
    single = False
    for band in _bands(pieces) if depth <= DEEPEST else [_strip(list(pieces), (0, 0, 0, 0))]:
        gaps, inside = band.inner(), [piece for strip in band.strips for piece in strip]
        if gaps:
            sides = _sides(inside, gaps)
            for side in reversed(sides) if rtl else sides:
                found.extend(columns(side, rtl=rtl, depth=depth + 1))
        elif single:
            found[-1].extend(_downwards(inside))
        else:
            found.append(_downwards(inside))
        single = not gaps
    return found


def _downwards(pieces: Sequence[Piece]) -> list[Piece]:
    return sorted(pieces, key=lambda piece: (piece.box[1], piece.box[0]))


def _bands(pieces: Sequence[Piece]) -> list[_Band]:
    if not pieces:
        return []
    region = around(piece.box for piece in pieces)
    bands: list[_Band] = []
    for pieces_of_strip in _strips(pieces):
        strip = _strip(pieces_of_strip, region)
        joined = bands[-1].with_strip(strip) if bands else None
        if joined and not _begins_anew(bands[-1], strip):
            bands[-1] = joined
        else:
            bands.append(strip)
    return bands


def _begins_anew(band: _Band, strip: _Band) -> bool:
    """Return whether a strip on one side of a band of columns is no part of them: a heading, or far below."""
    if strip.inner() or not band.inner() or strip.x0 > band.inner()[0][0]:
        return False
    above, below = max(piece.box[3] for piece in band.strips[-1]), strip.strips[0][0]
    size = max(piece.size for piece in band.strips[-1])
    return below.box[1] - above > 2 * below.height or below.size > 1.1 * size


def _strips(pieces: Sequence[Piece]) -> list[list[Piece]]:
    strips: list[list[Piece]] = []
    end = float("-inf")
    for piece in sorted(pieces, key=lambda each: each.box[1]):
        # Lines of one paragraph may overlap by the height of their accents.
        if strips and piece.box[1] < end - 0.3 * min(piece.height, 20):
            strips[-1].append(piece)
        else:
            strips.append([piece])
        end = max(end, piece.box[3])
    return strips


def _strip(pieces: list[Piece], region: Box) -> _Band:
    """Return one strip with the parts of the width of `region` where it has nothing."""
    gaps, end = [], region[0]
    for piece in sorted(pieces, key=lambda each: each.box[0]):
        if piece.box[0] - end >= GUTTER:
            gaps.append((end, piece.box[0]))
        end = max(end, piece.box[2])
    if region[2] - end >= GUTTER:
        gaps.append((end, region[2]))
    return _Band([pieces], gaps, min(piece.box[0] for piece in pieces), max(piece.box[2] for piece in pieces))


def _sides(pieces: Sequence[Piece], gaps: Sequence[Span]) -> list[list[Piece]]:
    edges = [(begin + end) / 2 for begin, end in gaps]
    sides: list[list[Piece]] = [[] for _ in range(len(edges) + 1)]
    for piece in pieces:
        sides[sum(edge < (piece.box[0] + piece.box[2]) / 2 for edge in edges)].append(piece)
    return [side for side in sides if side]
