import datetime as dt
import decimal
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dataflow_ops.errors import BadSource
from dataflow_ops.sources import Column

from .reading import read, read_file, reasons, texts


def write(path, table, **settings):
    pq.write_table(pa.table(table) if isinstance(table, dict) else table, path, **settings)
    return path


@pytest.mark.parametrize(
    "kind",
    [
        pa.string(),
        pa.large_string(),
        pa.string_view(),
        pa.binary(),
        pa.large_binary(),
        pa.dictionary(pa.int32(), pa.string()),
    ],
)
def test_every_kind_of_text_is_read(tmp_path, kind):
    values = pa.array(["a", None, "é"], pa.string()).cast(kind)
    found = read_file(write(tmp_path / "a.parquet", {"text": values}))
    assert texts(found) == [(1, "a"), (3, "é")]
    assert [row for row, _ in reasons(found)] == [2]


def test_rows_are_numbered_over_row_groups(tmp_path):
    path = write(
        tmp_path / "a.parquet", {"text": [str(i) for i in range(1000)], "n": list(range(1000))}, row_group_size=130
    )
    found = read_file(path, chunk_rows=77)
    assert texts(found) == [(i + 1, str(i)) for i in range(1000)]
    assert found.rows["meta"][999].as_py() == '{"n":999}'


def test_meta_says_what_json_has_no_form_for(tmp_path):
    table = {
        "text": ["t"],
        "time": pa.array([1_000_000_001], pa.timestamp("ns", "UTC")),
        "day": [dt.date(2024, 2, 29)],
        "price": [decimal.Decimal("1.10")],
        "data": [b"\xff\x00"],
        "x": [float("nan")],
        "deep": [[{"y": float("-inf"), "z": 1.5}]],
        "map": pa.array([[("k", 1)]], pa.map_(pa.string(), pa.int64())),
        "wait": [dt.timedelta(seconds=90)],
        "big": pa.array([2**64 - 1], pa.uint64()),
        "huge": pa.array([decimal.Decimal(10**30)], pa.decimal128(38, 0)),
    }
    found = read_file(write(tmp_path / "a.parquet", table))
    assert json.loads(found.rows["meta"][0].as_py()) == {
        "time": "1970-01-01T00:00:01.000000001+00:00", "day": "2024-02-29", "price": "1.10", "data": "/wA=", "x": "NaN",
        "deep": [{"y": "-Infinity", "z": 1.5}], "map": [["k", 1]], "wait": "0:01:30", "big": 2**64 - 1, "huge": str(10**30),
    }  # fmt: skip


def test_invalid_utf_8_spoils_its_row_alone(tmp_path):
    bad = pa.array([b"a", b"\xffb", b"c"]).view(pa.string())
    path = write(tmp_path / "a.parquet", {"text": bad, "n": [1, 2, 3]})
    found = read_file(path)
    assert texts(found) == [(1, "a"), (3, "c")]
    assert reasons(found) == [(2, f"{path}, record 2: expected UTF-8, found byte 0xff at position 0")]
    assert found.rejects["raw"].to_pylist() == ['{"n":2,"text":"\\\\xffb"}']


def test_times_that_python_cannot_hold_spoil_their_row_alone(tmp_path):
    path = write(tmp_path / "a.parquet", {"text": ["a", "b"], "time": pa.array([0, 2**62], pa.timestamp("ms"))})
    found = read_file(path)
    assert texts(found) == [(1, "a")]
    assert "expected a value that Python can hold" in reasons(found)[0][1]


@pytest.mark.parametrize("content", [b"", b"PAR1", b"no parquet at all " * 9])
def test_a_broken_footer_is_one_reject(tmp_path, content):
    found = read(tmp_path / "a.parquet", content)
    ((row, reason),) = reasons(found)
    assert row == 1
    assert reason.startswith(f"{tmp_path}/a.parquet, record 1: the rest of the file cannot be read: ")


def test_a_damaged_row_group_leaves_the_others(tmp_path):
    path = write(
        tmp_path / "a.parquet", {"text": [f"{i:0100}" for i in range(300)]}, row_group_size=100, use_dictionary=False
    )
    content = bytearray(path.read_bytes())
    start = pq.ParquetFile(path).metadata.row_group(1).column(0).data_page_offset
    content[start + 30 : start + 200] = bytes(170)
    found = read(path, bytes(content))
    assert [row for row, _ in texts(found)] == [*range(1, 101), *range(201, 301)]
    ((row, reason),) = reasons(found)
    assert row == 101
    assert "record 101: the rest of row group 2 of 3 cannot be read: " in reason


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"texts": ["a"]}, "missing column 'text' in .*did you mean 'texts'"),
        ({"text": [1]}, "column 'text' in .*: expected strings, found int64"),
        (pa.Table.from_arrays([pa.array(["a"])] * 2, ["text", "text"]), "2 columns called 'text': expected one"),
    ],
)
def test_a_schema_that_does_not_fit_is_an_error(tmp_path, table, message):
    with pytest.raises(BadSource, match=message):
        read_file(write(tmp_path / "a.parquet", table))


def test_an_optional_column_may_be_missing(tmp_path):
    found = read_file(write(tmp_path / "a.parquet", {"text": ["a"]}), [Column("text"), Column("title", required=False)])
    assert found.rows["title"].to_pylist() == [None]
