from io import BytesIO

import docx
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn

from dataflow_ops.documents import word
from dataflow_ops.documents.document import Limits
from dataflow_ops.documents.parse import Parser
from tests.documents.office_files import changed, picture, saved

BOX = """<w:r {ns}><mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006">
<mc:Choice Requires="wps"><w:drawing><w:txbxContent><w:p><w:r><w:t>boxed</w:t></w:r></w:p></w:txbxContent></w:drawing>
</mc:Choice><mc:Fallback><w:pict><w:txbxContent><w:p><w:r><w:t>boxed</w:t></w:r></w:p></w:txbxContent></w:pict>
</mc:Fallback></mc:AlternateContent></w:r>"""
CHANGES = """<w:p {ns}><w:r><w:t xml:space="preserve">kept </w:t></w:r><w:del><w:r><w:delText>gone</w:delText></w:r></w:del>
<w:ins><w:r><w:t>new</w:t></w:r></w:ins><w:r><w:br/><w:t>line</w:t><w:tab/><w:t>two</w:t></w:r></w:p>"""
CONTROL = "<w:sdt {ns}><w:sdtContent><w:p><w:r><w:t>in a control</w:t></w:r></w:p></w:sdtContent></w:sdt>"
FORMULA = """<w:p {ns}><m:oMath xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"><m:r><m:t>x=1</m:t>
</m:r></m:oMath></w:p>"""


def _xml(text):
    return parse_xml(text.replace("{ns}", nsdecls("w")))


def _read(tmp_path, office):
    path = tmp_path / "content"
    path.write_bytes(office if isinstance(office, bytes) else saved(office))
    return word.read(path, Limits())


def _kinds(found):
    return [(block.kind, block.text) for block in found.blocks]


@pytest.fixture
def office():
    return docx.Document()


def test_a_document_is_read_in_its_order(tmp_path, office):
    office.add_heading("Of bees", 0)
    office.add_heading("Parts", 2)
    words = office.add_paragraph("A hive has ")
    words.add_run("many").bold = True
    words.add_run(" parts.").italic = True
    table = office.add_table(2, 2)
    for cell, text in zip([*table.rows[0].cells, *table.rows[1].cells], ["Year", "kg | lb", "2020", "12"], strict=True):
        cell.text = text
    office.add_paragraph("Figure 1: a hive", style="Caption")
    office.add_paragraph("Wise words", style="Quote")
    office.add_paragraph("# no head")
    found = _read(tmp_path, office)
    assert [(block.kind, block.level, block.text) for block in found.blocks] == [
        ("heading", 1, "Of bees"), ("heading", 2, "Parts"), ("paragraph", None, "A hive has **many** *parts.*"),
        ("table", None, "| Year | kg \\| lb |\n| --- | --- |\n| 2020 | 12 |"), ("caption", None, "Figure 1: a hive"),
        ("paragraph", None, "> Wise words"), ("paragraph", None, "\\# no head"),
    ]  # fmt: skip
    assert found.title == "Of bees"


def test_lists_are_numbered_nested_and_apart(tmp_path, office):
    styles = ["List Bullet", "List Bullet 2", "List Bullet", "List Number", "List Number", "Normal", "List Number"]
    for style, text in zip(styles, "abcdefg", strict=True):
        office.add_paragraph(text, style=style)
    assert _kinds(_read(tmp_path, office)) == [
        ("list", "- a\n  - b\n- c"), ("list", "1. d\n2. e"), ("paragraph", "f"), ("list", "3. g"),
    ]  # fmt: skip


def test_code_is_known_by_its_font_and_keeps_its_blanks(tmp_path, office):
    for line in ("def f():", "    return  1"):
        office.add_paragraph().add_run(line).font.name = "Courier New"
    assert _kinds(_read(tmp_path, office)) == [("code", "```\ndef f():\n    return  1\n```")]


def test_changes_controls_boxes_and_formulas_are_read(tmp_path, office):
    body = office.element.body
    office.add_paragraph("before")._p.append(_xml(BOX))
    for each in (CHANGES, CONTROL, FORMULA):
        body.insert(-1, _xml(each))
    assert [text for _, text in _kinds(_read(tmp_path, office))] == [
        "before", "boxed", "kept new\nline two", "in a control", "$x=1$",
    ]  # fmt: skip


def test_pictures_are_kept_once_with_their_words(tmp_path, office):
    for _ in range(2):
        office.add_picture(BytesIO(picture()))
    office.add_picture(BytesIO(picture(size=(4, 4))))
    for each in office.element.body.iter(qn("wp:docPr")):
        each.set("descr", "a  hive")
    found = _read(tmp_path, office)
    assert [(block.kind, block.text, block.image) for block in found.blocks] == [
        ("image", "a hive", "image-0001.png"), ("image", "a hive", "image-0001.png"), ("image", "a hive", None),
    ]  # fmt: skip
    assert [(each.name, each.width, each.height, each.data) for each in found.images] == [
        ("image-0001.png", 64, 48, picture())
    ]


def test_merged_cells_and_tables_of_one_column(tmp_path, office):
    table = office.add_table(3, 3)
    table.cell(0, 0).merge(table.cell(0, 1)).text = "wide"
    table.cell(1, 2).merge(table.cell(2, 2)).text = "high"
    single = office.add_table(1, 1)
    single.cell(0, 0).text = "only placed"
    assert _kinds(_read(tmp_path, office)) == [
        ("table", "| wide |  |  |\n| --- | --- | --- |\n|  |  | high |"), ("paragraph", "only placed"),
    ]  # fmt: skip


def test_settings_that_make_no_sense_are_as_if_not_there(tmp_path, office):
    table = office.add_table(2, 2)
    for place, cell in enumerate([*table.rows[0].cells, *table.rows[1].cells]):
        cell.text = str(place)
        cell._tc.get_or_add_tcPr().append(_xml('<w:gridSpan {ns} w:val="wide"/>'))
    office.add_paragraph("words", style="Heading 1")._p.pPr.append(_xml('<w:outlineLvl {ns} w:val="-99"/>'))
    assert _kinds(_read(tmp_path, office)) == [("table", "| 0 | 1 |\n| --- | --- |\n| 2 | 3 |"), ("heading", "words")]


def test_entities_are_not_read_and_broken_parts_fail(office):
    office.add_paragraph("words &secret; here")
    secret = b"""<!DOCTYPE d [<!ENTITY secret SYSTEM "file:///etc/hostname">]>"""
    data = saved(office)
    evil = changed(
        data, document=lambda was: was.replace(b"?>", b"?>" + secret, 1).replace(b"&amp;secret;", b"&secret;")
    )
    with Parser() as parser:
        assert [block.text for block in parser.parse(evil).blocks] == ["words"]
        assert parser.parse(changed(data, document=b"<w:document>")).kind == "damaged"
        assert parser.parse(data[: len(data) // 2]).kind == "damaged"
        assert parser.parse(data, "wrong.pdf").blocks[0].text == "words &secret; here"
