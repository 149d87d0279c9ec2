from datetime import date, datetime, time, timedelta

import openpyxl
import pytest

from dataflow_ops.documents import sheets
from dataflow_ops.documents.document import Block, Failed, Limits
from tests.documents.office_files import changed, saved


def _read(tmp_path, office, limits=None):
    path = tmp_path / "content"
    path.write_bytes(office if isinstance(office, bytes) else saved(office))
    return sheets.read(path, limits or Limits())


@pytest.fixture
def book():
    return openpyxl.Workbook()


def test_each_sheet_is_a_page_and_empty_rows_part_its_tables(tmp_path, book):
    first = book.active
    first.title = "Yield"
    for row in (["Year", None, "kg"], [2020, None, 12], [None], ["other", None, "table"], [1, None, "a | b"]):
        first.append(row)
    book.create_sheet("Empty")
    book.create_sheet("Words")["C7"] = "alone"
    found = _read(tmp_path, book)
    assert found.blocks == (
        Block("heading", "Yield", 1, level=1),
        Block("table", "| Year | kg |\n| --- | --- |\n| 2020 | 12 |", 1),
        Block("table", "| other | table |\n| --- | --- |\n| 1 | a \\| b |", 1),
        Block("heading", "Words", 3, level=1),
        Block("paragraph", "alone", 3),
    )
    assert found.pages == 3


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.1 + 0.2, "0.3"), (1e20, "1e+20"), (3.0, "3"), (True, "TRUE"), (datetime(2020, 1, 2), "2020-01-02"),
        (datetime(2020, 1, 2, 3, 4), "2020-01-02 03:04:00"), (date(2020, 1, 2), "2020-01-02"), (time(3, 4), "03:04:00"),
        (timedelta(hours=30), "1 day, 6:00:00"), ("a\nb", "a b"), ("  ", ""), ("#DIV/0!", "#DIV/0!"),
    ],
)  # fmt: skip
def test_values_are_written_as_one_would_type_them(tmp_path, book, value, text):
    book.active.append(["head", "x"])
    book.active.append([value, "x"])
    assert _read(tmp_path, book).blocks[1].text.split("\n")[2] == f"| {text} | x |"


def test_cells_that_are_far_away_cost_little(tmp_path, book):
    for _ in range(3):
        sheet = book.create_sheet()
        sheet["A1"], sheet["XFD1048576"] = "near", "far"
    found = _read(tmp_path, book)
    assert [block.text for block in found.blocks if block.kind == "paragraph"] == ["near", "far"] * 3


def test_a_size_that_a_sheet_claims_is_not_believed(tmp_path, book):
    book.active.append(["a", "b"])
    data = changed(saved(book), sheet1=lambda was: was.replace(b'ref="A1:B1"', b'ref="A1:XFD1048576"'))
    assert [block.text for block in _read(tmp_path, data).blocks] == ["Sheet", "| a | b |\n| --- | --- |"]


def test_sheets_that_are_too_long_or_too_many_say_so(tmp_path, book, monkeypatch):
    monkeypatch.setattr(sheets, "CELLS", 5)
    for row in range(4):
        book.active.append([row, "x"])
    found = _read(tmp_path, book)
    assert found.notes == ("sheet 'Sheet': what is below row 2 is left out",)
    assert found.blocks[1].text == "| 0 | x |\n| --- | --- |\n| 1 | x |"
    book.create_sheet()
    assert _read(tmp_path, book, Limits(pages=1)) == Failed("too large", "2 sheets; expected 1 at most")
