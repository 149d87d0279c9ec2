"""Say of rows what is known of the databases they name."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from random import Random
from typing import Any

import pyarrow as pa

from dataflow_ops.columns import put, strings
from dataflow_ops.databases.database import Database
from dataflow_ops.databases.opened import Databases
from dataflow_ops.databases.result import Failed
from dataflow_ops.databases.vectors import vectorised
from dataflow_ops.op import Connected, Reads, Writes

NAMES = pa.list_(pa.string())
PLACE = pa.struct(
    [(name, pa.string()) for name in ("table", "column", "key", "vector_table", "vector_column", "vector_key")]
)
NO_VECTORS = Failed(
    "unknown name", "no column of text has vectors; dataflow_ops.databases.vectors.add makes them for a SQLite file"
)


def about(
    table: pa.Table,
    *,
    databases: Connected,
    db_id: Reads = "db_id",
    dialect: Writes = "dialect",
    db_version: Writes = "db_version",
    db_fault: Writes = "db_fault",
) -> pa.Table:
    """Say which dialect the database of each row speaks, and which version of it there is.

    `dialect` is `sqlite`, `postgres` or `mysql`; `db_version` the etag of a file, or the fingerprint of what a server
    holds. Where there is no such database, or it cannot be read, both are null and `db_fault` says why.
    """
    found = _each(table, databases, db_id, lambda database: database)
    known = [each if isinstance(each, Database) else None for each in found]
    table = put(table, dialect, pa.array([each and each.dialect for each in known], pa.string()))
    versions = [each and databases.version(each.id) for each in known]
    table = put(table, db_version, pa.array(versions, pa.string()))
    return put(table, db_fault, _faults(found))


def vectors(
    table: pa.Table,
    *,
    databases: Connected,
    db_id: Reads = "db_id",
    vectors: Writes = "vectors",
    tables: Writes = "focus",
    db_fault: Writes = "db_fault",
    seed: int = 0,
) -> pa.Table:
    """Choose for each row a column of text that its database can be searched in by meaning.

    `vectors` is a struct: `table`, `column` and `key` of the texts, `vector_table`, `vector_column` and `vector_key` of
    their vectors; `tables` are the two of them, for `extract.sql.schema`. Of several columns one is drawn by `seed` and
    the row's id. Where there is none both are null and `db_fault` says why.
    """
    found = _each(table, databases, db_id, lambda database: vectorised(database.schema) or NO_VECTORS)
    ids = strings(table, "id").to_pylist()
    drawn = [
        None if isinstance(each, Failed) else _drawn(each, f"{seed} {row}")
        for each, row in zip(found, ids, strict=True)
    ]
    table = put(table, vectors, pa.array(drawn, PLACE))
    needed = [each and [each["table"], each["vector_table"]] for each in drawn]
    return put(put(table, tables, pa.array(needed, NAMES)), db_fault, _faults(found))


def _drawn(places: Sequence[Any], draw: str) -> Mapping[str, str]:
    chosen = asdict(Random(draw).choice(places))  # noqa: S311 - which column is asked about is no secret
    return {field.name: chosen[field.name] for field in PLACE}


def _each(table: pa.Table, databases: Databases, db_id: str, of: Callable[[Database], Any]) -> list[Any]:
    """Return what `of` finds in the database of each row, or why there is nothing; each database is looked at once."""
    names = strings(table, db_id).to_pylist()
    opened = {name: databases.find(name) for name in dict.fromkeys(names)}
    found = {name: each if isinstance(each, Failed) else of(each) for name, each in opened.items()}
    return [found[name] for name in names]


def _faults(found: Sequence[Any]) -> pa.Array:
    return pa.array([str(each) if isinstance(each, Failed) else None for each in found], pa.string())
