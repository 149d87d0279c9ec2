"""Parquet: a few rows of a row group at a time."""

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from dataflow_ops.errors import BadSource
from dataflow_ops.sources.columns import Event, Reading, distinct
from dataflow_ops.sources.json_text import dump, finite, invalid_utf8
from dataflow_ops.sources.streams import REST

_BATCH_BYTES, _BATCH_ROWS = 4 << 20, 4096


class _Field(NamedTuple):
    """A column of a file, and whether one is asked for that holds text or floats in it."""

    name: str
    is_text: bool
    is_float: bool


def read_parquet(reading: Reading) -> Iterator[Event]:
    """Yield an event for each row, numbered from 1 over the whole file; of a damaged row group, one for what is left.

    In `meta`, times become ISO 8601, decimals their digits, bytes base64, maps lists of pairs, NaN and infinities their
    names. Raises BadSource when a column has another type than string; one that is not required may hold numbers,
    decimals or booleans.
    """
    with reading.store.random_access(reading.file.uri) as handle:
        try:
            # Without a buffer size a reader takes a whole row group into memory.
            file = pq.ParquetFile(handle, buffer_size=2 << 20, pre_buffer=False)
            schema = file.schema_arrow
        except (pa.ArrowException, OSError) as error:
            yield 1, b"", f"{REST}: {_damage(error)}"
            return
        yield from _groups(file, _fields(reading, schema))


def _groups(file: pq.ParquetFile, fields: Sequence[_Field]) -> Iterator[Event]:
    done = 0
    for group in range(file.num_row_groups):
        number, count = done, file.metadata.row_group(group).num_rows
        try:
            for batch in file.iter_batches(_batch_rows(file.metadata.row_group(group)), row_groups=[group]):
                for event in _events(batch, fields):
                    number += 1
                    yield number, *event
        except (pa.ArrowException, OSError) as error:
            place = f"the rest of row group {group + 1} of {file.num_row_groups} cannot be read"
            yield number + 1, b"", f"{place}: {_damage(error)}"
        done += count


def _damage(error: Exception) -> str:
    """Return what is damaged; raise the error again where it is the machine that failed, not the file."""
    if isinstance(error, MemoryError) or getattr(error, "errno", None):
        raise error
    return str(error)


def _fields(reading: Reading, schema: pa.Schema) -> list[_Field]:
    _check(reading, schema)
    wanted = {name for column in reading.columns for name in column.names}
    return [
        _Field(
            name, name in wanted and _is_text(field.type), name in wanted and pa.types.is_floating(_plain(field.type))
        )
        for name, field in zip(distinct(schema.names), schema, strict=True)
    ]


def _check(reading: Reading, schema: pa.Schema) -> None:
    reading.need_columns(schema.names)
    for column in reading.columns:
        for name in column.names:
            types = [field.type for field in schema if field.name == name]
            if len(types) > 1:
                raise BadSource(f"{reading.file.uri!r} has {len(types)} columns called {name!r}: expected one")
            if types and not _is_text(types[0]) and (column.required or not _is_scalar(types[0])):
                expected = "strings" if column.required else "strings, numbers or booleans"
                raise BadSource(f"column {name!r} in {reading.file.uri!r}: expected {expected}, found {types[0]}")


def _plain(kind: pa.DataType) -> pa.DataType:
    if isinstance(kind, pa.BaseExtensionType):
        kind = kind.storage_type
    return kind.value_type if pa.types.is_dictionary(kind) else kind


def _is_text(kind: pa.DataType) -> bool:
    return str(_plain(kind)).removeprefix("large_") in ("string", "string_view", "binary", "binary_view", "null")


def _is_scalar(kind: pa.DataType) -> bool:
    kind = _plain(kind)
    types = pa.types
    return bool(types.is_integer(kind) or types.is_floating(kind) or types.is_decimal(kind) or types.is_boolean(kind))


def _batch_rows(group: pq.RowGroupMetaData) -> int:
    row_bytes = max(1, group.total_byte_size // max(1, group.num_rows))
    return max(1, min(_BATCH_ROWS, _BATCH_BYTES // row_bytes))


def _events(batch: pa.RecordBatch, fields: Sequence[_Field]) -> Iterator[tuple[bytes, dict[str, Any] | str]]:
    problems: dict[int, str] = {}
    names = [field.name for field in fields]
    columns = [_values(column, field.is_text, problems) for field, column in zip(fields, batch.columns, strict=True)]
    floats = {
        field.name: _shortest(column) for field, column in zip(fields, batch.columns, strict=True) if field.is_float
    }
    for row, values in enumerate(zip(*columns, strict=True)):
        record = dict(zip(names, values, strict=True))
        raw = dump(record)  # and thus the id, which does not depend on what columns are asked for
        record.update((name, values[row]) for name, values in floats.items())
        yield raw, problems.get(row, record)


def _shortest(column: pa.Array) -> list[float | str | None]:
    """Return floats that show the fewest digits for their own width; None for NaN, infinities by name."""
    narrow = {pa.float16(): np.float16, pa.float32(): np.float32}.get(_plain(column.type), np.float64)
    values = [None if value is None or math.isnan(value) else float(str(narrow(value))) for value in column.to_pylist()]
    return [finite(value) for value in values]


def _values(column: pa.Array, is_text: bool, problems: dict[int, str]) -> list[Any]:
    """Return Python values of a column, and note the rows that have none."""
    try:
        values = column.to_pylist()
    except (ValueError, OverflowError):
        values = [_value(column[row : row + 1], row, problems) for row in range(len(column))]
    if is_text:
        return [_decoded(value, row, problems) for row, value in enumerate(values)]
    return values if _all_finite(column) else [finite(value) for value in values]


def _value(one: pa.Array, row: int, problems: dict[int, str]) -> Any:
    try:
        return one.to_pylist()[0]
    except UnicodeDecodeError as error:
        problems[row] = invalid_utf8(error)
        return error.object.decode(errors="backslashreplace")
    except (ValueError, OverflowError) as error:
        problems[row] = f"expected a value that Python can hold, found {one.type}: {error}"
        return None


def _decoded(value: Any, row: int, problems: dict[int, str]) -> Any:
    if not isinstance(value, bytes):
        return value
    try:
        return value.decode()
    except UnicodeDecodeError as error:
        problems[row] = invalid_utf8(error)
        return value.decode(errors="backslashreplace")


def _all_finite(column: pa.Array) -> bool:
    kind = column.type
    if pa.types.is_floating(kind):
        return bool(pc.all(pc.is_finite(column)).as_py() is not False)
    if pa.types.is_nested(kind):
        parts: Iterable[pa.Array] = [column.keys, column.items] if pa.types.is_map(kind) else _parts(column)
        return all(map(_all_finite, parts))
    return True


def _parts(column: pa.Array) -> Iterable[pa.Array]:
    flat = column.flatten()
    return flat if isinstance(flat, list) else [flat]
