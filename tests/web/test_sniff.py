import io
import zipfile

import pytest

from dataflow_ops.web.sniff import content_type, media_type

OFFICE = "application/vnd.openxmlformats-officedocument."


def packed(*names):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        for name in names:
            file.writestr(name, "application/epub+zip" if name == "mimetype" else "<x/>")
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "declared", "expected"),
    [
        (b"%PDF-1.4\n", "text/html", "application/pdf"),
        (b"\xef\xbb\xbf\n%PDF-1.4\n", None, "application/pdf"),
        (b"\x89PNG\r\n\x1a\n...", "application/pdf", "image/png"),
        (b"\xff\xd8\xff\xe0", None, "image/jpeg"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", None, "image/webp"),
        (b"RIFF\x00\x00\x00\x00WAVE", None, "application/octet-stream"),
        (b"II*\0", None, "image/tiff"),
        (packed("[Content_Types].xml", "word/document.xml"), "text/html", f"{OFFICE}wordprocessingml.document"),
        (packed("[Content_Types].xml", "xl/workbook.xml"), None, f"{OFFICE}spreadsheetml.sheet"),
        (packed("[Content_Types].xml", "ppt/presentation.xml"), None, f"{OFFICE}presentationml.presentation"),
        (packed("mimetype", "OEBPS/content.opf"), None, "application/epub+zip"),
        (packed("a.txt"), "application/pdf", "application/zip"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "text/plain", "application/x-ole-storage"),
        (b"<!DOCTYPE html><html>", "application/pdf", "text/html"),
        (b"  \n<!-- x -->\n<HTML lang=de>", None, "text/html"),
        (b"<?xml version='1.0'?><html xmlns='x'>", None, "application/xhtml+xml"),
        (b"<?xml version='1.0'?><rss>", "text/html", "application/xml"),
        ("\ufeff<html>".encode("utf-16-le"), None, "text/html"),
        ("\ufeffhello".encode("utf-16-be"), None, "text/plain"),
        (b"# Title\n\nwords", "text/markdown; charset=utf-8", "text/markdown"),
        (b"<html><h1>Not found</h1>", "text/markdown", "text/html"),
        (b"a,b\n1,2\n", "text/csv", "text/csv"),
        (b"hello, a < b", "text/html", "text/plain"),
        (b"caf\xe9", "image/png", "text/plain"),
        (b"\0\1\2", "text/html", "application/octet-stream"),
        (b"", "application/pdf", "text/plain"),
    ],
)
def test_content_is_what_its_bytes_say(content, declared, expected):
    assert content_type(content, declared) == expected


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("text/html; charset=ISO-8859-1", ("text/html", "iso8859-1")),
        ('TEXT/HTML; charset="windows-1251"', ("text/html", "cp1251")),
        ("text/html; charset=no-such", ("text/html", None)),
        ("text/html;charset*=utf-8''utf-8", ("text/html", None)),
        ("text/html;x=\udcff;charset='utf-8'", ("text/html", "utf-8")),
        ("text/html; charset=\0", ("text/html", None)),
        ("; charset=utf-8", (None, "utf-8")),
        ("nonsense", (None, None)),
        ("te\udcff/html", (None, None)),
        ("", (None, None)),
        (None, (None, None)),
        (";" * 10_000, (None, None)),
    ],
)
def test_a_header_names_a_kind_and_a_character_set(header, expected):
    assert media_type(header) == expected
