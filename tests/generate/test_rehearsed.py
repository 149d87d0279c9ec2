"""What holds for every op of `generate`, shown with the rehearsal."""

import pyarrow as pa
import pytest

from dataflow_ops.generate import conversations, qa, sft, text
from dataflow_ops.llm.model import Model
from dataflow_ops.llm.rehearsal import Rehearsal
from dataflow_ops.op import ANSWERED_BY, REJECTED, call

STRING = pa.string()
DOCUMENT = "Rivers carry water to the sea. They begin as springs. Salmon climb them in autumn! Why? To spawn. " * 3
OPS = {
    "qa_style": (text.qa_style, ("text",)),
    "sft_pairs": (sft.pairs, ("text",)),
    "questions": (sft.questions, ("topic", "domain", "theme", "task_type")),
    "answers": (sft.answers, ("instruction",)),
    "critique": (sft.critique, ("instruction", "output")),
    "rewrite": (sft.rewrite_by_critique, ("instruction", "output", "critique")),
    "focuses": (qa.focuses, ("text",)),
    "qa_pairs": (qa.pairs, ("text", "focus")),
    "user_turns": (conversations.user_turns, ("category", "topic", "flow", "persona")),
    "replies": (conversations.replies, ("questions",)),
}
MAKES_ROWS = {"sft_pairs", "questions", "focuses"}
HOSTILE = {
    "plain": DOCUMENT,
    "other scripts": "长江流入东海。它很长！ Ελλάδα είναι χώρα. 🌊🌊",
    "dollars and braces": "$text costs ${5} or $$6 {not} a %s hole.",
    "control": "a\x00b\x1b[0m c\u2028d. e",
    "one word": "water",
}


def rows(name, cells, kind=STRING):
    columns = OPS[name][1]
    ids = pa.array([f"row-{at}" for at in range(len(cells))], pa.string())
    if name == "replies":
        kind, cells = pa.list_(kind), [None if cell is None else [cell, "And then?"] for cell in cells]
    return pa.table({"id": ids} | {column: pa.array(cells, kind) for column in columns})


def run(name, table, **settings):
    return call(OPS[name][0], table, llm=Model("rehearsal", Rehearsal(**settings)))


def reasons(table):
    return table[REJECTED].to_pylist() if REJECTED in table.column_names else [None] * table.num_rows


@pytest.mark.parametrize("name", OPS)
@pytest.mark.parametrize("kind", [pa.string(), pa.large_string()])
def test_every_kind_of_text_is_answered_and_stamped(name, kind):
    table = rows(name, list(HOSTILE.values()), kind)
    made = run(name, table)
    assert reasons(made) == [None] * made.num_rows
    assert set(made[ANSWERED_BY].to_pylist()) == {"rehearsal"}
    new = [column for column in made.column_names if column not in [*table.column_names, ANSWERED_BY, REJECTED]]
    assert new
    assert all(made[column].null_count == 0 for column in new)


@pytest.mark.parametrize("name", OPS)
def test_columns_given_are_kept_as_they_are(name):
    table = rows(name, ["One thing. Another thing.", "Water."])
    whole = pa.concat_tables([rows(name, ["Not this one."]), table, table])
    made = run(name, whole.slice(1, 2))
    if name in MAKES_ROWS:
        assert {parent for (parent,) in made["parents"].to_pylist()} == {"row-0", "row-1"}
        assert len(made["id"].unique()) == made.num_rows
        assert made["synthetic"].to_pylist() == [True] * made.num_rows
    else:
        assert made.select(table.column_names).equals(table)


@pytest.mark.parametrize("name", OPS)
def test_a_null_is_not_asked_about_and_says_so(name):
    made = run(name, rows(name, [None, DOCUMENT]))
    found = dict(zip(made["id"].to_pylist(), reasons(made), strict=True))
    assert found.pop("row-0").startswith("empty: ")
    assert set(found.values()) == {None}


@pytest.mark.parametrize("name", OPS)
def test_no_rows_have_the_types_of_many(name):
    table = rows(name, [DOCUMENT])
    assert run(name, table.slice(0, 0)).schema == run(name, table).schema


@pytest.mark.parametrize("name", OPS)
def test_a_cell_of_a_megabyte_is_answered(name):
    made = run(name, rows(name, ["Water flows. " * 80_000, "x" * 1_000_000]))
    assert reasons(made) == [None] * made.num_rows


@pytest.mark.parametrize("name", OPS)
def test_the_same_seed_makes_the_same_rows(name):
    table = rows(name, [f"{DOCUMENT} {number}" for number in range(20)])
    assert run(name, table).equals(run(name, table))
    assert not run(name, table).equals(run(name, table, seed=1))


@pytest.mark.parametrize("name", OPS)
def test_what_fails_stays_with_its_reason(name):
    table = rows(name, [f"{DOCUMENT} Number {number}." for number in range(120)])
    made = run(name, table, errors=0.5)
    failed = {row["id"]: row[REJECTED] for row in made.to_pylist() if row[REJECTED]}
    answered = made.filter(made[REJECTED].is_null())
    came_from = answered["parents"].combine_chunks().flatten() if name in MAKES_ROWS else answered["id"]
    assert failed.keys().isdisjoint(came_from.to_pylist())
    assert failed.keys() | set(came_from.to_pylist()) == set(table["id"].to_pylist())
    assert 8 < len(failed) < 90
    assert "refused" in (kinds := {reason.partition(":")[0] for reason in failed.values()})
    assert kinds <= {"refused", "unparsable"}
