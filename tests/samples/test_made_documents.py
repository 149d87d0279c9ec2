import io
import json
import zipfile
from collections import Counter
from unicodedata import normalize

import pymupdf
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataflow_ops.errors import BadArgument
from dataflow_ops.samples import made_documents, made_documents_pdf
from dataflow_ops.samples.dealt import TRUTH
from dataflow_ops.samples.made_documents_known import Known, Piece, blocks, items, pieces, sections
from dataflow_ops.samples.made_documents_lines import Ink, Style, broken, cuts, words

SUBJECTS = ("beekeeping", "town_report", "instrument", "chinese", "hebrew")
INK = Ink("tiro", 10)


@pytest.fixture(scope="module")
def made():
    return {each.path: each for each in made_documents.all_made()}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("made") / "documents"
    made_documents.write(place)
    return place


def opened(each):
    return pymupdf.open("pdf", each.data)


def bare(text):
    return "".join(piece.words for piece in pieces(text) if not piece.mark)


def run_together(text):
    """Without blanks, hyphens and marks of lists: what neither the breaks of lines nor hyphenation change."""
    return "".join(letter for letter in normalize("NFKC", text) if letter.isalnum())


def test_files_and_truth_agree(folder, made):
    known = [json.loads(line) for line in (folder / TRUTH).read_text("utf-8").splitlines()]
    written = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert {each["path"] for each in known} == written - {TRUTH} == set(made)
    assert all(bool(each["fault"]) != bool(each["blocks"]) for each in known)
    assert {each["fault"] for each in known} == {
        None, "encrypted", "damaged", "empty", "no text", "too large", "not supported",
    }  # fmt: skip


def test_files_are_the_same_each_time(folder, made):
    locked = {"bad/encrypted.pdf", "bad/restricted.pdf"}
    assert all((folder / path).read_bytes() == each.data for path, each in made.items() if path not in locked)


def test_no_file_is_overwritten(tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(BadArgument, match="expected an empty folder"):
        made_documents.write(tmp_path)


def test_two_files_of_one_name_differ(made):
    assert made["north/report.pdf"].data != made["south/report.pdf"].data
    assert made["north/report.pdf"].known[0] != made["south/report.pdf"].known[0]


@pytest.mark.parametrize("layout", [*made_documents_pdf.LAYOUTS, "typeset by HTML"])
def test_every_word_stands_in_the_pdf(made, layout):
    each = made[made_documents_pdf.path(layout)]
    pages = opened(each)
    assert len(pages) == each.pages
    whole = run_together("".join(page.get_text() for page in pages))
    assert not Counter(run_together("".join(bare(block.text) for block in each.known))) - Counter(whole)
    if not layout.endswith("by height"):
        found = [whole.find(run_together(block.text)) for block in each.known if block.kind in ("heading", "caption")]
        assert -1 not in found
        assert found == sorted(found)


def test_footnotes_follow_on_the_page_of_their_mark(made):
    each = made["pdf/one_column.pdf"]
    kinds = [block.kind for block in each.known]
    marked = next(number for number, block in enumerate(each.known) if "[^1]" in block.text)
    note = kinds.index("footnote")
    assert marked < note
    assert "Eleven hives" in opened(each)[0].get_text()
    assert each.known[note + 1].text == "The year at the hives"


def test_order_in_the_file_need_not_be_that_of_reading(made):
    page = opened(made["pdf/two_columns_by_height.pdf"])[0]
    heights = [line["bbox"][1] for block in page.get_text("dict", sort=False)["blocks"] for line in block["lines"]]
    text = page.get_text()
    assert text.index("Pupils and classes") < text.index("Income exceeded")
    assert heights[0] == min(heights)


def test_heads_and_feet_run_on_every_page(made):
    each = made["pdf/one_column.pdf"]
    for number, page in enumerate(opened(each), 1):
        text = page.get_text()
        assert f"- {number} -" in text
        assert ("Harrow Fell Association" in text) == (number > 1)


def test_outline_and_links_are_those_of_the_text(made):
    file = opened(made["pdf/one_column.pdf"])
    known = [(block.level, block.text) for block in blocks("beekeeping") if block.kind == "heading"]
    assert [(level, text) for level, text, _ in file.get_toc()] == known
    targets = {piece.target for block in blocks("beekeeping") for piece in pieces(block.text)} - {None}
    assert {link["uri"] for page in file for link in page.get_links()} == targets


def test_a_scan_has_pictures_alone(made):
    pages = [(page.get_text(), len(page.get_images())) for page in opened(made["pdf/scan.pdf"])]
    assert pages == [("", 1)] * 4
    pages = [bool(page.get_text()) for page in opened(made["pdf/scan_of_one_page.pdf"])]
    assert pages == [True, False, True, True]


def test_broken_files_are_broken(made):
    assert opened(made["bad/encrypted.pdf"]).needs_pass
    assert not opened(made["bad/restricted.pdf"]).needs_pass
    assert len(opened(made["bad/no_pages.pdf"])) == 0
    assert [page.get_text() for page in opened(made["bad/photograph.pdf"])] == [""]
    assert made["bad/page.pdf"].data.startswith(b"<!DOCTYPE html>")
    assert made["bad/sound.txt"].data.startswith(b"%PDF-")
    assert zipfile.is_zipfile(io.BytesIO(made["bad/book"].data))
    for path, error in (("bad/cut.pdf", pymupdf.FileDataError), ("bad/nothing.pdf", pymupdf.EmptyFileError)):
        with pytest.raises(error):
            opened(made[path])
    with pytest.raises(zipfile.BadZipFile):
        zipfile.ZipFile(io.BytesIO(made["bad/cut.docx"].data))


def test_a_bomb_is_small_and_unpacks_to_more_than_a_gibibyte(made):
    data = made["bad/bomb.docx"].data
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        member = file.getinfo("word/document.xml")
        assert len(data) < 2 << 20
        assert member.file_size > 1 << 30
        with file.open(member) as zeros:
            assert zeros.read(3 << 20) == bytes(3 << 20)


def test_word_holds_headings_tables_and_footnotes(made):
    from docx import Document

    each = made["office/handbook.docx"]
    document = Document(io.BytesIO(each.data))
    found = [(p.style.name, p.text) for p in document.paragraphs if p.style.name.startswith("Heading")]
    assert found == [(f"Heading {block.level}", block.text) for block in each.known if block.kind == "heading"]
    tables = [tuple(tuple(cell.text for cell in row.cells) for row in table.rows) for table in document.tables]
    assert tables == [block.cells for block in each.known if block.kind == "table"]
    notes = next(part for part in document.part.package.iter_parts() if part.partname == "/word/footnotes.xml")
    assert all(block.text.encode() in notes.blob for block in each.known if block.kind == "footnote")


def test_slides_hold_titles_points_tables_and_notes(made):
    from pptx import Presentation

    each = made["office/report.pptx"]
    slides = Presentation(io.BytesIO(each.data)).slides
    assert [slide.shapes.title.text for slide in slides] == [b.text for b in each.known if b.kind == "heading"]
    points = [[text for _, text in items(block)] for block in each.known if block.kind == "list"]
    assert [slide.placeholders[1].text.split("\n") for slide in slides] == points
    notes = [slide.notes_slide.notes_text_frame.text for slide in slides if slide.has_notes_slide]
    assert "\n".join(notes).split("\n") == [b.text for b in each.known if b.kind == "paragraph"]


def test_sheets_hold_numbers(made):
    from openpyxl import load_workbook

    each = made["office/report.xlsx"]
    book = load_workbook(io.BytesIO(each.data), data_only=True)
    assert [sheet.title for sheet in book] == [block.text for block in each.known if block.kind == "heading"]
    cells = [tuple(tuple(map(str, row)) for row in sheet.values) for sheet in book]
    assert cells == [block.cells for block in each.known if block.kind == "table"]
    assert book["The year in brief"]["B2"].value == 8140


def test_chapters_of_a_book_are_in_the_order_of_its_spine_not_of_its_names(made):
    each = made["books/guide.epub"]
    book = pymupdf.open("epub", each.data)
    found = run_together("".join(page.get_text() for page in book))
    places = [found.index(run_together(block.text)) for block in each.known if block.kind == "heading"]
    assert places == sorted(places)
    with zipfile.ZipFile(io.BytesIO(each.data)) as file:
        assert file.namelist()[0] == "mimetype"
        first = min(name for name in file.namelist() if name.endswith(".xhtml"))
        assert b"<h1>" not in file.read(first)


def test_a_web_page_has_more_than_its_text(made):
    each = made["web/handbook.html"]
    assert all(text in each.data.decode() for text in each.running[1:])
    assert not any(text in block.text for block in each.known for text in ("cookies", "Photographs of the regatta"))


@pytest.mark.parametrize(("path", "encoding"), [("text/handbook.txt", "utf-8-sig"), ("text/report.txt", "cp1252")])
def test_plain_text_is_wrapped_and_whole(made, path, encoding):
    text = made[path].data.decode(encoding)
    assert max(map(len, text.splitlines())) <= 72
    assert [" ".join(part.split()) for part in text.split("\n\n")] == [block.text for block in made[path].known]


@pytest.mark.parametrize("subject", SUBJECTS)
def test_subjects_are_made_of_known_kinds(subject):
    known = blocks(subject)
    assert known[0].kind == "heading"
    assert known[0].level == 1
    assert all(len({len(row) for row in block.cells}) == 1 for block in known if block.kind == "table")
    assert [block for section in sections(known) for block in section] == list(known)
    marks = [piece.words for block in known for piece in pieces(block.text) if piece.mark]
    assert marks == [block.name for block in known if block.kind == "footnote"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", [Piece("plain")]),
        ("see [the page](https://a.example/b) now", [Piece("see "), Piece("the page", "https://a.example/b"), Piece(" now")]),
        ("stores.[^1] Leave", [Piece("stores."), Piece("1", mark=True), Piece(" Leave")]),
        ("", []),
    ],
)  # fmt: skip
def test_pieces(text, expected):
    assert pieces(text) == expected


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("inspection", ["inspec-tion"]),
        ("compensation.", ["compen-sation."]),
        ("method", []),
        ("Ellermouth", []),
        ("self-lighting", []),
        ("2024", []),
    ],
)
def test_cuts(word, expected):
    assert [f"{word[:cut]}-{word[cut:]}" for cut in cuts(word)] == expected


TEXTS = st.lists(st.from_regex(r"[a-z]{1,14}(-[a-z]{2,8})?[.,]?", fullmatch=True), min_size=1, max_size=40).map(
    " ".join
)


@given(TEXTS, st.booleans(), st.booleans(), st.integers(90, 300))
def test_lines_hold_all_words_and_are_not_too_wide(text, justified, hyphens, width):
    style = Style(justified=justified, hyphens=hyphens)
    lines = broken(words([Piece(text)], INK), width, style)
    shown = "".join(word.text for line in lines for _, word in line.words)
    assert shown.replace("-", "") == text.replace(" ", "").replace("-", "")
    ends = [max(at + word.width for at, word in line.words) for line in lines]
    assert max(ends) <= width + 0.01 or any(len(line.words) == 1 for line in lines)
    if justified:
        gapped = [
            end for end, line in zip(ends[:-1], lines, strict=False) if any(not w.glued for _, w in line.words[1:])
        ]
        assert all(abs(end - width) < 0.01 for end in gapped)


def test_chinese_is_broken_between_characters_but_not_before_a_stop():
    lines = broken(words([Piece("场地附近要有干净的水。开始之前最好先谈")], INK), 60, Style())
    assert len(lines) > 2
    assert all(line.words[0][1].text[0] not in "。，" for line in lines)


def test_a_record_leaves_out_what_says_nothing():
    assert Known("paragraph", "words").record() == {"kind": "paragraph", "text": "words"}
    assert Known("heading", "words", 2).record() == {"kind": "heading", "text": "words", "level": 2}
