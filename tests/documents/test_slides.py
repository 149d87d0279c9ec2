from io import BytesIO

import pptx
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Inches

from dataflow_ops.documents import slides
from dataflow_ops.documents.document import Failed, Limits
from tests.documents.office_files import picture, saved

INCH = Inches(1)


def _read(tmp_path, office, limits=None):
    path = tmp_path / "content"
    path.write_bytes(saved(office))
    return slides.read(path, limits or Limits())


def _blank(office):
    return office.slides.add_slide(office.slide_layouts[6]).shapes


def test_titles_lists_and_notes_of_each_slide(tmp_path):
    office = pptx.Presentation()
    for title in ("Hive", "Honey"):
        slide = office.slides.add_slide(office.slide_layouts[1])
        slide.shapes.title.text = title
        frame = slide.placeholders[1].text_frame
        frame.text = "First"
        nested = frame.add_paragraph()
        nested.text, nested.level = "Nested", 1
    slide.notes_slide.notes_text_frame.text = "Say hello"
    found = _read(tmp_path, office)
    assert [(block.kind, block.level, block.text, block.page) for block in found.blocks] == [
        ("heading", 1, "Hive", 1), ("list", None, "- First\n  - Nested", 1), ("heading", 1, "Honey", 2),
        ("list", None, "- First\n  - Nested", 2), ("paragraph", None, "Say hello", 2),
    ]  # fmt: skip
    assert (found.title, found.pages) == ("Hive", 2)


def test_tables_charts_pictures_and_groups_with_their_places(tmp_path):
    office = pptx.Presentation()
    shapes = _blank(office)
    table = shapes.add_table(2, 2, INCH, INCH, 4 * INCH, INCH).table
    for row in range(2):
        for column in range(2):
            table.cell(row, column).text = f"{row}|{column}"
    shown = shapes.add_picture(BytesIO(picture()), INCH, 3 * INCH)
    shown._element.nvPicPr.cNvPr.set("descr", "a red box")
    data = CategoryChartData()
    data.categories = ["spring", "autumn"]
    data.add_series("kg", (1.5, None))
    shapes.add_chart(XL_CHART_TYPE.BAR_CLUSTERED, 0, 0, INCH, INCH, data)
    group = shapes.add_group_shape()
    group.shapes.add_textbox(0, 0, INCH, INCH).text_frame.text = "grouped"
    found = _read(tmp_path, office)
    assert [(block.kind, block.text, block.image) for block in found.blocks] == [
        ("table", "| 0\\|0 | 0\\|1 |\n| --- | --- |\n| 1\\|0 | 1\\|1 |", None), ("image", "a red box", "image-0001.png"),
        ("table", "|  | kg |\n| --- | --- |\n| spring | 1.5 |\n| autumn |  |", None), ("paragraph", "grouped", None),
    ]  # fmt: skip
    assert found.blocks[0].box == (72.0, 72.0, 360.0, 144.0)
    assert found.images[0].box == found.blocks[1].box == (72.0, 216.0, 136.0, 264.0)


def test_links_are_kept_if_they_lead_to_the_web(tmp_path):
    office = pptx.Presentation()
    frame = _blank(office).add_textbox(0, 0, INCH, INCH).text_frame
    for text, address in (("page", "https://example.org/a"), ("file", "file:///etc/passwd")):
        run = frame.paragraphs[0].add_run()
        run.text, run.hyperlink.address = f"{text} ", address
    assert [block.text for block in _read(tmp_path, office).blocks] == ["[page](https://example.org/a)file"]


def test_more_slides_than_pages_are_allowed_are_not_read(tmp_path):
    office = pptx.Presentation()
    for _ in range(3):
        _blank(office)
    assert _read(tmp_path, office, Limits(pages=2)) == Failed("too large", "3 slides; expected 2 at most")
