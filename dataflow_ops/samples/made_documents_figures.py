"""Figures of sample documents: two drawn with lines and words, one a picture made of pixels."""

import io
import math
from collections.abc import Mapping
from functools import cache

from dataflow_ops.samples.made_documents_lines import Ink
from dataflow_ops.samples.made_documents_pages import Drawing, Sheet

WIDTH, HEIGHT = 200.0, 110.0
"""Points that a figure takes."""


def draw(name: str, sheet: Sheet, x: float, y: float) -> None:
    """Draw the figure `name` with its top left corner at (x, y)."""
    _FIGURES[name](sheet, x, y)


def _front(sheet: Sheet, x: float, y: float) -> None:
    """Draw the case of an instrument, with words beside its parts."""
    ink = Ink("helv", 7)
    sheet.page.draw_rect((x + 40, y + 5, x + 120, y + 105), width=1.2)
    sheet.page.draw_rect((x + 50, y + 15, x + 110, y + 55), width=0.8, fill=(0.85, 0.9, 0.85))
    for key in range(3):
        sheet.page.draw_circle((x + 60 + 20 * key, y + 72), 6, width=0.8)
    sheet.page.draw_circle((x + 80, y + 94), 3, width=0.8, fill=(0.3, 0.3, 0.3))
    for label, height in (("Display", 35), ("Keys", 72), ("Port", 94)):
        sheet.page.draw_line((x + 124, y + height), (x + 145, y + height), width=0.4)
        sheet.text(x + 148, y + height + 2.5, label, ink)


def _back(sheet: Sheet, x: float, y: float) -> None:
    sheet.page.insert_image((x + 10, y + 5, x + 190, y + 105), stream=photograph())


def _curve(sheet: Sheet, x: float, y: float) -> None:
    """Draw a curve between two axes, with the words of the axes."""
    ink = Ink("helv", 7)
    sheet.page.draw_line((x + 20, y + 100), (x + 190, y + 100), width=0.8)
    sheet.page.draw_line((x + 20, y + 100), (x + 20, y + 15), width=0.8)
    points = [(x + 20 + step, y + 60 + 30 * math.tanh((step - 110) / 18) * math.cos(step / 60)) for step in range(165)]
    sheet.page.draw_polyline(points, width=1.0, color=(0.1, 0.2, 0.6))
    sheet.text(x + 24, y + 18, "Pressure", ink)
    sheet.text(x + 165, y + 96, "Time", ink)


@cache
def photograph() -> bytes:
    """Return a PNG of 360 by 200 pixels without a word in it: two cells in an open case."""
    from PIL import Image, ImageDraw  # noqa: PLC0415 - of an extra

    image = Image.new("RGB", (360, 200), (196, 188, 170))
    pen = ImageDraw.Draw(image)
    for row in range(200):
        pen.line((0, row, 360, row), fill=(196 - row // 5, 188 - row // 6, 170 - row // 8))
    pen.rounded_rectangle((40, 20, 320, 180), radius=24, fill=(60, 64, 70), outline=(20, 20, 24), width=4)
    for left, knob in ((90, 40), (200, 150)):
        pen.rectangle((left, 50, left + 70, 150), fill=(200, 150, 40), outline=(90, 60, 10), width=3)
        pen.rectangle((left + 25, knob, left + 45, knob + 10), fill=(210, 210, 210))
    packed = io.BytesIO()
    image.save(packed, "PNG")
    return packed.getvalue()


_FIGURES: Mapping[str, Drawing] = {"front": _front, "back": _back, "curve": _curve}
