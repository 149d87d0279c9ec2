import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataflow_ops.errors import BadSource
from dataflow_ops.sources import Column

from .reading import read, reasons, texts


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", 'id,text\n1,one\n2,"two, ""2""\nlines"\n\n5,five\n'),
        ("a.csv", 'id,text\r\n1,one\r\n2,"two, ""2""\nlines"\r\n\r\n5,five'),
        ("a.csv", 'id;text\n1;one\n2;"two, ""2""\nlines"\n\n5;five\n'),
        ("a.tsv", 'id\ttext\n1\tone\n2\t"two, ""2""\nlines"\n\n5\tfive\n'),
    ],
)
def test_rows_are_numbered_by_their_first_line(tmp_path, name, content):
    found = read(tmp_path / name, content)
    assert texts(found) == [(2, "one"), (3, 'two, "2"\nlines'), (6, "five")]
    assert found.rows["meta"].to_pylist() == ['{"id":"1"}', '{"id":"2"}', '{"id":"5"}']
    assert reasons(found) == []


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (b"1", "expected 2 fields, found 1"),
        (b"1,a,b", "expected 2 fields, found 3"),
        (b'1,"a"b', "expected a row with fields quoted as in RFC 4180: "),
        (b'1,"a\n2,"b"', "expected a row with fields quoted as in RFC 4180: "),
        (b"1,a\xffb", "expected UTF-8, found byte 0xff at position 3"),
        (b"1,a\0b", "expected text, found a NUL character"),
        (b"1," + b"x" * 300, "expected a record of at most 200 bytes, found 302"),
    ],
)
def test_a_bad_row_is_rejected_alone(tmp_path, row, reason):
    path = tmp_path / "a.csv"
    found = read(path, b"id,text\n0,first\n" + row + b"\n9,last\n", max_record_bytes=200)
    assert [text for _, text in texts(found)] == ["first", "last"]
    ((number, got),) = reasons(found)
    assert number == 3
    assert got.startswith(f"{path}, line 3: {reason}")
    assert found.rejects["raw"].to_pylist() == [row.decode(errors="backslashreplace")]


def test_lines_of_a_broken_quote_are_named(tmp_path):
    found = read(tmp_path / "a.csv", 'id,text\n1,"open\n2,b\n3,"c"\n4,d\n')
    assert texts(found) == [(5, "d")]
    assert reasons(found)[0][1].endswith("(lines 2 to 4)")


def test_a_quote_that_is_never_closed_takes_no_more_than_the_largest_record(tmp_path):
    rows = "".join(f"{number},{'x' * 90}\n" for number in range(30_000))
    found = read(tmp_path / "a.csv", f'id,text\n1,"open\n{rows}', max_record_bytes=1_000_000)
    assert found.rejects.num_rows == 1
    assert "is a quote not closed?" in reasons(found)[0][1]
    assert found.rows.num_rows > 8_000
    assert found.rows["source_row"][-1].as_py() == 30_002


def test_a_quote_open_at_the_end_is_one_reject(tmp_path):
    found = read(tmp_path / "a.csv", 'id,text\n1,a\n2,"cut\nhere')
    assert texts(found) == [(2, "a")]
    ((number, reason),) = reasons(found)
    assert (number, "unexpected end of data" in reason) == (3, True)


def test_long_fields_pass(tmp_path):
    found = read(tmp_path / "a.csv", 'text\n"' + "x\n" * 3_000_000 + '"\nlast\n')
    assert len(found.rows["text"][0].as_py()) == 6_000_000
    assert texts(found)[1] == (3_000_003, "last")


def test_names_that_come_twice(tmp_path):
    found = read(tmp_path / "a.csv", "a,text,a,a_2\n1,t,2,3\n")
    assert found.rows["meta"].to_pylist() == ['{"a":"1","a_2":"3","a_3":"2"}']
    with pytest.raises(BadSource, match="2 columns called 'text': expected one"):
        read(tmp_path / "b.csv", "text,text\n1,2\n")


def test_a_missing_column_is_an_error_at_once(tmp_path):
    with pytest.raises(BadSource, match=r"missing column 'text' .or 'body'. in .*did you mean 'texts'"):
        read(tmp_path / "a.csv", "id,texts\n", [Column("text", aliases=("body",))])


@pytest.mark.parametrize("header", [b"id,te\xffxt", b'"id,text', b'"id"x,text'])
def test_a_header_that_cannot_be_read_is_one_reject(tmp_path, header):
    found = read(tmp_path / "a.csv", header + b"\n1,a\n2,b\n")
    assert (found.rows.num_rows, found.rejects.num_rows) == (0, 1)
    assert "the rest of the file cannot be read: in its header, " in reasons(found)[0][1]


def test_empty_files_and_empty_fields(tmp_path):
    assert read(tmp_path / "a.csv", "").rows.num_rows == 0
    assert texts(read(tmp_path / "a.csv", "id,text\n,\n")) == [(2, "")]


FIELDS = st.text(alphabet='a,;"\n\té ', max_size=6)


@given(st.lists(st.tuples(FIELDS, FIELDS), max_size=6), st.sampled_from(["\n", "\r\n"]), st.integers(1, 40))
def test_what_the_csv_module_writes_is_read(tmp_path_factory, rows, end, chunk_rows):
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator=end, quoting=csv.QUOTE_ALL).writerows([("text", "b"), *rows])
    found = read(tmp_path_factory.mktemp("csv") / "a.csv", out.getvalue(), chunk_rows=chunk_rows)
    assert found.rejects.num_rows == 0
    assert [text for _, text in texts(found)] == [text for text, _ in rows]
