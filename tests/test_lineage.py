import copy

import pytest

from dataflow_ops import lineage
from dataflow_ops.errors import Unaccounted
from dataflow_ops.stage import Place, apply, as_batch, reduce
from dataflow_ops.store import Anywhere
from tests import rows as ops
from tests.rows import rows
from tests.test_stage import given, steps


@pytest.fixture
def run(tmp_path):
    """A run of three tasks over two batches: read (before), measured and filtered, compared."""
    folder = f"{tmp_path}/work/dag/run"
    first = Place(Anywhere(), f"{folder}/task/00000-x", "task")
    second = Place(Anywhere(), f"{folder}/task/00001-x", "task")
    batches = [
        given(first, rows(text=["abcd", "ab"])),
        given(second, rows(text=["avocado"]).set_column(0, "id", [["c"]])),
    ]
    kept = [
        apply(place, steps(ops.length, ops.longer), batch)
        for place, batch in zip((first, second), batches, strict=True)
    ]
    compared = reduce(
        Place(Anywhere(), f"{folder}/twins/00000-x", "twins"),
        steps(ops.first_letters)[0],
        list(map(as_batch, kept)),
        (),
    )
    return [value["uri"] for value in compared], [batch.manifest for batch in batches]


def test_a_run_adds_up(run):
    found = lineage.walk(Anywhere(), run[0])
    lineage.check(found, run[1])
    funnel = lineage.funnel(found, "dag", "run")
    assert [(step["task"], step["rows_in"], step["rows_out"]) for step in funnel["steps"]] == [
        ("before", 3, 3),
        ("task", 3, 2),
        ("twins", 2, 2),
    ]
    assert (funnel["rows_in"], funnel["rows_out"], funnel["rejected"]) == (3, 2, 0)
    assert funnel["steps"][1]["dropped"] == {"longer text at_least=3": {"rows": 1, "examples": ["b"]}}
    assert set(lineage.side_tables(found, "verdicts")) == {"task"}
    assert any("dropped 1: longer text at_least=3" in line for line in lineage.summary(found.values()))


def damaged(found, change):
    found = copy.deepcopy(dict(found))
    change(next(value for value in found.values() if value["task"] == "task"))
    return found


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda value: value["records"].pop(), "did not take in the rows that the task before put out"),
        (lambda value: value["records"].append(value["records"][0]), "did not take in the rows"),
        (lambda value: value["records"][0]["rows"].update(out=99), "do not add up"),
        (lambda value: value["records"][0]["ids"].update({"in": "7"}), "did not take in the rows"),
        (lambda value: value["records"][0]["ids"].update({"out": "7"}), "twins .* did not take in the rows"),
    ],
)
def test_a_lost_or_doubled_row_is_caught(run, change, message):
    found = lineage.walk(Anywhere(), run[0])
    with pytest.raises(Unaccounted, match=message):
        lineage.check(damaged(found, change), run[1])


def test_a_batch_that_never_arrived_is_caught(run):
    found = lineage.walk(Anywhere(), run[0][:1])
    with pytest.raises(Unaccounted, match="1 of 2 batches of sources never arrived"):
        lineage.check(found, run[1])
