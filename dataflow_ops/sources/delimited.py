"""CSV and TSV: the first row names the fields."""

import csv
import io
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any

from dataflow_ops.errors import BadSource
from dataflow_ops.sources.columns import Event, Reading, distinct
from dataflow_ops.sources.json_text import invalid_utf8
from dataflow_ops.sources.streams import HEAD_BYTES, REST, Lines, lines


class _Unreadable(Exception):
    """The lines at hand are not a row, whatever follows."""


class _Feed:
    """Groups of lines for the csv module; holds those from the `first` line of the row that is being read."""

    def __init__(self, groups: Iterator[Lines], limit: int) -> None:
        self._groups, self._limit = groups, limit
        self._held: list[bytes] = []
        self._held_from, self._held_bytes, self.first = 1, 0, 1
        self._invalid: dict[int, str] = {}

    def __iter__(self) -> "_Feed":
        return self

    def __next__(self) -> Iterable[str]:
        done = slice(self.first - self._held_from)
        self._held_bytes -= sum(map(len, self._held[done]))
        del self._held[done]
        self._held_from = self.first
        if self._held_bytes > self._limit:
            raise _Unreadable(f"expected a row of at most {self._limit:,} bytes; is a quote not closed?")
        first, group, problem, _ = next(self._groups)
        self._held += group
        self._held_bytes += sum(map(len, group))
        if problem:
            raise _Unreadable(problem)
        return self._decoded(first, group)

    def _decoded(self, first: int, group: list[bytes]) -> Iterable[str]:
        try:
            return io.StringIO(b"\n".join([*group, b""]).decode(), newline="\n")
        except UnicodeDecodeError:
            return [self._decoded_line(number, line) for number, line in enumerate(group, first)]

    def _decoded_line(self, number: int, line: bytes) -> str:
        try:
            return f"{line.decode()}\n"
        except UnicodeDecodeError as error:
            self._invalid[number] = invalid_utf8(error)
            return f"{line.decode(errors='replace')}\n"

    def take(self, last: int | None = None) -> tuple[int, bytes, str]:
        """Return number and content of the row that ends with line `last`, or with all there is, and what is wrong."""
        first, begin = self.first, self.first - self._held_from
        row = self._held[begin : None if last is None else begin + last + 1 - first]
        self.first += len(row)
        raw = b"\n".join(row)
        if self._invalid and (wrong := [self._invalid.pop(n) for n in range(first, self.first) if n in self._invalid]):
            return first, raw, wrong[0]
        return first, raw, "expected text, found a NUL character" if b"\0" in raw else ""


def read_delimited(reading: Reading) -> Iterator[Event]:
    """Yield an event for each row below the header, by the number of its first line; an empty field is an empty string.

    The delimiter is that of the suffix, or a semicolon where the first line has only those. A field that is named like
    one before it is called name_2; where a column is meant by both, BadSource is raised.
    """
    csv.field_size_limit(max(csv.field_size_limit(), reading.max_record_bytes + 1))  # the limit is the module's alone
    groups = lines(reading.blocks(), reading.max_record_bytes)
    first = next(groups, Lines(1, []))
    delimiter = _delimiter(first, "\t" if reading.file.format == "tsv" else ",")
    feed = _Feed(chain([first], groups), reading.max_record_bytes)
    rows = _rows(feed, delimiter)
    number, raw, names = next(rows, (0, b"", ""))
    if isinstance(names, list):
        header = _header(reading, names)
        yield from ((number, raw, _record(header, row)) for number, raw, row in rows)
    elif names:
        yield number, raw[:HEAD_BYTES], f"{REST}: in its header, {names}"


def _rows(feed: _Feed, delimiter: str) -> Iterator[tuple[int, bytes, list[str] | str]]:
    """Yield the fields of each row that is not blank, or what is wrong with it."""
    while True:
        reader, before = csv.reader(chain.from_iterable(feed), delimiter=delimiter, strict=True), feed.first - 1
        try:
            yield from _rows_of(reader, feed, before)
        except _Unreadable as problem:
            number, raw, _ = feed.take()
            yield number, raw, str(problem)
        else:
            return


def _rows_of(reader: Any, feed: _Feed, before: int) -> Iterator[tuple[int, bytes, list[str] | str]]:
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            number, raw, _ = feed.take(before + reader.line_num)
            span = f" (lines {number:,} to {feed.first - 1:,})" if feed.first > number + 1 else ""
            yield number, raw, f"expected a row with fields quoted as in RFC 4180: {error}{span}"
        else:
            number, raw, problem = feed.take(before + reader.line_num)
            if row:
                yield number, raw, problem or row


def _delimiter(first: Lines, usual: str) -> str:
    line = first.lines[0] if first.lines else b""
    return ";" if b";" in line and usual.encode() not in line else usual


def _header(reading: Reading, names: list[str]) -> list[str]:
    reading.need_columns(names)
    for name in (name for column in reading.columns for name in column.names):
        if names.count(name) > 1:
            raise BadSource(f"{reading.file.uri!r} has {names.count(name)} columns called {name!r}: expected one")
    return distinct(names)


def _record(header: list[str], row: list[str] | str) -> dict[str, Any] | str:
    if isinstance(row, str):
        return row
    if len(row) != len(header):
        return f"expected {len(header)} fields, found {len(row)}"
    return dict(zip(header, row, strict=True))
