"""Write SQL over databases, questions that it answers, and the reasoning that leads from one to the other."""

from collections.abc import Sequence
from typing import Annotated, Any

import pyarrow as pa
from pydantic import BaseModel, Field, StringConstraints

from dataflow_ops.columns import put, strings
from dataflow_ops.generate._children import STRINGS, Child, Columns, beside, in_turn
from dataflow_ops.generate._samples import together
from dataflow_ops.generate._sql_asked import apart, as_text, originals, told, where, with_level
from dataflow_ops.generate._sql_questions import CANDIDATES, asked, drawn_styles, given_candidates
from dataflow_ops.generate._sql_replies import query, search, variants
from dataflow_ops.generate._sql_words import CHANGES, EXPLAINED, STYLES, Change, Style
from dataflow_ops.llm.asking import ask, with_values
from dataflow_ops.llm.chat import Answer, Llm
from dataflow_ops.llm.prompts import PromptName
from dataflow_ops.llm.schema import Sentences
from dataflow_ops.op import Reads, Writes

Samples = Annotated[int, Field(ge=1, le=64)]
ABOUT = ("db_id", "dialect", "db_version", "schema", "schema_tables", "source", "source_row")
"""Columns that say of a query which database it is for and where it comes from; they hold for its variations."""


def queries(
    table: pa.Table,
    llm: Llm,
    *,
    schema: Reads = "schema",
    dialect: Reads = "dialect",
    complexity: Reads = "complexity",
    functions: Reads | None = "functions",
    result_columns: Reads | None = "result_columns",
    sql: Writes = "sql",
    prompt: PromptName = "sql/query",
    temperature: float = 0.8,
    max_tokens: int = 2048,
    seed: int = 0,
) -> pa.Table:
    """Write the query that each row wants, as `generate.sql_plans.assignments` plans it.

    A row has a schema to write for, a level of `complexity` ("simple", "moderate", "complex", "highly complex"),
    `functions` to try and a number of `result_columns`; null in the last two, or None for the column, leaves them open.
    Of each reply the last complete fenced block of SQL is taken; one without is rejected. Rows of which the very same is
    asked are asked with seeds of their own, so that they can get different queries. Nothing is run here.
    """
    levels = strings(table, complexity).to_pylist()
    criteria = told(levels)
    holes: dict[str, str | Sequence[Any]] = {
        "dialect": dialect, "schema": schema, "complexity": complexity, "criterion": criteria,
        "functions": as_text(table, functions, "none in particular"),
        "columns": as_text(table, result_columns, "any number"),
    }  # fmt: skip
    replies = apart(table, llm, prompt, holes, temperature=temperature, max_tokens=max_tokens, seed=seed)
    found = [query(with_level(*each)) for each in zip(replies, levels, criteria, strict=True)]
    texts = pa.array([answer.value and answer.value.sql for answer in found], pa.string())
    return with_values(put(table, sql, texts), llm, found)


def vector_queries(
    table: pa.Table,
    llm: Llm,
    *,
    vectors: Reads = "vectors",
    schema: Reads = "schema",
    dialect: Reads = "dialect",
    complexity: Reads = "complexity",
    sql: Writes = "sql",
    prompt: PromptName = "sql/vector_query",
    temperature: float = 0.8,
    max_tokens: int = 2048,
    seed: int = 0,
) -> pa.Table:
    """Write for each row a query that searches a column of text by meaning, as far as SQLite holds its vectors.

    `vectors` is a struct that says where: `table`, `column` and `key` of the texts, `vector_table`, `vector_column` and
    `vector_key` of their vectors, as `extract.databases.vectors` finds them. A query holds `MATCH embed('some words')
    AND k = 5`; the words are made a vector when it is run. One that searches nothing in this way is rejected; all else
    is as in `queries`.
    """
    levels, places = strings(table, complexity).to_pylist(), where(table, vectors)
    criteria = told(levels)
    holes: dict[str, str | Sequence[Any]] = {
        "dialect": dialect, "schema": schema, "complexity": complexity, "criterion": criteria, **places,
    }  # fmt: skip
    replies = apart(table, llm, prompt, holes, temperature=temperature, max_tokens=max_tokens, seed=seed)
    found = [search(query(with_level(*each))) for each in zip(replies, levels, criteria, strict=True)]
    texts = pa.array([answer.value and answer.value.sql for answer in found], pa.string())
    return with_values(put(table, sql, texts), llm, found)


def variations(
    table: pa.Table,
    llm: Llm,
    *,
    sql: Reads = "sql",
    schema: Reads = "schema",
    dialect: Reads = "dialect",
    count: Annotated[int, Field(ge=0, le=20)] = 3,
    kinds: Annotated[Sequence[Change], Field(min_length=1)] = tuple(CHANGES),
    synthetic: Writes = "synthetic",
    transformation: Writes = "transformation",
    carry: Sequence[str] = ABOUT,
    prompt: PromptName = "sql/variation",
    temperature: float = 0.8,
    max_tokens: int = 2048,
    seed: int = 0,
) -> pa.Table:
    """Write `count` new queries of each query, each by one kind of change, which `transformation` names.

    The kinds: other values; another structure with the same result; another question of the business; more complex;
    advanced features of the dialect; more efficient with the same result. They are taken in turn, and with which a
    row begins is drawn by `seed`, so that all of them are about as frequent.

    The rows given stay first, `synthetic` as it was or else false; new ones follow, with `parents` and the columns in
    `carry` of the row they come from, and nothing else of it: what was asked or measured of a query does not hold for
    another. Rows that are variations already, with a `transformation`, are not varied again. A variation that does not
    parse, or is its parent but for blanks, case and comments, is a rejected row of its own, and so is one that could not
    be made.
    """
    chosen, ids = list(dict.fromkeys(kinds)), table["id"].to_pylist()
    drawn = [(at, *each) for at in originals(table, transformation) for each in in_turn(chosen, count, ids[at], seed)]
    wanted = [Child(at, number, kind) for at, number, kind in drawn]
    places = pa.array([each.parent for each in wanted], pa.int64())
    parents = pa.table({name: strings(table, name).take(places) for name in (sql, schema, dialect)})
    holes: dict[str, str | Sequence[Any]] = {
        "dialect": dialect, "schema": schema, "sql": sql,
        "kind": [kind for _, _, kind in drawn], "change": [CHANGES[kind] for _, _, kind in drawn],
    }  # fmt: skip
    replies = apart(parents, llm, prompt, holes, temperature=temperature, max_tokens=max_tokens, seed=seed)
    found = variants(replies, parents[sql].to_pylist(), parents[dialect].to_pylist())
    columns = Columns(sql, synthetic, transformation, carry, field="sql")
    return beside(table, llm, wanted, found, columns, made_by="generate.sql.variations")


class _Question(BaseModel):
    question: Sentences
    evidence: Annotated[str, StringConstraints(max_length=2_000)] | None


def questions(
    table: pa.Table,
    llm: Llm,
    *,
    sql: Reads = "sql",
    schema: Reads = "schema",
    dialect: Reads = "dialect",
    given: Reads | None = None,
    given_evidence: Reads | None = None,
    count: Samples = 3,
    styles: Annotated[Sequence[Style], Field(min_length=1)] = tuple(STYLES),
    question_style: Writes = "question_style",
    question_candidates: Writes = "question_candidates",
    prompt: PromptName = "sql/question",
    temperature: float = 0.8,
    max_tokens: int = 1024,
    seed: int = 0,
) -> pa.Table:
    """Write `count` questions to which each query is the answer, all of a row in one of `styles`.

    The style is drawn by `seed` and the row's id: formal, colloquial, imperative, interrogative, descriptive, concise,
    vague or metaphorical. The last two leave something open, which `evidence` has to say: a sample without it fails. In
    other styles evidence is null. `question_candidates` is a list of structs, `question` and `evidence`; a sample that
    failed, or repeats the query, is a null in it, and a row of which every sample failed is rejected. Which candidate is
    taken is for `score.questions_medoid.medoid` to say.

    Rows with a question in the column `given`, with its evidence in `given_evidence`, are not asked about: it is their
    one candidate, and their style is null.
    """
    ready = given_candidates(table, given, given_evidence)
    places = [at for at, each in enumerate(ready) if each is None]
    rows = pa.table({name: strings(table, name) for name in (sql, schema, dialect)}).take(pa.array(places, pa.int64()))
    drawn = drawn_styles(table["id"].take(pa.array(places, pa.int64())).to_pylist(), styles, seed)
    holes: dict[str, str | Sequence[Any]] = {
        "dialect": dialect, "schema": schema, "sql": sql, "style": drawn, "manner": [STYLES[style] for style in drawn],
        "evidence_wanted": ["yes" if style in EXPLAINED else "no" for style in drawn],
    }  # fmt: skip
    sampling: dict[str, Any] = {"temperature": temperature, "max_tokens": max_tokens, "seed": seed}
    replies = ask(rows, llm, prompt, holes, schema=_Question, n=count, **sampling)
    texts = rows[sql].to_pylist()
    samples = [asked(each, texts[at // count], drawn[at // count]) for at, each in enumerate(replies)]
    made = iter([together(samples[at * count : (at + 1) * count]) for at in range(rows.num_rows)])
    found = [next(made) if each is None else Answer([each]) for each in ready]
    shown = iter(drawn)
    named = [next(shown) if each is None else None for each in ready]
    table = put(table, question_style, pa.array(named, pa.string()))
    table = put(table, question_candidates, pa.array([each.value for each in found], CANDIDATES))
    return with_values(table, llm, found)


def reasonings(
    table: pa.Table,
    llm: Llm,
    *,
    prompt_text: Reads = "prompt",
    gold: Reads | None = None,
    reasonings: Writes = "reasonings",
    count: Samples = 8,
    prompt: PromptName = "sql/reasoning",
    gold_prompt: PromptName = "sql/reasoning_by_gold",
    temperature: float = 0.8,
    max_tokens: int = 4096,
    seed: int = 0,
) -> pa.Table:
    """Answer the task of each row `count` times, in steps that end in one query, without knowing the query it is to be.

    The task is what `refine.sql.prompt` writes. `reasonings` is a list of whole replies; a sample that failed is a null
    in it, so that it counts as one that agrees with no other, and a row of which every sample failed is rejected. With
    `gold`, the column of a query known to be right, the model is shown that query and explains how one comes to it: such
    replies agree with it by themselves, so that their vote proves nothing and their success is no difficulty.
    """
    strings(table, prompt_text)
    holes: dict[str, str | Sequence[Any]] = {"prompt": prompt_text, **({"sql": gold} if gold else {})}
    sampling: dict[str, Any] = {"temperature": temperature, "max_tokens": max_tokens, "seed": seed}
    replies = ask(table, llm, gold_prompt if gold else prompt, holes, n=count, **sampling)
    found = [together(replies[at * count : (at + 1) * count]) for at in range(table.num_rows)]
    lists = pa.array([answer.value for answer in found], STRINGS)
    return with_values(put(table, reasonings, lists), llm, found)
