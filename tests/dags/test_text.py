"""The text DAG through the scheduler of a real Airflow, over a real S3 server."""

import pytest

from dataflow_ops import dataset
from dataflow_ops.samples.judge import judge
from tests.pipelines import Pipeline, states

GOOD = (
    "The old lighthouse keeper walked down to the harbour every morning. He counted the boats that had come back in the "
    "night, and he wrote their names into a long book. Nobody had ever asked him to do that, but the village had learned "
    "to trust the book more than the calendar."
)


@pytest.fixture(scope="module")
def sample(airflow):
    """A run over the bundled sample, and what it published."""
    pipeline = Pipeline(airflow)
    pipeline.put_sample(600)
    outcome = pipeline.run()
    return pipeline, outcome


def test_the_sample_becomes_a_dataset_that_meets_its_targets(sample):
    pipeline, outcome = sample
    version, funnel = pipeline.version(), pipeline.funnel(outcome)
    report = judge(pipeline.store, version, pipeline.source)
    assert report.ok, report.render()
    assert funnel["rows_in"] == 600
    gone = sum(entry["rows"] for step in funnel["steps"] for entry in step["dropped"].values())
    assert funnel["rows_in"] == funnel["rows_out"] + funnel["rejected"] + gone
    assert funnel["rows_out"] == version["rows"] == dataset.read(pipeline.store, version).num_rows


def test_every_rows_measures_verdicts_and_twins_can_be_asked_for(sample):
    pipeline, _ = sample
    version = pipeline.version()
    judged = dataset.verdicts(pipeline.store, version, "refined.good")
    assert {"words", "unique_word_ratio", "failed_rules", "kept", "reasons"} <= set(judged.column_names)
    assert judged.filter(judged["kept"])["words"].null_count == 0
    assert judged.filter(judged["kept"])["failed_rules"].combine_chunks().value_lengths().to_pylist().count(
        0
    ) == judged["kept"].to_pylist().count(True)
    twins = dataset.verdicts(pipeline.store, version, "kept.unique").to_pylist()
    kept = {row["id"] for row in twins if row["kept"]}
    copies = [row for row in twins if row["duplicate_of"] or row["near_duplicate_of"]]
    assert copies
    assert all(
        (row["duplicate_of"] or row["near_duplicate_of"]) in kept | {each["id"] for each in copies} for row in copies
    )


def test_the_card_lies_beside_the_data(sample):
    pipeline, _ = sample
    card = bytes(pipeline.store.read(f"{pipeline.dataset}/README.md")).decode()
    assert "version 1" in card
    assert "unique" in card


def test_airflow_is_told_of_the_new_version(sample):
    pipeline, outcome = sample
    events = pipeline.airflow.api.get("assets/events", order_by="-timestamp", limit=100)["asset_events"]
    assert outcome["manifest"] in [event["extra"].get("manifest") for event in events]


def test_the_pool_for_gpu_tasks_is_there(airflow):
    assert airflow.api.get("pools/gpu")["slots"] >= 1


def test_the_same_source_again_publishes_nothing_and_one_new_file_is_all_that_is_read(sample):
    pipeline, _ = sample
    before = pipeline.version()
    run = pipeline.start()
    assert pipeline.finish(run) == "success"
    assert "nothing new since version 1" in run.result()["note"]
    assert states(run)["publish[-1]"] == "skipped"
    assert pipeline.version() == before
    pipeline.put_lines("late.jsonl", GOOD, "too short")
    outcome = pipeline.run()
    assert pipeline.funnel(outcome)["rows_in"] == 2
    assert (outcome["version"], pipeline.version()["rows"]) == (2, before["rows"] + 1)


@pytest.mark.parametrize(
    ("conf", "message"),
    [
        ({"source": "s3://no-such-bucket/x/"}, "NoSuchBucket; create it"),
        (
            {"thresholds": {"wordcount": {"at_least": 5}}},
            "rule 'wordcount' looks at 'wordcount', which is no column.* and [0-9]+ more",
        ),
    ],
)
def test_what_cannot_succeed_fails_at_once_with_the_cure(airflow, conf, message):
    pipeline = Pipeline(airflow)
    pipeline.put_lines("a.jsonl", GOOD)
    errors, tries = pipeline.fail(**conf)
    with pytest.raises(AssertionError, match=message):
        raise AssertionError(errors)
    assert set(tries.values()) == {1}


def test_a_wrong_preset_is_refused_by_the_form(airflow):
    pipeline = Pipeline(airflow)
    with pytest.raises(Exception, match="pretrian"):
        pipeline.start(preset="pretrian")
