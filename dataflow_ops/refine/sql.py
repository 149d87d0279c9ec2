"""Write SQL in another dialect; put what a question over a database needs into one text, the task of a model."""

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import get_args

import pyarrow as pa

from dataflow_ops.columns import put, strings
from dataflow_ops.databases import parse
from dataflow_ops.databases.result import Failed
from dataflow_ops.databases.schema import Dialect, dialect_of
from dataflow_ops.op import Reads, Writes

ENGINES: Mapping[str, str] = MappingProxyType({"sqlite": "SQLite", "postgres": "PostgreSQL", "mysql": "MySQL"})
"""What people call a dialect."""
BEGIN = "Answer a question over a database with one SQL query."
END = (
    "Think it through step by step. Then give the query, in the SQL of this engine, in one fenced block that begins with "
    "```sql and is the last thing you write."
)
SEARCH = (
    "Some texts of this database can be searched by meaning: a table `v` with a column of type float[n] holds vectors of "
    "the texts that the comment of the column names. In WHERE, `v.column MATCH embed('some words') AND v.k = 5` finds the "
    "5 texts nearest in meaning to the words; `ORDER BY v.distance` puts the nearest first, and behind it stand only "
    "columns of other tables, such as the key of the texts."
)
"""What is told where the schema shows a table of vectors: no model can know it."""
VECTORS = re.compile(r"\bfloat\[\d+\]", re.IGNORECASE)
BORDER = re.compile(r"<(?=\s*+/?+\s*+(?:engine|schema|evidence|question)\b)", re.IGNORECASE)
"""What begins or ends a section, wherever it stands in a value."""


def prompt(
    table: pa.Table,
    *,
    schema: Reads = "schema",
    question: Reads = "question",
    evidence: Reads | None = "evidence",
    dialect: Reads = "dialect",
    prompt: Writes = "prompt",
) -> pa.Table:
    """Write the task of each row: the engine, the schema, the evidence where there is any, the question.

    Each part stands between tags of its own, `<question>` and `</question>`; a text that holds one of these tags gets
    `&lt;` in the place of its first character, so that no value ends its section or begins another. `evidence` is a
    column or None; null and blank count as none. Where an SQLite schema has vectors, how they are searched is told as
    well. Without a schema, a question or a dialect the prompt is null.
    """
    named = [schema, question, dialect]
    columns = [strings(table, name).to_pylist() for name in named]
    told = [None] * table.num_rows if evidence is None else strings(table, evidence).to_pylist()
    texts = [_task(*each) for each in zip(*columns, told, strict=True)]
    return put(table, prompt, pa.array(texts, pa.string()))


def _task(schema: str | None, question: str | None, dialect: str | None, evidence: str | None) -> str | None:
    if _blank(schema) or _blank(question) or _blank(dialect):
        return None
    parts = {
        "engine": ENGINES.get(dialect or "", dialect),
        "schema": schema,
        "evidence": evidence,
        "question": question,
    }
    told = [SEARCH] if dialect == "sqlite" and VECTORS.search(schema or "") else []
    return "\n\n".join([BEGIN, *_sections(parts), *told, END])


def _sections(parts: Mapping[str, str | None]) -> Iterator[str]:
    for name, text in parts.items():
        if text and not _blank(text):
            yield f"<{name}>\n{BORDER.sub('&lt;', text.strip())}\n</{name}>"


def _blank(text: str | None) -> bool:
    return text is None or not text.strip()


def transpile(
    table: pa.Table,
    *,
    to: Dialect,
    sql: Reads = "sql",
    dialect: Reads = "dialect",
    transpiled: Writes = "transpiled",
    transpile_fault: Writes = "transpile_fault",
) -> pa.Table:
    """Write each query in the dialect `to`, as far as it can be said there.

    `transpile_fault` says why there is no text: the query does not parse, `dialect` is not one that is known, or the
    other dialect has no word for something. What can be written need not run: names of types and functions may be
    unknown to the other engine, and `score.sql.executable` says so.
    """
    pairs = zip(strings(table, sql).to_pylist(), strings(table, dialect).to_pylist(), strict=True)
    found = [_transpiled(text, source, to) for text, source in pairs]
    texts = [None if isinstance(each, Failed) else each for each in found]
    faults = [str(each) if isinstance(each, Failed) else None for each in found]
    return put(put(table, transpiled, pa.array(texts, pa.string())), transpile_fault, pa.array(faults, pa.string()))


def _transpiled(text: str | None, source: str | None, to: Dialect) -> str | Failed:
    known = dialect_of(source)
    if known is None:
        return Failed("unknown name", f"dialect {source!r}: expected one of {', '.join(get_args(Dialect))}")
    return Failed("syntax", "no SQL") if _blank(text) else parse.transpiled(text or "", known, to)
