"""Get the schema of a database as text for prompts."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Annotated, Any

import pyarrow as pa
from pydantic import Field

from dataflow_ops.columns import get, put, strings
from dataflow_ops.databases import parse
from dataflow_ops.databases.choose import Choice
from dataflow_ops.databases.database import Database
from dataflow_ops.databases.opened import Databases
from dataflow_ops.databases.result import Failed
from dataflow_ops.errors import BadArgument
from dataflow_ops.op import Connected, Reads, Writes

NAMES = pa.list_(pa.string())


def schema(
    table: pa.Table,
    *,
    databases: Connected,
    db_id: Reads = "db_id",
    tables: Reads | None = "focus",
    sql: Reads | None = None,
    question: Reads | None = None,
    evidence: Reads | None = None,
    schema: Writes = "schema",
    schema_tables: Writes = "schema_tables",
    schema_fault: Writes = "schema_fault",
    max_tokens: Annotated[int, Field(ge=100, le=1_000_000)] = 4096,
    examples: Annotated[int, Field(ge=0, le=5)] = 3,
    sample_rows: Annotated[int, Field(ge=0, le=2)] = 0,
    distractors: Annotated[int, Field(ge=0, le=10_000)] | None = None,
    seed: int = 0,
) -> pa.Table:
    """Write the schema of each row's database, as `CREATE TABLE` statements with comments, keys and example values.

    Shown are the tables needed: those in `tables`, a column of lists, and those that the statement in `sql` reads. Then,
    up to `distractors` others, or as many as `max_tokens` allows: tables that share words with `question` and
    `evidence`, that connect those chosen by foreign keys, that are joined to the needed ones, and others drawn by `seed`
    and the row's id. All stand in the order of the database, so that nothing tells which are needed. With `distractors`
    0 and tables in `tables` a query can only be about these. A token is taken for 3.5 ASCII characters or one other.

    `examples` values of each column and `sample_rows` rows of each table are shown; what looks personal is masked.
    `schema_fault` says why a row has no schema, else null: no such database or table, or the needed tables alone take
    more than `max_tokens`; `filters.reasons.none` drops such rows.
    """
    _check(schema, schema_tables, schema_fault)
    shown = _Shown(databases, max_tokens, distractors, seed, examples, sample_rows)
    questions = zip(*(_texts(table, each) for each in (question, evidence)), strict=True)
    rows = zip(
        strings(table, "id").to_pylist(), strings(table, db_id).to_pylist(), _lists(table, tables), _texts(table, sql),
        [" ".join(filter(None, each)) for each in questions], strict=True,
    )  # fmt: skip
    found = [shown.of(*row) for row in rows]
    texts = [None if isinstance(each, Failed) else each[1] for each in found]
    table = put(table, schema, pa.array(texts, pa.string()))
    table = put(
        table, schema_tables, pa.array([None if isinstance(each, Failed) else each[0] for each in found], NAMES)
    )
    return put(table, schema_fault, pa.array([str(e) if isinstance(e, Failed) else None for e in found], pa.string()))


def _check(*written: str) -> None:
    if len(set(written)) < len(written):
        raise BadArgument(f"schema, schema_tables, schema_fault are {written}: expected three different columns")


def _texts(table: pa.Table, name: str | None) -> Sequence[str | None]:
    return [None] * table.num_rows if name is None else strings(table, name).to_pylist()


def _lists(table: pa.Table, name: str | None) -> Sequence[Sequence[str]]:
    if name is None:
        return [()] * table.num_rows
    kind = get(table, name).type
    listed = pa.types.is_list(kind) or pa.types.is_large_list(kind)
    of = kind.value_type if listed else None
    if not pa.types.is_null(kind) and not (of and (pa.types.is_string(of) or pa.types.is_large_string(of))):
        raise BadArgument(f"column {name!r} is {kind}: expected lists of names of tables")
    return [[each for each in cell or () if each] for cell in table[name].to_pylist()]


@dataclass
class _Shown:
    """Schemas as text; each database is looked at once, and each selection of tables written once."""

    databases: Databases
    max_tokens: int
    distractors: int | None
    seed: int
    examples: int
    sample_rows: int
    choices: dict[str, tuple[Database, Choice] | Failed] = field(default_factory=dict)
    texts: dict[Any, str] = field(default_factory=dict)

    def of(
        self, row: str, db_id: str | None, tables: Sequence[str], sql: str | None, words: str
    ) -> tuple[list[str], str] | Failed:
        """Return the tables that a row shows, and their text."""
        found = self._choice(db_id)
        if isinstance(found, Failed):
            return found
        database, choice = found
        needed = [*tables, *(parse.tables(sql, database.dialect) if sql else ())]
        draw = Random(f"{self.seed} {row}")  # noqa: S311 - which tables are shown is no secret
        names = choice.relevant(
            needed=needed, words=words, max_tokens=self.max_tokens, draw=draw, others=self.distractors
        )
        return names if isinstance(names, Failed) else (names, self._text(database.id, choice, tuple(names)))

    def _choice(self, db_id: str | None) -> tuple[Database, Choice] | Failed:
        if db_id is None or not db_id.strip():
            return Failed("unknown name", "the row names no database")
        if db_id not in self.choices:
            self.choices[db_id] = self._opened(db_id)
        return self.choices[db_id]

    def _opened(self, db_id: str) -> tuple[Database, Choice] | Failed:
        database = self.databases.find(db_id)
        if isinstance(database, Failed):
            return database
        return database, Choice(database.schema, examples=self.examples, sample_rows=self.sample_rows)

    def _text(self, db_id: str, choice: Choice, names: tuple[str, ...]) -> str:
        if (db_id, names) not in self.texts:
            self.texts[db_id, names] = choice.text(names)
        return self.texts[db_id, names]
