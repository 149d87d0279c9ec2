"""Databases: a record is a whole one, and holds what was found out when it was listed."""

from collections.abc import Iterator

from dataflow_ops.sources.columns import Event, Reading


def read_database(reading: Reading) -> Iterator[Event]:
    """Yield the one record of a database; another version of it is another record."""
    about = dict(reading.file.about or {})
    reading.need_columns(about)
    yield 1, reading.file.etag.encode(), about
