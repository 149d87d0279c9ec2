"""Exports, from the write task to the published version, as Airflow would call the operators."""

import pytest
import yaml
from airflow.sdk import dag
from airflow.sdk.exceptions import AirflowFailException

from dataflow_ops import dataset, exports, manifest
from dataflow_ops.airflow import operators, write
from dataflow_ops.airflow.operators import IngestOperator, WriteOperator
from dataflow_ops.errors import BadArgument
from dataflow_ops.store import Anywhere
from tests.airflow.test_model_operators import (
    Asking,
    server,  # noqa: F401 - a fixture
)
from tests.airflow.test_model_operators import flow as documents  # noqa: F401 - a fixture
from tests.airflow.test_operators import Flow
from tests.airflow.test_operators import flow as texts  # noqa: F401 - a fixture
from tests.airflow.test_operators import write as write_source


class Exporting:
    """A flow whose write task is asked for exports."""

    exports = None

    def make(self, kind, task_id, **settings):
        if kind is WriteOperator:
            settings |= {"exports": self.exports}
        return super().make(kind, task_id, **settings)

    def read(self, outcome, name):
        """Return the rows of an export of what was published."""
        return list(exports.read(Anywhere(), manifest.load(Anywhere(), outcome["manifest"]), name))


class Texts(Exporting, Flow):
    """Texts, of which some are the same."""


class Pairs(Exporting, Asking):
    """Questions and answers that a model makes."""


@pytest.fixture
def flow(texts):  # noqa: F811
    flow = Texts(texts.folder)
    flow.exports = {"text.jsonl": ["text"], "text.parquet": ["text", "content_hash"]}
    return flow


@pytest.fixture
def asking(documents):  # noqa: F811
    flow = Pairs(documents.folder)
    flow.exports = {"qa.jsonl": ["id", "question"]}
    return flow


def test_a_version_lists_its_exports(flow):
    outcome = flow.run()
    version = manifest.load(Anywhere(), outcome["manifest"])
    assert version["exports"] == {"text.jsonl": ["text"], "text.parquet": ["text", "content_hash"]}
    assert flow.read(outcome, "text.jsonl") == [{"text": "alpha"}, {"text": "beta"}, {"text": "gamma"}]
    assert [row["text"] for row in flow.read(outcome, "text.parquet")] == flow.texts()
    card = bytes(Anywhere().read(f"{flow.dataset}/README.md")).decode()
    assert "## Exports" in card
    configs = yaml.safe_load(card.split("---\n", 2)[1])["configs"]
    assert [config["config_name"] for config in configs] == ["default", "text"]
    for config in configs:
        for path in config["data_files"][0]["path"]:
            assert Anywhere().stat(f"{flow.dataset}/{path}")


def test_cleared_tasks_export_the_same_files_once(flow):
    outcome = flow.run()
    before = list(Anywhere().list(f"{flow.dataset}/exports"))
    assert flow.run() == outcome
    for stored in list(Anywhere().list(f"{flow.folder}/work")):
        if "/write/" in stored.uri:
            Anywhere().delete(stored.uri)
    assert flow.run() == outcome
    assert list(Anywhere().list(f"{flow.dataset}/exports")) == before


def test_other_exports_in_a_cleared_task_are_other_work(flow):
    flow.run_id = "run"
    found = {"source": flow.source, "dataset": flow.dataset, "full_refresh": False, "batch_mib": 1}
    given, _ = flow.execute(flow.make(IngestOperator, "ingest", **found))
    batch = flow.marked(0, given, 3)
    asked = {"batch": batch, "dataset": flow.dataset, "columns": ["text"], "index": []}
    first = flow.execute(flow.make(WriteOperator, "write", **asked))
    flow.exports = {"other.jsonl": ["text"]}
    second = flow.execute(flow.make(WriteOperator, "write", **asked))
    assert first["manifest"] != second["manifest"]
    (record, *_) = manifest.load(Anywhere(), second["manifest"])["records"]
    assert list(record["exports"]) == ["other.jsonl"]


def test_a_version_may_hold_parts_from_before_an_export_was_asked_for(flow):
    flow.exports = None
    assert manifest.load(Anywhere(), flow.run()["manifest"])["exports"] == {}
    flow.exports = {"text.jsonl": ["text"]}
    write_source(flow.folder / "in" / "c.jsonl", "delta")
    outcome = flow.run("again")
    assert flow.read(outcome, "text.jsonl") == [{"text": "delta"}]
    card = bytes(Anywhere().read(f"{flow.dataset}/README.md")).decode()
    assert "`text.jsonl` has 1 file: parts written before an export was asked for have none" in card


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"text.jsonl": ["txt"]}, "BadArgument: write: export 'text.jsonl': no column 'txt'; did you mean 'text'"),
        ({"hash.jsonl": ["content_hash"]}, "export 'hash.jsonl': column 'content_hash' is .*binary"),
        ({"text.csv": ["text"]}, "export 'text.csv': unknown suffix 'csv'"),
    ],
)
def test_what_cannot_be_exported_fails_at_once_with_the_cure(flow, asked, message):
    flow.exports = asked
    with pytest.raises(AirflowFailException, match=message):
        flow.run()
    assert not (flow.folder / "out").exists()


@pytest.mark.parametrize("asked", [{"text.csv": ["text"]}, {"text": ["text"]}, {"text.jsonl": []}, {"t.jsonl": "text"}])
def test_what_does_not_fit_fails_when_the_file_is_parsed(asked):
    @dag(dag_id="words", schedule=None)
    def words():
        write("batch", columns=["text"], exports=asked)

    with pytest.raises(BadArgument, match="^export '"):
        words()


def test_a_rehearsal_lists_its_exports_and_says_in_them_that_it_is_one(asking):
    outcome = asking.run(as_latest=False)
    assert outcome["version"] is None
    rows = asking.read(outcome, "qa.jsonl")
    assert len(rows) == 90
    assert {row["answered_by"] for row in rows} == {"rehearsal"}
    beside = manifest.load(Anywhere(), outcome["manifest"])
    assert beside["exports"] == {"qa.jsonl": ["id", "question", "answered_by"]}


def test_what_a_model_made_has_the_columns_asked_for_and_no_other(asking, server):  # noqa: F811
    rows = asking.read(asking.run(model="openai:tiny"), "qa.jsonl")
    assert rows
    assert {tuple(row) for row in rows} == {("id", "question")}


def test_rows_read_again_are_exported_once(asking):
    asking.run(model="rehearsal:errors=0.3")
    outcome = asking.run("again", redo="latest")
    ids = [row["id"] for row in asking.read(outcome, "qa.jsonl")]
    assert ids == [row["id"] for row in asking.rows()]
    assert len(ids) == len(set(ids))


def test_exports_go_to_s3(flow, s3, monkeypatch):
    store = Anywhere(lambda: s3.client)
    monkeypatch.setattr(operators, "store_of", lambda connection: store)
    flow.dataset = f"{s3.prefix}/out"
    outcome = flow.run()
    version = dataset.latest(store, flow.dataset)
    assert outcome["version"] == 1
    assert [row["text"] for row in exports.read(store, version, "text.jsonl")] == ["alpha", "beta", "gamma"]
    assert all(file["uri"].startswith(s3.prefix) for file in exports.files(version, "text.jsonl"))
