import json

import pyarrow as pa
import pytest

from dataflow_ops.errors import BadArgument
from dataflow_ops.llm.rehearsal.code_bank import tasks
from dataflow_ops.samples import (
    code_instructions,
    code_instructions_judge,
    snippets,
    snippets_filter_judge,
    snippets_judge,
)
from dataflow_ops.samples.snippets_known import CODE
from dataflow_ops.shards import write_table
from dataflow_ops.sources import find, records
from dataflow_ops.store import Folder

AGAIN = "published programs that pass their tests again"
RIGHT = "published programs right by all tests of their task"
REACHED = "sound files with a function to test that reached the output"
FEW = pa.schema(
    [
        ("id", pa.string()),
        ("instruction", pa.string()),
        ("solution", pa.string()),
        ("tests_kept", pa.list_(pa.string())),
    ]
)


def read(store, source, column):
    """Return the rows of a folder, each with its key."""
    chunks = [chunk.rows for file in find(store, f"{source}/").files for chunk in records(store, file, [column])]
    return [row | json.loads(row["meta"]) for chunk in chunks for row in chunk.to_pylist()]


def truth_of(folder):
    return {row["key"]: row for row in map(json.loads, (folder / "_truth.jsonl").open())}


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    """The sample on disk, what is known about it, and its rows as a source gives them."""
    folder = tmp_path_factory.mktemp("judged") / "source"
    snippets.write(folder)
    return Folder(), folder, truth_of(folder), read(Folder(), str(folder), CODE)


def version(tmp_path, rows, schema=None):
    table = pa.Table.from_pylist(rows, schema)
    return {"parts": [vars(write_table(Folder(), str(tmp_path / "data"), "part", table))], "side_tables": {}}


def told(report):
    return {measure.name: measure.verdict for measure in report.measures if measure.verdict}


def filtered(tmp_path, sample, rows):
    store, folder, truth, _ = sample
    table = [{"id": row["id"], "code": row["code"], "language": truth[row["key"]]["language"]} for row in rows]
    return told(snippets_filter_judge.judge(store, version(tmp_path, table), f"{folder}/"))


def solved(row, truth, number=0):
    task = tasks()[truth[row["key"]]["function"]]
    asked = f"Write `def {task.signature}`."
    return {"id": row["id"], "instruction": asked, "solution": task.right[number], "tests_kept": task.tests[:4]}


def paired(tmp_path, sample, rows):
    store, folder, *_ = sample
    return told(snippets_judge.judge(store, version(tmp_path, rows, FEW), f"{folder}/"))


def test_a_filter_without_mistakes_meets_every_target(tmp_path, sample):
    *_, truth, rows = sample
    good = [row for row in rows if truth[row["key"]]["kind"] in ("sound", "licensed")]
    assert set(filtered(tmp_path, sample, good).values()) == {"ok"}


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("broken", "broken files left out"),
        ("exact_duplicate", "exact duplicates left out"),
        ("near_duplicate", "near duplicates left out"),
        ("secret", "planted secrets in no published file"),
        ("hostile", "unreadable rows left out"),
    ],
)
def test_what_a_filter_lets_through_is_seen(tmp_path, sample, kind, name):
    *_, truth, rows = sample
    kept = [row for row in rows if truth[row["key"]]["kind"] in ("sound", "licensed", kind)]
    missed = {name for name, verdict in filtered(tmp_path, sample, kept).items() if verdict == "MISSED"}
    assert missed == {name}


def test_a_filter_that_drops_good_files_or_takes_them_for_others_is_seen(tmp_path, sample):
    *_, truth, rows = sample
    good = [row for row in rows if truth[row["key"]]["kind"] in ("sound", "licensed")]
    assert filtered(tmp_path, sample, good[10:])["good files kept"] == "MISSED"
    store, folder, *_ = sample
    table = [{"id": row["id"], "code": row["code"], "language": "Python"} for row in good]
    report = snippets_filter_judge.judge(store, version(tmp_path / "other", table), str(folder))
    assert told(report)["languages right"] == "MISSED"


def test_pairs_without_mistakes_meet_every_target(sample):
    *_, truth, rows = sample
    testable = [row for row in rows if truth[row["key"]]["kind"] == "sound" and truth[row["key"]]["function"]][:6]
    made = {
        "key": None,
        "instruction": "`f()`",
        "solution": "def f():\n    return 1",
        "tests_kept": ["assert f() == 1"],
    }
    pairs = [*(row | solved(row, truth) for row in testable), made]
    known = {
        key: row for key, row in truth.items() if row["kind"] != "sound" or key in {each["key"] for each in testable}
    }
    known = {key: row for key, row in known.items() if row["kind"] != "licensed"}
    assert set(told(snippets_judge.evaluate(known, pairs)).values()) == {"ok"}


def test_pairs_that_fail_their_tests_or_those_of_the_task_are_seen(tmp_path, sample):
    *_, truth, rows = sample
    one = next(row for row in rows if truth[row["key"]]["function"] == "is_prime")
    pair, wrong = solved(one, truth), tasks()["is_prime"].wrong[0]
    measured = [
        paired(tmp_path / str(number), sample, [pair | changed])
        for number, changed in enumerate(
            [{}, {"solution": wrong}, {"solution": wrong, "tests_kept": ["assert is_prime(2)"]}, {"tests_kept": []}]
        )
    ]
    assert [each[AGAIN] for each in measured] == ["ok", "MISSED", "ok", "MISSED"]
    assert [each[RIGHT] for each in measured] == ["ok", "MISSED", "MISSED", "ok"]
    assert measured[0][REACHED] == "MISSED"


def test_pairs_with_a_secret_and_broken_files_are_seen(tmp_path, sample):
    *_, truth, rows = sample
    one = next(row for row in rows if truth[row["key"]]["kind"] == "secret")
    asked = {"id": one["id"], "instruction": one["code"], "solution": "x = 1", "tests_kept": ["assert x == 1"]}
    bad = [row for row in rows if truth[row["key"]]["kind"] == "broken"]
    missed = paired(tmp_path, sample, [asked, *(asked | {"id": row["id"], "instruction": "f()"} for row in bad)])
    assert missed["published pairs without a planted secret"] == "MISSED"
    assert missed["broken files left out"] == "MISSED"


def test_a_truth_of_another_sample_is_refused(sample):
    *_, truth, _ = sample
    row = {"key": "snippet-999", "instruction": "f()", "solution": "x = 1", "tests_kept": []}
    with pytest.raises(BadArgument, match="not in the truth file, the first is 'snippet-999'"):
        snippets_judge.evaluate(truth, [row])
    with pytest.raises(BadArgument, match="expected the dataset and the truth file of the same sample"):
        snippets_filter_judge.evaluate(truth, [{"key": "x", "code": "", "language": None}])


def test_pairs_of_given_instructions(tmp_path):
    folder, store = tmp_path / "source", Folder()
    code_instructions.write(folder)
    truth, rows = truth_of(folder), read(store, str(folder), code_instructions_judge.INSTRUCTION)
    sound = [row | solved(row, truth) for row in rows if truth[row["key"]]["kind"] == "sound"][:6]
    known = {key: row for key, row in truth.items() if row["kind"] != "sound" or key in {each["key"] for each in sound}}
    good = code_instructions_judge.evaluate(known, sound)
    assert good.ok, good.render()
    originals = {row["of"] for row in truth.values()}
    everything = [
        {"id": row["id"], "instruction": row["instruction"], "solution": "x = 1", "tests_kept": ["assert x == 2"]}
        for row in rows
        if truth[row["key"]]["kind"] != "sound" or row["key"] in originals
    ]
    bad = told(code_instructions_judge.judge(store, version(tmp_path, everything, FEW), f"{folder}/"))
    assert set(bad.values()) == {"MISSED"}
