"""Where the values of a large JSON text begin and end, without parsing it.

Structure is found a block at a time, on whole arrays of positions (after Langdale and Lemire, "Parsing Gigabytes of
JSON per Second", 2019): quotes that no odd run of backslashes escapes bound strings, and brackets outside strings give
the depth. A value that is not JSON thus spoils itself alone, and bytes reach the parser as they stand in the file.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

import numpy as np

from dataflow_ops.sources.streams import HEAD_BYTES, REST, Carry, Damage

_QUOTE, _BACKSLASH, _COMMA, _OPENING, _CLOSING = b'"\\,{}'
_STEP = np.zeros(256, np.int8)
_STEP[list(b"[{")] = 1
_STEP[list(b"]}")] = -1
SPACE = b" \t\r\n"


class Structure:
    """The structural characters of a text that comes in blocks."""

    def __init__(self) -> None:
        self._in_string, self._escaping, self._depth = False, False, 0

    def scan(self, block: bytes) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return positions of brackets and commas outside strings, these characters, and the depth after each."""
        content = np.frombuffer(block, np.uint8)
        quotes = self._unescaped(content, np.flatnonzero(content == _QUOTE))
        bracket = content | 0x20  # one bit tells [ from { and ] from }
        at = np.flatnonzero((bracket == _OPENING) | (bracket == _CLOSING) | (content == _COMMA))
        at = at[(np.searchsorted(quotes, at) & 1) == self._in_string]
        characters = content[at]
        depth = self._depth + np.cumsum(_STEP[characters], dtype=np.int64)
        self._in_string ^= bool(len(quotes) & 1)
        self._depth = int(depth[-1]) if len(depth) else self._depth
        return at, characters, depth

    def _unescaped(self, content: np.ndarray, quotes: np.ndarray) -> np.ndarray:
        """Return the quotes with an even number of backslashes before them."""
        slashes = np.flatnonzero(content == _BACKSLASH)
        if not len(slashes):
            escaped = np.zeros(len(quotes), np.bool_)
            escaped[:1] = self._escaping and len(quotes) > 0 and quotes[0] == 0
            self._escaping = self._escaping and not len(content)
            return quotes[~escaped]
        begins = np.flatnonzero(np.diff(slashes, prepend=-2) != 1)
        begin = np.repeat(begins, np.diff(begins, append=len(slashes)))
        run = np.arange(len(slashes)) - begin + 1
        if slashes[0] == 0 and self._escaping:
            run[begin == 0] += 1
        last = np.searchsorted(slashes, quotes) - 1
        escaped = (last >= 0) & (slashes[last] == quotes - 1) & (run[last] % 2 == 1)
        escaped[:1] |= self._escaping and len(quotes) > 0 and quotes[0] == 0
        self._escaping = bool(slashes[-1] == len(content) - 1 and run[-1] % 2 == 1)
        return quotes[~escaped]


@dataclass(frozen=True)
class Piece:
    """A stretch of the text and where it begins; with a `problem`, as much of it as is kept."""

    start: int
    raw: bytes
    problem: str | None = None


class Members:
    """The members of the bracket that a text begins with: what stands between its commas. To be read once."""

    def __init__(self, blocks: Iterator[bytes], limit: int) -> None:
        self._blocks, self._carry = blocks, Carry(limit)
        self._start, self._behind = 1, b""
        self.is_closed = False
        """Whether the bracket was closed; known when all members were read."""

    def __iter__(self) -> Iterator[Piece]:
        try:
            yield from self._until_closed()
        except Damage as damage:
            yield Piece(self._start, self._carry.take()[0], f"{REST}: {damage}")
        else:
            if not self.is_closed:
                yield Piece(self._start, self._carry.take()[0], f"{REST}: it ends before the closing bracket")

    def _until_closed(self) -> Iterator[Piece]:
        structure, base = Structure(), 0
        for block in self._blocks:
            at, characters, depth = structure.scan(block)
            closing = np.flatnonzero(depth == 0)[:1].tolist()
            until = slice(closing[0] if closing else None)
            commas = at[until][(characters[until] == _COMMA) & (depth[until] == 1)]
            for end in [*commas.tolist(), *at[closing].tolist()]:
                piece = Piece(self._start, *self._carry.take(block[max(self._start - base, 0) : end]))
                self._start = base + end + 1
                yield piece
            if closing:
                self.is_closed, self._behind = True, block[self._start - base :]
                return
            self._carry.keep(block[max(self._start - base, 0) :])
            base += len(block)

    def behind(self) -> bytes:
        """Read to the end; return the beginning of what follows the closing bracket, nothing where that is blank."""
        first = b""
        for block in chain([self._behind], self._blocks):
            first = first or block.strip(SPACE)[:HEAD_BYTES]
        return first


def objects(blocks: Iterator[bytes], limit: int) -> Iterator[Piece]:
    """Yield objects that stand one after the other, commas between them or not; at last what is not closed."""
    carry, start = Carry(limit), 0
    try:
        structure, base = Structure(), 0
        for block in blocks:
            at, characters, depth = structure.scan(block)
            for end in at[(depth == 0) & (_STEP[characters] < 0)].tolist():
                yield Piece(start, *carry.take(block[max(start - base, 0) : end + 1]))
                start = base + end + 1
            carry.keep(block[max(start - base, 0) :])
            base += len(block)
    except Damage as damage:
        yield Piece(start, carry.take()[0], f"{REST}: {damage}")
        return
    rest = carry.take()[0]
    if rest.strip(SPACE):
        yield Piece(start, rest, f"{REST}: it ends before the closing bracket")
