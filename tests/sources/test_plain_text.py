import pytest

from dataflow_ops.errors import BadArgument, BadSource
from dataflow_ops.sources import Column

from .reading import read, reasons, texts

CONTENT = "one\r\ntwo\r\n\r\n  \r\nfive\n\nseven"


@pytest.mark.parametrize(
    ("name", "unit", "expected"),
    [
        ("a.txt", "file", [(1, CONTENT)]),
        ("a.md", "line", [(1, "one"), (2, "two"), (5, "five"), (7, "seven")]),
        ("a.text", "paragraph", [(1, "one\ntwo"), (5, "five"), (7, "seven")]),
        ("a.html", "line", [(1, CONTENT)]),
    ],
)
def test_units_of_text(tmp_path, name, unit, expected):
    found = read(tmp_path / name, CONTENT, text_unit=unit)
    assert texts(found) == expected
    assert found.rows["meta"].null_count == len(expected)


@pytest.mark.parametrize("unit", ["file", "line", "paragraph"])
def test_an_empty_file_has_no_records(tmp_path, unit):
    assert read(tmp_path / "a.txt", "", text_unit=unit).rows.num_rows == 0


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"caf\xe9", "expected UTF-8, found byte 0xe9 at position 3"),
        (b"a\0b", "expected text, found a NUL character at position 1"),
        (b"x" * 101, "expected a record of at most 100 bytes, found 101"),
    ],
)
@pytest.mark.parametrize("unit", ["file", "line", "paragraph"])
def test_what_is_not_text_is_rejected(tmp_path, content, reason, unit):
    found = read(tmp_path / "a.txt", content, text_unit=unit, max_record_bytes=100)
    assert reasons(found) == [(1, f"{tmp_path}/a.txt, line 1: {reason}")]


@pytest.mark.parametrize("unit", ["line", "paragraph"])
def test_a_bad_unit_is_rejected_alone(tmp_path, unit):
    content = b"first\n\n" + b"x" * 200 + b"\n\n\xff\n\nlast"
    found = read(tmp_path / "a.txt", content, text_unit=unit, max_record_bytes=100)
    assert texts(found) == [(1, "first"), (7, "last")]
    assert [row for row, _ in reasons(found)] == [3, 5]


def test_a_paragraph_may_be_too_large_as_a_whole(tmp_path):
    found = read(tmp_path / "a.txt", "first\n\n" + "x\n" * 100 + "\nlast", text_unit="paragraph", max_record_bytes=100)
    assert [text for _, text in texts(found)] == ["first", "last"]
    assert "found 199" in reasons(found)[0][1]


def test_the_first_column_gets_the_text(tmp_path):
    columns = [Column("body", aliases=("text",)), Column("title", required=False)]
    found = read(tmp_path / "a.txt", "hello", columns)
    assert found.rows.select(["body", "title"]).to_pylist() == [{"body": "hello", "title": None}]
    with pytest.raises(BadSource, match="missing column 'title'"):
        read(tmp_path / "a.txt", "hello", [Column("body"), Column("title")])


def test_an_unknown_unit_names_the_nearest(tmp_path):
    with pytest.raises(BadArgument, match="did you mean 'line'"):
        read(tmp_path / "a.txt", "hello", text_unit="lines")


def test_the_path_of_a_file_is_a_column_where_it_is_asked_for(tmp_path):
    found = read(tmp_path / "a.txt", "x = 1", (Column("code", ("text",)), Column("path", required=False)))
    assert found.rows["path"].to_pylist() == [str(tmp_path / "a.txt")]
    assert "path" not in read(tmp_path / "a.txt", "x = 1").rows.column_names
