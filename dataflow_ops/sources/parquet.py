"""Parquet: a few rows of a row group at a time."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from dataflow_ops.errors import BadSource
from dataflow_ops.sources.columns import Event, Reading, distinct
from dataflow_ops.sources.json_text import dump, finite, invalid_utf8
from dataflow_ops.sources.streams import REST

_BATCH_BYTES, _BATCH_ROWS = 4 << 20, 4096


def read_parquet(reading: Reading) -> Iterator[Event]:
    """Yield an event for each row, numbered from 1 over the whole file; of a damaged row group, one for what is left.

    In `meta`, times become ISO 8601, decimals their digits, bytes base64, maps lists of pairs, NaN and infinities their
    names. Raises BadSource when a column has another type than string.
    """
    with reading.store.random_access(reading.file.uri) as handle:
        try:
            # Without a buffer size a reader takes a whole row group into memory.
            file = pq.ParquetFile(handle, buffer_size=2 << 20, pre_buffer=False)
            schema = file.schema_arrow
        except (pa.ArrowException, OSError) as error:
            yield 1, b"", f"{REST}: {_damage(error)}"
            return
        _check(reading, schema)
        yield from _groups(file, distinct(schema.names), {name for column in reading.columns for name in column.names})


def _groups(file: pq.ParquetFile, names: Sequence[str], texts: set[str]) -> Iterator[Event]:
    done = 0
    for group in range(file.num_row_groups):
        number, count = done, file.metadata.row_group(group).num_rows
        try:
            for batch in file.iter_batches(_batch_rows(file.metadata.row_group(group)), row_groups=[group]):
                for event in _events(batch, names, texts):
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


def _check(reading: Reading, schema: pa.Schema) -> None:
    reading.need_columns(schema.names)
    for column in reading.columns:
        for name in column.names:
            types = [field.type for field in schema if field.name == name]
            if len(types) > 1:
                raise BadSource(f"{reading.file.uri!r} has {len(types)} columns called {name!r}: expected one")
            if types and not _is_text(types[0]):
                raise BadSource(f"column {name!r} in {reading.file.uri!r}: expected strings, found {types[0]}")


def _is_text(kind: pa.DataType) -> bool:
    if isinstance(kind, pa.BaseExtensionType):
        kind = kind.storage_type
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    return str(kind).removeprefix("large_") in ("string", "string_view", "binary", "binary_view", "null")


def _batch_rows(group: pq.RowGroupMetaData) -> int:
    row_bytes = max(1, group.total_byte_size // max(1, group.num_rows))
    return max(1, min(_BATCH_ROWS, _BATCH_BYTES // row_bytes))


def _events(
    batch: pa.RecordBatch, names: Sequence[str], texts: set[str]
) -> Iterator[tuple[bytes, dict[str, Any] | str]]:
    problems: dict[int, str] = {}
    columns = [_values(column, name in texts, problems) for name, column in zip(names, batch.columns, strict=True)]
    for row, values in enumerate(zip(*columns, strict=True)):
        record = dict(zip(names, values, strict=True))
        yield dump(record), problems.get(row, record)


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
