import csv
import json
from collections import Counter

import pytest

from dataflow_ops.errors import BadArgument
from dataflow_ops.llm.rehearsal.code_bank import task_in, tasks
from dataflow_ops.samples import code_instructions
from dataflow_ops.samples.code_instructions import FILE, TABLE, TRUTH


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("samples") / "code_instructions"
    code_instructions.write(folder, seed=2)
    return folder


@pytest.fixture(scope="module")
def truth(folder):
    return {row["key"]: row for row in map(json.loads, (folder / TRUTH).read_bytes().splitlines())}


def read(folder):
    lines = [json.loads(line) for line in (folder / FILE).read_bytes().splitlines()]
    with (folder / TABLE).open(newline="") as file:
        table = [{"key": row["key"], "instruction": row["prompt"]} for row in csv.DictReader(file)]
    assert min(len(lines), len(table)) > 5
    assert len(lines) + len(table) == len({row["key"] for row in [*lines, *table]})
    return {row["key"]: row.get("instruction") for row in [*lines, *table]}


def test_every_instruction_has_its_truth(folder, truth):
    assert read(folder).keys() == truth.keys()
    kinds = Counter(row["kind"] for row in truth.values())
    assert kinds["sound"] >= 30
    assert min(kinds["exact_duplicate"], kinds["near_duplicate"]) >= 2
    assert min(kinds["bad"], kinds["hostile"]) >= 7
    assert {row["fault"] for row in truth.values() if row["kind"] == "bad"} >= {"no_task", "vague", "contradiction"}


def test_sound_ones_name_a_task_and_are_worded_otherwise(folder, truth):
    for key, text in read(folder).items():
        if isinstance(text, str):
            found = task_in(text)
            assert (found and found.name) == truth[key]["function"]
            assert found is None or found.does not in text
    assert {row["function"] for row in truth.values()} - {None} <= tasks().keys()


def test_copies_are_copies(folder, truth):
    given = read(folder)
    for key, row in truth.items():
        if row["of"]:
            assert (given[key] == given[row["of"]]) == (row["kind"] == "exact_duplicate")
            assert truth[row["of"]]["function"] == row["function"]


def test_the_same_seed_writes_the_same_bytes(folder, tmp_path):
    code_instructions.write(tmp_path / "again", seed=2)
    code_instructions.write(tmp_path / "other", seed=3)
    for name in (FILE, TABLE, TRUTH):
        assert (tmp_path / "again" / name).read_bytes() == (folder / name).read_bytes()
    assert (tmp_path / "other" / FILE).read_bytes() != (folder / FILE).read_bytes()
    with pytest.raises(BadArgument, match="expected an empty folder"):
        code_instructions.write(folder)
