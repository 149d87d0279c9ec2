import pyarrow as pa
import pytest

from dataflow_ops.errors import BadSource
from dataflow_ops.sources import DOCUMENTS, Column, find, records, shards
from dataflow_ops.store import Folder

from .reading import joined, read, reasons

CONTENT = (Column("content", binary=True),)


def documents(folder, columns=CONTENT, **settings):
    files = find(Folder(), str(folder), formats=DOCUMENTS).files
    return [chunk for file in files for chunk in records(Folder(), file, columns, **settings)]


def test_documents_are_found_where_they_are_looked_for(tmp_path):
    names = ["a.PDF", "b.docx", "c.htm", "d.md", "e.webp", "f.jsonl", "g.pdf.gz", "h", "_i.pdf"]
    for name in names:
        (tmp_path / name).touch()
    found = find(Folder(), str(tmp_path), formats=DOCUMENTS)
    assert [(file.uri.rpartition("/")[2], file.format) for file in found.files] == [
        (name, "document") for name in names[:5]
    ]
    assert [file.reason for file in found.skipped] == [
        f"its suffix is not one of {' '.join(DOCUMENTS)}",
        "a compressed document cannot be read in parts: unpack it",
        f"its suffix is not one of {' '.join(DOCUMENTS)}",
    ]
    assert found.hidden == 1


@pytest.mark.parametrize("content", [b"%PDF-1.7\0\xff\r\n\x1a", "\ufeffhällo".encode("utf-16"), b"\xef\xbb\xbfx", b""])
def test_the_bytes_of_a_file_are_kept_as_they_are(tmp_path, content):
    (tmp_path / "a.txt").write_bytes(content)
    (row,) = joined(documents(tmp_path)).rows.to_pylist()
    assert row == {
        "id": row["id"], "content": content, "meta": None, "source": f"{tmp_path}/a.txt", "source_row": 1,
    }  # fmt: skip


def test_files_of_one_name_and_content_have_ids_of_their_own(tmp_path):
    for folder in "ab":
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "same.pdf").write_bytes(b"%PDF-")
    rows = joined(documents(tmp_path)).rows
    assert len(set(rows["id"].to_pylist())) == 2
    assert rows["source"].to_pylist() == [f"{tmp_path}/a/same.pdf", f"{tmp_path}/b/same.pdf"]


@pytest.mark.parametrize(("size", "found"), [(100, None), (101, 101), (3 << 20, 3 << 20)])
def test_a_file_that_is_too_large_is_a_reject(tmp_path, size, found):
    (tmp_path / "a.pdf").write_bytes(b"x" * size)
    chunk = joined(documents(tmp_path, max_record_bytes=100))
    assert (chunk.rows.num_rows, chunk.rejects.num_rows) == ((1, 0) if found is None else (0, 1))
    if found is not None:
        reason = f"{tmp_path}/a.pdf, record 1: expected a document of at most 100 bytes, found {found:,}"
        assert reasons(chunk) == [(1, reason)]


def test_shards_count_the_bytes_of_documents(tmp_path):
    for at in range(6):
        (tmp_path / f"{at}.pdf").write_bytes(b"x" * 1_000)
    made = list(shards(documents(tmp_path), shard_bytes=2_500))
    assert [chunk.rows.num_rows for chunk in made] == [3, 3]
    assert made[0].rows.schema.field("content").type == pa.large_binary()


def test_other_columns_are_null_where_they_may_be(tmp_path):
    (tmp_path / "a.pdf").write_bytes(b"x")
    rows = joined(documents(tmp_path, [*CONTENT, Column("title", required=False)])).rows
    assert rows["title"].to_pylist() == [None]
    with pytest.raises(BadSource, match="missing column 'title'"):
        documents(tmp_path, [*CONTENT, Column("title")])


@pytest.mark.parametrize(
    ("name", "content", "column", "expected"),
    [
        ("a.jsonl", '{"content":"text"}', CONTENT[0], "expected bytes in 'content', found a string"),
        ("a.jsonl", '{"content":null}', CONTENT[0], "expected bytes in 'content', found null"),
        ("a.txt", "text", CONTENT[0], "expected bytes in 'content', found a string"),
        (
            "a.jsonl",
            '{"text":"t","c":5}',
            Column("c", binary=True, required=False),
            "expected bytes in 'c', found a nu",
        ),
    ],
)
def test_text_is_no_bytes(tmp_path, name, content, column, expected):
    columns = [column] if column.required else [Column("text"), column]
    assert [
        reason.partition(": ")[2][: len(expected)] for _, reason in reasons(read(tmp_path / name, content, columns))
    ] == [expected]


def test_bytes_are_no_text(tmp_path):
    (tmp_path / "a.pdf").write_bytes(b"x")
    chunk = joined(documents(tmp_path, [Column("text")]))
    assert [reason.partition(": ")[2] for _, reason in reasons(chunk)] == [
        "expected a string in 'text', found bytes, b'x'"
    ]


def test_an_optional_column_of_bytes_may_be_missing(tmp_path):
    columns = [Column("text"), Column("c", binary=True, required=False)]
    assert read(tmp_path / "a.jsonl", '{"text":"t"}', columns).rows["c"].to_pylist() == [None]
