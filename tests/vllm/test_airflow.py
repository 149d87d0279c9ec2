"""A whole pipeline on real vLLM, in the pool for GPU tasks, through the scheduler of a real Airflow."""

import json
import os
import time

import pytest

from dataflow_ops import dataset
from tests.pipelines import Pipeline
from tests.vllm import tiny
from tests.vllm.conftest import CACHE, FLAGS, PYTHON

WINDOW = 8192
"""Tokens: bytes, with this tokenizer. The prompts of the package have some two thousand."""
DOCUMENT = (
    "Lighthouse number {0} stands on the northern cape, where the winds blow hardest in the winter months of the year. "
    "It was built of grey granite in 18{0}, because ships had been lost there for centuries and the town had asked for a "
    "light again and again. Its lamp is seen from twenty miles away, and keeper {0} climbs two hundred steps each evening."
)


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """A chat model of random weights whose window holds real prompts."""
    folder = tiny.write_llama(tmp_path_factory.mktemp("model") / "llama")
    for name, change in (("config.json", "max_position_embeddings"), ("tokenizer_config.json", "model_max_length")):
        said = json.loads((folder / name).read_text())
        (folder / name).write_text(json.dumps(said | {change: WINDOW}))
    return folder


@pytest.fixture(scope="module")
def set_up(request, around):
    """The set-up of the project, with vLLM's environment."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("HF_HUB_OFFLINE", "VLLM_CACHE_ROOT", "VLLM_NO_USAGE_STATS"):
            patch.setitem(os.environ, name, around[name])
        patch.setitem(os.environ, "DATAFLOW_VLLM_PYTHON", str(PYTHON))
        airflow = request.getfixturevalue("airflow")
    flags = " ".join((*FLAGS, *CACHE))
    extra = json.dumps({"vllm_flags": flags, "vllm_warm_seconds": 300})
    airflow.api.post("connections", {"connection_id": "here", "conn_type": "llm", "extra": extra})
    return airflow


def test_tasks_of_a_run_share_one_engine_and_one_slot(set_up, model):
    pipeline = Pipeline(set_up, "text_sft_documents")
    for batch in range(2):
        pipeline.put_lines(f"{batch}.jsonl", *(DOCUMENT.format(10 + 2 * batch + number) for number in range(2)))
    conf = {"model": f"vllm:{model}", "llm_conn_id": "here", "at_least": 0, "batch_mib": 1, "shard_mib": 0.1}
    run = pipeline.start(**conf)
    busiest = occupied(set_up, run)
    assert list(run.failures()) == []
    assert busiest == 1, "tasks that ask hold the one slot of the pool, one after the other"
    version = pipeline.version()
    rows = dataset.read(pipeline.store, version)
    assert rows.num_rows
    assert set(rows["answered_by"].to_pylist()) == {f"vllm:{model}"}
    assert not version["rehearsal"]
    used = version["tokens"][f"vllm:{model}"]
    assert used["prompt_tokens"] > used["requests"] > 0
    assert used["completion_tokens"] > 0
    logs = list((set_up.home.root / "vllm").glob("*/server*.log"))
    assert len(logs) == 1, "the engine was loaded once"


def occupied(airflow, run, seconds=500):
    """Return how many slots of the pool were seen taken at most, until the run ended."""
    deadline, most = time.monotonic() + seconds, 0
    while airflow.api.get(run.path)["state"] not in ("success", "failed"):
        assert time.monotonic() < deadline, run.instances()
        most = max(most, airflow.api.get("pools/gpu")["occupied_slots"])
        time.sleep(0.5)
    return most


def test_the_same_again_is_answered_without_an_engine(set_up, model):
    pipeline = Pipeline(set_up, "text_sft_documents")
    pipeline.put_lines("a.jsonl", *(DOCUMENT.format(10 + number) for number in range(2)))
    conf = {"model": f"vllm:{model}", "llm_conn_id": "here", "at_least": 0}
    pipeline.run(**conf)
    used = pipeline.version()["tokens"][f"vllm:{model}"]
    assert used["requests"] == 0
    assert used["cached"] > 0
