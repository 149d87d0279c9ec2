from pathlib import Path

import pytest

from dataflow_ops.errors import BadSource
from dataflow_ops.sources import SourceFile, find
from dataflow_ops.store import Folder


@pytest.fixture
def folder(tmp_path):
    for name in (
        "a/x.jsonl",
        "b/x.jsonl",
        "b/deep/y.CSV.gz",
        "b/deep/z.parquet",
        "b/notes.pdf",
        "b/_manifest.json",
        "b/.tmp/q.json",
        "top.md",
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("content")
    return tmp_path


def names(found, folder):
    return [file.uri.removeprefix(f"{folder}/") for file in found.files]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("", ["a/x.jsonl", "b/deep/y.CSV.gz", "b/deep/z.parquet", "b/x.jsonl", "top.md"]),
        ("/b", ["b/deep/y.CSV.gz", "b/deep/z.parquet", "b/x.jsonl"]),
        ("/b/", ["b/deep/y.CSV.gz", "b/deep/z.parquet", "b/x.jsonl"]),
        ("/a/x.jsonl", ["a/x.jsonl"]),
        ("/b/_manifest.json", ["b/_manifest.json"]),
        ("/*/x.jsonl", ["a/x.jsonl", "b/x.jsonl"]),
        ("/*.md", ["top.md"]),
        ("/**/*.parquet", ["b/deep/z.parquet"]),
        ("/b/**", ["b/deep/y.CSV.gz", "b/deep/z.parquet", "b/x.jsonl"]),
        ("/[ac]/?.jsonl", ["a/x.jsonl"]),
        ("/[!a]/?.jsonl", ["b/x.jsonl"]),
    ],
)
def test_sources_are_files_folders_and_globs(folder, source, expected):
    assert names(find(Folder(), f"{folder}{source}"), folder) == expected


def test_format_and_compression_come_from_the_suffix(folder):
    (file,) = find(Folder(), f"{folder}/b/deep/*.gz").files
    assert (file.format, file.compression, file.bytes) == ("csv", "gzip", 7)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a.ndjson", ("jsonl", None)), ("a.json.zst", ("json", "zstd")), ("a.tsv.zstd", ("tsv", "zstd")), ("a.text", ("text", None)),
        ("a.htm.gz", ("html", "gzip")), ("part-0.snappy.parquet", ("parquet", None)), ("a[1].txt", ("text", None)), ("a*.txt", ("text", None)),
    ],
)  # fmt: skip
def test_every_suffix_is_known(tmp_path, name, expected):
    (tmp_path / name).touch()
    (file,) = find(Folder(), f"{tmp_path}/{name}").files
    assert (file.format, file.compression) == expected


def test_what_is_not_read_is_reported(folder):
    (folder / "b/q.parquet.gz").touch()
    found = find(Folder(), str(folder))
    assert [(Path(file.uri).name, file.reason.split(":")[0][:20]) for file in found.skipped] == [
        ("notes.pdf", "its suffix is not on"),
        ("q.parquet.gz", "a compressed Parquet"),
    ]
    assert (found.hidden, found.unchanged) == (2, 0)


def test_a_name_that_is_not_unicode_is_reported():
    found = find(Keys("s3://b/good.txt", "s3://b/bad\udcff.txt"), "s3://b")
    assert [(file.uri, file.reason) for file in found.skipped] == [
        ("s3://b/bad\\udcff.txt", "its name is not valid UTF-8: rename it")
    ]


def test_only_new_and_changed_files_are_returned(folder):
    everything = find(Folder(), str(folder)).files
    seen = {file.uri: file.etag for file in everything[1:]} | {everything[1].uri: "other"}
    found = find(Folder(), str(folder), seen=seen)
    assert found.files == everything[:2]
    assert found.unchanged == 3


def test_nothing_new_is_no_error(folder):
    seen = {file.uri: file.etag for file in find(Folder(), str(folder)).files}
    assert find(Folder(), str(folder), seen=seen).files == []


def test_overlapping_sources_name_a_file_once(folder):
    found = find(Folder(), [f"{folder}/b", f"{folder}/*/x.jsonl", str(folder), f"{folder}/b/_manifest.json"])
    assert names(found, folder) == [
        "b/deep/y.CSV.gz",
        "b/deep/z.parquet",
        "b/x.jsonl",
        "a/x.jsonl",
        "top.md",
        "b/_manifest.json",
    ]
    assert found.hidden == 1


@pytest.mark.parametrize("source", ["/nothing", "/nothing/*.jsonl", "/b/notes.pdf", "/b/*.pdf", "/a/x.json"])
def test_a_source_without_files_to_read_says_what_was_looked_for(folder, source):
    with pytest.raises(BadSource, match=r"nothing to read in .*\.jsonl \.ndjson"):
        find(Folder(), [f"{folder}/a", f"{folder}{source}"])


def test_no_source_is_an_error():
    with pytest.raises(BadSource, match="no source is named"):
        find(Folder(), [])


def test_relative_and_file_uris(folder, monkeypatch):
    monkeypatch.chdir(folder)
    assert [file.uri for file in find(Folder(), ".").files][-1] == "top.md"
    assert [file.uri for file in find(Folder(), "*/x.jsonl").files] == ["a/x.jsonl", "b/x.jsonl"]
    assert names(find(Folder(), f"file://{folder}/a"), folder) == ["a/x.jsonl"]


class Keys:
    """A store that lists by the beginning of names, as S3 does."""

    def __init__(self, *uris):
        self.uris = sorted(uris)

    def list(self, prefix):
        return (SourceFile(uri, "e", 1, "text") for uri in self.uris if uri.startswith(prefix))

    def stat(self, uri):
        return SourceFile(uri, "e", 1, "text") if uri in self.uris else None


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("s3://b/data", ["data/x.txt"]),
        ("s3://b/data/", ["data/x.txt"]),
        ("s3://b/dat", ["data/x.txt", "data2/x.txt"]),
        ("s3://b/_runs", ["_runs/y.txt"]),
        ("s3://b", ["data/x.txt", "data2/x.txt", "top.txt"]),
        ("s3://b/data?/*", ["data2/x.txt"]),
    ],
)
def test_a_folder_of_keys_is_not_its_neighbour(source, expected):
    store = Keys("s3://b/data/", "s3://b/data/x.txt", "s3://b/data2/x.txt", "s3://b/_runs/y.txt", "s3://b/top.txt")
    assert [file.uri for file in find(store, source).files] == [f"s3://b/{name}" for name in expected]


def test_files_of_code_are_texts_where_they_are_asked_for_and_records_stay_records(tmp_path):
    for name in ("a.py", "Makefile", "b.JSON", "c.jsonl", "d.csv", "e.html", "f.rs.gz", "g.unheardof"):
        (tmp_path / name).write_text("x")
    found = find(Folder(), str(tmp_path), code_files=True)
    told = {
        name: (file.format, file.compression) for name, file in zip(names(found, tmp_path), found.files, strict=True)
    }
    assert told == {
        "Makefile": ("text", None), "a.py": ("text", None), "b.JSON": ("text", None), "c.jsonl": ("jsonl", None),
        "d.csv": ("csv", None), "e.html": ("text", None), "f.rs.gz": ("text", "gzip"),
    }  # fmt: skip
    (skipped,) = found.skipped
    assert skipped.reason.endswith(", and its name tells no language")
    assert "a.py" not in names(find(Folder(), str(tmp_path)), tmp_path)
