"""What kind of file it is: told by what is in it; the name decides only between kinds of text."""

import re
from pathlib import Path, PurePosixPath
from typing import Final
from urllib.parse import urlsplit
from zipfile import BadZipFile, ZipFile

PDF: Final = "application/pdf"
HTML: Final = "text/html"
MARKDOWN: Final = "text/markdown"
PLAIN: Final = "text/plain"
EPUB: Final = "application/epub+zip"
WORD: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
SLIDES: Final = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
SHEETS: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ARCHIVE: Final = "application/zip"
OLD_OFFICE: Final = "application/x-ole-storage"
"""Word, Excel and PowerPoint before 2007; an encrypted document of today is wrapped in the same format."""
PICTURES: Final = frozenset({"image/png", "image/jpeg", "image/gif", "image/tiff", "image/webp", "image/bmp"})

HEAD: Final = 8192
"""Bytes from the beginning that tell the kind."""

_MAGIC: Final = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"II*\0", "image/tiff"),
    (b"MM\0*", "image/tiff"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", OLD_OFFICE),
    (b"{\\rtf", "application/rtf"),
    (b"%!PS", "application/postscript"),
    (b"\x1f\x8b", "application/gzip"),
    (b"BZh", "application/x-bzip2"),
    (b"\xfd7zXZ\0", "application/x-xz"),
    (b"(\xb5/\xfd", "application/zstd"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"Rar!\x1a\x07", "application/vnd.rar"),
    (b"SQLite format 3\0", "application/vnd.sqlite3"),
    (b"PAR1", "application/vnd.apache.parquet"),
    (b"\x7fELF", "application/x-executable"),
)
_OFFICE: Final = (
    (re.compile(rb"wordprocessingml\.(?:document|template)\.main|ms-word\.(?:document|template)\.macroEnabled"), WORD),
    (
        re.compile(rb"presentationml\.(?:presentation|slideshow|template)\.main|ms-powerpoint\.\w+\.macroEnabled"),
        SLIDES,
    ),
    (re.compile(rb"spreadsheetml\.(?:sheet|template)\.main|ms-excel\.(?:sheet|template)\.macroEnabled\.main"), SHEETS),
)
_MARKS: Final = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
"""Byte order marks: of UTF-8, and of UTF-16 in both orders (that of UTF-32 begins like them)."""
_LEAD: Final = rb"(?:\s|<\?xml[^>]{0,200}\?>|<!--.{0,2000}?-->)*+"
_PAGE: Final = re.compile(_LEAD + rb"<(?:!doctype\s+html|html)[\s>]", re.IGNORECASE | re.DOTALL)
_PIECE: Final = re.compile(
    _LEAD + rb"<(?:head|body|title|meta|script|style|div|p|h[1-6]|article|section|main|table|ul|ol)[\s>]",
    re.IGNORECASE | re.DOTALL,
)
_XML: Final = re.compile(rb"\s*<\?xml[\s?]")
_CONTROLS: Final = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_NAMES: Final = {
    **dict.fromkeys((".md", ".markdown", ".mdown", ".mkd"), MARKDOWN),
    **dict.fromkeys((".html", ".htm", ".xhtml", ".xht"), HTML),
}


def media_type(head: bytes, name: str | None, whole: Path) -> str | None:
    """Return the media type of the file `whole` that begins with `head`; None for bytes of no known kind.

    A zip archive that cannot be opened, or holds something else, is `application/zip`. `name`, the address or file name
    that it had, is asked about text alone: whether it is Markdown, HTML or neither.
    """
    if b"%PDF-" in head[:1024]:
        return PDF
    if head[:4] in (b"PK\x03\x04", b"PK\x05\x06"):
        return _packed(whole)
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    if head[:2] == b"BM" and head[6:10] == b"\0\0\0\0":
        return "image/bmp"
    found = next((kind for magic, kind in _MAGIC if head.startswith(magic)), None)
    return found or _text(head, name)


def _packed(whole: Path) -> str:
    """Tell what a zip archive is by the two members that say so, however it is called."""
    try:
        with ZipFile(whole) as archive:
            names = set(archive.namelist())
            if "mimetype" in names:
                declared = _beginning(archive, "mimetype").strip().decode("ascii", "replace")
                return declared if re.fullmatch(r"[\w.+-]+/[\w.+-]+", declared) else ARCHIVE
            types = _beginning(archive, "[Content_Types].xml") if "[Content_Types].xml" in names else b""
    except (BadZipFile, OSError, EOFError, NotImplementedError, RuntimeError, ValueError):
        return ARCHIVE
    return next((kind for pattern, kind in _OFFICE if pattern.search(types)), ARCHIVE)


def _beginning(archive: ZipFile, member: str) -> bytes:
    with archive.open(member) as stream:
        return stream.read(1 << 20)


def _text(head: bytes, name: str | None) -> str | None:
    marked = head.startswith(_MARKS)
    if not marked and len(_CONTROLS.findall(head)) > len(head) // 200:
        return None
    plain = head.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe") if marked else head
    by_name = _NAMES.get(_suffix(name))
    if _PAGE.match(plain) or (by_name in (None, HTML) and _suffix(name) != ".txt" and _PIECE.match(plain)):
        return HTML
    if by_name:
        return by_name
    return "application/xml" if _XML.match(plain) else PLAIN


def _suffix(name: str | None) -> str:
    """Return how the name of a file, or the path of an address, ends."""
    try:
        path = urlsplit(name or "").path if "://" in (name or "") else name or ""
    except ValueError:
        path = name or ""
    return PurePosixPath(path).suffix.lower()
