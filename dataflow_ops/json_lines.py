"""Arrow tables as JSON Lines: UTF-8, one object a line, a line break nowhere else."""

from collections.abc import Iterator, Sequence
from typing import Any

import orjson
import pyarrow as pa
from pyarrow import types

from dataflow_ops.errors import BadArgument

ROWS = 1_000
"""Rows that are Python objects at a time."""
OPTIONS = orjson.OPT_APPEND_NEWLINE
BREAKS = {"\u0085": b"\\u0085", "\u2028": b"\\u2028", "\u2029": b"\\u2029"}
"""What JSON lets stand in a string and many readers take for the end of a line."""


def json_lines(table: pa.Table) -> Iterator[bytes]:
    """Yield the rows of `table`, whose types are those of `plain_schema`, some lines at a time; NaN is null."""
    for start in range(0, table.num_rows, ROWS):
        for row in table.slice(start, ROWS).to_pylist():
            yield _line(row)


def _line(row: dict[str, Any]) -> bytes:
    line = orjson.dumps(row, option=OPTIONS)
    for mark, escaped in BREAKS.items():
        line = line.replace(mark.encode(), escaped)
    return line


def plain_schema(schema: pa.Schema) -> pa.Schema:
    """Return the types that JSON has for those of `schema`; BadArgument names a column that it has none for.

    Times, dates and decimals become strings, which keep all their digits.
    """
    return pa.schema([pa.field(field.name, _plain(field.type, field.name)) for field in schema])


def _plain(kind: pa.DataType, path: str) -> pa.DataType:
    if types.is_struct(kind):
        return _struct(kind, path)
    if types.is_dictionary(kind):
        return _plain(kind.value_type, path)
    if any(holds(kind) for holds in LISTS):
        return pa.large_list(_plain(kind.value_type, path))
    if any(holds(kind) for holds in WORDS):
        return pa.string()
    if not any(holds(kind) for holds in PLAIN):
        raise BadArgument(f"column {path!r} is {kind}, which JSON has no form for")
    return kind


def _struct(kind: Sequence[pa.Field], path: str) -> pa.DataType:
    fields = [pa.field(field.name, _plain(field.type, f"{path}.{field.name}")) for field in kind]
    if len({field.name for field in fields}) < len(fields):
        raise BadArgument(f"column {path!r} has two fields of one name, and a JSON object cannot")
    return pa.struct(fields)


LISTS = (types.is_list, types.is_large_list, types.is_fixed_size_list)
WORDS = (types.is_date, types.is_time, types.is_timestamp, types.is_decimal)
PLAIN = (types.is_null, types.is_boolean, types.is_integer, types.is_floating, types.is_string, types.is_large_string)
