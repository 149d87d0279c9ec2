"""What holds for every prompt of this package and every op that asks a model, and how prompts are read."""

from importlib.resources import files
from typing import get_args

import pyarrow as pa
import pytest

from dataflow_ops.catalog import catalog, entry_of
from dataflow_ops.domain import Domain
from dataflow_ops.errors import BadArgument
from dataflow_ops.llm.chat import Chat
from dataflow_ops.llm.model import Model
from dataflow_ops.llm.prompts import Prompt, load, names
from dataflow_ops.llm.rehearsal import Rehearsal, rule_of
from dataflow_ops.llm.schema import json_schema
from dataflow_ops.op import REJECTED, call, defaults, describe

FORM = {"topic": "words", "level": ["easy", "hard"], "score": {"integer": [1, 5]}}
NEEDED = {
    "generate.prompted.column": {"task": "Say what it is about."},
    "generate.prompted.columns": {"task": "Describe it.", "fields": FORM},
    "generate.prompted.rows": {"task": "Ask about it.", "fields": FORM},
    "refine.prompted.rewrite": {"task": "Mend the spelling."},
    "score.prompted.label": {"task": "What it is about.", "choices": ["rivers", "cities"]},
    "score.prompted.rating": {"task": "How clear it is."},
    "score.prompted.verdict": {"task": "It is about rivers."},
}
"""Settings without a default; a new op that has such a setting is added here."""
CELLS = {
    "questions": (["How long is it?", "Where does it end?"], pa.list_(pa.string())),
    "gold": ("the sea", pa.string()),
    "solutions": ([r"It flows on. \boxed{the ocean}"], pa.list_(pa.string())),
    "agreement": (0.0, pa.float64()),
    "verified_by": (None, pa.null()),
    "unverified": (None, pa.null()),
    "dialect": ("sqlite", pa.string()),
    "schema": ("CREATE TABLE rivers (\n  id INTEGER PRIMARY KEY,\n  name TEXT,\n  km INTEGER -- e.g. 9, 80\n);", pa.string()),
    "sql": ("SELECT name FROM rivers WHERE km > 80 ORDER BY name", pa.string()),
    "complexity": ("simple", pa.string()),
    "functions": (["ROUND"], pa.list_(pa.string())),
    "result_columns": (2, pa.int64()),
    "vectors": (
        {
            "table": "rivers", "column": "name", "key": "id",
            "vector_table": "rivers_name_vec", "vector_column": "embedding", "vector_key": "id",
        },
        pa.struct(dict.fromkeys(["table", "column", "key", "vector_table", "vector_column", "vector_key"], pa.string())),
    ),
}  # fmt: skip
"""Cells for columns that do not hold text, or not any text."""
WAYS = {"generate.sql.reasonings": [{}, {"gold": "sql"}], "generate.sql.vector_queries": [{"seed": 1}]}
"""Settings with which an op that has several prompts fills each of them, or gets no answer that is wrong on purpose."""
TEXT = (
    "Rivers carry water to the sea. They begin as springs, in hills where it rains. Salmon climb them. Why? To spawn."
)

ASKING = {name: op for name, op in catalog().items() if entry_of(op).of_kind("prompt")}


class Watched:
    """A rehearsal that keeps what was asked."""

    model = "rehearsal"

    def __init__(self):
        self.asked = []

    def complete(self, requests, done):
        self.asked.extend(requests)
        Rehearsal().complete(requests, done)


def prompts_of(name):
    """The prompts that an op has by default."""
    own = describe(ASKING[name], **NEEDED.get(name, {})).prompts
    return {defaults(ASKING[name])[key] for key in own}


def ways_of(name):
    """Settings for each prompt of an op: each domain that it knows, else `WAYS`."""
    known = any(each.name == "domain" for each in entry_of(ASKING[name]).of_kind("setting"))
    return [{"domain": domain} for domain in get_args(Domain)] if known else WAYS.get(name, [{}])


@pytest.mark.parametrize("name", ASKING)
def test_every_op_fills_its_prompt_and_its_rehearsed_answer_fits(name):
    op, settings = ASKING[name], NEEDED.get(name, {})
    ways = [describe(op, **settings, **way) for way in ways_of(name)]
    reads = {*(each for way in ways for each in way.reads), *(["text"] if settings else [])}
    cells = {column: CELLS.get(column, (TEXT, pa.string())) for column in reads}
    table = pa.table({"id": ["a"]} | {column: pa.array([cell], kind) for column, (cell, kind) in cells.items()})
    watched = Watched()
    for way in ways_of(name):
        answered = call(op, table, Model("rehearsal", watched), **settings, **way)
        assert REJECTED not in answered.column_names, answered[REJECTED].to_pylist()
    assert {request.chat.prompt for request in watched.asked} == prompts_of(name)
    shown = "".join(message["content"] for request in watched.asked for message in request.chat.messages)
    assert all(cell in shown for cell, kind in cells.values() if kind == pa.string())


@pytest.mark.parametrize("name", ASKING)
def test_every_op_asks_for_something_that_comes_to_an_end(name):
    """A schema is built by `json_schema`, which refuses what has no end; without one `max_tokens` is the end."""
    assert describe(ASKING[name], **NEEDED.get(name, {})).params["max_tokens"] <= 16_384


def test_every_prompt_is_that_of_an_op():
    assert {prompt for name in ASKING for prompt in prompts_of(name)} == set(names())


@pytest.mark.parametrize("name", names())
def test_every_prompt_can_be_rehearsed_and_says_what_it_is_for(name):
    text = files("dataflow_ops").joinpath("prompts", f"{name}.md").read_text(encoding="utf-8")
    assert rule_of(Chat((), name, dict.fromkeys(load(name).holes, ""))) is not None
    assert text.partition("## ")[0].strip().endswith("."), "a sentence for people stands before the first heading"
    assert [role for role, _ in load(name).messages] == ["system", "user"]
    assert not load(name).holes & {"id", "answered_by"}


def test_a_prompt_is_read_from_markdown():
    prompt = Prompt.parse(
        "a/b", "For people: $not a hole.\n\n## system\nBe $tone.\n\n## user\n# A title\n$text costs $$5\n"
    )
    assert prompt.messages == (("system", "Be $tone."), ("user", "# A title\n$text costs $$5"))
    assert prompt.holes == {"tone", "text"}
    chat = prompt.fill({"tone": "kind", "text": "It"})
    assert [message["content"] for message in chat.messages] == ["Be kind.", "# A title\nIt costs $5"]
    assert (chat.prompt, chat.values) == ("a/b", {"tone": "kind", "text": "It"})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "expected a line '## user'"),
        ("## system\nBe kind.", "expected a line '## user'"),
        ("## user\n\n## system\nBe kind.", "expected a line '## user'"),
        ("## User\n$text", "expected a line '## user'"),
        ("## user\nIt costs $5", r"a `\$` that begins no hole"),
        ("## user\n{{ text }} $", r"a `\$` that begins no hole"),
    ],
)
def test_what_is_no_prompt_is_refused(text, message):
    with pytest.raises(BadArgument, match=message):
        Prompt.parse("a/b", text)


@pytest.mark.parametrize("name", ["prompted/colum", "../prompted/column", "/etc/passwd", "", "prompted", "column"])
def test_a_name_that_is_no_prompt_gets_the_nearest(name):
    with pytest.raises(BadArgument, match="there is no prompt"):
        load(name)


def test_text_is_a_prompt_and_a_prompt_stays_one():
    prompt = load("## user\n$text?")
    assert prompt.holes == {"text"}
    assert load(prompt) is prompt


def test_schemas_of_judges_put_the_reason_first():
    from dataflow_ops.score import judge

    forms = [judge._Worth, judge._Document, judge._Complexity]
    assert [next(iter(json_schema(form)["properties"])) for form in forms] == ["reason"] * 3
    assert next(iter(json_schema(judge._Program)["properties"])) == "feedback"
