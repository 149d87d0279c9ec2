"""Plain text and HTML: a record is a whole file, a line, or a paragraph."""

from collections.abc import Callable, Iterator, Mapping

from dataflow_ops.sources.columns import Event, Reading
from dataflow_ops.sources.json_text import invalid_utf8
from dataflow_ops.sources.streams import Carry, Damage, lines


def read_text(reading: Reading) -> Iterator[Event]:
    """Yield an event for each unit of text, which is the first column; lines and paragraphs that are blank are none.

    A column `path` is the URI of the file.
    """
    column = reading.columns[0].name
    named = {"path": reading.file.uri} if any(each.name == "path" for each in reading.columns[1:]) else {}
    reading.need_columns({column})
    unit = "file" if reading.file.format == "html" else reading.text_unit
    for number, raw, problem in _UNITS[unit](reading):
        yield number, raw, problem or _record(raw, column, named)


Units = Iterator[tuple[int, bytes, str | None]]


def _record(raw: bytes, column: str, named: Mapping[str, str]) -> dict[str, str] | str:
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        return invalid_utf8(error)
    nul = text.find("\0")
    return {column: text, **named} if nul < 0 else f"expected text, found a NUL character at position {nul:,}"


def _file(reading: Reading) -> Units:
    carry = Carry(reading.max_record_bytes)
    try:
        for piece in reading.blocks():
            carry.keep(piece)
    except Damage as damage:
        yield 1, carry.take()[0], str(damage)
        return
    text, problem = carry.take()
    if text:
        yield 1, text, problem


def _lines(reading: Reading) -> Units:
    for first, group, problem, _ in lines(reading.blocks(), reading.max_record_bytes):
        for number, line in enumerate(group, first):
            if problem or not _is_blank(line):
                yield number, line.removesuffix(b"\r"), problem


def _paragraphs(reading: Reading) -> Units:
    """Yield runs of lines that are not blank, each under the number of its first line."""
    start, carry = 0, Carry(reading.max_record_bytes)
    for first, group, problem, is_end in lines(reading.blocks(), reading.max_record_bytes):
        for number, line in enumerate(group, first):
            if start and (problem or _is_blank(line)) and not is_end:
                yield start, *carry.take()
                start = 0
            if problem:
                carry.keep(line)
                yield start or number, carry.take()[0], problem
                start = 0
            elif not _is_blank(line):
                carry.keep((b"\n" if start else b"") + line.removesuffix(b"\r"))
                start = start or number
    if start:
        yield start, *carry.take()


def _is_blank(line: bytes) -> bool:
    return not line or line.isspace()


_UNITS: Mapping[str, Callable[[Reading], Units]] = {"file": _file, "line": _lines, "paragraph": _paragraphs}
TEXT_UNITS = tuple(_UNITS)
