"""Passes after each other, from the bundled samples to data to train on."""

import json
from random import Random

import pyarrow as pa
import pytest

from dataflow_ops.filters.values import between
from dataflow_ops.generate import conversations, qa, sft, text
from dataflow_ops.llm.model import Model
from dataflow_ops.llm.rehearsal import Rehearsal
from dataflow_ops.op import REJECTED
from dataflow_ops.refine import chat
from dataflow_ops.samples import intents, topics
from dataflow_ops.samples.prose import article
from dataflow_ops.score.text import measures

ROWS = 60


@pytest.fixture(params=[0.0, 0.4], ids=["sound", "faulty"])
def model(request):
    return Model("rehearsal", Rehearsal(errors=request.param))


def sample(folder, module):
    module.write(folder, rows=ROWS)
    rows = map(json.loads, (folder / module.FILE).read_bytes().splitlines())
    return pa.Table.from_pylist([{"id": f"seed-{at}"} | row for at, row in enumerate(rows)])


def passed(table, rejected):
    """Do what a task does after each op: move rows without an answer away."""
    if REJECTED not in table.column_names:
        return table
    rejected += table.filter(table[REJECTED].is_valid())["id"].to_pylist()
    return table.filter(table[REJECTED].is_null()).drop_columns(REJECTED)


def run(model, table, *ops):
    rejected = []
    for op in ops:
        table = passed(op(table, model), rejected)
    return table, rejected


def test_topics_become_replies_that_were_criticized_and_rewritten(tmp_path, model):
    seeds = sample(tmp_path, topics)
    asked, barren = run(model, seeds, sft.questions)
    assert asked.num_rows == 3 * (ROWS - len(barren))
    written, rejected = run(model, asked, sft.answers, sft.critique, sft.rewrite_by_critique)
    assert sorted([*written["id"].to_pylist(), *rejected]) == sorted(asked["id"].to_pylist())
    assert {parent for (parent,) in asked["parents"].to_pylist()} | set(barren) == set(seeds["id"].to_pylist())
    chats = chat.to_messages(written, question="instruction", answer="rewritten")
    assert chats["messages"].null_count == 0


def test_some_replies_are_too_short_to_keep(tmp_path):
    model = Model("rehearsal", Rehearsal())
    replied, _ = run(model, sample(tmp_path, topics), sft.questions, sft.answers)
    kept = between(measures(replied, text="output"), column="words", at_least=20, at_most=1000)
    assert replied.num_rows // 2 < kept.num_rows < replied.num_rows


def test_intents_become_conversations(tmp_path, model):
    seeds = sample(tmp_path, intents)
    made, rejected = run(model, seeds, conversations.user_turns, conversations.replies)
    assert sorted([*made["id"].to_pylist(), *rejected]) == sorted(seeds["id"].to_pylist())
    for turns in made["messages"].to_pylist():
        assert [turn["role"] for turn in turns] == ["user", "assistant"] * (len(turns) // 2)
        assert 12 <= len(turns) <= 16


def test_documents_become_pairs_and_questions(model):
    texts = [article(Random(number), words=150) for number in range(ROWS)]
    documents = pa.table({"id": [f"seed-{at}" for at in range(ROWS)], "text": texts})
    for op, passes in ((text.qa_style, ()), (sft.pairs, ()), (qa.focuses, (qa.pairs,))):
        made, barren = run(model, documents, op)
        came_from = (
            {parent for (parent,) in made["parents"].to_pylist()} if op != text.qa_style else {*made["id"].to_pylist()}
        )
        assert came_from | set(barren) == set(documents["id"].to_pylist())
        assert came_from.isdisjoint(barren)
        done, rejected = run(model, made, *passes)
        assert sorted([*done["id"].to_pylist(), *rejected]) == sorted(made["id"].to_pylist())
