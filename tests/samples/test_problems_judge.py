import json

import pyarrow as pa
import pytest

from dataflow_ops.llm.rehearsal.solver import solve
from dataflow_ops.llm.rehearsal.solver_values import shown
from dataflow_ops.samples import problems, problems_judge, solutions, solutions_judge
from dataflow_ops.shards import write_table
from dataflow_ops.sources import Column, find, records
from dataflow_ops.store import Folder

DROPPED = pa.schema([("id", pa.string()), ("dropped_by", pa.string()), ("reasons", pa.list_(pa.string()))])


def read(store, source, column):
    """Return the rows of a folder, each with its key."""
    chunks = [chunk.rows for file in find(store, f"{source}/").files for chunk in records(store, file, [column])]
    return [row | json.loads(row["meta"]) for chunk in chunks for row in chunk.to_pylist()]


def version(store, folder, published, dropped):
    """Return what a manifest says of a version that was published with these rows."""
    part = write_table(store, f"{folder}/data", "part", published)
    table = pa.Table.from_pylist(dropped, DROPPED)
    return {"parts": [vars(part)], "side_tables": {"right": [vars(write_table(store, folder, "side", table))]}}


@pytest.fixture
def sample(tmp_path):
    """The sample on disk, and the rows of it that a perfect run would publish."""
    problems.write(tmp_path / "source")
    store, source = Folder(), str(tmp_path / "source")
    truth = {row["key"]: row for row in map(json.loads, (tmp_path / "source" / problems.TRUTH).open())}
    rows = [row for row in read(store, source, problems_judge.QUESTIONS) if truth[row["key"]]["kind"] == "sound"]
    answers = [{"answer": shown(solve(row["question"])), "verified_by": "gold"} for row in rows]
    return store, source, [row | answer for row, answer in zip(rows, answers, strict=True)]


def judged(tmp_path, sample, published, dropped=()):
    store, source, _ = sample
    table = pa.Table.from_pylist([{name: row[name] for name in problems_judge.PUBLISHED} for row in published])
    report = problems_judge.judge(store, version(store, str(tmp_path / "out"), table, list(dropped)), f"{source}/")
    return {measure.name: measure.verdict for measure in report.measures if measure.verdict}


def test_a_run_without_mistakes_meets_every_target(tmp_path, sample):
    *_, rows = sample
    made = {"id": "new", "question": "What is 15% of 240?", "answer": "36", "verified_by": "vote"}
    assert set(judged(tmp_path, sample, [*rows, made]).values()) == {"ok"}


def test_why_a_problem_is_missing_is_read_from_the_side_tables(tmp_path, sample):
    *_, rows = sample
    name, everything = "sound problems published, or none of their solutions right", rows[1:]
    gone = {"id": rows[0]["id"], "dropped_by": "filters.reasons.none"}
    assert judged(tmp_path, sample, everything)[name] == "MISSED"
    unproven = gone | {"reasons": ["no sample gives the reference answer: '12' expected"]}
    assert judged(tmp_path, sample, everything, [unproven])[name] == "ok"
    assert judged(tmp_path, sample, everything, [gone | {"reasons": ["language"]}])[name] == "MISSED"
    assert judged(tmp_path, sample, everything, [unproven | {"dropped_by": "filters.values.between"}])[name] == "MISSED"


def test_solutions_are_judged_by_what_is_published(tmp_path):
    solutions.write(tmp_path / "source")
    store, source = Folder(), str(tmp_path / "source")
    truth = {row["key"]: row["kind"] for row in map(json.loads, (tmp_path / "source" / solutions.TRUTH).open())}
    rows = read(store, source, Column("question", ("instruction",)))
    right = pa.table({"id": [row["id"] for row in rows if truth[row["key"]] == "right"]})
    assert solutions_judge.judge(store, version(store, str(tmp_path / "out"), right, []), source).ok
    everything = pa.table({"id": [row["id"] for row in rows]})
    assert not solutions_judge.judge(store, version(store, str(tmp_path / "all"), everything, []), source).ok
