"""Bytes of a file as UTF-8 blocks and as lines, up to the place where the file is damaged."""

import codecs
import zlib
from collections.abc import Callable, Iterator
from typing import IO, Any, NamedTuple

import zstandard

from dataflow_ops.errors import BadSource
from dataflow_ops.sources.find import SourceFile
from dataflow_ops.store import Store

BLOCK_BYTES = 1 << 20
REST = "the rest of the file cannot be read"
HEAD_BYTES = 8_000
"""What is kept of a record that is too large: enough for the 2,000 characters that a reject shows."""

# A decoder that fails gives nothing of the slice it was fed: small slices lose little before a damage, and a bomb
# (1 KiB of zstd can become 32 MiB) stays bearable.
_SLICE_BYTES = 1 << 10
_ENCODINGS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark is the beginning of this one
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


class Damage(BadSource):
    """From here on a file cannot be read."""


def blocks(store: Store, file: SourceFile) -> Iterator[bytes]:
    """Yield the unpacked content of `file` as UTF-8, without a byte order mark; raise Damage where it breaks off.

    UTF-16 and UTF-32 are known by their byte order mark. UTF-8 is passed on unchecked, so that one bad line stays one.
    """
    with store.open(file.uri) as stream:
        pieces = _full_reads(stream)
        if file.compression == "gzip":
            pieces = _joined(_unpacked(pieces, lambda: zlib.decompressobj(wbits=31), zlib.error, padding=b"\0"))
        elif file.compression == "zstd":
            unpacker = zstandard.ZstdDecompressor()
            pieces = _joined(_unpacked(pieces, lambda: unpacker.decompressobj(write_size=1 << 16), zstandard.ZstdError))
        yield from _as_utf8(pieces)


def _full_reads(stream: IO[bytes]) -> Iterator[bytes]:
    """Yield blocks whose size does not depend on what a network read happens to give."""
    parts: list[bytes] = []
    wanted = BLOCK_BYTES
    while part := stream.read(wanted):
        parts.append(part)
        wanted -= len(part)
        if not wanted:
            yield b"".join(parts)
            parts, wanted = [], BLOCK_BYTES
    if parts:
        yield b"".join(parts)


def _unpacked(
    pieces: Iterator[bytes], decoder: Callable[[], Any], error: type[Exception], padding: bytes = b""
) -> Iterator[bytes]:
    """Unpack members (gzip) or frames (zstd) one after the other; `padding` between them is no damage."""
    position, current = 0, None
    for piece in pieces:
        for start in range(0, len(piece), _SLICE_BYTES):
            rest = piece[start : start + _SLICE_BYTES]
            position += len(rest)
            while rest := rest if current else rest.lstrip(padding):
                current = current or decoder()
                try:
                    yield current.decompress(rest)
                except error as failure:
                    raise Damage(f"the compressed data is damaged before byte {position:,}: {failure}") from failure
                if not current.eof:
                    break
                rest, current = current.unused_data, None
    if current:
        raise Damage(f"the compressed data breaks off at byte {position:,}, before its end")


def _joined(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Yield small pieces as larger ones, all of them even when the next is damaged."""
    parts: list[bytes] = []
    size = 0
    try:
        for piece in pieces:
            parts.append(piece)
            size += len(piece)
            if size >= BLOCK_BYTES:
                yield b"".join(parts)
                parts, size = [], 0
    except Damage:
        yield b"".join(parts)
        raise
    yield b"".join(parts)


def _as_utf8(pieces: Iterator[bytes]) -> Iterator[bytes]:
    first = next(pieces, b"")
    mark, encoding = next(((m, name) for m, name in _ENCODINGS if first.startswith(m)), (b"", "utf-8"))
    if encoding == "utf-8":
        yield first[len(mark) :]
        yield from pieces
        return
    decode = codecs.getincrementaldecoder(encoding)().decode
    try:
        yield decode(first[len(mark) :]).encode()
        for piece in pieces:
            yield decode(piece).encode()
        decode(b"", final=True)
    except UnicodeDecodeError as error:
        yield error.object[: error.start].decode(error.encoding).encode()
        raise Damage(f"invalid {encoding.upper()}: {error.reason}") from error


class Lines(NamedTuple):
    """Lines in a row, the `first` of them numbered; with a `problem`, one line of which only the head is there."""

    first: int
    lines: list[bytes]
    problem: str | None = None
    is_end: bool = False


class Carry:
    """What is there so far of a record that began in an earlier block; of a too large one only the head."""

    def __init__(self, limit: int) -> None:
        self._limit, self._parts, self._size = limit, [b""], 0

    def keep(self, piece: bytes) -> None:
        """Add a piece whose record goes on."""
        self._size += len(piece)
        self._parts.append(piece)
        if self._size > self._limit:
            self._parts = [b"".join(self._parts)[:HEAD_BYTES]]

    def take(self, piece: bytes = b"") -> tuple[bytes, str | None]:
        """Return the record that ends with `piece`, and what is wrong with it."""
        size = self._size + len(piece)
        self._parts.append(piece)
        whole = b"".join(self._parts)
        self._parts, self._size = [b""], 0
        if size > self._limit:
            return whole[:HEAD_BYTES], f"expected a record of at most {self._limit:,} bytes, found {size:,}"
        return whole, None


def lines(pieces: Iterator[bytes], limit: int) -> Iterator[Lines]:
    """Split blocks into lines without their line feed; end with a problem where the file is damaged."""
    number, carry = 1, Carry(limit)
    try:
        for piece in pieces:
            *complete, rest = piece.split(b"\n")
            if complete:
                first, problem = carry.take(complete[0])
                yield Lines(number, [first], problem)
                yield from _within(number + 1, complete[1:], limit)
                number += len(complete)
            carry.keep(rest)
    except Damage as damage:
        yield Lines(number, [carry.take()[0]], f"{REST}: {damage}", is_end=True)
        return
    last, problem = carry.take()
    if last:
        yield Lines(number, [last], problem)


def _within(first: int, complete: list[bytes], limit: int) -> Iterator[Lines]:
    if max(map(len, complete), default=0) <= limit:
        yield Lines(first, complete)
        return
    for number, line in enumerate(complete, first):
        carry = Carry(limit)
        whole, problem = carry.take(line)
        yield Lines(number, [whole], problem)
