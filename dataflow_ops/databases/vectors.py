"""Search by meaning in SQLite files: tables that hold vectors of texts, and `embed('…')` in statements.

`add("abstracts.sqlite", "abstracts", "summary")` puts beside the table abstracts(id, title, summary) one of sqlite-vec:

    abstracts_summary_vec(id INTEGER PRIMARY KEY, embedding float[384])

It has a row for every text that is not blank; its key is called as that of its table (`id` where sqlite-vec cannot say
that) and is a foreign key to it. Two more columns are there but not listed: `k` and `distance`, the cosine distance,
from 0 (same) to 2. The nearest rows are asked with MATCH, as many as `k` says, 4,096 at most:

    SELECT a.title, v.distance FROM abstracts AS a JOIN abstracts_summary_vec AS v ON a.id = v.id
    WHERE v.embedding MATCH embed('rivers that dried up') AND v.k = 5 ORDER BY v.distance, a.id

* In a join `k = 5` is needed: LIMIT alone is enough only where nothing else is selected from.
* Conditions on other tables keep some of the k neighbours. To look among some rows only, name them by key:
  `v.id IN (SELECT a.id FROM abstracts AS a WHERE a.year > 2000)`.
* Equal texts have equal distances: order by the key of the texts as well. sqlite-vec refuses another column of its own
  table there.

`embed` is no function of SQLite: what is checked and published is the statement as it is written, and what runs is the
statement with each `embed('…')` replaced by the numbers of its text. A text is embedded by itself, on the CPU, in
float32: the same rows and distances come on every run. On another kind of processor distances may differ in the
seventh digit.
"""

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Self

from dataflow_ops.databases import _filling, parse, vec0
from dataflow_ops.databases._filling import Embed, Filling
from dataflow_ops.databases.database import Engine
from dataflow_ops.databases.embedder import Embedder
from dataflow_ops.databases.limits import Limits
from dataflow_ops.databases.result import Failed, Result
from dataflow_ops.databases.schema import Column, Dialect, Schema, Table


@dataclass(frozen=True)
class Vectorised:
    """A column of text whose vectors the database holds."""

    table: str
    column: str
    key: str
    """The column of `table` that `vector_key` refers to."""
    vector_table: str
    vector_column: str
    vector_key: str
    size: int
    """Numbers of a vector."""
    model: str | None = None
    """What made them; None where the declaration does not say."""


def add(
    path: str | Path,
    table: str,
    column: str,
    *,
    key: str | None = None,
    model: str | None = None,
    into: str | None = None,
    overwrite: bool = False,
    device: str | None = "cpu",
) -> str:
    """Add a table with the vectors of a column of text to a SQLite file, `<table>_<column>_vec`, and return its name.

        python -c "from dataflow_ops.databases import vectors; vectors.add('abstracts.sqlite', 'abstracts', 'summary')"

    `key` is a column of different integers or of different texts; None is the primary key. `model` is a hub name or a
    folder; None is all-MiniLM-L6-v2, 384 numbers, from the package that carries it. Blank values have no vector, and
    neither have those that are no text. Of a text the first 256 tokens count.

    The file is replaced whole when all is done: readers see it as it was or as it is. A table that is there already and
    holds just these vectors stays; BadArgument for one that holds others, unless `overwrite`. BadSource for what is no
    database; Transient while another program writes to it.
    """
    from dataflow_ops.databases import _vectors_adding  # noqa: PLC0415 - apsw is not for DAG files

    asked = _vectors_adding.Asked(table, column, key, into, overwrite)
    return _vectors_adding.add(Path(path), asked, Embedder(model, device=device))


def vectorised(schema: Schema) -> list[Vectorised]:
    """Return the columns of text that have vectors: as declarations say, else by the name `<table>_<column>_vec`."""
    vectors = [
        (table, column)
        for table in schema.tables
        for column in table.columns
        if vec0.size(column.type) and len(table.primary_key) == 1
    ]
    named = _named(schema) if vectors else {}
    found = (_vectorised(schema, table, column, named) for table, column in vectors)
    return [each for each in found if each is not None]


def _named(schema: Schema) -> dict[str, vec0.About]:
    """Return what the table of vectors of each column would be called."""
    columns = ((table.name, column.name) for table in schema.tables for column in table.columns)
    return {f"{table}_{column}_vec".lower(): vec0.About(table, column) for table, column in columns}


def _vectorised(schema: Schema, vectors: Table, column: Column, named: dict[str, vec0.About]) -> Vectorised | None:
    about, key = vec0.about(column.comment) or named.get(vectors.name.lower()), vectors.primary_key[0]
    table = schema.by_name.get(about.table.lower()) if about else None
    linked = next((link.to[0] for link in vectors.foreign_keys if link.columns == (key,)), key)
    there = {each.name.lower(): each.name for each in table.columns} if table else {}
    if about is None or table is None or not {about.column.lower(), linked.lower()} <= there.keys():
        return None
    of, to = there[about.column.lower()], there[linked.lower()]
    return Vectorised(table.name, of, to, vectors.name, column.name, key, vec0.size(column.type), about.model)


def filled(sql: str, embed: Embed) -> str | Failed:
    """Return a statement with each `embed('text')` replaced by the numbers of the text, a blob of float32 of length one.

    A statement without any stays as it is. Refused is what is no single text of 1 to 1,000 characters in single quotes,
    written out, and a ninth one.
    """
    found = _filling.filling(sql, embed)
    return found if isinstance(found, Failed) else found.sql


class Vectorising:
    """An engine for a SQLite file whose statements may hold `embed('…')`; the model is loaded by the first that does."""

    dialect: Dialect = "sqlite"

    def __init__(self, engine: Engine, embedder: Embedder | None = None) -> None:
        """Take the engine that runs statements, and what embeds their texts; many databases may share that."""
        self._engine, self._embedder = engine, embedder or Embedder()

    @classmethod
    def open(cls, path: str | Path, *, model: str | None = None, **settings: Any) -> Self:
        """Open a SQLite file with the model its vectors were made with; `settings` are those of `sqlite.SQLite`."""
        from dataflow_ops.databases.sqlite import SQLite  # noqa: PLC0415 - apsw is not for DAG files

        return cls(SQLite(path, **settings), Embedder(model))

    @cached_property
    def _held(self) -> Schema:
        return self._engine.schema()

    def schema(self) -> Schema:
        """Read what the database holds."""
        return self._held

    def explain(self, sql: str, limits: Limits) -> Failed | None:
        """Let SQLite plan a statement; for that any numbers do, and no model is loaded."""
        ready = self._filled(sql, lambda texts: [[1.0]] * len(texts))
        return ready if isinstance(ready, Failed) else self._engine.explain(ready.sql, limits)

    def run(self, sql: str, limits: Limits) -> Result | Failed:
        """Run a statement; embedding its texts does not count to its seconds."""
        ready = self._filled(sql, self._embedder)
        if isinstance(ready, Failed):
            return ready
        found = self._engine.run(ready.sql, limits)
        return replace(found, columns=ready.named(found.columns)) if isinstance(found, Result) else found

    def close(self) -> None:
        """End the process of the engine."""
        self._engine.close()

    def _filled(self, sql: str, embed: Embed) -> Filling | Failed:
        ready = _filling.filling(sql, embed)
        if isinstance(ready, Failed) or not ready.calls:
            return ready
        return self._made_otherwise(sql) or ready

    def _made_otherwise(self, sql: str) -> Failed | None:
        """Say so where vectors of another model are asked: the numbers would mean nothing to each other."""
        ours = self._embedder.model
        asked = {name.lower() for name in parse.tables(sql, "sqlite")} if self._others else set()
        other = next((each for each in self._others if each.vector_table.lower() in asked), None)
        if other is None:
            return None
        made = f"the vectors of {other.vector_table!r} were made by {other.model!r}"
        return Failed(
            "error", f"{made} and the text was embedded by {ours!r}: name the model to open the database with"
        )

    @cached_property
    def _others(self) -> list[Vectorised]:
        return [each for each in vectorised(self._held) if each.model not in (None, self._embedder.model)]
