"""Columns that a record may lack, and numbers in them."""

import json
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataflow_ops.errors import BadSource
from dataflow_ops.sources import Column

from .reading import read, read_file, reasons

QUESTION = Column("question", ("problem",))
GOLD = Column("gold", ("answer", "golden_answer"), required=False)
QA = (QUESTION, GOLD)


def golds(chunk):
    return chunk.rows["gold"].to_pylist()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.jsonl", '{"question":"q"}'),
        ("a.json", '[{"question":"q"}]'),
        ("a.csv", "question\nq\n"),
        ("a.tsv", "question\tn\nq\t1\n"),
        ("a.txt", "q"),
        ("a.html", "q"),
    ],
)
def test_a_file_may_have_no_such_column(tmp_path, name, content):
    found = read(tmp_path / name, content, QA)
    assert (found.rows["question"].to_pylist(), golds(found), len(found.rejects)) == (["q"], [None], 0)
    assert found.rows.schema.field("gold").type == pa.string()


WRITTEN = [
    ("12", "12"),
    ("0", "0"),
    ("-0", "-0"),
    ("0.0", "0.0"),
    ("0.50", "0.50"),
    ("1e3", "1e3"),
    ("1E-400", "1E-400"),
    ("1e400", "1e400"),
    ("-1e400", "-1e400"),
    ("18446744073709551616", "18446744073709551616"),
    ("3.14159265358979323846264338", "3.14159265358979323846264338"),
    ("9" * 400, "9" * 400),
    ("7" * 5000, "7" * 5000),
    ("true", "true"),
    ("false", "false"),
    ("null", None),
    ("NaN", None),
    ("-Infinity", "-Infinity"),
    ('""', ""),
    ('"  "', "  "),
    ('"NaN"', "NaN"),
    ('"\\u0663\\ud83d\\ude00"', "٣😀"),
]


@pytest.mark.parametrize(("written", "expected"), WRITTEN)
@pytest.mark.parametrize("name", ["a.jsonl", "a.json"])
def test_a_value_stays_as_it_is_written(tmp_path, name, written, expected):
    record = f'{{"question":"q","answer":{written},"n":{{"answer":1}}}}'
    found = read(tmp_path / name, record if name == "a.jsonl" else f"[{record}]", QA)
    assert (golds(found), found.rows["meta"].to_pylist()) == ([expected], ['{"n":{"answer":1}}']), reasons(found)


@pytest.mark.parametrize(
    ("record", "gold", "meta"),
    [
        ({"answer": None, "golden_answer": 5}, "5", '{"answer":null}'),
        ({"answer": float("nan"), "golden_answer": 5}, "5", '{"answer":"NaN"}'),
        ({"answer": "", "golden_answer": 5}, "", '{"golden_answer":5}'),
        ({"gold": 1, "answer": [2]}, "1", '{"answer":[2]}'),
        ({"gold": None}, None, None),
        ({"n": 1}, None, '{"n":1}'),
    ],
)
def test_the_first_name_with_a_value_counts(tmp_path, record, gold, meta):
    (row,) = read(tmp_path / "a.jsonl", json.dumps({"question": "q"} | record), QA).rows.to_pylist()
    assert (row["gold"], row["meta"]) == (gold, meta)


@pytest.mark.parametrize("value", ["12", "0.5", "true", "1e400", "[]", "{}", "null"])
def test_a_required_column_takes_text_alone(tmp_path, value):
    found = read(tmp_path / "a.jsonl", f'{{"question":{value},"answer":1}}\n{{"question":"q"}}', QA)
    assert found.rows["question"].to_pylist() == ["q"]
    assert "expected a string in 'question', found " in reasons(found)[0][1]


def test_a_number_too_large_for_a_float_is_text_in_meta(tmp_path):
    found = read(tmp_path / "a.jsonl", '{"question":"q","n":1e400,"m":12345678901234567890123}', QA)
    assert found.rows["meta"].to_pylist() == ['{"m":12345678901234567890123,"n":"1e400"}']


def test_a_csv_field_is_text_as_it_stands_and_null_where_nothing_stands(tmp_path):
    found = read(tmp_path / "a.csv", 'question,answer\nq,012\nr,\ns," NaN"\n', QA)
    assert golds(found) == ["012", None, " NaN"]


def test_an_optional_field_does_not_make_a_document_a_record(tmp_path):
    found = read(tmp_path / "a.json", '{"answer":"all","data":[{"question":"q","answer":1}]}', QA)
    assert golds(found) == ["1"]


SCALARS = [
    (pa.array([12, None, -(2**63)]), ["12", None, "-9223372036854775808"]),
    (pa.array([2**64 - 1], pa.uint64()), ["18446744073709551615"]),
    (pa.array([5.0, 0.1, 1e300, -0.0, None]), ["5.0", "0.1", "1e+300", "-0.0", None]),
    (pa.array([float("nan"), float("inf"), float("-inf")]), [None, "Infinity", "-Infinity"]),
    (pa.array([0.1, 16777216.0, float("nan")], pa.float32()), ["0.1", "16777216.0", None]),
    (pa.array([np.float16(0.1)], pa.float16()), ["0.1"]),
    (pa.array([True, False, None]), ["true", "false", None]),
    (pa.array([Decimal("1.10"), Decimal("0.00")]), ["1.10", "0.00"]),
    (pa.array([Decimal("0E-10")], pa.decimal128(30, 10)), ["0.0000000000"]),
    (pa.array([Decimal(10) ** 60], pa.decimal256(76, 0)), ["1" + "0" * 60]),
    (pa.array([1, 2, 1]).dictionary_encode(), ["1", "2", "1"]),
    (pa.array([0.1, None], pa.float32()).dictionary_encode(), ["0.1", None]),
    (pa.array([None, None], pa.null()), [None, None]),
    (pa.array(["a", "", None], pa.large_string()), ["a", "", None]),
]


def write(path, values, name="answer", **more):
    pq.write_table(pa.table({"question": ["q"] * len(values), name: values} | more), path)
    return path


@pytest.mark.parametrize(("values", "expected"), SCALARS, ids=[str(values.type) for values, _ in SCALARS])
def test_numbers_of_a_parquet_column_are_text(tmp_path, values, expected):
    found = read_file(write(tmp_path / "a.parquet", values), QA)
    assert (golds(found), found.rows["meta"].to_pylist()) == (expected, [None] * len(expected))


@pytest.mark.parametrize("values", [values for values, _ in SCALARS], ids=[str(values.type) for values, _ in SCALARS])
def test_ids_do_not_depend_on_the_columns_that_are_asked_for(tmp_path, values):
    path = write(tmp_path / "a.parquet", values)
    without, asked = read_file(path, [QUESTION]), read_file(path, QA)
    assert without.rows["id"].to_pylist() == asked.rows["id"].to_pylist()


@pytest.mark.parametrize(
    "values",
    [
        pa.array([[1]]),
        pa.array([{"a": 1}]),
        pa.array([["a"]]),
        pa.array([0], pa.timestamp("s")),
        pa.array([[("a", 1)]], pa.map_(pa.string(), pa.int64())),
    ],
    ids=lambda values: str(values.type),
)
def test_a_parquet_column_of_another_type_is_an_error(tmp_path, values):
    message = "column 'answer' in .*: expected strings, numbers or booleans, found "
    with pytest.raises(BadSource, match=message):
        read_file(write(tmp_path / "a.parquet", values), QA)


def test_the_next_name_counts_where_a_parquet_column_is_null(tmp_path):
    values = pa.array([1, None, None])
    path = write(tmp_path / "a.parquet", values, golden_answer=pa.array([0.5, 0.5, float("nan")]))
    found = read_file(path, QA)
    assert golds(found) == ["1", "0.5", None]
    assert found.rows["meta"].to_pylist()[0] == '{"golden_answer":0.5}'


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)
NAMES = st.sampled_from(["gold", "answer", "golden_answer", "other"])


@given(st.lists(st.dictionaries(NAMES, JSON, max_size=4), min_size=1, max_size=5), st.booleans())
def test_any_json_value_gives_a_row_or_a_reason(tmp_path_factory, records, in_ascii):
    path = tmp_path_factory.mktemp("json") / "a.jsonl"
    lines = [json.dumps({"question": "q"} | record, ensure_ascii=in_ascii) for record in records]
    found = read(path, ("\n".join(lines) + "\n").encode(errors="surrogatepass"), QA)
    numbers = found.rows["source_row"].to_pylist() + [number for number, _ in reasons(found)]
    assert sorted(numbers) == list(range(1, len(records) + 1))
    assert all(value is None or type(value) is str for value in golds(found))


@given(st.from_regex(r"-?(0|[1-9][0-9]{0,400})(\.[0-9]{1,30})?([eE][+-]?[0-9]{1,4})?", fullmatch=True))
def test_any_number_is_kept_digit_by_digit(tmp_path_factory, number):
    path = tmp_path_factory.mktemp("number") / "a.jsonl"
    assert golds(read(path, f'{{"answer": {number} ,"question":"q"}}', QA)) == [number]


@given(st.binary(max_size=40))
def test_any_bytes_as_a_value_give_a_row_or_a_reason(tmp_path_factory, value):
    path = tmp_path_factory.mktemp("bytes") / "a.jsonl"
    good = b'{"question":"q","answer":1}\n'
    content = good + b'{"question":"q","answer":%b}\n' % value + good
    found = read(path, content, QA)
    assert golds(found)[0] == golds(found)[-1] == "1"
    assert len(found.rows) + len(found.rejects) == sum(not line.isspace() for line in content.split(b"\n") if line)


@given(st.lists(st.floats(width=32) | st.none(), min_size=1, max_size=9))
def test_floats_read_as_text_give_the_same_floats(tmp_path_factory, values):
    column = pa.array(values, pa.float32())
    found = read_file(write(tmp_path_factory.mktemp("float") / "a.parquet", column), QA)
    texts = [None if text is None else np.float32(text.replace("Infinity", "inf")) for text in golds(found)]
    expected = [None if value is None or np.isnan(value) else np.float32(value) for value in values]
    assert texts == expected
