"""The words a DAG file is written in: what does not fit fails when the file is parsed."""

import pytest
from airflow.sdk import dag, task_group

from dataflow_ops.airflow import apply, ingest, publish, read, reduce, schedule, step
from dataflow_ops.errors import BadArgument
from tests.rows import doubled, first_letters, longer


def dag_of(body):
    """A DAG whose tasks `body` makes."""

    @dag(dag_id="words", schedule=None)
    def words():
        body()

    return words()


def test_a_recipe_becomes_tasks():
    def body():
        @task_group
        def each(batch):
            return apply([step(longer, at_least=5), doubled], read(batch, columns={"text": []}), task_id="long")

        compared = reduce(first_letters, each.expand(batch=ingest("s3://b/in")), task_id="compared")
        publish(compared, asset="a")

    made = dag_of(body)
    assert sorted(made.task_dict) == ["compared", "each.long", "each.read", "ingest", "publish"]
    assert made.task_dict["each.long"].ops == [
        {"op": "tests.rows:longer", "with": {"at_least": 5}},
        {"op": "tests.rows:doubled", "with": {}},
    ]
    assert made.task_dict["publish"].upstream_task_ids == {"compared"}
    assert [asset.name for asset in made.task_dict["publish"].outlets] == ["a"]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (lambda: apply(longer, "batch", txt="text"), r"longer has no parameter 'txt'; did you mean 'text'\?"),
        (lambda: apply([step(longer, at_least="a lot")], "batch"), "at_least='a lot' does not fit int"),
        (lambda: apply([longer], "batch", at_least=5), r"settings \['at_least'\] with several ops"),
        (lambda: apply(first_letters, "batch"), "looks at all shards at once: use reduce"),
        (lambda: reduce(longer, "batches"), "takes one table at a time: use apply"),
        (
            lambda: read("batch", columns={"question": []}, optional={"gold": ["question"]}),
            "'question' is among both columns and optional",
        ),
        (lambda: read("batch", columns={}, optional={"gold": []}), "at least one column that is required"),
        (lambda: read("batch", columns={"text": []}, optional={"source": []}), "a column cannot be called 'source'"),
        (lambda: read("batch", columns={"text": []}, optional={"gold": "answer"}), r"list of names, \['answer'\]"),
    ],
)
def test_what_does_not_fit_is_named_when_the_file_is_parsed(body, message):
    with pytest.raises(BadArgument, match=message):
        dag_of(body)


def test_optional_columns_are_those_a_record_may_lack():
    made = dag_of(lambda: read("batch", columns={"question": ("problem",)}, optional={"gold": ("answer",)}))
    task = made.task_dict["read"]
    assert (task.columns, task.optional) == ({"question": ["problem"]}, {"gold": ["answer"]})


def test_templates_wait_until_the_task_runs():
    made = dag_of(lambda: apply(longer, "batch", at_least="{{ params.least }}"))
    assert made.task_dict["longer"].ops == [{"op": "tests.rows:longer", "with": {"at_least": "{{ params.least }}"}}]


def test_an_op_may_be_for_some_rows_only():
    made = dag_of(lambda: apply(step(longer, where="fresh", at_least=5), "batch"))
    assert made.task_dict["longer"].ops == [{"op": "tests.rows:longer", "with": {"at_least": 5}, "where": "fresh"}]


def test_what_may_pass_is_tried_again():
    task = dag_of(lambda: apply(longer, "batch")).task_dict["longer"]
    assert (task.retries, task.retry_delay.total_seconds(), task.retry_exponential_backoff) == (6, 10, 2)


@pytest.mark.parametrize(("value", "schedule_is"), [("", None), ("@daily", "@daily")])
def test_the_deployment_says_when_a_pipeline_runs(monkeypatch, value, schedule_is):
    monkeypatch.setenv("DATAFLOW_SCHEDULE_TEXT", value)
    assert schedule("text") == schedule_is
