import gzip
from io import BytesIO
from zipfile import ZipFile

import pytest

from dataflow_ops.documents import kinds

TYPES = '<Types><Override PartName="/a.xml" ContentType="application/vnd.{}+xml"/></Types>'


def _zip(**members):
    whole = BytesIO()
    with ZipFile(whole, "w") as archive:
        for name, text in members.items():
            archive.writestr(name.replace("__", "."), text)
    return whole.getvalue()


def _office(kind):
    whole = BytesIO()
    with ZipFile(whole, "w") as archive:
        archive.writestr("[Content_Types].xml", TYPES.format(kind))
    return whole.getvalue()


def _told(tmp_path, data, name=None):
    path = tmp_path / "content"
    path.write_bytes(data)
    return kinds.media_type(data[: kinds.HEAD], name, path)


@pytest.mark.parametrize(
    ("data", "name", "kind"),
    [
        (b"%PDF-1.7\n", "a.txt", kinds.PDF),
        (b"\xef\xbb\xbfjunk before\n%PDF-1.4\n", None, kinds.PDF),
        (b"\x89PNG\r\n\x1a\n....", "a.pdf", "image/png"),
        (b"\xff\xd8\xff\xe0....", None, "image/jpeg"),
        (b"RIFF\x10\0\0\0WEBPVP8 ", None, "image/webp"),
        (b"RIFF\x10\0\0\0WAVEfmt ", None, None),
        (b"II*\0\x08\0\0\0", None, "image/tiff"),
        (b"BM\x36\x03\0\0\0\0\0\0\x36\0\0\0", None, "image/bmp"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1rest", "a.docx", kinds.OLD_OFFICE),
        (b"{\\rtf1 hello}", "a.txt", "application/rtf"),
        (gzip.compress(b"text", mtime=0), "a.txt", "application/gzip"),
        (_office("openxmlformats-officedocument.wordprocessingml.document.main"), "a.zip", kinds.WORD),
        (_office("ms-word.document.macroEnabled.main"), None, kinds.WORD),
        (_office("openxmlformats-officedocument.presentationml.presentation.main"), None, kinds.SLIDES),
        (_office("openxmlformats-officedocument.presentationml.slideshow.main"), None, kinds.SLIDES),
        (_office("openxmlformats-officedocument.spreadsheetml.sheet.main"), None, kinds.SHEETS),
        (_office("ms-excel.sheet.binary.macroEnabled.main"), "a.xlsx", kinds.ARCHIVE),
        (_zip(mimetype="application/epub+zip"), "a.docx", kinds.EPUB),
        (_zip(mimetype="application/vnd.oasis.opendocument.text\n"), None, "application/vnd.oasis.opendocument.text"),
        (_zip(mimetype="<script>"), None, kinds.ARCHIVE),
        (_zip(readme__txt="hello"), "a.docx", kinds.ARCHIVE),
        (b"PK\x03\x04 cut off", "a.docx", kinds.ARCHIVE),
        (b"<!DOCTYPE html><html>", "a.pdf", kinds.HTML),
        (b"\n<?xml version='1.0'?>\n<!-- a page -->\n<html xmlns='x'>", "a.xml", kinds.HTML),
        (b"<div>a piece</div>", None, kinds.HTML),
        (b'<p align="center">a project</p>\n\n# Title', "README.md", kinds.MARKDOWN),
        (b"<p> is an element", "notes.txt", kinds.PLAIN),
        (b"<?xml version='1.0'?><feed/>", "a.txt", "application/xml"),
        (b"words", "https://example.org/a/b.md?raw=1#top", kinds.MARKDOWN),
        (b"words", "http://[broken/a.md", kinds.MARKDOWN),
        (b"words", "a.HTM", kinds.HTML),
        (b"words", None, kinds.PLAIN),
        ("\ufeffwords".encode("utf-16-le"), "a.txt", kinds.PLAIN),
        ("\ufeff<html><p>".encode("utf-16-be"), None, kinds.HTML),
        (b"bin\0ary\0\x01\x02" * 9, "a.txt", None),
    ],
)
def test_content_decides_and_the_name_only_between_texts(tmp_path, data, name, kind):
    assert _told(tmp_path, data, name) == kind
