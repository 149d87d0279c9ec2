import csv
import gzip
import io
import json
from collections import Counter
from pathlib import Path
from random import Random

import pyarrow.parquet as pq
import pytest
import zstandard

from dataflow_ops.errors import BadArgument
from dataflow_ops.samples.documents import BROKEN, compose
from dataflow_ops.samples.duplicates import EDITS, STRONG_EDITS
from dataflow_ops.samples.junk_pages import DEFECTS
from dataflow_ops.samples.text import TRUTH, write

DOCUMENTS = 1000


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("samples") / "text"
    write(folder, documents=DOCUMENTS, seed=5)
    return folder


@pytest.fixture(scope="module")
def truth(folder):
    return {line["key"]: line for line in map(json.loads, (folder / TRUTH).read_bytes().splitlines())}


@pytest.fixture(scope="module")
def texts(folder):
    """The text of every record that can be read, by its key."""
    found = {path.name: path.read_bytes().decode() for path in (folder / "pages").iterdir()}
    for record in records(folder):
        assert record["doc"] not in found
        found[record["doc"]] = record["content"] if "content" in record else record.get("text")
    return found


def records(folder):
    for name in ("web-1.jsonl", "web-2.jsonl"):
        yield from json_lines((folder / name).read_bytes())
    yield from json_lines(gzip.decompress((folder / "crawl.jsonl.gz").read_bytes()))
    yield from json_lines(zstandard.ZstdDecompressor().decompress((folder / "mirror.jsonl.zst").read_bytes()))
    yield from csv.DictReader(io.StringIO((folder / "export.csv").read_bytes().decode(), newline=""))
    yield from pq.read_table(folder / "archive.parquet").to_pylist()
    yield from json.loads((folder / "feed.json").read_bytes())


def json_lines(data):
    for line in data.split(b"\n"):
        try:
            yield json.loads(line)
        except ValueError:  # a cut line, invalid UTF-8, or what follows the last line
            continue


def test_the_same_seed_gives_the_same_bytes(tmp_path):
    for name, seed in (("one", 3), ("same", 3), ("other", 4)):
        write(tmp_path / name, documents=60, seed=seed)
    assert contents(tmp_path / "one") == contents(tmp_path / "same")
    assert contents(tmp_path / "one") != contents(tmp_path / "other")


def contents(folder: Path):
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_counts_are_those_of_the_shares(truth):
    assert Counter(line["kind"] for line in truth.values()) == {
        "good": 615, "exact_duplicate": 50, "near_duplicate": 80, "junk": 200, "other_language": 50, "broken": 5,
    }  # fmt: skip


def test_every_document_is_in_the_file_that_the_truth_names(folder, truth, texts):
    readable = {key for key, line in truth.items() if line["defect"] not in ("cut_line", "invalid_utf8")}
    assert texts.keys() == readable
    assert {line["file"] for line in truth.values()} == {str(name) for name in contents(folder)} - {TRUTH}
    assert all((folder / line["file"]).name == key for key, line in truth.items() if key.endswith(".txt"))


def test_every_way_to_be_a_duplicate_or_junk_or_broken_is_there(truth):
    def values(kind, field):
        return {line[field] for line in truth.values() if line["kind"] == kind}

    assert values("near_duplicate", "strength") == EDITS.keys() | STRONG_EDITS.keys()
    assert values("junk", "defect") == DEFECTS.keys()
    assert values("broken", "defect") == set(BROKEN)
    assert values("other_language", "defect") == {"de", "es", "fr", "ru", "zh"}


def test_duplicates_are_what_the_truth_says(truth, texts):
    for key, line in truth.items():
        if line["kind"] == "exact_duplicate":
            assert texts[key] == texts[line["of"]]
        if line["kind"] == "near_duplicate":
            assert texts[key] != texts[line["of"]]
        if line["kind"].endswith("duplicate"):
            assert truth[line["of"]]["kind"] == "good"
        else:
            assert line["of"] is None


def test_only_planted_duplicates_are_alike(truth, texts):
    copies = Counter(texts[key] for key, line in truth.items() if line["kind"] in ("good", "near_duplicate"))
    assert set(copies.values()) == {1}


def test_broken_records_have_no_text(truth, texts):
    for key, line in truth.items():
        if line["kind"] == "broken":
            assert not isinstance(texts.get(key), str)


def test_duplicates_lie_across_files(truth):
    pairs = [(line["file"], truth[line["of"]]["file"]) for line in truth.values() if line["of"]]
    assert sum(one != other for one, other in pairs) > len(pairs) / 2


@pytest.mark.parametrize("documents", [1, 2, 7, 40])
def test_small_samples_are_whole_as_well(tmp_path, documents):
    write(tmp_path / "few", documents=documents)
    assert len((tmp_path / "few" / TRUTH).read_text("utf-8").splitlines()) == documents


def test_a_folder_that_holds_files_is_refused(tmp_path):
    (tmp_path / "old.txt").touch()
    with pytest.raises(BadArgument, match="expected an empty folder"):
        write(tmp_path, documents=10)
    assert [path.name for path in tmp_path.iterdir()] == ["old.txt"]


@pytest.mark.parametrize("documents", [0, -1])
def test_less_than_one_document_is_refused(tmp_path, documents):
    with pytest.raises(BadArgument, match="expected at least 1"):
        write(tmp_path / "none", documents=documents)
    assert not (tmp_path / "none").exists()


def test_good_documents_have_the_words_of_an_article():
    lengths = [
        len(document.text.split())
        for document in compose(Random(1), 300)
        if document.kind == "good" and not document.noise
    ]
    assert min(lengths) >= 120
    assert max(lengths) <= 920
