import gzip
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataflow_ops.errors import BadSource
from dataflow_ops.sources.json_structure import Members, objects

from .reading import read, reasons, texts

ONE, TWO = '{"text":"one \\" ] } , \\\\"}', '{"text":"two","x":[{"a":[1,2]},"]"]}'
BOTH = [(1, 'one " ] } , \\'), (2, "two")]


@pytest.mark.parametrize(
    "content",
    [
        f"[{ONE},{TWO}]",
        f" \n[\n  {ONE},\n  {TWO}\n]\n",
        f"[{ONE},{TWO},]",
        f'{{"version":1,"data":[{ONE},{TWO}],"more":{{"a":[1]}}}}',
        f'{{"data": [ {ONE} , {TWO} ] }}\n',
        f'{{"names":["a"],"data":[{ONE},{TWO}]}}',
        f"{ONE}\n{TWO}\n",
        f"{ONE}{TWO}",
        f"{ONE},\n{TWO}",
        f"{json.dumps(json.loads(ONE), indent=2)}\n{json.dumps(json.loads(TWO), indent=2)}",
    ],
)
def test_the_shapes_of_a_document(tmp_path, content):
    found = read(tmp_path / "a.json", content)
    assert texts(found) == BOTH
    assert found.rows["meta"].to_pylist() == [None, '{"x":[{"a":[1,2]},"]"]}']
    assert reasons(found) == []


@pytest.mark.parametrize("content", ['{"turns":[{"a":1}],"text":"t"}', '{\n"turns":[{"a":1}],\n"text":"t"\n}'])
def test_an_object_with_a_column_is_a_record(tmp_path, content):
    found = read(tmp_path / "a.json", content)
    assert texts(found) == [(1, "t")]
    assert found.rows["meta"].to_pylist() == ['{"turns":[{"a":1}]}']


@pytest.mark.parametrize("content", ["", " \n", "[]", '{"data":[]}', '{"data": [ ], "n": 1}'])
def test_documents_without_records(tmp_path, content):
    found = read(tmp_path / "a.json", content)
    assert (found.rows.num_rows, found.rejects.num_rows) == (0, 0)


@pytest.mark.parametrize(
    ("element", "reason"),
    [
        (b'{"text":"\xff"}', "expected UTF-8, found byte 0xff at position 9"),
        (b'{"text":"\\ud800"}', "expected JSON: "),
        (b'{"text":"he said "hi" twice"}', "expected JSON: "),
        (b'{"text":}', "expected JSON: "),
        (b'{"text":"a"} {"text":"b"}', "expected JSON: "),
        (b'{"text":null}', "expected a string in 'text', found null"),
        (b"null", "expected a JSON object, found null"),
        (b'"text, [ { "', "expected a JSON object, found a string"),
        (b"[[1,2],[]]", "expected a JSON object, found a list"),
        (b'{"text":"' + b"x" * 300 + b'"}', "expected a record of at most 200 bytes, found 311"),
    ],
)
def test_a_bad_element_is_rejected_alone(tmp_path, element, reason):
    path = tmp_path / "a.json"
    found = read(path, b'[{"text":"first"},' + element + b',{"text":"last"}]', max_record_bytes=200)
    assert texts(found) == [(1, "first"), (3, "last")]
    ((row, got),) = reasons(found)
    assert row == 2
    assert got.startswith(f"{path}, record 2: {reason}")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ('[{"text":"one"},{"text":"tw', "the rest of the file cannot be read: it ends before the closing bracket"),
        ('[{"text":"one"},', "the rest of the file cannot be read: it ends before the closing bracket"),
        (
            '{"data":[{"text":"one"},{"text":"tw',
            "the rest of the file cannot be read: it ends before the closing bracket",
        ),
        ('{"text":"one"}{"text":"tw', "the rest of the file cannot be read: it ends before the closing bracket"),
        ('[{"text":"one"}] and more', "expected the end of the file after the array"),
        ('[{"text":"one"}][{"text":"two"}]', "expected the end of the file after the array"),
    ],
)
def test_a_damaged_end_is_one_reject(tmp_path, content, reason):
    path = tmp_path / "a.json"
    found = read(path, content)
    assert texts(found) == [(1, "one")]
    assert reasons(found) == [(2, f"{path}, record 2: {reason}")]


@pytest.mark.parametrize("content", ['[{"text":"one"}]', '{"data":[{"text":"one"}]}', '{"text":"one"}'])
def test_a_wrong_checksum_behind_the_document_is_told(tmp_path, content):
    packed = bytearray(gzip.compress(content.encode()))
    packed[-8] ^= 1
    found = read(tmp_path / "a.json.gz", bytes(packed))
    ((_, reason),) = reasons(found)
    assert "the rest of the file cannot be read: the compressed data is damaged" in reason


@pytest.mark.parametrize("content", ["text", "17", '"text"', b"\xff\xff", "}", "<html>"])
def test_what_is_no_document_is_one_reject(tmp_path, content):
    found = read(tmp_path / "a.json", content)
    ((row, reason),) = reasons(found)
    assert row == 1
    assert "expected a JSON array or object" in reason


@pytest.mark.parametrize(
    "content", ['{"train":[{"text":"a"}],"test":[{"text":"b"}]}', '{"texts":"a"}', '[{"texts":"a"}]']
)
def test_records_without_the_column_are_an_error(tmp_path, content):
    with pytest.raises(BadSource, match="missing column 'text'"):
        read(tmp_path / "a.json", content)


def test_a_list_that_spans_blocks(tmp_path):
    elements = [{"text": 'é\\"' * (number % 977), "n": number} for number in range(4000)]
    found = read(tmp_path / "a.json", json.dumps({"size": 4000, "data": elements}))
    assert found.rows["text"].to_pylist() == [element["text"] for element in elements]
    assert found.rejects.num_rows == 0


VALUES = st.recursive(
    st.none() | st.integers() | st.text(alphabet='"\\[]{},é \n', max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(alphabet='"\\{a', max_size=3), inner, max_size=3)
    ),
    max_leaves=8,
)


def in_blocks(text, size):
    data = text.encode()
    return iter([data[i : i + size] for i in range(0, len(data), size)])


@given(st.lists(VALUES, min_size=1, max_size=5), st.integers(1, 12), st.booleans())
def test_members_do_not_depend_on_blocks(values, size, escaped):
    text = json.dumps(values, ensure_ascii=escaped)
    members = Members(in_blocks(text + " ", size), 1 << 20)
    pieces = list(members)
    assert [json.loads(piece.raw) for piece in pieces] == values
    assert all(text.encode()[piece.start :].startswith(piece.raw) for piece in pieces)
    assert members.is_closed
    assert members.behind() == b""


@given(st.lists(st.dictionaries(st.text('"\\a', max_size=2), VALUES, max_size=3), max_size=4), st.integers(1, 12))
def test_objects_do_not_depend_on_blocks(values, size):
    text = " ".join(json.dumps(value) for value in values)
    assert [json.loads(piece.raw) for piece in objects(in_blocks(text, size), 1 << 20)] == values


@given(st.binary(max_size=60), st.integers(1, 9))
def test_garbage_ends(data, size):
    blocks = [b"["] + [data[i : i + size] for i in range(0, len(data), size)]
    pieces = [*Members(iter(blocks), 5), *objects(iter(blocks[1:]), 5)]
    assert all(len(piece.raw) <= 60 for piece in pieces)
