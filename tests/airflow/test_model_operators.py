"""The operators that ask a model, as Airflow would call them, over a folder instead of S3."""

import json

import pytest
from airflow.sdk.exceptions import AirflowFailException

from dataflow_ops import dataset, generate, manifest
from dataflow_ops.airflow import models, operators, step
from dataflow_ops.airflow.operators import (
    ApplyLlmOperator,
    IngestOperator,
    PublishOperator,
    ReadOperator,
    WriteOperator,
)
from dataflow_ops.llm.opening import Access
from dataflow_ops.shards import File, read_table
from dataflow_ops.store import Anywhere
from tests.airflow.test_operators import ASSET, Flow
from tests.endpoint import Behaviour, serving

ASKED = {"llm_conn_id": "none", "prompts": "null", "ceiling_usd": "", "ceiling_tokens": "", "redo": ""}
DOCUMENT = (
    "Lighthouse number {} stands on the northern cape. It was built of grey granite in the year 18{}. "
    "Its lamp is seen from twenty miles away. The keeper climbs two hundred steps every evening. "
    "Ships steer by it when fog lies over the bay."
)


class Asking(Flow):
    """Documents in, questions and answers out."""

    def run(self, run_id="run", *, model="rehearsal", as_latest=True, redo=None, ops=None, **settings):
        self.run_id = run_id
        ingest = {"source": self.source, "dataset": self.dataset, "full_refresh": False, "batch_mib": 1, "redo": redo}
        batches = self.execute(self.make(IngestOperator, "ingest", **ingest))
        written = [
            self.batch(number, batch, model=model, redo=redo, ops=ops, settings=settings)
            for number, batch in enumerate(batches)
        ]
        publish = {"written": written or None, "dataset": self.dataset, "rehearsal_as_latest": as_latest}
        return self.execute(self.make(PublishOperator, "publish", outlets=[ASSET], **publish))

    def batch(self, number, batch, *, model, redo, ops, settings):
        read = {"columns": {"text": []}, "shard_mib": "0.002"}
        shards = self.execute(self.make(ReadOperator, "read", batch=batch, **read), number)
        asked = ASKED | {"model": model, "answers": f"{self.folder}/answers", "answers_days": None, "redo": redo}
        ops = ops or [step(generate.qa.focuses, count=3), step(generate.qa.pairs)]
        made = self.make(ApplyLlmOperator, "pairs", batch=shards, ops=ops, **(asked | settings))
        pairs = self.execute(made, number)
        columns = {"columns": ["question", "answer", "parents"], "index": ["focus"]}
        return self.execute(self.make(WriteOperator, "write", batch=pairs, dataset=self.dataset, **columns), number)

    def rows(self):
        return dataset.read(Anywhere(), dataset.latest(Anywhere(), self.dataset)).to_pylist()

    def rejects(self, version):
        return [
            row
            for files in version["rejects"].values()
            for file in files
            for row in read_table(Anywhere(), File.parse(file)).to_pylist()
        ]


@pytest.fixture
def flow(tmp_path, monkeypatch):
    monkeypatch.setattr(operators, "store_of", lambda connection: Anywhere())
    monkeypatch.setenv("DATAFLOW_HOME", str(tmp_path / "home"))
    (tmp_path / "in").mkdir()
    lines = [json.dumps({"text": DOCUMENT.format(number, 10 + number)}) for number in range(30)]
    (tmp_path / "in" / "a.jsonl").write_text("\n".join(lines))
    return Asking(tmp_path)


def test_made_rows_are_accounted_for_and_say_that_no_model_made_them(flow):
    outcome = flow.run()
    funnel = manifest.load(Anywhere(), outcome["funnel"])
    (asked,) = [task for task in funnel["steps"] if task["task"] == "pairs"]
    assert (asked["rows_in"], asked["made"], asked["rows_out"]) == (30, 90, 90)
    assert asked["dropped"]["became other rows"]["rows"] == 30
    assert asked["models"]["rehearsal"]["requests"] == 120
    assert {row["answered_by"] for row in flow.rows()} == {"rehearsal"}
    version = dataset.latest(Anywhere(), flow.dataset)
    assert version["rehearsal"]
    assert set(version["prompts"]) == {name for op in version["ops"] for name in [op["with"].get("prompt")] if name}
    card = bytes(Anywhere().read(f"{flow.dataset}/README.md")).decode()
    assert "this is not training data" in card


def test_a_rehearsal_is_no_version_unless_it_is_asked_for(flow):
    outcome = flow.run(as_latest="False")
    assert outcome["version"] is None
    assert "rehearsal_as_latest" in outcome["note"]
    assert dataset.latest(Anywhere(), flow.dataset) is None
    beside = manifest.load(Anywhere(), outcome["manifest"])
    assert dataset.read(Anywhere(), beside).num_rows == 90
    card = bytes(Anywhere().read(outcome["manifest"].replace("manifest.json", "README.md"))).decode()
    assert "# out, a rehearsal" in card
    assert outcome["manifest"] in card
    assert "/versions/" not in card


def test_rejected_rows_are_redone_and_nothing_is_doubled(flow):
    flow.run(model="rehearsal:errors=0.3")
    first, version = flow.rows(), dataset.latest(Anywhere(), flow.dataset)
    kinds = {row["reason"].partition(":")[0] for row in flow.rejects(version)}
    assert {"refused", "unparsable"} <= kinds
    assert 20 < len(first) < 90
    outcome = flow.run("again", redo="latest")
    assert manifest.load(Anywhere(), outcome["funnel"])["rows_in"] < 30
    ids = [row["id"] for row in flow.rows()]
    assert len(ids) == len(set(ids)) > len(first)
    assert ids[: len(first)] == [row["id"] for row in first]
    assert not flow.rejects(dataset.latest(Anywhere(), flow.dataset))


@pytest.mark.parametrize("where", ["typed", "in a file"])
def test_a_prompt_of_ones_own_stands_in_for_that_of_the_package(flow, where):
    mine = "## user\nName $count things to ask about: $text"
    (flow.folder / "mine.md").write_text(mine)
    flow.run(prompts=json.dumps({"qa/focuses": mine if where == "typed" else f"{flow.folder}/mine.md"}))
    version = dataset.latest(Anywhere(), flow.dataset)
    (messages,) = [each for name, each in version["prompts"].items() if name.startswith("qa/focuses@")]
    assert messages == [{"role": "user", "content": "Name $count things to ask about: $text"}]


def test_a_row_with_nothing_to_ask_about_is_rejected_alone(flow):
    with (flow.folder / "in" / "a.jsonl").open("a") as file:
        file.write("\n" + json.dumps({"text": ""}))
    outcome = flow.run()
    funnel = manifest.load(Anywhere(), outcome["funnel"])
    assert (funnel["rows_in"], funnel["rejected"], funnel["rows_out"]) == (31, 1, 90)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"model": "opnai:gpt"}, "no kind 'opnai'; did you mean 'openai'"),
        ({"model": "vllm:"}, "expected vllm:<name or folder of a model>"),
        ({"model": "rehearsal:error=1"}, "expected `errors`"),
        (
            {"prompts": '{"qa/focus": "## user\\n$text"}'},
            "no prompt 'qa/focus' to stand in for; did you mean 'qa/focuses'",
        ),
        ({"prompts": '{"qa/focuses": "## user\\n$txt $count"}'}, r"hole \$txt that nothing fills"),
        ({"ceiling_usd": "much"}, "ceiling_usd='much'"),
        ({"redo": "seven"}, "redo='seven': expected 'latest'"),
    ],
)
def test_what_no_new_try_can_cure_fails_at_once_with_the_cure(flow, settings, message):
    with pytest.raises(AirflowFailException, match=message):
        flow.run(**settings)


def test_a_replay_asks_nothing_and_says_what_is_missing(flow):
    with pytest.raises(AirflowFailException, match="only what a model answered can be replayed"):
        flow.run(model="replay:rehearsal")
    outcome = flow.run(model="replay:openai:some-model", as_latest=False)
    funnel = manifest.load(Anywhere(), outcome["funnel"])
    assert funnel["steps"][1]["rejected"] == {"unanswered": 30}


def test_template_fields():
    wanted = {"folder", "batch", "ops", "model", "llm_conn_id", "prompts", "ceiling_usd", "ceiling_tokens"}
    assert set(ApplyLlmOperator.template_fields) == wanted | {"answers", "answers_days", "redo"}


def test_rows_of_an_empty_shard_keep_their_types(flow):
    (flow.folder / "in" / "a.jsonl").write_text(json.dumps({"text": ""}))
    outcome = flow.run()
    version = manifest.load(Anywhere(), outcome["manifest"])
    assert (version["rows"], version["parts"]) == (0, [])


@pytest.fixture
def server(monkeypatch):
    """A model server, and the connection to it."""
    with serving(Behaviour(latency=0.01)) as served:
        extra = {"url": served.url, "concurrency": 4, "prices": {"input": 1.0, "output": 2.0}}
        monkeypatch.setattr(models.LlmHook, "get_conn", lambda self: Access(extra))
        yield served


def test_a_server_answers_and_its_tokens_and_dollars_are_counted(flow, server):
    outcome = flow.run(model="openai:tiny", as_latest=False)
    assert {row["answered_by"] for row in flow.rows()} == {"openai:tiny"}
    version = manifest.load(Anywhere(), outcome["manifest"])
    used, (prompt, completion) = version["tokens"]["openai:tiny"], server.charged
    assert (used["prompt_tokens"], used["completion_tokens"]) == (prompt, completion)
    assert used["cost"] == pytest.approx((prompt + 2 * completion) / 1e6)
    assert version["tokens"]["cost per row kept"] == pytest.approx(used["cost"] / version["rows"])
    calls = [call for _, record in records(flow, "pairs") for call in record["calls"]]
    assert {estimate["of"] for call in calls for estimate in call["estimates"]} == {"prompts", "answers"}


def test_at_the_ceiling_a_task_stops_and_a_higher_one_lets_it_go_on_without_asking_twice(flow, server):
    with pytest.raises(AirflowFailException, match="CeilingReached: the run has reached its ceiling of 8,000 tokens"):
        flow.run(model="openai:tiny", ceiling_tokens="8000")
    spent = sum(server.charged)
    assert 0 < spent <= 8_000
    before = len(server.hits)
    outcome = flow.run(model="openai:tiny", ceiling_tokens="10000000")
    assert manifest.load(Anywhere(), outcome["funnel"])["rejected"] == 0
    assert max(server.times("answered").values()) == 1
    assert len(server.hits) > before


def test_another_dag_finds_the_answers_and_a_replay_gives_them_without_a_server(flow, server):
    flow.run(model="openai:tiny")
    asked, first = len(server.hits), flow.rows()
    flow.dataset = f"{flow.folder}/elsewhere"
    flow.run("again", model="openai:tiny")
    assert len(server.hits) == asked
    flow.dataset = f"{flow.folder}/replayed"
    outcome = flow.run("replay", model="replay:openai:tiny", as_latest=False)
    rows = dataset.read(Anywhere(), manifest.load(Anywhere(), outcome["manifest"])).to_pylist()
    assert [row["question"] for row in rows] == [row["question"] for row in first]
    assert {row["answered_by"] for row in rows} == {"replay of openai:tiny"}
    assert "**Replay.**" in bytes(Anywhere().read(outcome["manifest"].replace("manifest.json", "README.md"))).decode()
    assert outcome["version"] is None


def records(flow, task):
    for stored in Anywhere().list(f"{flow.folder}/work"):
        if f"/{task}/" in stored.uri and stored.uri.endswith("_manifest.json"):
            yield from ((stored.uri, record) for record in manifest.load(Anywhere(), stored.uri)["records"])
