"""The reasoning pipeline and its filter, through the scheduler of a real Airflow, answered by the rehearsal."""

import json

import pytest

from dataflow_ops import dataset, exports
from dataflow_ops.samples import problems, problems_general, problems_judge, solutions, solutions_judge
from tests.dags.funnels import accounted_for, dropped, put_sample
from tests.pipelines import Pipeline

ALLOWED = {"rehearsal_as_latest": True}


def put_rows(pipeline, key, *rows):
    lines = (row if isinstance(row, str) else json.dumps(row, ensure_ascii=False) for row in rows)
    pipeline.put(key, "\n".join(lines).encode())


@pytest.fixture(scope="module")
def solved(airflow, tmp_path_factory):
    """Run the sample of mathematical problems once: the pipeline, its funnel, and the rows of its version."""
    pipeline = Pipeline(airflow, "reasoning")
    put_sample(pipeline, problems, tmp_path_factory.mktemp("problems"))
    outcome = pipeline.run(**ALLOWED)
    return pipeline, pipeline.funnel(outcome), dataset.read(pipeline.store, pipeline.version()).to_pylist()


def test_the_sample_is_solved_and_what_is_published_is_right(solved):
    pipeline, funnel, rows = solved
    report = problems_judge.judge(pipeline.store, pipeline.version(), pipeline.source)
    assert report.ok, report.render()
    assert funnel["rows_in"] >= 60
    assert len({row["id"] for row in rows}) == len(rows) == funnel["rows_out"]
    for row in rows:
        assert row["verified_by"] in ("gold", "vote")
        assert (row["verified_by"] == "gold") == bool((row["gold"] or "").strip())
        assert 1 <= row["difficulty"] <= 10
        assert row["category"]
        assert row["subcategory"]
        assert f"\\boxed{{{row['answer']}}}" in row["solution"]


def test_every_row_of_the_sample_is_accounted_for(solved):
    assert accounted_for(solved[1])


def test_new_questions_are_published_when_their_samples_agree_and_not_when_they_do_not(solved):
    pipeline, funnel, rows = solved
    made = [row for row in rows if row["synthetic"]]
    assert made
    assert {row["verified_by"] for row in made} == {"vote"}
    assert min(row["agreement"] for row in made) >= 0.75
    assert {len(row["parents"]) for row in made} == {1, 2}
    assert len({row["transformation"] for row in made}) > 5
    version = pipeline.version()
    verdicts = [dataset.verdicts(pipeline.store, version, task).to_pylist() for task in version["side_tables"]]
    disagreed = [row for task in verdicts for row in task if "too few samples agree" in str(row["reasons"])]
    assert len(disagreed) == dropped(funnel)["too few samples agree"] > 0
    assert not {row["id"] for row in disagreed} & {row["id"] for row in rows}


def test_the_exports_are_the_rows_as_trainers_read_them(solved):
    pipeline, _, rows = solved
    chats = list(exports.read(pipeline.store, pipeline.version(), "chat.jsonl"))
    texts = list(exports.read(pipeline.store, pipeline.version(), "pretraining.parquet"))
    assert len(chats) == len(texts) == len(rows)
    for row, chat, text in zip(rows, chats, texts, strict=True):
        assert [each["role"] for each in chat["messages"]] == ["user", "assistant"]
        assert [each["content"] for each in chat["messages"]] == [row["question"], row["solution"]]
        assert text["text"] == f"{row['question']}\n{row['solution']}"


def test_questions_of_other_fields_are_judged_by_the_model(airflow, tmp_path):
    pipeline = Pipeline(airflow, "reasoning")
    put_sample(pipeline, problems_general, tmp_path)
    outcome = pipeline.run(domain="general", **ALLOWED)
    report = problems_judge.judge(pipeline.store, pipeline.version(), pipeline.source)
    assert report.ok, report.render()
    assert accounted_for(pipeline.funnel(outcome))
    rows = dataset.read(pipeline.store, pipeline.version())
    assert "judge" in rows["verified_by"].to_pylist()


def test_bad_rows_are_rejected_or_dropped_with_their_reason_and_the_others_are_solved(airflow):
    pipeline = Pipeline(airflow, "reasoning")
    good = "In how many orders can 5 different books stand on a shelf?"
    put_rows(
        pipeline,
        "mixed.jsonl",
        {"question": good, "answer": 120},
        {"question": "What is $7 + 8$?", "answer": "１５"},
        {"question": "What is $3 \\cdot 5$?", "answer": [15]},
        {"question": "What is $\\frac{1}{2 + 3$, if it is anything?", "answer": "1/5"},
        {"question": "What is 2 + 2? " * 15_000, "answer": "4"},
        {"question": " ", "answer": "4"},
        {"question": ["What is 1 + 1?"], "answer": "2"},
        {"answer": "9"},
        "{broken",
    )
    put_rows(
        pipeline, "without.jsonl", *({"problem": f"Solve $2x + {n} = 19$ for $x$.", "answer": None} for n in range(5))
    )
    outcome = pipeline.run(variations=0, fusions=0, samples_with_answer=16, **ALLOWED)
    funnel = pipeline.funnel(outcome)
    assert accounted_for(funnel)
    rows = {row["question"]: row for row in dataset.read(pipeline.store, pipeline.version()).to_pylist()}
    assert rows[good]["gold"] == "120"
    assert rows[good]["verified_by"] == "gold"
    assert {(row["gold"], row["verified_by"]) for text, row in rows.items() if text.startswith("Solve")} == {
        (None, "vote")
    }
    assert all(len(text) < 1000 for text in rows)
    why = " | ".join([*dropped(funnel), *(reason for step in funnel["steps"] for reason in step["rejected"])])
    for part in ("found a list", "found no such field", "expected JSON", "language", "empty"):
        assert part in why


def test_only_solutions_that_reach_the_known_answer_stay(airflow, tmp_path):
    pipeline = Pipeline(airflow, "reasoning_filter")
    put_sample(pipeline, solutions, tmp_path)
    funnel = pipeline.funnel(pipeline.run())
    assert accounted_for(funnel)
    version = pipeline.version()
    assert not version.get("rehearsal"), "no model was asked"
    report = solutions_judge.judge(pipeline.store, version, pipeline.source)
    assert report.ok, report.render()
    assert set(exports.names(version["parts"])) == {"chat.jsonl", "pretraining.parquet"}


def test_a_file_without_questions_fails_at_once_with_the_columns_it_has(airflow):
    pipeline = Pipeline(airflow, "reasoning_filter")
    put_rows(pipeline, "columns.csv", "subject,body", "sums,What is 1 + 2?")
    errors, tries = pipeline.fail()
    assert "missing column 'question' (or 'instruction', 'problem') in" in errors
    assert "there are: 'body', 'subject'" in errors
    assert set(tries.values()) == {1}
