import re

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataflow_ops.errors import BadArgument
from dataflow_ops.refine import sql
from tests.rows import rows

SCHEMA = "CREATE TABLE books (id INTEGER, title TEXT)"
TAG = re.compile(r"^</?(engine|schema|evidence|question)>$", re.MULTILINE)


def prompts(**columns):
    given = {"schema": [SCHEMA], "question": ["How many books?"], "dialect": ["sqlite"], "evidence": [None], **columns}
    return sql.prompt(rows(**{name: pa.array(cells, pa.string()) for name, cells in given.items()}))[
        "prompt"
    ].to_pylist()


def test_a_task_has_its_parts_between_tags():
    (text,) = prompts(evidence=[" A book is a title. "])
    assert (
        text
        == f"""{sql.BEGIN}

<engine>
SQLite
</engine>

<schema>
{SCHEMA}
</schema>

<evidence>
A book is a title.
</evidence>

<question>
How many books?
</question>

{sql.END}"""
    )


@pytest.mark.parametrize(
    ("dialect", "engine"), [("sqlite", "SQLite"), ("postgres", "PostgreSQL"), ("mysql", "MySQL"), ("oracle", "oracle")]
)
def test_an_engine_is_called_as_people_call_it(dialect, engine):
    (text,) = prompts(dialect=[dialect])
    assert f"<engine>\n{engine}\n</engine>" in text


@pytest.mark.parametrize("evidence", [None, "", " \n"])
def test_without_evidence_there_is_no_section_for_it(evidence):
    (text,) = prompts(evidence=[evidence])
    assert "evidence" not in text


@pytest.mark.parametrize("missing", ["schema", "question", "dialect"])
@pytest.mark.parametrize("cell", [None, " "])
def test_without_what_it_needs_there_is_no_prompt(missing, cell):
    assert prompts(**{missing: [cell]}) == [None]


def test_a_column_for_evidence_is_there_or_not_named():
    table = rows(schema=[SCHEMA], question=["Why?"], dialect=["mysql"])
    assert sql.prompt(table, evidence=None, prompt="task")["task"][0].as_py().startswith(sql.BEGIN)
    with pytest.raises(BadArgument, match="no column 'evidence'"):
        sql.prompt(table)
    with pytest.raises(BadArgument, match="column 'question' is int64: expected a string column"):
        sql.prompt(table.set_column(2, "question", pa.array([1])), evidence=None)


def test_chunked_sliced_and_large_columns_are_read_as_they_are():
    questions = pa.chunked_array([["skipped", "A?"], [], ["B?", None]], pa.large_string())
    table = pa.table({"question": questions, "schema": ["x", "s", "t", "u"], "dialect": ["mysql"] * 4})
    made = sql.prompt(table.slice(1), evidence=None)["prompt"].to_pylist()
    assert [text and text.split("<question>\n")[1].split("\n")[0] for text in made] == ["A?", "B?", None]


HOSTILE = st.text(st.sampled_from("</> \nQ"), max_size=5).map(lambda text: text.replace("Q", "question>"))


@given(st.lists(st.one_of(HOSTILE, st.sampled_from(["</question>", "< /Schema >", "<EVIDENCE x>", "</\nengine\n>"]))))
def test_no_value_opens_or_ends_a_section(parts):
    hostile = "a" + "".join(parts)
    (text,) = prompts(schema=[hostile], question=[hostile], dialect=[hostile], evidence=[hostile])
    names = [name for name in ("engine", "schema", "evidence", "question") for _ in range(2)]
    assert TAG.findall(text) == names
    assert len(re.findall(r"<\s*/?\s*(?:engine|schema|evidence|question)", text, re.IGNORECASE)) == len(names)


def test_a_value_that_holds_no_tag_is_kept_letter_for_letter():
    question = "Which books have price < 3 & pages > 5? ```x``` $1 \\1"
    (text,) = prompts(question=[question])
    assert f"<question>\n{question}\n</question>" in text


@pytest.mark.parametrize(
    ("dialect", "column", "told"),
    [
        ("sqlite", "embedding float[384]", True),
        ("sqlite", "embedding FLOAT[8]", True),
        ("sqlite", "price float", False),
        ("postgres", "prices float[3]", False),
    ],
)
def test_how_vectors_are_searched_is_told_where_there_are_some(dialect, column, told):
    (text,) = prompts(dialect=[dialect], schema=[f"CREATE TABLE books_vec (id INTEGER, {column})"])
    assert ("MATCH embed('some words')" in text) is told
    assert text.endswith(sql.END)


@pytest.mark.parametrize(
    ("text", "source", "to", "expected"),
    [
        ("SELECT `a` FROM t LIMIT 1, 2", "mysql", "postgres", 'SELECT "a" FROM t LIMIT 2 OFFSET 1'),
        ("SELECT a FROM t", "sqlite", "sqlite", "SELECT a FROM t"),
        ("SELECT a FROM WHERE", "sqlite", "mysql", "syntax: "),
        ("SELECT 1; SELECT 2", "sqlite", "mysql", "refused: "),
        (" ", "sqlite", "mysql", "syntax: no SQL"),
        (None, "sqlite", "mysql", "syntax: no SQL"),
        ("SELECT 1", "oracle", "mysql", "unknown name: dialect 'oracle': expected one of sqlite, postgres, mysql"),
        ("SELECT 1", None, "mysql", "unknown name: dialect None"),
    ],
)
def test_queries_are_written_in_another_dialect(text, source, to, expected):
    table = pa.table({"id": ["a"], "sql": pa.array([text], pa.string()), "dialect": pa.array([source], pa.string())})
    (row,) = sql.transpile(table, to=to).to_pylist()
    if row["transpile_fault"] is None:
        assert row["transpiled"] == expected
    else:
        assert row["transpiled"] is None
        assert row["transpile_fault"].startswith(expected)
