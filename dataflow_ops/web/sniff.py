"""What content is by its bytes: servers name it as they please."""

import codecs
import re

HEAD = 4_096
"""Bytes that are looked at."""

_MAGIC = (
    (b"%PDF-", "application/pdf"), (b"\x89PNG\r\n\x1a\n", "image/png"), (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"), (b"GIF89a", "image/gif"), (b"II*\0", "image/tiff"), (b"MM\0*", "image/tiff"),
    (b"\x1f\x8b", "application/gzip"), (b"{\\rtf", "application/rtf"), (b"BM", "image/bmp"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"), (b"PAR1", "application/vnd.apache.parquet"),
)  # fmt: skip
_OFFICE = "application/vnd.openxmlformats-officedocument."
_MEMBERS = (
    (b"word/document.xml", f"{_OFFICE}wordprocessingml.document"),
    (b"ppt/presentation.xml", f"{_OFFICE}presentationml.presentation"),
    (b"xl/workbook.xml", f"{_OFFICE}spreadsheetml.sheet"),
)
_HTML = re.compile(
    rb"<(?:!doctype\s+html|html|head|body|title|script|style|meta|link|iframe|div|table|p|br|h[1-6]|a|b|font)[\s>/]",
    re.I,
)
_XHTML = re.compile(rb"<html[\s>]", re.I)
_NOT_TEXT = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_KIND = re.compile(r"\s*([\w!#$&^.+-]+/[\w!#$&^.+-]+)\s*(?:;|$)", re.ASCII)
_CHARSET = re.compile(r";\s*charset\s*=\s*[\"']?([\w.:-]+)", re.ASCII)
_TOLD = ("text/markdown", "text/csv", "text/tab-separated-values", "application/json", "text/css", "text/javascript",
         "application/x-ndjson")  # fmt: skip
"""Kinds of text that their bytes do not tell: a server is believed that names one."""


def content_type(content: bytes, declared: str | None) -> str:
    """Return the media type of `content`; `declared` counts only among kinds of text, for they look alike."""
    head = content[:HEAD]
    if (known := next((kind for magic, kind in _MAGIC if head.startswith(magic)), None)) is not None:
        return known
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "image/webp"
    if b"%PDF-" in head[:1_024]:  # readers allow for something before it
        return "application/pdf"
    if head.startswith(b"PK\x03\x04"):
        return _packed(content)
    return _text(head, declared) if is_text(head) else "application/octet-stream"


def _packed(content: bytes) -> str:
    if b"mimetypeapplication/epub+zip" in content[:HEAD]:
        return "application/epub+zip"
    return next((kind for member, kind in _MEMBERS if member in content), "application/zip")


def is_text(head: bytes) -> bool:
    """Whether content that begins so is text: in UTF-16 it says so by its first bytes."""
    return head.startswith(_WIDE) or not _NOT_TEXT.search(head)


def _text(head: bytes, declared: str | None) -> str:
    if head.startswith(_WIDE):
        order = "utf-16-le" if head.startswith(codecs.BOM_UTF16_LE) else "utf-16-be"
        head = head[2:].decode(order, errors="ignore").encode()
    start = head.removeprefix(codecs.BOM_UTF8).lstrip()
    named, _ = media_type(declared)
    if named in _TOLD and not start[:5].lower().startswith((b"<!doc", b"<html")):
        return str(named)
    if start.startswith(b"<?xml"):
        return "application/xhtml+xml" if _XHTML.search(start) else "application/xml"
    return "text/html" if start.startswith(b"<") and _HTML.search(start) else "text/plain"


def media_type(declared: str | None) -> tuple[str | None, str | None]:
    """Return the media type and the character set that a header names; None for what is none."""
    head = (declared or "")[:500].lower()
    kind, charset = _KIND.match(head), _CHARSET.search(head)
    return kind and kind.group(1), charset and _charset(charset.group(1))


def _charset(name: str) -> str | None:
    try:
        return codecs.lookup(name).name
    except LookupError:
        return None
