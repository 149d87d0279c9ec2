"""Pictures and scans: Tesseract makes them pages of a PDF file with words, which is read as any other."""

from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pymupdf  # noqa: TID253 - readers are imported in the child process alone

from dataflow_ops.documents import _ocr, pdf
from dataflow_ops.documents.document import Block, Document, Failed, Image, Limits
from dataflow_ops.documents.kinds import HEAD, media_type

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

PIXELS = 100_000_000
"""Of one picture: a page of A3 at 600 dots per inch has 70 million."""
DPI = 200.0
"""What a picture is taken to have that does not say it, or says what no scanner does."""
NOTED = 100
"""Pages that are noted one by one."""


def read(path: Path, limits: Limits) -> Document | Failed:
    """Read a picture, or each page of a TIFF file; a picture by itself is kept where it is small enough."""
    if not limits.ocr:
        return Failed("no text", "a picture, and OCR is turned off")
    lacking = _ocr.missing(limits.ocr_languages)
    if lacking:
        return Failed("no text", f"a picture; {lacking}")
    with path.open("rb") as stream:
        kind = media_type(stream.read(HEAD), None, path) or "image/png"
    pages = path.with_name("pages.pdf")
    told = _made(path, kind, pages, limits)
    if isinstance(told, Failed):
        return told
    found = pdf.read(pages, replace(limits, ocr=False))
    return found if isinstance(found, Failed) else _document(found, path, kind, told, limits)


def _made(path: Path, kind: str, pages: Path, limits: Limits) -> tuple[int, int] | Failed:
    """Write the pages of a picture as a PDF file; return its width and height."""
    from PIL import Image as Pillow  # noqa: PLC0415
    from PIL import ImageSequence  # noqa: PLC0415

    Pillow.MAX_IMAGE_PIXELS = PIXELS
    try:
        with Pillow.open(path) as picture:
            if picture.width * picture.height > PIXELS:
                return Failed("too large", f"{picture.width} x {picture.height} pixels; expected {PIXELS} at most")
            frames = getattr(picture, "n_frames", 1) if kind == "image/tiff" else 1
            if frames > limits.pages:
                return Failed("too large", f"{frames} pages; expected {limits.pages} at most")
            size: tuple[int, int] = picture.size
            _bound(islice(ImageSequence.Iterator(picture), frames), pages, limits.ocr_languages)
    except Pillow.DecompressionBombError as error:
        return Failed("too large", str(error))
    return size


def _bound(frames: Iterator["Picture"], pages: Path, languages: str) -> None:
    with pymupdf.open() as whole:
        for frame in frames:
            with pymupdf.open("pdf", _ocr.page_of(_png(frame), languages)) as page:
                whole.insert_pdf(page)
        whole.save(pages)


def _document(found: Document, path: Path, kind: str, size: tuple[int, int], limits: Limits) -> Document:
    """Give back what was read as the picture that it comes from."""
    blocks = tuple(block for block in found.blocks if not block.image)
    count = found.pages or 1
    notes = tuple(f"page {page}: no text layer, read by OCR" for page in range(1, min(count, NOTED) + 1))
    if count > 1 or path.stat().st_size > limits.image_mib << 20:
        return replace(found, media_type=kind, blocks=blocks, images=(), notes=notes)
    image = Image(f"page-0001-1.{kind.partition('/')[2]}", path.read_bytes(), kind, *size, page=1)
    shown = Block("image", "", 1, image=image.name)
    return replace(found, media_type=kind, blocks=(shown, *blocks), images=(image,), notes=notes)


def _png(frame: "Picture") -> bytes:
    """Return a picture right side up, without what one can look through."""
    from PIL import ImageOps  # noqa: PLC0415

    dpi = _dpi(frame.info.get("dpi"))
    upright = ImageOps.exif_transpose(frame) or frame
    whole = BytesIO()
    _flat(upright).save(whole, "PNG", compress_level=1, dpi=(dpi, dpi))
    return whole.getvalue()


def _flat(picture: "Picture") -> "Picture":
    """Lay what one can look through on white, and leave grey what is grey."""
    if "A" in picture.getbands() or "transparency" in picture.info:
        from PIL import Image as Pillow  # noqa: PLC0415

        layer = picture.convert("RGBA")
        return Pillow.alpha_composite(Pillow.new("RGBA", layer.size, "white"), layer).convert("RGB")
    return picture if picture.mode in ("L", "RGB") else picture.convert("L" if picture.mode == "1" else "RGB")


def _dpi(told: Any) -> float:
    try:
        found = float(told[0])
    except (TypeError, ValueError, IndexError, ZeroDivisionError):
        return DPI
    return found if 50 <= found <= 1200 else DPI
