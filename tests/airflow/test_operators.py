"""The operators one after the other, as Airflow would call them, over a folder instead of S3."""

import json
from collections import defaultdict
from types import SimpleNamespace

import pytest
from airflow.sdk import Asset
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from dataflow_ops import dataset, dedup, filters, manifest
from dataflow_ops.airflow import ingest, operators, step
from dataflow_ops.airflow.operators import (
    ApplyOperator,
    IngestOperator,
    PublishOperator,
    ReadOperator,
    ReduceOperator,
    WriteOperator,
)
from dataflow_ops.shards import Shard, read_shard
from dataflow_ops.store import Anywhere
from tests.rows import longer

ASSET = Asset("tested")


class Flow:
    """A small pipeline on a folder: read, keep long texts, compare, write, publish."""

    def __init__(self, folder, source="in"):
        self.folder, self.source, self.dataset = folder, f"{folder}/{source}", f"{folder}/out"
        self.pushed, self.events = {}, defaultdict(SimpleNamespace)

    def make(self, kind, task_id, **settings):
        return kind(task_id=task_id, folder=f"{self.folder}/work/dag", **settings)

    def run(self, run_id="run", *, at_least=3, full_refresh=False, columns=("text",)):
        """Run all tasks; return what the last one returned."""
        self.run_id = run_id
        ingest = {"source": self.source, "dataset": self.dataset, "full_refresh": full_refresh, "batch_mib": 1}
        batches = self.execute(self.make(IngestOperator, "ingest", **ingest))
        marked = [self.marked(number, batch, at_least) for number, batch in enumerate(batches)]
        unique = self.compare(marked) if marked else []
        write = {"dataset": self.dataset, "columns": columns, "index": ["content_hash"]}
        written = [
            self.execute(self.make(WriteOperator, "write", batch=self.drop(number, batch), **write), number)
            for number, batch in enumerate(unique)
        ]
        return self.execute(
            self.make(PublishOperator, "publish", written=written or None, dataset=self.dataset, outlets=[ASSET])
        )

    def marked(self, number, batch, at_least):
        columns = {"text": ["content"]}
        shards = self.execute(self.make(ReadOperator, "read", batch=batch, columns=columns, shard_mib="0.001"), number)
        ops = [step(longer, at_least=at_least), step(dedup.exact.content_hash)]
        return self.execute(self.make(ApplyOperator, "long", batch=shards, ops=ops), number)

    def compare(self, marked):
        return self.execute(self.make(ReduceOperator, "compared", batches=marked, op=step(dedup.exact.duplicates)))

    def drop(self, number, batch):
        return self.execute(
            self.make(ApplyOperator, "unique", batch=batch, ops=[step(filters.duplicates.unique)]), number
        )

    def execute(self, operator, map_index=-1):
        ti = SimpleNamespace(map_index=map_index, xcom_push=lambda key, value: self.pushed.update({key: value}))
        context = {"ti": ti, "run_id": self.run_id, "dag": SimpleNamespace(dag_id="dag"), "outlet_events": self.events}
        return operator.execute(context)

    def texts(self):
        return dataset.read(Anywhere(), dataset.latest(Anywhere(), self.dataset))["text"].to_pylist()


@pytest.fixture
def flow(tmp_path, monkeypatch):
    monkeypatch.setattr(operators, "store_of", lambda connection: Anywhere())
    (tmp_path / "in").mkdir()
    write(tmp_path / "in" / "a.jsonl", "alpha", "beta", "no", None)
    write(tmp_path / "in" / "b.jsonl", "gamma", "alpha")
    return Flow(tmp_path)


def write(path, *texts):
    path.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts))


def test_a_dataset_is_published_with_all_rows_accounted_for(flow):
    outcome = flow.run()
    assert flow.texts() == ["alpha", "beta", "gamma"]
    funnel = manifest.load(Anywhere(), outcome["funnel"])
    assert (funnel["rows_in"], funnel["rows_out"], funnel["rejected"]) == (6, 3, 1)
    assert [step["task"] for step in funnel["steps"]] == ["read", "long", "compared", "unique", "write"]
    assert flow.events[ASSET].extra == {"dataset": flow.dataset, "version": 1, "manifest": outcome["manifest"]}
    version = manifest.load(Anywhere(), outcome["manifest"])
    twins = dataset.verdicts(Anywhere(), version, "unique").to_pylist()
    assert [(row["kept"], row["dropped_by"]) for row in twins if row["duplicate_of"]] == [
        (False, "filters.duplicates.unique")
    ]


def test_the_same_source_again_publishes_nothing_and_says_so(flow):
    flow.run()
    with pytest.raises(AirflowSkipException, match="nothing new since version 1: 2 source files are as they were"):
        flow.run("again")
    assert flow.pushed["return_value"]["version"] == 1
    assert dataset.latest(Anywhere(), flow.dataset)["version"] == 1


def test_a_new_file_alone_is_read_and_compared_with_what_is_published(flow):
    flow.run()
    write(flow.folder / "in" / "c.jsonl", "alpha", "delta")
    outcome = flow.run("again")
    assert flow.texts() == ["alpha", "beta", "gamma", "delta"]
    assert manifest.load(Anywhere(), outcome["funnel"])["rows_in"] == 2
    assert outcome["version"] == 2


def test_a_full_refresh_publishes_only_what_it_read(flow):
    flow.run()
    (flow.folder / "in" / "b.jsonl").unlink()
    flow.run("again", full_refresh=True)
    assert flow.texts() == ["alpha", "beta"]


def test_cleared_tasks_find_their_work_done(flow):
    first = flow.run()
    assert flow.run() == first
    assert dataset.latest(Anywhere(), flow.dataset)["version"] == 1


def test_other_settings_in_a_cleared_task_are_other_work(flow):
    flow.run()
    before = {stored.uri for stored in Anywhere().list(f"{flow.folder}/work") if "/long/" in stored.uri}
    flow.run("run", at_least=4)
    after = {stored.uri for stored in Anywhere().list(f"{flow.folder}/work") if "/long/" in stored.uri}
    assert before < after


def test_two_runs_at_once_do_not_publish_unseen_by_each_other(flow):
    slow, fast = Flow(flow.folder), Flow(flow.folder)
    slow.run_id = "slow"
    slow.execute(
        slow.make(IngestOperator, "ingest", source=slow.source, dataset=slow.dataset, full_refresh=False, batch_mib=1)
    )
    fast.run("fast")
    with pytest.raises(AirflowFailException, match="version 1 .* was published by run 'fast'.*trigger it again"):
        slow.run("slow")
    assert slow.texts() == ["alpha", "beta", "gamma"]


def test_all_rows_dropped_is_a_version_without_new_rows(flow):
    outcome = flow.run(at_least=99)
    version = manifest.load(Anywhere(), outcome["manifest"])
    assert (version["rows"], version["parts"], len(version["sources"])) == (0, [], 2)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"source": "nowhere"}, "BadSource: nothing to read in .*nowhere"),
        ({"columns": ("txt",)}, "BadArgument: write: no column 'txt'; did you mean 'text'"),
    ],
)
def test_what_no_new_try_can_cure_fails_at_once_with_the_cure(flow, change, message):
    flow.source = f"{flow.folder}/{change.get('source', 'in')}"
    with pytest.raises(AirflowFailException, match=message):
        flow.run(columns=change.get("columns", ("text",)))
    assert not (flow.folder / "out" / "versions").exists()


def test_documents_are_read_as_bytes_where_they_are_asked_for(flow):
    (flow.folder / "in" / "c.pdf").write_bytes(b"%PDF-1.7")
    flow.run_id = "run"
    found = ingest(
        source=flow.source, dataset=flow.dataset, full_refresh=False, batch_mib=1, documents=True, folder="f"
    )
    assert found.operator.documents
    given = {"source": flow.source, "dataset": flow.dataset, "full_refresh": False, "batch_mib": 1, "documents": True}
    (batch,) = flow.execute(flow.make(IngestOperator, "ingest", **given))
    read = flow.execute(flow.make(ReadOperator, "read", batch=batch, columns={"content": []}, shard_mib=1))
    (record,) = manifest.load(Anywhere(), read["manifest"])["records"]
    (row,) = read_shard(Anywhere(), Shard.parse(record["shard"])).to_pylist()
    assert (row["content"], row["source"]) == (b"%PDF-1.7", f"{flow.folder}/in/c.pdf")


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        (IngestOperator, {"folder", "source", "dataset", "full_refresh", "batch_mib", "redo"}),
        (ReadOperator, {"folder", "batch", "columns", "optional", "shard_mib", "text_unit"}),
        (ApplyOperator, {"folder", "batch", "ops"}),
        (ReduceOperator, {"folder", "batches", "op"}),
        (WriteOperator, {"folder", "batch", "dataset", "columns", "index", "exports"}),
        (PublishOperator, {"folder", "written", "dataset", "rehearsal_as_latest"}),
    ],
)
def test_template_fields(kind, fields):
    assert set(kind.template_fields) == fields
