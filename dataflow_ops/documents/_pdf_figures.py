"""Pictures of a PDF page: images in the file, and drawings, rendered, with the words that stand in them."""

import statistics
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pymupdf  # noqa: TID253 - readers are imported in the child process alone

from dataflow_ops.documents._pdf_file import BROKEN, Sheet, error_line
from dataflow_ops.documents._pdf_lines import Piece, Stroke, around
from dataflow_ops.documents.document import Box, Image, Limits

SMALLEST = 18.0
"""Points a picture is wide and high, at least: smaller ones are ornaments."""
PIXELS = 32_000_000
"""Pixels a picture that has to be decoded may have."""
RENDERED = 4_000_000
"""Pixels of a drawing, at most."""
DPI = 150
DRAWN = 4
"""Strokes and areas of a drawing, at least: fewer are a frame or an underline."""
BOXES = 1_500
"""Boxes of a page that are looked at."""
STROKES = 4_000
"""Strokes of a page that is rendered: a map takes a minute."""


@dataclass(slots=True)
class Album:
    """The pictures kept so far, and those of the file that are there already."""

    file: Any
    limits: Limits
    notes: list[str]
    images: list[Image] = field(default_factory=list)
    seen: dict[int, str] = field(default_factory=dict)
    left_out: int = 0

    def close(self) -> None:
        """Say in the notes how many pictures were too many or too large."""
        if self.left_out:
            self.notes.append(f"{self.left_out} pictures left out: too many, too large or damaged")


@dataclass(slots=True)
class Figure:
    """A picture on a page: its name, its place, the words in it."""

    name: str
    box: Box
    words: list[Piece]


def figures(sheet: Sheet, pieces: Sequence[Piece], taken: Sequence[Box], album: Album) -> list[Figure]:
    """Return the pictures of a page that are not in the boxes `taken`, tables for one; `album` keeps them."""
    found: list[Figure] = []
    for box, xref in _shown(sheet, album):
        if not any(_covers(other, box) for other in taken):
            name = _kept(sheet, box, xref, album, len(found) + 1)
            if name:
                found.append(Figure(name, box, [piece for piece in pieces if _inside(piece, box)]))
    for box in _drawings(sheet, [*taken, *(figure.box for figure in found)]):
        if _framed_text(box, pieces):
            continue
        wide = _with_labels(box, pieces)
        name = _rendered(sheet, wide, album, len(found) + 1)
        if name:
            found.append(Figure(name, wide, [piece for piece in pieces if _inside(piece, wide)]))
    return found


def _shown(sheet: Sheet, album: Album) -> list[tuple[Box, int]]:
    try:
        return list(_places(sheet))
    except BROKEN as error:
        album.notes.append(f"page {sheet.number}: its pictures cannot be read: {error_line(error)}")
        return []


def _places(sheet: Sheet) -> Iterator[tuple[Box, int]]:
    """Yield the place and the number of each image that is shown large enough; the ground of the page is none."""
    there = sheet.page.get_images(full=True)
    if not there:
        return
    number = _numbers(there)
    width, height = sheet.size
    for info in sheet.page.get_image_info()[:BOXES]:
        x0, y0, x1, y1 = info["bbox"]
        box = (max(0.0, x0), max(0.0, y0), min(width, x1), min(height, y1))
        across, down = box[2] - box[0], box[3] - box[1]
        ground = across * down > 0.85 * width * height and sheet.characters > 50
        if across >= SMALLEST and down >= SMALLEST and min(info["width"], info["height"]) >= 16 and not ground:
            yield box, number.get((info["width"], info["height"]), 0)


def _numbers(there: Sequence[Sequence[Any]]) -> dict[tuple[int, int], int]:
    """Return the number of each image by its size in pixels, 0 where two have the same: those are rendered.

    PyMuPDF would find the numbers of all by decoding each of them, however large it is.
    """
    found: dict[tuple[int, int], int] = {}
    for xref, _, width, height, *_ in there:
        size = (int(width), int(height))
        found[size] = xref if size not in found or found[size] == xref else 0
    return found


def _kept(sheet: Sheet, box: Box, xref: int, album: Album, number: int) -> str | None:
    if xref in album.seen:
        return None if _marginal(box, sheet) else album.seen[xref]
    if xref <= 0:
        return _rendered(sheet, box, album, number)
    if len(album.images) >= album.limits.images:
        album.left_out += 1
        return None
    try:
        data, kind, width, height = _data(album.file, xref)
    except BROKEN:
        album.left_out += 1
        return None
    name = _add(sheet, box, album, number, (data, kind, width, height))
    if name:
        album.seen[xref] = name
    return name


def _marginal(box: Box, sheet: Sheet) -> bool:
    height = sheet.size[1]
    return box[3] < 0.15 * height or box[1] > 0.85 * height


def _data(file: Any, xref: int) -> tuple[bytes, str, int, int]:
    """Return an image as PNG or JPEG; ValueError for one with too many pixels."""
    width, height = (int(file.xref_get_key(xref, key)[1]) for key in ("Width", "Height"))
    if width * height > PIXELS:
        raise ValueError("too many pixels")
    found = file.extract_image(xref)
    if found["ext"] in ("png", "jpeg") and found["colorspace"] in (1, 3) and not found["smask"]:
        return found["image"], f"image/{found['ext']}", found["width"], found["height"]
    pixels = pymupdf.Pixmap(file, xref)
    if pixels.colorspace is None or pixels.colorspace.n > 3:
        pixels = pymupdf.Pixmap(pymupdf.csRGB, pixels)
    if found["smask"]:
        pixels = pymupdf.Pixmap(pixels, pymupdf.Pixmap(file, found["smask"]))
    return pixels.tobytes("png"), "image/png", pixels.width, pixels.height


def _rendered(sheet: Sheet, box: Box, album: Album, number: int) -> str | None:
    if len(album.images) >= album.limits.images or len(sheet.drawn) > STROKES:
        album.left_out += 1
        return None
    area = max(1.0, (box[2] - box[0]) * (box[3] - box[1]))
    dpi = int(min(DPI, 72 * (RENDERED / area) ** 0.5))
    try:
        pixels = sheet.page.get_pixmap(clip=pymupdf.Rect(box), dpi=max(dpi, 10), alpha=False)
        data = pixels.tobytes("png")
    except BROKEN as error:
        album.notes.append(f"page {sheet.number}: a drawing could not be rendered: {error_line(error)}")
        return None
    return _add(sheet, box, album, number, (data, "image/png", pixels.width, pixels.height))


def _add(sheet: Sheet, box: Box, album: Album, number: int, made: tuple[bytes, str, int, int]) -> str | None:
    data, kind, width, height = made
    if len(data) > album.limits.image_mib << 20:
        album.left_out += 1
        return None
    name = f"page-{sheet.number:04d}-{number}.{'jpg' if kind == 'image/jpeg' else 'png'}"
    album.images.append(Image(name, data, kind, width, height, sheet.number, box))
    return name


def _drawings(sheet: Sheet, taken: Sequence[Box]) -> list[Box]:
    """Return the boxes of groups of strokes and areas that are no table and no frame around text."""
    width, height = sheet.size
    free = [one for one in sheet.drawn[:BOXES] if not any(_covers(other, one.box) for other in taken)]
    small = [one for one in free if (one.box[2] - one.box[0]) * (one.box[3] - one.box[1]) < 0.7 * width * height]
    groups = ((around(one.box for one in group), group) for group in _near(small))
    return [box for box, group in groups if _drawing(box, group)]


def _framed_text(box: Box, pieces: Sequence[Piece]) -> bool:
    """Return whether what stands in `box` is text with a ground and a frame."""
    inside = [piece for piece in pieces if _inside(piece, box)]
    letters = sum(len(piece.plain) for piece in inside)
    return letters > 60 and letters > 25 * len(inside)


def _drawing(box: Box, group: Sequence[Stroke]) -> bool:
    across, down = box[2] - box[0], box[3] - box[1]
    solid = [one for one in group if min(one.box[2] - one.box[0], one.box[3] - one.box[1]) > 3]
    shapes = sum(not one.plain for one in solid)
    return min(across, down) > 2 * SMALLEST and bool(solid) and len(group) >= (2 if shapes else DRAWN)


def _near(strokes: Iterable[Stroke], distance: float = 6.0) -> list[list[Stroke]]:
    """Return groups of strokes that are less than `distance` points apart."""
    groups: list[tuple[Box, list[Stroke]]] = []
    for stroke in sorted(strokes, key=lambda one: one.box[1]):
        close = [group for group in groups if _touch(group[0], stroke.box, distance)]
        groups = [group for group in groups if not _touch(group[0], stroke.box, distance)]
        inside = [one for _, group in close for one in group] + [stroke]
        groups.append((around([stroke.box, *(group[0] for group in close)]), inside))
    return [group for _, group in groups]


def _touch(one: Box, two: Box, distance: float) -> bool:
    level = one[0] - distance < two[2] and two[0] - distance < one[2]
    return level and one[1] - distance < two[3] and two[1] - distance < one[3]


def _with_labels(box: Box, pieces: Sequence[Piece]) -> Box:
    """Return `box` with the short words that stand at its edges: labels of lines, of axes."""
    usual = statistics.median([piece.size for piece in pieces] or [0.0])
    labels = [
        piece.box
        for piece in pieces
        if len(piece.plain) < 30 and _touch(box, piece.box, 14 if piece.size < 0.95 * usual else 5)
    ]
    return around([box, *labels])


def _inside(piece: Piece, box: Box) -> bool:
    return box[0] - 1 <= (piece.box[0] + piece.box[2]) / 2 <= box[2] + 1 and box[1] - 1 <= piece.middle <= box[3] + 1


def _covers(one: Box, two: Box) -> bool:
    """Return whether the middle of `two` lies in `one`."""
    x, y = (two[0] + two[2]) / 2, (two[1] + two[3]) / 2
    return one[0] - 2 <= x <= one[2] + 2 and one[1] - 2 <= y <= one[3] + 2
