import json
from pathlib import Path

import pytest

from dataflow_ops import dataset, ingest, manifest, stage
from dataflow_ops.errors import BadArgument, BadSource
from dataflow_ops.ingest import Plan, Settings, plan, read
from dataflow_ops.shards import Shard, read_shard
from dataflow_ops.stage import Place
from dataflow_ops.store import Anywhere

TEXT = {"text": ["content"]}


@pytest.fixture
def source(tmp_path):
    folder = tmp_path / "source"
    folder.mkdir()
    write(folder / "a.jsonl", {"text": "one"}, {"text": "two", "url": "u"})
    write(folder / "b.jsonl", {"text": "three"}, {"text": None})
    return folder


def write(path, *records):
    path.write_text("".join(json.dumps(record) + "\n" for record in records))


def settings(source, tmp_path, **changed):
    values = {"full_refresh": "False", "batch_mib": "256"} | changed
    return Settings.parse(str(source), f"{tmp_path}/dataset", *values.values())


def run_read(planned, tmp_path, run="run", shard_mib=64.0):
    place = Place(Anywhere(), f"{tmp_path}/work/{run}/read/00000-x", "read")
    return read(place, planned.batches[0]["manifest"], TEXT, shard_mib)


def test_files_are_dealt_and_read_into_shards(source, tmp_path):
    planned = plan(Anywhere(), f"{tmp_path}/work/run", settings(source, tmp_path))
    assert (planned.base, planned.version, len(planned.sources), len(planned.batches)) == (None, 1, 2, 1)
    done = run_read(planned, tmp_path)
    (record,) = done["records"]
    assert record["rows"] == {"in": 4, "made": 0, "out": 3, "dropped": 0, "rejected": 1}
    assert record["rejected"] == {"expected a string in 'text', found null": 1}
    rows = read_shard(Anywhere(), Shard.parse(record["shard"])).to_pylist()
    assert [(row["text"], row["source_row"], row["meta"]) for row in rows] == [
        ("one", 1, None),
        ("two", 2, '{"url":"u"}'),
        ("three", 1, None),
    ]


def test_small_shards_hold_the_same_rows(source, tmp_path):
    planned = plan(Anywhere(), f"{tmp_path}/work/run", settings(source, tmp_path))
    one, many = run_read(planned, tmp_path, "one"), run_read(planned, tmp_path, "many", 1e-6)
    ids = [
        [
            i
            for record in done["records"]
            for i in read_shard(Anywhere(), Shard.parse(record["shard"]))["id"].to_pylist()
        ]
        for done in (one, many)
    ]
    assert ids[0] == ids[1]
    assert len(many["records"]) > len(one["records"])


def test_a_retry_reads_what_the_run_began_with(source, tmp_path):
    chosen = settings(source, tmp_path)
    first = plan(Anywhere(), f"{tmp_path}/work/run", chosen)
    write(source / "late.jsonl", {"text": "late"})
    assert plan(Anywhere(), f"{tmp_path}/work/run", chosen) == first
    assert len(plan(Anywhere(), f"{tmp_path}/work/other", chosen).sources) == 3


def publish(planned, tmp_path, run, **more):
    """As publish does, without a run."""
    value = {
        "version": planned.version,
        "dataset": planned.dataset,
        "run": run,
        "dag": "dag",
        "parts": [],
        "sources": planned.sources,
    }
    return dataset.create_version(Anywhere(), f"{tmp_path}/dataset", value | more)


def test_only_new_and_changed_files_are_read_next_time(source, tmp_path):
    publish(plan(Anywhere(), f"{tmp_path}/work/1", settings(source, tmp_path)), tmp_path, "1")
    again = plan(Anywhere(), f"{tmp_path}/work/2", settings(source, tmp_path))
    assert (again.batches, again.unchanged, again.base, again.version) == ([], 2, 1, 2)
    write(source / "c.jsonl", {"text": "new"})
    write(source / "a.jsonl", {"text": "one, changed"})
    newer = plan(Anywhere(), f"{tmp_path}/work/3", settings(source, tmp_path))
    assert [Path(file["uri"]).name for file in newer.sources] == ["a.jsonl", "c.jsonl"]
    refreshed = plan(Anywhere(), f"{tmp_path}/work/4", settings(source, tmp_path, full_refresh="True"))
    assert (len(refreshed.sources), refreshed.base, refreshed.version) == (3, None, 2)


QUESTIONS = [
    {"question": "1 + 1?", "answer": 2},
    {"question": "Capital of France?", "answer": "Paris"},
    {"question": "Name one.", "answer": ["a"]},
    {"question": "Why?"},
    {"question": None, "answer": 3},
]


def read_questions(planned, tmp_path, run, columns, optional=None):
    place = Place(Anywhere(), f"{tmp_path}/work/{run}/read/00000-x", "read")
    return read(place, planned.batches[0]["manifest"], columns, 64.0, optional=optional)


def test_optional_columns_are_text_or_null(tmp_path):
    write(tmp_path / "q.jsonl", *QUESTIONS)
    planned = plan(Anywhere(), f"{tmp_path}/work/run", settings(tmp_path / "q.jsonl", tmp_path))
    (record,) = read_questions(planned, tmp_path, "run", {"question": []}, {"gold": ["answer"]})["records"]
    assert record["rows"] == {"in": 5, "made": 0, "out": 3, "dropped": 0, "rejected": 2}
    assert record["rejected"] == {
        "expected a string, a number or a boolean in 'answer', found a list": 1,
        "expected a string in 'question', found null": 1,
    }
    rows = read_shard(Anywhere(), Shard.parse(record["shard"])).to_pylist()
    assert [(row["gold"], row["meta"]) for row in rows] == [("2", None), ("Paris", None), (None, None)]


def test_rows_that_lacked_a_column_are_read_again_once_it_is_optional(tmp_path):
    write(tmp_path / "q.jsonl", *QUESTIONS)
    planned = plan(Anywhere(), f"{tmp_path}/work/1", settings(tmp_path / "q.jsonl", tmp_path))
    (strict,) = read_questions(planned, tmp_path, "1", {"question": [], "gold": ["answer"]})["records"]
    assert (strict["rows"]["out"], strict["rows"]["rejected"]) == (1, 4)
    publish(planned, tmp_path, "1", rejects={"read": [strict["rejects"]]})

    again = Settings(str(tmp_path / "q.jsonl"), f"{tmp_path}/dataset", False, 1.0, redo="latest")
    redone = plan(Anywhere(), f"{tmp_path}/work/2", again)
    (record,) = read_questions(redone, tmp_path, "2", {"question": []}, {"gold": ["answer"]})["records"]
    rows = read_shard(Anywhere(), Shard.parse(record["shard"])).to_pylist()
    assert [(row["question"], row["gold"]) for row in rows] == [("1 + 1?", "2"), ("Why?", None)]
    assert record["rows"]["rejected"] == 2


@pytest.mark.parametrize(
    ("columns", "optional", "message"),
    [
        ({"gold": []}, {"gold": ["answer"]}, "'gold' is among both columns and optional"),
        ({"question": ["text"]}, {"gold": ["answer", "text"]}, "'text' is among both"),
        ({}, {"gold": []}, "at least one column that is required"),
        ({"question": []}, {"id": []}, "a column cannot be called 'id'"),
        ({"question": "problem"}, None, r"expected a list of names, \['problem'\]"),
    ],
)
def test_columns_are_checked(columns, optional, message):
    with pytest.raises(BadArgument, match=message):
        ingest.wanted(columns, optional)


def test_a_file_that_changed_under_the_run_is_refused(source, tmp_path):
    planned = plan(Anywhere(), f"{tmp_path}/work/run", settings(source, tmp_path))
    write(source / "a.jsonl", {"text": "changed while the run was on its way"})
    with pytest.raises(BadSource, match="changed or deleted since this run began"):
        run_read(planned, tmp_path)


def test_an_empty_source_is_an_error_that_says_what_is_read(tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(BadSource, match=r"nothing to read in .*empty.*\.jsonl"):
        plan(Anywhere(), f"{tmp_path}/work/run", settings(tmp_path / "empty", tmp_path))


def test_a_missing_column_names_the_nearest(tmp_path):
    write(tmp_path / "x.jsonl", {"texts": "one"})
    planned = plan(Anywhere(), f"{tmp_path}/work/run", settings(tmp_path / "x.jsonl", tmp_path))
    with pytest.raises(BadSource, match="missing column 'text'.*did you mean 'texts'"):
        run_read(planned, tmp_path)


@pytest.mark.parametrize(
    "values", [("", "d", False, 1), ("s", " ", False, 1), ("s", "d", "perhaps", 1), ("s", "d", False, 0)]
)
def test_form_values_are_checked(values):
    with pytest.raises(BadArgument):
        Settings.parse(*values)


def test_a_committed_shard_is_not_written_again(source, tmp_path, monkeypatch):
    planned = plan(Anywhere(), f"{tmp_path}/work/run", settings(source, tmp_path))
    with monkeypatch.context() as patch:
        patch.setattr(ingest, "commit", lambda *_: (_ for _ in ()).throw(ConnectionError("lost")))
        with pytest.raises(ConnectionError):
            run_read(planned, tmp_path)
    place = Place(Anywhere(), f"{tmp_path}/work/run/read/00000-x", "read")
    before = manifest.load(Anywhere(), place.record(0))
    assert run_read(planned, tmp_path)["records"] == [before]
    assert stage.as_batch(run_read(planned, tmp_path)).rows == 3


def test_a_plan_is_read_back(source, tmp_path):
    planned = plan(Anywhere(), f"{tmp_path}/work/run", settings(source, tmp_path))
    assert Plan.load(Anywhere(), f"{tmp_path}/work/run") == planned
    assert ingest.published(Anywhere(), f"{tmp_path}/work/run") == []


def test_a_table_for_a_setting_is_read_from_files(tmp_path):
    write(tmp_path / "benchmark.jsonl", {"question": "What is it?"})
    assert ingest.load_table(Anywhere(), f"{tmp_path}/benchmark.jsonl")["text"].to_pylist() == ["What is it?"]


def test_a_text_file_can_be_many_documents(tmp_path):
    (tmp_path / "book.txt").write_text("first paragraph\n\nsecond paragraph\n")
    planned = plan(Anywhere(), f"{tmp_path}/work/run", settings(tmp_path / "book.txt", tmp_path))
    place = Place(Anywhere(), f"{tmp_path}/work/run/read/00000-x", "read")
    done = read(place, planned.batches[0]["manifest"], TEXT, 64.0, "paragraph")
    (record,) = done["records"]
    assert [row["text"] for row in read_shard(Anywhere(), Shard.parse(record["shard"])).to_pylist()] == [
        "first paragraph",
        "second paragraph",
    ]


def test_documents_are_rows_of_bytes_and_other_files_are_named(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in/a.pdf").write_bytes(b"%PDF-\0\xff")
    (tmp_path / "in/b.md").write_text("# b")
    write(tmp_path / "in/c.jsonl", {"text": "c"})
    asked = Settings.parse(f"{tmp_path}/in", f"{tmp_path}/dataset", False, 64, documents=True)
    planned = plan(Anywhere(), f"{tmp_path}/work/run", asked)
    assert [Path(file["uri"]).name for file in planned.skipped] == ["c.jsonl"]
    (record,) = read_questions(planned, tmp_path, "run", {"content": []}, {"title": []})["records"]
    rows = read_shard(Anywhere(), Shard.parse(record["shard"])).to_pylist()
    assert [(row["content"], row["title"], Path(row["source"]).name) for row in rows] == [
        (b"%PDF-\0\xff", None, "a.pdf"),
        (b"# b", None, "b.md"),
    ]


def test_files_are_read_as_code_or_as_documents():
    with pytest.raises(BadArgument, match="code_files with documents: .* choose one"):
        Settings.parse("s", "d", False, 1, code_files=True, documents=True)
