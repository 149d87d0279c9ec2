"""PDF files as they are found: columns, tables, notes, links, other scripts; locked, cut and hostile ones."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pymupdf
import pytest

from dataflow_ops.documents import pdf
from dataflow_ops.documents.document import Block, Document, Failed, Limits

Page = Callable[[pymupdf.Page, int], object]
WORDS = "The apiary stands on the southern slope where the wind is broken by a hedge of hazel."


def made(folder: Path, draw: Page, pages: int = 1, **saved: object) -> Path:
    path = folder / "made.pdf"
    with pymupdf.open() as file:
        for number in range(1, pages + 1):
            draw(file.new_page(), number)
        file.save(path, **saved)
    return path


def read(path: Path, **limits: object) -> Document:
    found = pdf.read(path, Limits(**limits))  # type: ignore[arg-type]
    assert isinstance(found, Document), str(found)
    return found


def told(found: Document) -> list[tuple[str, str]]:
    return [(block.kind, block.text) for block in found.blocks]


def lines(page: pymupdf.Page, x: float, y: float, texts: list[str], size: float = 10) -> None:
    for place, text in enumerate(texts):
        page.insert_text((x, y + 13 * place), text, fontsize=size)


def test_headings_have_their_levels_and_paragraphs_their_lines(tmp_path: Path) -> None:
    def draw(page: pymupdf.Page, number: int) -> None:
        page.insert_text((60, 80), "The title", fontsize=20)
        page.insert_text((60, 120), "A section", fontsize=14)
        lines(
            page, 60, 150, [WORDS, "and this goes on in a second line of the same para-", "graph until it ends here."]
        )

    found = read(made(tmp_path, draw))
    assert [(block.text, block.level) for block in found.blocks if block.kind == "heading"] == [
        ("The title", 1),
        ("A section", 2),
    ]
    assert (
        found.blocks[2].text == f"{WORDS} and this goes on in a second line of the same paragraph until it ends here."
    )
    assert found.title == "The title"
    assert found.pages == 1


def test_bold_numbered_headings_get_levels_by_their_numbers(tmp_path: Path) -> None:
    def draw(page: pymupdf.Page, number: int) -> None:
        for y, title in ((60, "Manual"), (120, "1 Start"), (180, "1.1 Lid"), (240, "2 End"), (300, "2.1 Off")):
            page.insert_text((60, y), title, fontsize=10, fontname="hebo")
            lines(page, 60, y + 16, [WORDS, WORDS])

    levels = [(block.text, block.level) for block in read(made(tmp_path, draw)).blocks if block.kind == "heading"]
    assert levels == [("Manual", 1), ("1 Start", 2), ("1.1 Lid", 3), ("2 End", 2), ("2.1 Off", 3)]


def test_the_outline_decides_on_levels(tmp_path: Path) -> None:
    def draw(file: pymupdf.Page, number: int) -> None:
        file.insert_text((60, 80), f"Part {'ab'[number - 1]}", fontsize=18)
        lines(file, 60, 120, [WORDS, f"{WORDS} {number}"])

    path = made(tmp_path, draw, 2)
    with pymupdf.open(path) as file:
        file.set_toc([[1, "All", 1], [2, "Part A", 1], [2, "PART B", 2]])
        file.save(tmp_path / "outlined.pdf")
    found = read(tmp_path / "outlined.pdf")
    assert [(block.text, block.level, block.page) for block in found.blocks if block.kind == "heading"] == [
        ("Part a", 2, 1),
        ("Part b", 2, 2),
    ]


def test_columns_are_read_one_after_the_other(tmp_path: Path) -> None:
    def draw(page: pymupdf.Page, number: int) -> None:
        page.insert_text((60, 60), "A title over both of the columns of this page", fontsize=20)
        lines(
            page, 60, 100, ["left one is the first line here", "left two is a line of words", "left ends with no full"]
        )
        lines(page, 320, 100, ["stop but goes on here.", "Right two is another line", "and right three ends it."])

    texts = [block.text for block in read(made(tmp_path, draw)).blocks]
    joined = " ".join(texts)
    assert joined.index("left two") < joined.index("left ends") < joined.index("stop but") < joined.index("Right two")
    assert "left ends with no full stop but goes on here." in joined


def test_running_heads_and_page_numbers_go_and_text_at_the_edge_stays(tmp_path: Path) -> None:
    def draw(page: pymupdf.Page, number: int) -> None:
        page.insert_text((60, 40), f"The handbook, chapter {(number + 1) // 2}", fontsize=8)
        lines(page, 60, 100, [f"{WORDS} {number}", WORDS])
        page.insert_text((60, 790), ("An odd last line.", "Quite another end.", "The third of them.")[number - 1])
        page.insert_text((290, 820), f"Page {number} of 3", fontsize=8)

    text = " ".join(block.text for block in read(made(tmp_path, draw, 3)).blocks)
    assert "handbook" not in text
    assert "Page" not in text
    assert "An odd last line." in text
    assert "The third of them." in text


def test_a_page_with_nothing_but_repeated_words_keeps_them(tmp_path: Path) -> None:
    found = read(made(tmp_path, lambda page, number: page.insert_text((60, 60), f"Card {number} of the set"), 4))
    assert [block.text for block in found.blocks] == [f"Card {number} of the set" for number in range(1, 5)]


def test_lists_keep_their_marks_and_depth(tmp_path: Path) -> None:
    def draw(page: pymupdf.Page, number: int) -> None:
        page.insert_htmlbox(
            (60, 60, 535, 400),
            "<p>Take these along:</p><ul><li>a veil</li><li>a smoker<ul><li>with fuel</li></ul></li></ul>"
            "<ol><li>Open the lid.</li><li>Look.</li></ol>",
        )

    assert told(read(made(tmp_path, draw)))[1] == (
        "list",
        "- a veil\n- a smoker\n  - with fuel\n1. Open the lid.\n2. Look.",
    )


ROWS = (("Year", "Hives", "Honey"), ("2021", "12", "240"), ("2022", "14", "301"), ("2023", "15", "288"))
TABLE = "| Year | Hives | Honey |\n| --- | --- | --- |\n| 2021 | 12 | 240 |\n| 2022 | 14 | 301 |\n| 2023 | 15 | 288 |"


@pytest.mark.parametrize("rules", ["all", "level", "none"])
def test_tables_are_tables_with_and_without_rules(tmp_path: Path, rules: str) -> None:
    def draw(page: pymupdf.Page, number: int) -> None:
        lines(page, 60, 80, [WORDS, WORDS])
        for row, cells in enumerate(ROWS):
            for column, cell in enumerate(cells):
                x, y = 60 + 120 * column, 140 + 18 * row
                page.insert_text((x + 4, y + 13), cell, fontsize=10)
                if rules == "all":
                    page.draw_rect((x, y, x + 120, y + 18), width=0.5)
        for y in (138, 158, 214) if rules == "level" else ():
            page.draw_line((60, y), (420, y), width=0.5)
        lines(page, 60, 250, [WORDS, WORDS])

    blocks = read(made(tmp_path, draw)).blocks
    assert [(block.kind, block.text) for block in blocks if block.kind == "table"] == [("table", TABLE)]
    assert [block.kind for block in blocks] == ["paragraph", "table", "paragraph"]


def test_cells_over_several_columns_keep_their_place(tmp_path: Path) -> None:
    def draw(page: pymupdf.Page, number: int) -> None:
        for box, text in (
            ((60, 100, 260, 120), "Both"), ((60, 120, 160, 140), "left"), ((160, 120, 260, 140), "right"),
            ((260, 100, 360, 140), "tall"),
        ):  # fmt: skip
            page.draw_rect(box, width=0.5)
            page.insert_text((box[0] + 4, box[1] + 14), text, fontsize=10)

    assert told(read(made(tmp_path, draw))) == [
        ("table", "| Both |  | tall |\n| --- | --- | --- |\n| left | right |  |")
    ]


def test_pictures_have_names_captions_and_places(tmp_path: Path) -> None:
    pixels = pymupdf.Pixmap(pymupdf.csRGB, pymupdf.IRect(0, 0, 300, 200), False)
    pixels.clear_with(90)

    def draw(page: pymupdf.Page, number: int) -> None:
        lines(page, 60, 80, [WORDS, WORDS])
        page.insert_image((150, 200, 450, 400), stream=pixels.tobytes("png"))
        page.insert_text((150, 420), "Figure 1: The frame seen from above", fontsize=9)

    found = read(made(tmp_path, draw))
    (image,) = found.images
    assert (image.name, image.media_type, image.width, image.height) == ("page-0001-1.png", "image/png", 300, 200)
    assert image.caption == "Figure 1: The frame seen from above"
    assert image.box == pytest.approx((150, 200, 450, 400), abs=1)
    assert image.data.startswith(b"\x89PNG")
    assert [block.kind for block in found.blocks] == ["paragraph", "image", "caption"]
    assert found.blocks[1].image == image.name


def test_drawings_are_rendered_with_their_words(tmp_path: Path) -> None:
    def draw(page: pymupdf.Page, number: int) -> None:
        lines(page, 60, 80, [WORDS, WORDS])
        page.draw_rect((200, 200, 320, 320))
        page.draw_circle((260, 260), 40)
        page.draw_line((300, 260), (340, 260))
        page.draw_circle((230, 230), 10)
        page.insert_text((343, 263), "Lens", fontsize=8)

    found = read(made(tmp_path, draw))
    assert [(block.kind, block.text) for block in found.blocks][1:] == [("image", "Lens")]
    assert found.images[0].width > 100


def test_no_more_pictures_than_allowed(tmp_path: Path) -> None:
    def draw(page: pymupdf.Page, number: int) -> None:
        pixels = pymupdf.Pixmap(pymupdf.csRGB, pymupdf.IRect(0, 0, 60 + number, 60), False)
        pixels.clear_with(20 * number)
        page.insert_image((150, 200, 250, 300), stream=pixels.tobytes("png"))
        page.insert_text((60, 60), f"{WORDS} {WORDS[number:]}")

    found = read(made(tmp_path, draw, 4), images=2)
    assert len(found.images) == 2
    assert any("2 pictures left out" in note for note in found.notes)


def test_links_lead_to_their_address(tmp_path: Path) -> None:
    def draw(page: pymupdf.Page, number: int) -> None:
        page.insert_htmlbox(
            (60, 60, 535, 200), "<p>See <a href='https://a.example/x_(y)'>the notes</a>, and more of them.</p>"
        )

    assert told(read(made(tmp_path, draw))) == [
        ("paragraph", "See [the notes](https://a.example/x_(y)), and more of them.")
    ]


def test_links_that_run_code_are_words(tmp_path: Path) -> None:
    def draw(page: pymupdf.Page, number: int) -> None:
        page.insert_text((60, 80), "Press here to go on.", fontsize=10)
        page.insert_link(
            {"kind": pymupdf.LINK_URI, "from": pymupdf.Rect(60, 60, 200, 90), "uri": "javascript:alert(1)"}
        )

    assert told(read(made(tmp_path, draw))) == [("paragraph", "Press here to go on.")]


def test_footnotes_and_the_figures_that_lead_to_them(tmp_path: Path) -> None:
    def draw(page: pymupdf.Page, number: int) -> None:
        page.insert_htmlbox((60, 60, 535, 200), f"<p>{WORDS}<sup>1</sup> It was built in 1911.</p>")
        page.draw_line((60, 700), (160, 700), width=0.5)
        page.insert_text((60, 712), "1 The hedge is older than that.", fontsize=7)

    kinds = told(read(made(tmp_path, draw)))
    assert kinds[-1] == ("footnote", "[^1]: The hedge is older than that.")
    assert "hazel.[^1] It was built" in kinds[0][1]


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<p>蜂场位于南坡，那里的篱笆挡住了风。</p>", "蜂场位于南坡，那里的篱笆挡住了风。"),
        ("<p dir='rtl'>המכוורת עומדת על המדרון הדרומי</p>", "המכוורת עומדת על המדרון הדרומי"),
        ("<p dir='rtl'>המכוורת הזאת 12.5 על המדרון new wave הדרומי</p>", "המכוורת הזאת 12.5 על המדרון new wave הדרומי"),
    ],
)
def test_other_scripts_are_in_logical_order(tmp_path: Path, html: str, expected: str) -> None:
    found = read(made(tmp_path, lambda page, number: page.insert_htmlbox((60, 60, 535, 200), html)))
    assert found.blocks[0].text == expected


def test_lines_of_code_are_one_block(tmp_path: Path) -> None:
    def draw(page: pymupdf.Page, number: int) -> None:
        lines(page, 60, 60, [WORDS, WORDS])
        page.insert_htmlbox((60, 100, 535, 300), "<pre>def f(x):\n    return x + 1\n</pre>")

    assert told(read(made(tmp_path, draw)))[1] == ("code", "```\ndef f(x):\n    return x + 1\n```")


def test_pages_on_their_side_are_turned(tmp_path: Path) -> None:
    def draw(page: pymupdf.Page, number: int) -> None:
        for place in range(3):
            page.insert_text((100 + 14 * place, 700), f"{WORDS} {place}", rotate=90, fontsize=10)

    text = " ".join(block.text for block in read(made(tmp_path, draw)).blocks)
    assert text.index("hazel. 0") < text.index("hazel. 1") < text.index("hazel. 2")


def test_locked_files_say_so(tmp_path: Path) -> None:
    draw: Page = lambda page, number: page.insert_text((60, 60), WORDS)  # noqa: E731
    locked = {"encryption": pymupdf.mupdf.PDF_ENCRYPT_AES_256, "owner_pw": "b"}
    found = pdf.read(made(tmp_path, draw, user_pw="a", **locked), Limits())
    assert isinstance(found, Failed)
    assert found.kind == "encrypted"
    assert read(made(tmp_path, draw, user_pw="", **locked)).blocks[0].text == WORDS


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"", "empty"),
        (b"%PDF-1.4\n" + bytes(range(256)) * 8, "damaged"),
        (b"not at all", "damaged"),
        (
            (
                b"%PDF-1.4\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n2 0 obj\n"
                b"<</Type/Pages/Count 3/Kids[2 0 R 2 0 R]>>\nendobj\ntrailer\n<</Root 1 0 R/Size 3>>\n%%EOF"
            ),
            "damaged",
        ),
        (
            (
                b"%PDF-1.4\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n2 0 obj\n"
                b"<</Type/Pages/Count 2000000000/Kids[]>>\nendobj\ntrailer\n<</Root 1 0 R/Size 3>>\n%%EOF"
            ),
            "damaged",
        ),
    ],
)
def test_what_is_no_document_is_a_reason(tmp_path: Path, data: bytes, kind: str) -> None:
    path = tmp_path / "bad.pdf"
    path.write_bytes(data)
    found = pdf.read(path, Limits())
    assert isinstance(found, Failed)
    assert found.kind == kind
    assert str(tmp_path) not in str(found)


def test_a_cut_file_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    path = made(tmp_path, lambda page, number: page.insert_text((60, 60), f"{WORDS} {number}"), 6)
    whole = path.read_bytes()
    path.write_bytes(whole[: whole.rindex(b"xref")])
    found = read(path)
    assert "the file is damaged: it was read as far as it could be repaired" in found.notes
    assert len(found.blocks) >= 5


def test_too_many_pages_are_not_begun(tmp_path: Path) -> None:
    found = pdf.read(made(tmp_path, lambda page, number: page.insert_text((60, 60), WORDS), 3), Limits(pages=2))
    assert str(found) == "too large: it has 3 pages, 2 are allowed"


def scan(page: pymupdf.Page, number: int) -> None:
    with pymupdf.open() as other:
        sheet = other.new_page()
        sheet.insert_text((60, 100), "Harvest of the year", fontsize=24)
        lines(
            sheet,
            60,
            150,
            ["The combs were full in the second week of July,", "and the honey was light in colour."],
            14,
        )
        page.insert_image(page.rect, stream=sheet.get_pixmap(dpi=150).tobytes("png"))


@pytest.mark.skipif(shutil.which("tesseract") is None, reason="Tesseract is not installed")
def test_pages_without_a_text_layer_are_read_by_ocr(tmp_path: Path) -> None:
    found = read(made(tmp_path, scan))
    assert found.notes == ("page 1: no text layer, read by OCR",)
    assert (found.blocks[0].kind, found.blocks[0].text) == ("heading", "Harvest of the year")
    assert "second week of July, and the honey" in found.blocks[1].text
    assert found.images == ()


def test_a_scan_without_ocr_has_no_text(tmp_path: Path) -> None:
    found = pdf.read(made(tmp_path, scan), Limits(ocr=False))
    assert str(found) == "no text: page 1: no text layer, OCR is turned off"


def test_every_block_has_its_page_and_its_box(tmp_path: Path) -> None:
    def draw(page: pymupdf.Page, number: int) -> None:
        lines(page, 60, 100, [f"{WORDS} {number}.", WORDS])

    found = read(made(tmp_path, draw, 20))
    assert [block.page for block in found.blocks] == list(range(1, 21))
    assert all(_on_page(block) for block in found.blocks)


def _on_page(block: Block) -> bool:
    return block.box is not None and 0 <= block.box[0] < block.box[2] <= 595 and 0 <= block.box[1] < block.box[3] <= 842
