"""Values of PostgreSQL that Python has no value for are read as their text."""

from typing import Any

import psycopg
from psycopg.types import datetime as moments
from psycopg.types.string import TextLoader

TEXTS = ("json", "jsonb", "jsonpath", "inet", "cidr", "record", "hstore")


def teach(connection: psycopg.Connection) -> None:
    """Read moments beyond the years of Python, and JSON, as text."""
    kinds = connection.adapters.types
    for name in TEXTS:
        if kinds.get(name) is not None:
            connection.adapters.register_loader(name, TextLoader)
    for name, loader in (("date", Date), ("timestamp", Timestamp), ("timestamptz", Timestamptz), ("interval", Interval),
                         ("time", Time), ("timetz", Timetz)):  # fmt: skip
        connection.adapters.register_loader(name, loader)


def _or_text(load: Any, data: Any) -> Any:
    try:
        return load(data)
    except (psycopg.DataError, OverflowError, ValueError):
        return bytes(data).decode()


class Date(moments.DateLoader):
    """A date."""

    def load(self, data: Any) -> Any:
        """Return a date, `infinity` and years before Christ as text."""
        return _or_text(super().load, data)


class Time(moments.TimeLoader):
    """A time of day."""

    def load(self, data: Any) -> Any:
        """Return a time, 24:00 as text."""
        return _or_text(super().load, data)


class Timetz(moments.TimetzLoader):
    """A time of day in a zone."""

    def load(self, data: Any) -> Any:
        """Return a time, 24:00 as text."""
        return _or_text(super().load, data)


class Timestamp(moments.TimestampLoader):
    """A moment."""

    def load(self, data: Any) -> Any:
        """Return a moment, what Python cannot hold as text."""
        return _or_text(super().load, data)


class Timestamptz(moments.TimestamptzLoader):
    """A moment in a zone."""

    def load(self, data: Any) -> Any:
        """Return a moment, what Python cannot hold as text."""
        return _or_text(super().load, data)


class Interval(moments.IntervalLoader):
    """A span of time."""

    def load(self, data: Any) -> Any:
        """Return a span; with months or years in it as text, since those have no length."""
        text = bytes(data).decode()
        return text if "mon" in text or "year" in text else _or_text(super().load, data)
