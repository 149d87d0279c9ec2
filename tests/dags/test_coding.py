"""The code pipelines, through the scheduler of a real Airflow, answered by the rehearsal, run in the real sandbox."""

import json

import pytest

from dataflow_ops import dataset, exports
from dataflow_ops.samples import (
    code_instructions,
    code_instructions_judge,
    snippets,
    snippets_filter_judge,
    snippets_judge,
)
from tests.dags.funnels import accounted_for, dropped, put_sample
from tests.pipelines import Pipeline

ALLOWED = {"rehearsal_as_latest": True}
PROGRAM = '''def area(width: float, height: float) -> float:
    """Return the area of a rectangle; ValueError where a side is below zero."""
    if width < 0 or height < 0:
        raise ValueError("a side is below zero")
    return width * height
'''
KNOWN = '''def balanced(text: str) -> bool:
    """Tell whether every bracket that is opened in the text is closed again, in the right order."""
    waiting = []
    for sign in text:
        if sign in "([{":
            waiting.append(sign)
        elif sign in ")]}" and (not waiting or waiting.pop() + sign not in ("()", "[]", "{}")):
            return False
    return not waiting
'''
SCRIPT = """function total(prices) {
  // Sum the prices of all items that are in the basket, nothing for an empty one.
  return prices.reduce((sum, price) => sum + price, 0);
}
module.exports = { total };
"""


@pytest.fixture(scope="module")
def written(airflow, tmp_path_factory):
    """Run the sample of files once: the pipeline, its funnel, and the rows of its version."""
    pipeline = Pipeline(airflow, "coding")
    put_sample(pipeline, snippets, tmp_path_factory.mktemp("snippets"))
    outcome = pipeline.run(**ALLOWED)
    return pipeline, pipeline.funnel(outcome), dataset.read(pipeline.store, pipeline.version()).to_pylist()


def test_published_pairs_pass_their_tests_in_another_run(written):
    pipeline, funnel, rows = written
    report = snippets_judge.judge(pipeline.store, pipeline.version(), pipeline.source)
    assert report.ok, report.render()
    assert accounted_for(funnel)
    assert len({row["id"] for row in rows}) == len(rows) == funnel["rows_out"]
    for row in rows:
        assert row["tests_passed"] == len(row["tests_kept"]) >= 3
        assert row["tests_passed"] >= 0.8 * row["tests_run"]
        assert row["code_quality"] >= 6
        assert len(row["runs"]) == 4


def test_wrong_and_hostile_programs_are_run_and_their_failures_are_kept(written):
    _, _, rows = written
    failures = [run["failure"] for row in rows for run in row["runs"] if run["failure"]]
    assert any("AssertionError; in the test: assert" in failure for failure in failures)
    assert any("AssertionError" not in failure for failure in failures), failures
    passed = [run for row in rows for run in row["runs"] if any(run["passed"])]
    assert min(run["seconds"] for run in passed) > 0
    assert max(run["peak_mib"] for run in passed) > 1


def test_pairs_are_exported_as_chats_and_as_problems_with_tests(written):
    pipeline, _, rows = written
    chats = list(exports.read(pipeline.store, pipeline.version(), "chat.jsonl"))
    problems = list(exports.read(pipeline.store, pipeline.version(), "problems.jsonl"))
    for row, chat, problem in zip(rows, chats, problems, strict=True):
        asked, told = chat["messages"]
        assert asked["content"] == row["instruction"] == problem["instruction"]
        assert told["content"] == f"```python\n{row['solution'].rstrip()}\n```"
        assert problem["tests_kept"] == row["tests_kept"]


def test_new_instructions_are_specified_solved_and_proven(airflow, tmp_path):
    pipeline = Pipeline(airflow, "coding_instructions")
    put_sample(pipeline, code_instructions, tmp_path)
    funnel = pipeline.funnel(pipeline.run(**ALLOWED))
    assert accounted_for(funnel)
    report = code_instructions_judge.judge(pipeline.store, pipeline.version(), pipeline.source)
    assert report.ok, report.render()
    rows = dataset.read(pipeline.store, pipeline.version()).to_pylist()
    assert {row["synthetic"] for row in rows} == {True, False}
    assert all("def " in row["instruction"] and row["instruction_before"] for row in rows)


def test_the_filter_does_with_each_planted_file_what_its_truth_says(airflow, tmp_path):
    pipeline = Pipeline(airflow, "coding_filter")
    put_sample(pipeline, snippets, tmp_path)
    funnel = pipeline.funnel(pipeline.run())
    assert accounted_for(funnel)
    version = pipeline.version()
    assert not version.get("rehearsal"), "no model was asked"
    report = snippets_filter_judge.judge(pipeline.store, version, pipeline.source)
    assert report.ok, report.render()


def test_files_of_a_folder_are_rows_with_their_names_but_those_of_a_benchmark(airflow):
    pipeline = Pipeline(airflow, "coding_filter")
    files = {"area.py": PROGRAM, "basket.js": SCRIPT, "bad.py": f"{PROGRAM}\ndef (:\n", "known.py": KNOWN}
    for name, code in files.items():
        pipeline.put(f"src/{name}", code.encode())
    benchmark = f"tests/{pipeline.name}/benchmark.jsonl"
    airflow.s3.put_object(Bucket="dataflow", Key=benchmark, Body=json.dumps({"prompt": KNOWN}).encode())
    pipeline.put("src/latin.py", PROGRAM.replace("area", "fläche").encode("latin-1"))
    pipeline.put("src/picture.png", b"\x89PNG")
    funnel = pipeline.funnel(pipeline.run(benchmark=f"s3://dataflow/{benchmark}"))
    assert accounted_for(funnel)
    rows = dataset.read(pipeline.store, pipeline.version()).to_pylist()
    assert {row["path"]: row["language"] for row in rows} == {
        f"{pipeline.source}src/area.py": "Python",
        f"{pipeline.source}src/basket.js": "JavaScript",
    }
    assert funnel["rejected"] == 1
    assert dropped(funnel) == {"not valid Python": 1, "between benchmark_overlap below=0.2": 1}
