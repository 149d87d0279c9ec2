"""What users hand in by mistake: each a clear error, or rejected rows with reasons, and nothing else is lost."""

import gzip
import json

import pytest
from airflow.sdk.exceptions import AirflowFailException

from dataflow_ops import dataset, score
from dataflow_ops.airflow import operators, step
from dataflow_ops.airflow.operators import ApplyOperator, IngestOperator
from dataflow_ops.shards import File, read_table
from dataflow_ops.store import Anywhere
from tests.airflow.test_operators import Flow
from tests.test_store import other_client

GOOD = [f"good line number {number}" for number in range(20)]


def lines(*texts):
    return "".join(json.dumps({"text": text}) + "\n" for text in texts).encode()


@pytest.fixture
def flow(tmp_path, monkeypatch):
    monkeypatch.setattr(operators, "store_of", lambda connection: Anywhere())
    (tmp_path / "in").mkdir()
    return Flow(tmp_path)


@pytest.fixture
def refused(flow, s3, monkeypatch):
    return flow, s3, monkeypatch


def put(flow, name, data):
    path = flow.folder / "in" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def rejects(flow):
    version = dataset.latest(Anywhere(), flow.dataset)
    return [
        row
        for file in version["rejects"].get("read", [])
        for row in read_table(Anywhere(), File.parse(file)).to_pylist()
    ]


@pytest.mark.parametrize(
    ("name", "bad", "reason"),
    [
        (
            "mixed.jsonl",
            b'{"text": 17}\n{"text": ["a"]}\n{"text": {"a": 1}}\n{"text": true}\n',
            "mixed.jsonl, line {n}: expected a string in 'text', found",
        ),
        ("null.jsonl", b'{"text": null}\n', "null.jsonl, line {n}: expected a string in 'text', found null"),
        ("cut.jsonl", b'{"text": "cut in the\n', "cut.jsonl, line {n}: expected JSON"),
        ("latin.jsonl", b'{"text": "caf\xe9"}\n', "latin.jsonl, line {n}: expected UTF-8, found byte 0xe9"),
        ("list.jsonl", b"[1, 2]\n", "list.jsonl, line {n}: expected a JSON object"),
        ("surrogate.jsonl", b'{"text": "\\ud800"}\n', "surrogate.jsonl, line {n}: expected"),
    ],
)
def test_a_bad_line_is_rejected_with_file_line_and_reason_and_the_rest_is_kept(flow, name, bad, reason):
    put(flow, name, lines(*GOOD) + bad + lines("after the bad line"))
    flow.run()
    assert flow.texts() == [*GOOD, "after the bad line"]
    found = rejects(flow)
    assert len(found) == bad.count(b"\n")
    for number, row in enumerate(found):
        assert reason.format(n=len(GOOD) + 1 + number) in row["reason"]
        assert row["source"].endswith(name)


def test_of_a_truncated_gzip_the_readable_part_is_kept_and_the_rest_is_named(flow):
    texts = [f"{number} {number * 7919 % 104729}" for number in range(20_000)]
    put(flow, "cut.jsonl.gz", gzip.compress(lines(*texts))[:-5_000])
    flow.run()
    kept = flow.texts()
    assert kept == texts[: len(kept)]
    assert len(kept) > 1_000
    assert "the rest of the file cannot be read" in rejects(flow)[-1]["reason"]


def test_files_of_the_same_name_in_two_folders_are_two_files(flow):
    put(flow, "a/same.jsonl", lines("from a", "only in a"))
    put(flow, "b/same.jsonl", lines("from b", "only in b"))
    flow.run()
    assert flow.texts() == ["from a", "only in a", "from b", "only in b"]


def test_a_document_of_50_mb_passes(flow):
    text = "A long line of plain words about ships and harbours. " * 990_000
    put(flow, "long.jsonl", lines("short one", text))
    flow.run()
    assert [len(each) for each in flow.texts()] == [len("short one"), len(text)]


def test_an_unread_suffix_is_said_and_loses_nothing_else(flow):
    put(flow, "good.jsonl", lines("good text"))
    put(flow, "slides.key", b"?")
    flow.run()
    assert flow.texts() == ["good text"]


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({}, r"BadSource: nothing to read in .*/in.*found 0 other files"),
        ({"notes.docx": b"x"}, r"BadSource: nothing to read in .*its suffix is not one of"),
        (
            {"x.jsonl": b'{"texts": "one"}\n'},
            r"BadSource: missing column 'text' \(or 'content'\) in .*did you mean 'texts'",
        ),
    ],
)
def test_a_source_without_a_row_fails_at_once_and_says_why(flow, files, message):
    for name, data in files.items():
        put(flow, name, data)
    with pytest.raises(AirflowFailException, match=message):
        flow.run()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"preset": "pretrian"}, "there is no preset 'pretrian'; did you mean 'pretrain'"),
        (
            {"thresholds": '{"wordz": {"at_least": 3}}'},
            "rule 'wordz' looks at 'wordz', which is no column: measure it first; did you mean 'words'",
        ),
        ({"thresholds": "[1]"}, "thresholds='.1.' does not fit"),
    ],
)
def test_a_form_value_that_does_not_fit_is_named(flow, settings, message):
    put(flow, "good.jsonl", lines("good text"))
    flow.run()
    batch = {
        "manifest": next(
            each.uri
            for each in Anywhere().list(f"{flow.folder}/work")
            if "/read/" in each.uri and "_manifest" in each.uri
        ),
        "shards": 1,
        "rows": 1,
        "bytes": 1,
    }
    ops = [step(score.text.measures), {"op": "score.rules.failed", "with": settings}]
    with pytest.raises(AirflowFailException, match=message):
        flow.execute(flow.make(ApplyOperator, "judged", batch=batch, ops=ops))


@pytest.mark.parametrize(
    ("source", "changed", "message"),
    [
        ("s3://there-is-no-such-bucket/x/", {}, "StoreRefused: .*NoSuchBucket; create it, or correct the bucket name"),
        (
            "s3://dataflow/x/",
            {"aws_secret_access_key": "wrong"},
            "StoreRefused: .*SignatureDoesNotMatch; correct the secret key",
        ),
        (
            "s3://dataflow/x/",
            {"aws_access_key_id": "nobody"},
            "StoreRefused: .*InvalidAccessKeyId; correct the access key",
        ),
    ],
)
def test_a_store_that_refuses_fails_at_once_with_the_cure(refused, source, changed, message):
    flow, s3, monkeypatch = refused
    monkeypatch.setattr(operators, "store_of", lambda connection: Anywhere(lambda: other_client(s3, **changed)))
    flow.run_id = "run"
    ingest = {"source": source, "dataset": flow.dataset, "full_refresh": False, "batch_mib": 1}
    with pytest.raises(AirflowFailException, match=message):
        flow.execute(flow.make(IngestOperator, "ingest", **ingest))
