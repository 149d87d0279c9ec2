import json

import pytest

from .reading import read, reasons, texts

GOOD = b'{"text":"good"}\n'


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b'{"text":"cut', "expected JSON: "),
        (b'{"text":"a"}{"text":"b"}', "expected JSON: "),
        (b'{"text":"\xff"}', "expected UTF-8, found byte 0xff at position 9"),
        (b'{"text":"\\ud800"}', "expected JSON: "),
        (b'{"text":"\\ud800", "x": NaN}', "expected JSON: "),
        (b'{"text":"a\0b"}', "expected JSON: "),
        (b"\0\0\0\0", "expected JSON: "),
        (b'["text"]', "expected a JSON object, found a list"),
        (b'"text"', "expected a JSON object, found a string"),
        (b"17", "expected a JSON object, found a number, 17"),
        (b"null", "expected a JSON object, found null"),
        (b"NaN", "expected a JSON object, found a string"),
        (b'{"text":null}', "expected a string in 'text', found null"),
        (b'{"text":1.5}', "expected a string in 'text', found a number, 1.5"),
        (b'{"text":true}', "expected a string in 'text', found a boolean, True"),
        (b'{"text":["a"]}', "expected a string in 'text', found a list"),
        (b'{"other":"a"}', "expected a string in 'text', found no such field"),
        (b'{"text":"' + b"x" * 300 + b'"}', "expected a record of at most 200 bytes, found 31"),
        (b"[" * 5000, "expected a record of at most 200 bytes, found 5,00"),
        (b"[" * 180, "expected JSON: "),
    ],
)
def test_a_bad_line_is_rejected_alone(tmp_path, line, reason):
    path = tmp_path / "a.jsonl"
    found = read(path, GOOD + line + b"\r\n\n" + GOOD + line, max_record_bytes=200)
    assert texts(found) == [(1, "good"), (4, "good")]
    (row, first), (last_row, _) = reasons(found)
    assert (row, last_row) == (2, 5)
    assert first.startswith(f"{path}, line 2: {reason}")


def test_deep_nesting_is_kept_or_rejected(tmp_path):
    deep = [b'{"text":"a","x":%b%b}\n' % (b"[" * depth, b"]" * depth) for depth in (200, 400, 900, 5_000, 200_000)]
    found = read(tmp_path / "a.jsonl", b"".join(deep))
    assert found.rows.num_rows + found.rejects.num_rows == 5
    assert texts(found)[:2] == [(1, "a"), (2, "a")]
    assert found.rows["meta"][1].as_py() == '{"x":' + "[" * 400 + "]" * 400 + "}"


def test_a_reject_shows_the_beginning_of_what_was_there(tmp_path):
    found = read(tmp_path / "a.jsonl", b"\xff\xe9" + "日".encode() * 3000)
    (raw,) = found.rejects["raw"].to_pylist()
    assert raw == "\\xff\\xe9" + "日" * 1992


@pytest.mark.parametrize(
    ("record", "meta"),
    [
        ('{"text":"t"}', None),
        ('{"text":"t","id":"a7","b":{"z":1,"a":[1,null]}}', '{"b":{"a":[1,null],"z":1},"id":"a7"}'),
        ('{"text":"t","n":NaN,"i":[-Infinity]}', '{"i":["-Infinity"],"n":"NaN"}'),
        ('{"text":"t","id":123456789012345678901234567890}', '{"id":123456789012345678901234567890}'),
        ('{"text":"t","id":18446744073709551616,"x":NaN}', '{"id":18446744073709551616,"x":"NaN"}'),
        ('{"text":"t","x":1.5e300}', '{"x":1.5e+300}'),
        ('{"text":"t","x":"é\\u0000"}', '{"x":"é\\u0000"}'),
        ('{"text":"t","meta":"m","source":"s"}', '{"meta":"m","source":"s"}'),
    ],
)
def test_other_fields_are_kept_in_meta(tmp_path, record, meta):
    found = read(tmp_path / "a.jsonl", record)
    assert found.rows["meta"].to_pylist() == [meta]


def test_a_document_of_50_mb_passes(tmp_path):
    text = "0123456789é" * 4_700_000
    found = read(tmp_path / "a.jsonl", json.dumps({"text": text}, ensure_ascii=False) + "\n" + GOOD.decode())
    assert found.rows["text"][0].as_py() == text
    assert texts(found)[1] == (2, "good")


def test_empty_and_blank_files_have_no_records(tmp_path):
    for content in ("", "\n", " \r\n\t\n"):
        found = read(tmp_path / "a.jsonl", content)
        assert (found.rows.num_rows, found.rejects.num_rows) == (0, 0)
