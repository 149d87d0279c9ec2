"""Rows and rejects out of files of any format, in memory that does not grow with the file."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from dataflow_ops.errors import BadArgument, nearest
from dataflow_ops.sources.columns import Chunk, Column, Event, Reading, check_columns
from dataflow_ops.sources.database import read_database
from dataflow_ops.sources.delimited import read_delimited
from dataflow_ops.sources.find import SourceFile
from dataflow_ops.sources.json_document import read_json_document
from dataflow_ops.sources.json_lines import read_json_lines
from dataflow_ops.sources.parquet import read_parquet
from dataflow_ops.sources.plain_text import TEXT_UNITS, read_text
from dataflow_ops.sources.rows import Rows
from dataflow_ops.sources.whole import read_whole
from dataflow_ops.store import Store

READERS: Mapping[str, Callable[[Reading], Iterator[Event]]] = {
    "jsonl": read_json_lines,
    "json": read_json_document,
    "csv": read_delimited,
    "tsv": read_delimited,
    "parquet": read_parquet,
    "text": read_text,
    "html": read_text,
    "database": read_database,
    "document": read_whole,
}


def records(
    store: Store,
    file: SourceFile,
    columns: Sequence[Column],
    *,
    text_unit: str = "file",
    max_record_bytes: int = 256 << 20,
    chunk_rows: int = 8192,
    chunk_bytes: int = 4 << 20,
) -> Iterator[Chunk]:
    """Yield the records of `file` as chunks of at most `chunk_rows` records, or `chunk_bytes` and one record more.

    Rows have a string `id`, the `columns`, `meta` (a JSON object of all other fields, null when there are none), `source`
    and `source_row`: the number of the record, or of its first line in JSON Lines, CSV and text. The id is 32 hex digits
    of XXH3 over URI, number and raw content. A record that cannot be read, or lacks a required string, becomes a reject
    with its reason; so does, once, the damaged end of a file. How records are chunked changes none of them.

    A column that is not required is null where a record has none of its names, null or NaN. Numbers and booleans in it
    become text (see `text_of`); a list or an object makes a reject.

    Text files are read as one `text_unit` a record, "file", "line" or "paragraph", into the first column. A document is
    one record, its bytes as they are, in the first column, which must be `binary`; an empty file is one as well.
    Raises BadSource when a required column is missing from the first 1,000 records, or from all of a shorter file.
    """
    check_columns(columns)
    if text_unit not in TEXT_UNITS:
        raise BadArgument(f"text_unit={text_unit!r}: {nearest(text_unit, TEXT_UNITS)}")
    if min(max_record_bytes, chunk_rows, chunk_bytes) < 1:
        raise BadArgument("max_record_bytes, chunk_rows and chunk_bytes must be at least 1")
    return _chunks(Reading(store, file, columns, text_unit, max_record_bytes), chunk_rows, chunk_bytes)


def _chunks(reading: Reading, chunk_rows: int, chunk_bytes: int) -> Iterator[Chunk]:
    rows = Rows(reading)
    for event in READERS[reading.file.format](reading):
        rows.add(*event)
        if rows.count >= chunk_rows or rows.bytes >= chunk_bytes:
            yield rows.take()
    rows.need_columns()
    if rows.count:
        yield rows.take()
