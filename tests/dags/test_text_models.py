"""The DAGs that ask a model, through the scheduler of a real Airflow, answered by the rehearsal."""

from random import Random

import pytest

from dataflow_ops import dataset, manifest
from dataflow_ops.samples import intents, sft, topics
from dataflow_ops.samples.prose import article
from tests import tiny_models
from tests.dags.funnels import accounted_for
from tests.pipelines import Pipeline

DOCUMENTS = 12


def documents(pipeline):
    pipeline.put_lines("a.jsonl", *(article(Random(number), words=150) for number in range(DOCUMENTS)))


def sample(module, **settings):
    def put(pipeline, folder):
        module.write(folder, **settings)
        for path in folder.iterdir():
            if not path.name.startswith("_"):
                pipeline.put(path.name, path.read_bytes())

    return put


VARIANTS = {
    "text_synthesis": (lambda pipeline, _: documents(pipeline), {"at_least": 1}, {"rewritten", "text", "fluency"}),
    "text_qa": (
        lambda pipeline, _: documents(pipeline),
        {"documents": 4, "questions": 2, "at_least": 1},
        {"question", "answer", "focus", "parents", "question_quality"},
    ),
    "text_sft_documents": (
        lambda pipeline, _: documents(pipeline),
        {"at_least": 0},
        {"instruction", "output", "parents", "sft_score"},
    ),
    "text_sft_topics": (
        sample(topics, rows=6),
        {"at_least": 0},
        {"instruction", "output", "draft", "critique", "difficulty", "parents"},
    ),
    "text_conversations": (sample(intents, rows=8), {}, {"messages", "category", "persona"}),
}


@pytest.mark.parametrize("dag", VARIANTS)
def test_a_variant_runs_whole_with_the_rehearsal_and_publishes_no_version(airflow, tmp_path, dag):
    put, conf, columns = VARIANTS[dag]
    pipeline = Pipeline(airflow, dag)
    put(pipeline, tmp_path)
    outcome = pipeline.run(**conf)
    assert outcome["version"] is None
    assert pipeline.version() is None, "what no model made is no version"
    beside = manifest.load(pipeline.store, outcome["manifest"])
    rows = dataset.read(pipeline.store, beside)
    assert rows.num_rows
    assert columns <= set(rows.column_names)
    assert set(rows["answered_by"].to_pylist()) == {"rehearsal"}
    assert accounted_for(pipeline.funnel(outcome))
    assert (
        "not training data"
        in bytes(pipeline.store.read(outcome["manifest"].replace("manifest.json", "README.md"))).decode()
    )


def test_rehearsed_failures_are_rejected_and_the_form_can_ask_for_them_again(airflow):
    pipeline = Pipeline(airflow, "text_sft_documents")
    documents(pipeline)
    allowed = {"rehearsal_as_latest": True, "at_least": 0}
    pipeline.run(model="rehearsal:errors=0.5,seed=2", **allowed)
    first = pipeline.version()
    assert first["rehearsal"]
    assert 0 < first["rows"] < DOCUMENTS
    outcome = pipeline.run(redo="latest", **allowed)
    funnel, second = pipeline.funnel(outcome), pipeline.version()
    assert funnel["rows_in"] == DOCUMENTS - first["rows"]
    ids = dataset.read(pipeline.store, second)["id"].to_pylist()
    assert len(ids) == len(set(ids)) == DOCUMENTS


def test_pairs_are_chosen_by_models_in_the_pool_for_gpus(airflow, tmp_path):
    pipeline = Pipeline(airflow, "text_sft_filter")
    sample(sft, pairs=40)(pipeline, tmp_path / "sample")
    tiny_models.make_gpt2(tmp_path / "causal")
    model = str(tmp_path / "causal")
    wide = {"ifd_at_least": 0, "ifd_at_most": 1000, "quality_at_least": 1}
    outcome = pipeline.run(ifd_model=model, quality_model=model, **wide)
    rows = dataset.read(pipeline.store, pipeline.version())
    assert {"ifd", "deita_quality"} <= set(rows.column_names)
    assert accounted_for(pipeline.funnel(outcome))
    tasks = airflow.api.get("dags/text_sft_filter/tasks")["tasks"]
    assert {task["task_id"] for task in tasks if task["pool"] == "gpu"} == {
        "chosen.helped_by_instruction",
        "chosen.good",
    }


@pytest.mark.parametrize(
    ("conf", "message"),
    [
        ({"model": "openai:any", "llm_conn_id": "nowhere"}, "there is no connection 'nowhere'"),
        ({"model": "vllm:/no/such/model"}, "there is no folder '/no/such/model'"),
    ],
)
def test_a_model_that_cannot_be_asked_fails_at_once_with_the_cure(airflow, tmp_path, conf, message):
    pipeline = Pipeline(airflow, "text_conversations")
    sample(intents, rows=2)(pipeline, tmp_path)
    errors, tries = pipeline.fail(**conf)
    assert message in errors
    assert set(tries.values()) == {1}


def test_all_dags_that_ask_have_the_same_form(airflow):
    shared = {
        "model",
        "llm_conn_id",
        "ceiling_usd",
        "ceiling_tokens",
        "prompts",
        "answers",
        "redo",
        "source",
        "dataset",
    }
    for dag in VARIANTS:
        assert shared <= set(airflow.api.get(f"dags/{dag}/details")["params"])
