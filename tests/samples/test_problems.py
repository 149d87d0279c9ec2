import json
from collections import Counter

import pytest

from dataflow_ops.errors import BadArgument
from dataflow_ops.llm.rehearsal.solver import solve
from dataflow_ops.llm.rehearsal.solver_values import shown
from dataflow_ops.samples import problems, problems_general
from dataflow_ops.samples.problems_dealt import NAMES, TRUTH
from dataflow_ops.samples.solved import is_right
from tests.samples.dealt import rows

FAULTS = {"not_a_question", "language", "condition", "contradiction", "insufficient"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("samples") / "problems"
    problems.write(folder, seed=2)
    return folder


@pytest.fixture(scope="module")
def truth(folder):
    return {row["key"]: row for row in map(json.loads, (folder / TRUTH).read_bytes().splitlines())}


def test_every_problem_has_its_truth_and_lies_in_one_of_three_files(folder, truth):
    found = rows(folder, NAMES)
    assert found.keys() == truth.keys()
    assert len(list(folder.iterdir())) == 4
    assert {name for _, _, name in found.values()} == set(NAMES)
    assert all(name == "problems.jsonl" for key, (_, _, name) in found.items() if truth[key]["kind"] == "hostile")


def test_there_is_enough_of_everything(truth):
    kinds = Counter(row["kind"] for row in truth.values())
    assert kinds["sound"] >= 80
    assert kinds["exact_duplicate"] >= 3
    assert kinds["near_duplicate"] >= 3
    assert sum(row["kind"] == "sound" and not row["gold"] for row in truth.values()) >= 10
    faults = Counter(row["fault"] for row in truth.values() if row["kind"] == "broken")
    assert faults.keys() == FAULTS
    assert min(faults.values()) >= 2


def test_rows_that_are_hard_to_read_are_there(folder, truth):
    asked = [question for key, (question, _, _) in rows(folder, NAMES).items() if truth[key]["kind"] == "hostile"]
    assert max(len(each) for each in asked if isinstance(each, str)) > 190_000
    assert {type(each) for each in asked} >= {str, int, list, dict, type(None)}
    golds = [gold for key, (_, gold, _) in rows(folder, NAMES).items() if truth[key]["kind"] == "hostile"]
    assert 15 in golds
    assert "   " in golds


def test_the_same_seed_writes_the_same_bytes(folder, tmp_path):
    problems.write(tmp_path / "again", seed=2)
    problems.write(tmp_path / "other", seed=3)
    for name in ("problems.jsonl", "contest.csv", "exam.parquet", TRUTH):
        assert (tmp_path / "again" / name).read_bytes() == (folder / name).read_bytes()
    assert (tmp_path / "other" / "problems.jsonl").read_bytes() != (folder / "problems.jsonl").read_bytes()
    with pytest.raises(BadArgument, match="expected an empty folder"):
        problems.write(folder)


def test_copies_have_the_answer_of_their_original(folder, truth):
    found = rows(folder, NAMES)
    copies = [(key, row["of"]) for key, row in truth.items() if row["of"]]
    assert all(truth[key]["accepted"] == truth[of]["accepted"] for key, of in copies)
    assert all((found[key][0] == found[of][0]) == (truth[key]["kind"] == "exact_duplicate") for key, of in copies)


@pytest.mark.parametrize("sample", [problems, problems_general])
def test_what_was_worked_out_by_hand_and_what_rules_get_agree(sample):
    found = {each: solve(each.question) for each in sample.compose() if each.accepted}
    wrong = {
        each.question: (value, each.accepted)
        for each, value in found.items()
        if value is None or not is_right(shown(value), each.accepted)
    }
    assert wrong == {}


@pytest.mark.parametrize("sample", [problems, problems_general])
def test_what_is_broken_has_no_answer(sample):
    broken = [each.question for each in sample.compose() if each.kind == "broken"]
    assert [question for question in broken if solve(question) is not None] == []
    sound = [each.question for each in sample.compose() if each.kind == "sound"]
    assert len(set(sound)) == len(sound)
    assert not set(sound) & set(broken)


def test_general_questions_are_of_three_subjects_and_their_references_are_worded_otherwise():
    asked = [each for each in problems_general.compose() if each.kind == "sound"]
    assert len(asked) >= 20
    assert {each.subject for each in asked} == {"medicine", "law", "finance"}
    assert sum(each.gold not in each.accepted for each in asked) > len(asked) / 2
