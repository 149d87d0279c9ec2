"""Pictures that lie in a document as files: known by their content, measured, named and counted."""

from dataclasses import dataclass, field
from io import BytesIO

from dataflow_ops.documents.document import Box, Image, Limits

_TYPES = {"PNG": "image/png", "JPEG": "image/jpeg", "GIF": "image/gif", "BMP": "image/bmp", "TIFF": "image/tiff",
          "WEBP": "image/webp"}  # fmt: skip
_SUFFIXES = {"image/jpeg": "jpg"}
SMALLEST = 16
"""Pixels: what is narrower or lower is a bullet, a line or a blank to hold a place."""


@dataclass
class Pictures:
    """The pictures of one document; the same bytes are kept once."""

    limits: Limits
    found: list[Image] = field(default_factory=list)
    left_out: int = 0
    known: dict[bytes, str] = field(default_factory=dict)

    def add(
        self, data: bytes, *, page: int | None = None, box: Box | None = None, caption: str | None = None
    ) -> str | None:
        """Keep a picture and return its name; None where it is no picture that can be shown, or one too many."""
        if data in self.known:
            return self.known[data]
        told = _measured(data)
        if told is None:
            self.left_out += 1
            return None
        media_type, width, height = told
        if min(width, height) < SMALLEST:
            return None
        if len(data) > self.limits.image_mib << 20 or len(self.found) >= self.limits.images:
            self.left_out += 1
            return None
        name = f"image-{len(self.found) + 1:04}.{_SUFFIXES.get(media_type, media_type.partition('/')[2])}"
        self.known[data] = name
        self.found.append(Image(name, data, media_type, width, height, page, box, caption))
        return name

    def notes(self) -> tuple[str, ...]:
        """Say how many pictures are missing."""
        return (f"{self.left_out} pictures left out: too many, too large or of no known kind",) if self.left_out else ()


def _measured(data: bytes) -> tuple[str, int, int] | None:
    """Return the media type, width and height of a picture; it is not unpacked."""
    from PIL import Image as Pillow  # noqa: PLC0415 - loaded in the child process alone

    try:
        with Pillow.open(BytesIO(data), formats=list(_TYPES)) as picture:
            return _TYPES[picture.format or ""], *picture.size
    except (OSError, ValueError, SyntaxError, KeyError, Pillow.DecompressionBombError):
        return None
