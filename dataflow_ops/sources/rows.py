"""Records gathered into Arrow tables of rows and rejects."""

from collections.abc import Iterator
from typing import Any

import pyarrow as pa
from xxhash import xxh3_128_hexdigest

from dataflow_ops.sources.columns import REJECTS, Chunk, Column, Reading, need_column, rows_schema
from dataflow_ops.sources.json_text import dump, found, without
from dataflow_ops.sources.scalars import text_of
from dataflow_ops.sources.streams import HEAD_BYTES

FIRST_RECORDS = 1_000
"""A required column that none of so many records has is missing from the file."""
_RAW_CHARACTERS = 2_000
_UNITS = {"jsonl": "line", "csv": "line", "tsv": "line", "text": "line"}


class Rows:
    """Rows and rejects of one file, until they are taken as a chunk.

    Raises BadSource when a required column is missing from the first 1,000 records, or from all of a shorter file.
    """

    def __init__(self, reading: Reading) -> None:
        self._uri, self._columns = reading.file.uri, reading.columns
        self._place = f"{self._uri}, {_UNITS.get(reading.file.format, 'record')}"
        self._prefix = self._uri.encode() + b"\0"
        self._is_json = reading.file.format in ("jsonl", "json")
        self._nothing = "" if reading.file.format in ("csv", "tsv") else None  # they cannot say null
        self._schema = rows_schema(reading.columns)
        self._missing = [column for column in reading.columns if column.required]
        self._fields_seen: set[str] = set()
        self._looked_at = 0
        self._start()

    def _start(self) -> None:
        self._rows: list[tuple[Any, ...]] = []
        self._rejects: list[tuple[Any, ...]] = []
        self.bytes = 0

    @property
    def count(self) -> int:
        """Rows and rejects gathered so far."""
        return len(self._rows) + len(self._rejects)

    def add(self, number: int, raw: bytes, record: dict[str, Any] | str) -> None:
        """Add a record, or what is wrong with it."""
        name = xxh3_128_hexdigest(b"%b%d\0%b" % (self._prefix, number, raw))
        if isinstance(record, str):
            self._reject(name, number, raw, record)
            return
        if self._missing:
            self._look_for_columns(record)
        try:
            row = self._row(record, raw)
        except (ValueError, RecursionError) as problem:
            self._reject(name, number, raw, str(problem))
        else:
            self._rows.append((name, *row, self._uri, number))
            self.bytes += len(raw)

    def _row(self, record: dict[str, Any], raw: bytes) -> list[Any]:
        """Return the values of the columns, then meta; raise ValueError when one does not fit."""
        values: list[Any] = []
        used: set[str] = set()
        for column in self._columns:
            name, value = _pick(record, column, raw if self._is_json else None)
            if value == self._nothing and not column.required:
                value = None
            _check(value, name, column, record)
            # Arrow takes bytes ten times as fast as text that is not ASCII.
            values.append(value.encode() if isinstance(value, str) else value)
            used.add(name)
        rest = {key: value for key, value in record.items() if key not in used}
        if not rest:
            return [*values, None]
        meta = dump(rest)
        return [*values, without(raw, used, meta) if self._is_json else meta]

    def _reject(self, name: str, number: int, raw: bytes, reason: str) -> None:
        shown = raw[:HEAD_BYTES].decode(errors="backslashreplace")[:_RAW_CHARACTERS]
        self._rejects.append((name, self._uri, number, f"{self._place} {number:,}: {reason}", shown))
        self.bytes += len(shown)

    def _look_for_columns(self, record: dict[str, Any]) -> None:
        self._looked_at += 1
        if len(self._fields_seen) < FIRST_RECORDS:
            self._fields_seen.update(record)
        self._missing = [column for column in self._missing if record.keys().isdisjoint(column.names)]
        if self._looked_at == FIRST_RECORDS:
            self.need_columns()

    def need_columns(self) -> None:
        """Raise BadSource when there were records and none had a required column."""
        for column in self._missing if self._looked_at else []:
            need_column(column, self._fields_seen - set(column.names), self._uri)

    def take(self) -> Chunk:
        """Return what was gathered, and begin anew."""
        chunk = Chunk(_table(self._rows, self._schema), _table(self._rejects, REJECTS))
        self._start()
        return chunk


def _pick(record: dict[str, Any], column: Column, raw: bytes | None) -> tuple[str, Any]:
    """Return the name that has the value of a column, and the value: of an optional column, text or None."""
    for name in column.names:
        value = record.get(name)
        if value is not None and not column.required and not column.binary:
            value = text_of(value, name, raw)
        if value is not None:
            return name, value
    return next((name for name in column.names if name in record), column.name), None


def _check(value: Any, name: str, column: Column, record: dict[str, Any]) -> None:
    """Raise ValueError for what the column cannot hold; what is optional and no bytes was made text before."""
    fits = type(value) is (
        bytes if column.binary else str
    )  # not of a subclass, which a number too large for a float is
    if fits or (not column.required and (value is None or not column.binary)):
        return
    there = found(value) if name in record else "no such field"
    raise ValueError(f"expected {'bytes' if column.binary else 'a string'} in {name!r}, found {there}")


def _table(rows: list[tuple[Any, ...]], schema: pa.Schema) -> pa.Table:
    values: Iterator[Any] = zip(*rows, strict=True) if rows else iter([()] * len(schema))
    return pa.table([pa.array(column, field.type) for column, field in zip(values, schema, strict=True)], schema=schema)
