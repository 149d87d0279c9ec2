import gzip
import json
import random

import pyarrow as pa
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from dataflow_ops.errors import BadArgument, BadSource
from dataflow_ops.sources import Column, find, records
from dataflow_ops.sources.columns import Reading
from dataflow_ops.sources.delimited import read_delimited
from dataflow_ops.store import Folder

from .reading import joined, read, read_file, reasons, texts

QA = (Column("question", aliases=("instruction", "prompt")), Column("answer", required=False))


def test_schemas(tmp_path):
    found = read(tmp_path / "a.jsonl", '{"prompt":"q","answer":"a","n":1}\n{}\n', QA)
    text = pa.string()
    assert found.rows.schema == pa.schema(
        {"id": text, "question": text, "answer": text, "meta": text, "source": text, "source_row": pa.int64()}
    )
    assert found.rejects.schema == pa.schema(
        {"id": text, "source": text, "source_row": pa.int64(), "reason": text, "raw": text}
    )
    assert found.rows.drop(["id"]).to_pylist() == [
        {"question": "q", "answer": "a", "meta": '{"n":1}', "source": f"{tmp_path}/a.jsonl", "source_row": 1}
    ]


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        ({"question": "q"}, ("q", None, None)),
        ({"question": None, "prompt": "p", "answer": None}, ("p", None, '{"question":null}')),
        ({"instruction": "i", "prompt": "p"}, ("i", None, '{"prompt":"p"}')),
        ({"question": "", "instruction": "i", "answer": ""}, ("", "", '{"instruction":"i"}')),
    ],
)
def test_the_first_name_with_a_value_counts(tmp_path, record, expected):
    (row,) = read(tmp_path / "a.jsonl", json.dumps(record), QA).rows.to_pylist()
    assert (row["question"], row["answer"], row["meta"]) == expected


@pytest.mark.parametrize(("value", "kind"), [("[7]", "a list"), ('["7"]', "a list"), ('{"value":7}', "an object")])
def test_an_optional_column_of_another_type_is_rejected(tmp_path, value, kind):
    found = read(tmp_path / "a.jsonl", f'{{"question":"q","answer":{value}}}\n{{"question":"r"}}', QA)
    assert found.rows["question"].to_pylist() == ["r"]
    assert reasons(found)[0][1].endswith(f"expected a string, a number or a boolean in 'answer', found {kind}")


@pytest.mark.parametrize("count", [1, 999, 1000, 5000])
def test_a_column_missing_from_all_records_is_an_error(tmp_path, count):
    with pytest.raises(
        BadSource, match=r"missing column 'question' .or 'instruction', 'prompt'. in .*did you mean 'questions'.*'x'"
    ):
        read(tmp_path / "a.jsonl", 'broken\n{"questions":"q","x":1}\n' * count, QA)


def test_a_column_missing_from_some_records_is_not(tmp_path):
    found = read(tmp_path / "a.jsonl", '{"x":1}\n' * 999 + '{"question":"q"}\n' + '{"x":1}\n' * 999, QA, chunk_rows=100)
    assert (found.rows.num_rows, found.rejects.num_rows) == (1, 1998)


@pytest.mark.parametrize(
    ("columns", "settings"),
    [
        ([], {}),
        ([Column("a"), Column("a")], {}),
        ([Column("a", required=False)], {}),
        ([Column("source")], {}),
        ([Column("a", aliases="body")], {}),
        ([Column("a")], {"chunk_rows": 0}),
        ([Column("a")], {"max_record_bytes": 0}),
    ],
)
def test_arguments_are_checked_before_anything_is_read(columns, settings):
    with pytest.raises(BadArgument):
        records(Folder(), None, columns, **settings)


def test_ids_are_stable_and_differ_by_place_and_content(tmp_path):
    line = '{"text":"same"}\n'
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    first = read(tmp_path / "a/x.jsonl", line * 3).rows["id"].to_pylist()
    assert first == read_file(tmp_path / "a/x.jsonl").rows["id"].to_pylist()
    other = read(tmp_path / "b/x.jsonl", line * 3).rows["id"].to_pylist()
    changed = read(tmp_path / "a/x.jsonl", line + '{"text":"new"}\n' + line).rows["id"].to_pylist()
    assert len({*first, *other}) == 6
    assert [a == b for a, b in zip(first, changed, strict=True)] == [True, False, True]
    assert all(len(one) == 32 and int(one, 16) >= 0 for one in first)


def test_chunks_are_bounded_by_rows_and_bytes(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps({"text": "x" * 1000}) + "\n")
    path.write_text(path.read_text() * 100)
    (file,) = find(Folder(), str(path)).files
    by_rows = [chunk.rows.num_rows for chunk in records(Folder(), file, [Column("text")], chunk_rows=30)]
    by_bytes = [chunk.rows.num_rows for chunk in records(Folder(), file, [Column("text")], chunk_bytes=20_000)]
    assert by_rows == [30, 30, 30, 10]
    assert by_bytes == [20] * 5


def test_memory_does_not_grow_with_the_file(tmp_path):
    """A stream far larger than its chunks is read while no more than a few blocks are held."""
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(gzip.compress((json.dumps({"text": "x" * 4000}) + "\n").encode() * 20_000))
    (file,) = find(Folder(), str(path)).files
    before, peak, rows = pa.total_allocated_bytes(), 0, 0
    for chunk in records(Folder(), file, [Column("text")], chunk_bytes=1 << 20):
        peak = max(peak, pa.total_allocated_bytes() - before)
        rows += chunk.rows.num_rows
    assert rows == 20_000
    assert peak < 20 << 20


GOOD = st.fixed_dictionaries(
    {"text": st.text(max_size=12) | st.none() | st.integers()},
    optional={"id": st.integers(), "n": st.floats(), "other": st.lists(st.text(max_size=3))},
).map(lambda record: json.dumps(record).encode())
BROKEN = st.sampled_from(
    [
        b'{"text":"cut',
        b"[1]",
        b"NaN",
        b'{"text":"\xff\xfe"}',
        b'{"text":"\\udc00"}',
        b"\0",
        b'{"text":"' + b"x" * 90 + b'"}',
        b'{"x":1}',
    ]
)
BLANK = st.sampled_from([b"", b"  ", b"\t"])
MESSY = st.lists(GOOD | BROKEN | BLANK, max_size=20)


def place(tmp_path_factory, name):
    return tmp_path_factory.mktemp("messy") / name


PACK = {"": bytes, ".gz": gzip.compress, ".zst": zstandard.compress}


ENDS = st.sampled_from([(b"\n", b"\n"), (b"\r\n", b"\r\n"), (b"\n", b"")])


@given(MESSY, ENDS, st.sampled_from(sorted(PACK)), st.integers(1, 99))
def test_every_line_is_a_row_or_a_reject(tmp_path_factory, messy, ends, packing, chunk):
    content = b'{"text":"head"}' + ends[0] + ends[0].join(messy) + ends[1]
    path = place(tmp_path_factory, f"a.jsonl{packing}")
    found = read(path, PACK[packing](content), max_record_bytes=80)
    expected = [number for number, line in enumerate([b"head", *messy], 1) if line.strip()]
    assert conserved(found) == expected
    assert same(found, read_file(path, max_record_bytes=80, chunk_rows=chunk))
    assert same(found, read_file(path, max_record_bytes=80, chunk_bytes=chunk))


@given(
    st.lists(
        GOOD | st.sampled_from([b"1", b"null", b'["a"]', b'{"text":"\xff"}', b'{"text":}', b'{"x":1}']), max_size=15
    ),
    st.integers(1, 9),
)
def test_every_element_is_a_row_or_a_reject(tmp_path_factory, messy, chunk_rows):
    elements = [b'{"text":"head"}', *messy]
    path = place(tmp_path_factory, "a.json")
    found = read(path, b"[" + b" ,\n".join(elements) + b"]")
    assert conserved(found) == list(range(1, len(elements) + 1))
    assert same(found, read_file(path, chunk_rows=chunk_rows))


FIELD = st.sampled_from([b"a", b"", b'"q,""x"""', b'"two\nlines"', b"\xff", b"a\0", b'"a"b', b'mid"quote'])


@given(st.lists(st.lists(FIELD, min_size=1, max_size=3), max_size=15), st.integers(1, 9))
def test_every_csv_row_is_a_row_or_a_reject(tmp_path_factory, messy, chunk_rows):
    lines = [b",".join(fields) for fields in messy]
    path = place(tmp_path_factory, "a.csv")
    found = read(path, b"\n".join([b"text,b", *lines]))
    starts, number = [], 2
    for line in lines:
        starts += [number] if line else []
        number += 1 + line.count(b"\n")
    broken = [row for row, reason in reasons(found) if "RFC 4180" in reason]
    numbers = conserved(found)
    assert numbers == starts or broken  # a broken quote may begin inside a quoted line break
    (file,) = find(Folder(), str(path)).files
    raws = [raw for _, raw, _ in read_delimited(Reading(Folder(), file, [Column("text")], "file", 1 << 20))]
    assert b"".join(raws).replace(b"\n", b"") == b"".join(lines).replace(b"\n", b"")  # no byte is lost
    assert same(found, read_file(path, chunk_rows=chunk_rows))


@given(
    st.binary(max_size=400),
    st.sampled_from(["jsonl", "json", "csv", "tsv", "txt", "parquet", "jsonl.gz", "json.zst", "csv.gz"]),
    st.integers(0, 60),
)
def test_no_bytes_break_a_reader(tmp_path_factory, data, suffix, keep):
    start = {
        "json": b'[{"text":"a"},',
        "json.zst": zstandard.compress(b'[{"text":"a"},{"text":'),
        "csv": b'text,b\n1,2\n"',
    }.get(suffix, b'{"text":"a"}\n')
    path = place(tmp_path_factory, f"a.{suffix}")
    try:
        found = read(path, start[:keep] + data)
    except BadSource as error:
        found, message = None, str(error)
    if found is None:
        assert "missing column" in message
    else:
        conserved(found)
        assert same(found, read_file(path, chunk_rows=1))


def conserved(found):
    """Check that ids are unique and numbers rise; return the numbers of all records."""
    if found.rows.num_rows + found.rejects.num_rows == 0:
        return []
    ids = found.rows["id"].to_pylist() + found.rejects["id"].to_pylist()
    assert len(set(ids)) == len(ids)
    for table in (found.rows, found.rejects):
        numbers = table["source_row"].to_pylist()
        assert numbers == sorted(set(numbers))
    numbers = sorted(found.rows["source_row"].to_pylist() + found.rejects["source_row"].to_pylist())
    assert len(set(numbers)) == len(numbers)
    return numbers


def same(one, other):
    return one.rows.equals(other.rows) and one.rejects.equals(other.rejects)


@pytest.mark.parametrize("suffix", ["jsonl", "json", "csv", "txt"])
def test_a_large_messy_file_is_the_same_in_any_chunks(tmp_path, suffix):
    rng = random.Random(7)
    words = ["é", "a b", "\\n", '\\"', "日本"]
    docs = ["".join(rng.choices(words, k=rng.randrange(400))) for _ in range(6_000)]
    content = {
        "jsonl": "\n".join(f'{{"text":"{doc}"}}' if rng.random() < 0.9 else doc for doc in docs),
        "json": "[" + ",".join(f'{{"text":"{doc}"}}' for doc in docs) + "]",
        "csv": "text\n" + "\n".join('"' + doc.replace('"', '""').replace("\\n", "\n") + '"' for doc in docs),
        "txt": "\n".join(docs),
    }[suffix]
    path = tmp_path / f"a.{suffix}"
    found = read(path, content, text_unit="paragraph")
    (file,) = find(Folder(), str(path)).files
    small = joined(
        list(records(Folder(), file, [Column("text")], text_unit="paragraph", chunk_rows=13, chunk_bytes=5_000))
    )
    assert same(found, small)
    assert len(conserved(found)) >= 1
    assert len(texts(found)) > 0
