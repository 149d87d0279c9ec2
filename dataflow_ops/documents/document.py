"""What a reader makes of a file: ordered blocks of Markdown with their places on the pages, and pictures."""

from dataclasses import dataclass
from typing import Literal

BlockKind = Literal["heading", "paragraph", "list", "table", "code", "formula", "image", "caption", "footnote"]
"""What a block is."""

FaultKind = Literal[
    "empty", "encrypted", "damaged", "not supported", "too large", "time", "memory", "no text"
]  # fmt: skip
"""Why a file gives no document."""

Box = tuple[float, float, float, float]
"""x0, y0, x1, y1 in points (1/72 inch) from the top left corner of the page."""


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of a document that is read as one, in the order of reading.

    `text` is Markdown that stands by itself: a list with its marks, a table with its bars, code with its fence. Only a
    heading (`level` 1 to 6) is without its `#` and an image without its brackets: `text` is then its words, for an
    image "" if it has none. `page` counts from 1 and is None in a format without pages; `image` is the name of the
    `Image` that an image block shows.
    """

    kind: BlockKind
    text: str
    page: int | None = None
    box: Box | None = None
    level: int | None = None
    image: str | None = None


@dataclass(frozen=True, slots=True)
class Image:
    """A picture of a document.

    `name` is made by the reader (`page-0003-1.png`), unique in the document and never a path of the document's
    choosing; `width` and `height` are pixels.
    """

    name: str
    data: bytes
    media_type: str
    width: int
    height: int
    page: int | None = None
    box: Box | None = None
    caption: str | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """A file that was read: `pages` is None in a format without pages, `language` what the file says of itself.

    `notes` say what a reader of the text should know: "page 7: no text layer, read by OCR".
    """

    media_type: str
    blocks: tuple[Block, ...]
    images: tuple[Image, ...] = ()
    title: str | None = None
    language: str | None = None
    pages: int | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Failed:
    """A file that gives no document, and why."""

    kind: FaultKind
    detail: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.detail}"


@dataclass(frozen=True, slots=True)
class Limits:
    """What one file may take.

    `seconds` of time and `memory_mib` for the reader, at most `pages`, `unpacked_mib` out of an archive, and `images`
    of at most `image_mib` each: those beyond are left out with a note.
    """

    seconds: float = 120.0
    memory_mib: int = 2048
    pages: int = 5000
    unpacked_mib: int = 512
    images: int = 500
    image_mib: int = 16
    ocr: bool = True
    ocr_languages: str = "eng"
