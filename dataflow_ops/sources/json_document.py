"""JSON documents: an array of objects, an object with one list of objects, or objects one after the other."""

import re
from collections.abc import Iterable, Iterator

from dataflow_ops.sources.columns import Event, Reading
from dataflow_ops.sources.json_lines import read_json_lines
from dataflow_ops.sources.json_structure import SPACE, Members, Piece, objects
from dataflow_ops.sources.json_text import read_object
from dataflow_ops.sources.streams import HEAD_BYTES, REST, Damage, lines

_MEMBER = re.compile(rb'\s*"((?:[^"\\]|\\.)*)"\s*:\s*(?:(\[)\s*[{\]])?', re.DOTALL)
_BETWEEN = SPACE + b","
_LONGEST_LINE = 16 << 20
"""A first line that is longer is not looked at to see whether the file is JSON Lines under another name."""


def read_json_document(reading: Reading) -> Iterator[Event]:
    """Yield an event for each record of a document, numbered from 1.

    An object that has a field named like a required column is a record; else its one list of objects, where it has
    exactly one, holds the records, and its other fields are left out. JSON Lines named .json are read as such, by line
    number.
    """
    try:
        start, head = _beginning(reading.blocks())
    except Damage as damage:
        yield 1, b"", f"{REST}: {damage}"
        return
    if head.startswith(b"["):
        yield from _list(reading, start, is_whole=True)
    elif head.startswith(b"{"):
        yield from _objects(reading, start)
    elif head:
        yield 1, head, f"{REST}: expected a JSON array or object"


def _objects(reading: Reading, start: int) -> Iterator[Event]:
    if _is_lines(reading):
        return read_json_lines(reading)
    only_list = _only_list(reading, start)
    if only_list is not None:
        return _list(reading, only_list, is_whole=False)
    return _events(objects(_from(reading, start), reading.max_record_bytes))


def _beginning(blocks: Iterator[bytes]) -> tuple[int, bytes]:
    """Return where the first character that is no space stands, and the text from there."""
    position = 0
    for block in blocks:
        if text := block.lstrip(SPACE):
            return position + len(block) - len(text), text[:HEAD_BYTES]
        position += len(block)
    return position, b""


def _from(reading: Reading, start: int) -> Iterator[bytes]:
    for block in reading.blocks():
        if start < len(block):
            yield block[start:] if start else block
        start = max(start - len(block), 0)


def _is_lines(reading: Reading) -> bool:
    """Tell whether the first line is an object, and not the only line."""
    is_object = False
    for _, group, problem, _ in lines(reading.blocks(), _LONGEST_LINE):
        for line in group:
            if is_object or problem:
                return is_object
            if line and not line.isspace():
                is_object = isinstance(read_object(line), dict)
                if not is_object:
                    return False
    return False


def _only_list(reading: Reading, start: int) -> int | None:
    """Return where the one list of objects in the first object begins; None when that object is a record itself."""
    columns = {name for column in reading.columns if column.required for name in column.names}
    members, lists = Members(_from(reading, start), HEAD_BYTES), []
    for piece in members:
        if member := _MEMBER.match(piece.raw):
            if member[1].decode(errors="replace") in columns:
                return None
            if member[2]:
                lists.append(start + piece.start + member.start(2))
    return lists[0] if len(lists) == 1 and not _goes_on(members) else None


def _goes_on(members: Members) -> bool:
    try:
        return members.is_closed and bool(members.behind())
    except Damage:  # it is found again, and told, when the list is read
        return False


def _list(reading: Reading, start: int, *, is_whole: bool) -> Iterator[Event]:
    """Yield the elements of a list; then, once, damage behind it, or content where the list `is_whole` document."""
    members = Members(_from(reading, start), reading.max_record_bytes)
    number = 0
    for number, raw, record in _events(members):
        yield number, raw, record
    try:
        behind = members.behind() if members.is_closed else b""
    except Damage as damage:
        yield number + 1, b"", f"{REST}: {damage}"
        return
    if behind and is_whole:
        yield number + 1, behind, "expected the end of the file after the array"


def _events(pieces: Iterable[Piece]) -> Iterator[Event]:
    number = 0
    for piece in pieces:
        raw = piece.raw.strip(_BETWEEN)
        if raw or piece.problem:
            number += 1
            yield number, raw, piece.problem or read_object(raw)
