import json
from collections import Counter

import pytest

from dataflow_ops.errors import BadArgument
from dataflow_ops.samples.solutions import FILE, KINDS, TRUTH, write
from dataflow_ops.samples.solutions_judge import evaluate


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("samples") / "solutions"
    write(folder, seed=2)
    return folder


@pytest.fixture(scope="module")
def truth(folder):
    return {row["key"]: row["kind"] for row in map(json.loads, (folder / TRUTH).read_bytes().splitlines())}


@pytest.fixture(scope="module")
def solutions(folder, truth):
    rows = [json.loads(line) for line in (folder / FILE).read_bytes().splitlines()]
    assert [row["key"] for row in rows] == list(truth)
    return {kind: [row for row in rows if truth[row["key"]] == kind] for kind in KINDS}


def test_every_kind_is_there_and_two_thirds_are_right(truth):
    counts = Counter(truth.values())
    assert counts.keys() == set(KINDS)
    assert min(counts.values()) >= 4
    assert 0.6 < counts["right"] / len(truth) < 0.7


def test_solutions_are_bad_in_the_way_that_is_said(solutions):
    texts = {kind: [row["generated_cot"] for row in rows] for kind, rows in solutions.items()}
    assert set(texts["null"]) == {None}
    assert not any("\\boxed" in text for text in texts["no_box"])
    assert all(
        text.count("\\boxed{") == 1 for kind in ("right", "wrong", "circular", "too_long") for text in texts[kind]
    )
    assert min(map(len, texts["too_long"])) > 4 * 8192
    assert all(len(set(text.split())) < len(text.split()) / 5 for text in texts["circular"])
    assert max(map(len, texts["circular"])) < 4 * 8192


def test_the_same_seed_writes_the_same_bytes_and_no_file_is_lost(folder, tmp_path):
    write(tmp_path / "again", seed=2)
    assert (tmp_path / "again" / FILE).read_bytes() == (folder / FILE).read_bytes()
    with pytest.raises(BadArgument, match="expected an empty folder"):
        write(folder)


def test_what_is_kept_decides(truth):
    right = {key for key, kind in truth.items() if kind == "right"}
    wrong = next(key for key, kind in truth.items() if kind == "wrong")
    assert evaluate(truth, right).ok
    assert [each.name for each in evaluate(truth, right | {wrong}).measures if each.verdict == "MISSED"] == [
        "wrong: left out"
    ]
    assert not evaluate(truth, set()).ok
