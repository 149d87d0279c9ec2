import pytest

from dataflow_ops.documents import epub
from dataflow_ops.documents.document import Document, Failed, Limits
from dataflow_ops.documents.markdown import written
from dataflow_ops.documents.parse import Parser
from tests.documents.office_files import packed, picture

CONTAINER = """<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>
<rootfile full-path="OEBPS/book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>"""
BOOK = """<package xmlns="http://www.idpf.org/2007/opf" version="3.0">
<metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>Of  Bees</dc:title><dc:language>en</dc:language></metadata>
<manifest><item id="b" href="text/two%20b.xhtml" media-type="application/xhtml+xml"/>
<item id="a" href="text/one.xhtml" media-type="application/xhtml+xml"/>
<item id="n" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>
<item id="x" href="../../../etc/passwd" media-type="application/xhtml+xml"/>
<item id="p" href="images/hive.png" media-type="image/png"/></manifest>
<spine><itemref idref="n"/><itemref idref="a"/><itemref idref="b"/><itemref idref="x"/><itemref idref="gone"/>
<itemref idref="a"/></spine></package>"""
ONE = """<?xml version="1.0" encoding="utf-8"?><!DOCTYPE html>
<html xmlns="http://www.w3.org/1999/xhtml"><head><title/></head><body><h1><a id="top"/>One</h1>
<p>It&nbsp;begins &mdash; here.</p><p><img src="../images/hive.png" alt="a hive"/></p><nav><p>kept, too</p></nav>
<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">
<image xlink:href="../images/hive.png"/></svg></body></html>"""
TWO = "<html><body><h2>Two<p>Never closed <b>at all"
MEMBERS = {
    "mimetype": "application/epub+zip", "META-INF/container.xml": CONTAINER, "OEBPS/book.opf": BOOK,
    "OEBPS/text/one.xhtml": ONE, "OEBPS/text/two b.xhtml": TWO, "OEBPS/nav.xhtml": "<html><p>contents</p></html>",
    "OEBPS/images/hive.png": picture(),
}  # fmt: skip
LOCKED = """<encryption><EncryptedData><CipherData><CipherReference URI="OEBPS/text/one.xhtml"/></CipherData>
</EncryptedData></encryption>"""


def _read(tmp_path, members) -> Document | Failed:
    path = tmp_path / "content"
    path.write_bytes(packed(members))
    return epub.read(path, Limits())


def test_chapters_are_read_whole_in_their_order(tmp_path):
    found = _read(tmp_path, MEMBERS)
    assert written(found.blocks).text == (
        "# One\n\nIt\u00a0begins — here.\n\n![a hive](image-0001.png)\n\nkept, too\n\n![](image-0001.png)\n\n## Two\n\n"
        "Never closed **at all**"
    )
    assert (found.title, found.language, len(found.images)) == ("Of Bees", "en", 1)
    assert found.images[0].data == picture()


def test_a_chapter_or_picture_that_is_damaged_costs_no_book(tmp_path):
    data = packed(MEMBERS)
    for part in (b"Never closed", picture()[20:40]):
        data = data.replace(part, b"x" * len(part))
    (tmp_path / "content").write_bytes(data)
    found = epub.read(tmp_path / "content", Limits())
    assert [block.text for block in found.blocks] == ["One", "It\u00a0begins — here.", "kept, too"]
    assert found.notes == ("chapter 2: damaged, left out",)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"META-INF/encryption.xml": LOCKED}, "encrypted: its chapters are locked"),
        ({"OEBPS/book.opf": BOOK.replace("itemref", "itemgone")}, "empty: the book names no chapter"),
        ({"META-INF/container.xml": CONTAINER.replace("OEBPS/", "other/")}, "damaged: there is no list"),
        ({"OEBPS/book.opf": "<package>"}, "damaged: XMLSyntaxError"),
    ],
)
def test_a_book_that_cannot_be_read_says_why(change, fault):
    with Parser() as parser:
        assert str(parser.parse(packed({**MEMBERS, **change}))).startswith(fault)


def test_entities_of_a_book_are_not_multiplied():
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    bomb = f'<!DOCTYPE p [<!ENTITY l0 "ha">{laughs}]>{BOOK.replace("Of  Bees", "&l11;")}'
    with Parser() as parser:
        found = parser.parse(packed({**MEMBERS, "OEBPS/book.opf": bomb}))
    assert isinstance(found, Failed) or len(found.title or "") < 600
    chapter = f'<!DOCTYPE p [<!ENTITY l0 "ha">{laughs}]><html><p>&l11; end</p></html>'
    with Parser() as parser:
        found = parser.parse(packed({**MEMBERS, "OEBPS/text/one.xhtml": chapter}))
    assert len(written(found.blocks).text) < 5_000
