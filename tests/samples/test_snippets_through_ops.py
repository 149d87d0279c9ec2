"""The ops of the code pipeline on the sample, answered by the rehearsal and really run."""

from collections import Counter

import pyarrow as pa
import pytest

from dataflow_ops.generate import code
from dataflow_ops.llm.model import Model
from dataflow_ops.llm.rehearsal import Rehearsal
from dataflow_ops.llm.rehearsal.code_bank import task_in
from dataflow_ops.op import REJECTED
from dataflow_ops.samples import code_instructions, snippets
from dataflow_ops.samples.tested import passed_again
from dataflow_ops.score import execution, judge

FUNCTIONS = ("transposed", "spiral_order", "is_prime", "collatz_steps", "count_words", "evaluate_postfix", "top_keys")


@pytest.fixture(params=[0.0, 0.4], ids=["sound", "faulty"])
def model(request):
    return Model("rehearsal", Rehearsal(errors=request.param))


def passed(table, rejected):
    """Do what a task does after each op: move rows without an answer away."""
    if REJECTED not in table.column_names:
        return table
    rejected += table.filter(table[REJECTED].is_valid())["id"].to_pylist()
    return table.filter(table[REJECTED].is_null()).drop_columns(REJECTED)


def files():
    chosen = [one for one in snippets.compose() if one.function in FUNCTIONS or one.language in ("Rust", "HTML", "SQL")]
    rows = [{"id": str(at), "code": one.code, "language": one.language} for at, one in enumerate(chosen)]
    return pa.Table.from_pylist([row for row, one in zip(rows, chosen, strict=True) if one.kind == "sound"])


def test_pairs_come_out_of_files_and_what_is_proven_passes_again(model):
    given, rejected = files(), []
    table = passed(code.instructions(given, model), rejected)
    table = passed(code.solutions(table, model), rejected)
    table = passed(code.tests(table, model), rejected)
    table = execution.verified(table)
    rated = passed(judge.code(table.filter(table["solution"].is_valid()), model), [])
    rows = table.to_pylist()
    assert Counter([*table["id"].to_pylist(), *rejected]) == Counter(given["id"].to_pylist())
    proven = [row for row in rows if row["unproven"] is None]
    assert all(passed_again((row["solution"], row["tests_kept"]) for row in proven))
    assert {row["language"] for row in proven} <= {"Python"}
    assert set(rated["answered_by"].to_pylist()) == {"rehearsal"}
    if model.backend.errors == 0:
        assert not rejected
        assert len(proven) >= 5
        assert min(rated["code_quality"].to_pylist()) >= 5


def test_new_instructions_are_enhanced_to_tasks(model):
    texts = [row["instruction"] for row in code_instructions.compose() if row["kind"] in ("sound", "bad")]
    given = pa.table({"id": [f"row-{at}" for at in range(len(texts))], "instruction": texts})
    rejected = []
    table = passed(code.new_instructions(given, model), rejected)
    table = passed(code.enhanced(table, model), rejected)
    assert set(given["id"].to_pylist()) <= {*table["id"].to_pylist(), *rejected}
    assert table.num_rows + len(rejected) == 2 * given.num_rows
    named = [task_in(text) for text in table["instruction"].to_pylist()]
    before = [task_in(text) for text in table["instruction_before"].to_pylist()]
    if model.backend.errors == 0:
        assert named == before
        assert len({task.name for task in named if task}) > 35
        assert None in named
