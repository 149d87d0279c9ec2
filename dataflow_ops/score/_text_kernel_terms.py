"""Where listed terms occur in the bytes of each document: a hash of three bytes decides where to look closer.

Everything a compiled loop calls is in this file, for numba's cache only notices changes of the file of the entry.
"""
# ruff: noqa: PLR0917 - a compiled loop is given arrays, in order: it has no keyword arguments
# mypy: disable-error-code="no-untyped-def"

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numba import njit

EXACT = 1  # case matters
STARTS = 2  # not after an ASCII letter, digit or underscore
ENDS = 4  # not before one
BLANKS = 8  # a blank in the term stands for up to ten blanks, or none
SIGNS = 16  # punctuation inside is passed over, from the fourth byte on
LINE = 32  # once a line
HEX2, HEX3 = 64, 128  # two, three hexadecimal digits follow

# Nothing is allocated inside, so the compiler need not count references to arrays in the inner loops.
_compiled = njit(cache=True, nogil=True, _nrt=False)  # type: ignore[call-overload]

_SLOT_BITS = 13
_SPREAD = 0x9E3779B1
_FOLD = np.arange(256, dtype=np.uint8)
_FOLD[ord("A") : ord("Z") + 1] += 32
_FOLD.flags.writeable = False
_BLANK_RUNS = [bytes(run) for n in range(4) for run in product(b" \t\n\r", repeat=n)]


@dataclass(frozen=True)
class Term:
    """What to look for: `text`, counted in column `group`."""

    text: str
    group: int
    modes: int = 0


@dataclass(frozen=True)
class Index:
    """Terms laid out for `count`: chains of terms by the hash of their first three bytes."""

    heads: np.ndarray
    chain: np.ndarray
    letters: np.ndarray
    spans: np.ndarray
    kinds: np.ndarray
    groups: int

    def arrays(self) -> tuple[np.ndarray, ...]:
        """Return what `count` takes."""
        return _FOLD, self.heads, self.chain, self.letters, self.spans, self.kinds


def index(terms: Sequence[Term], groups: int) -> Index:
    """Lay out `terms` of at least two bytes; at the same place the first that fits wins within its group."""
    letters = [term.text.encode() for term in terms]
    spelled = [
        text if term.modes & EXACT else bytes(_FOLD[list(text)]) for text, term in zip(letters, terms, strict=True)
    ]
    ends = np.cumsum([0] + [len(text) for text in spelled])
    heads, chain = np.full(1 << _SLOT_BITS, -1, np.int32), []
    for number in reversed(range(len(terms))):
        for slot in {_slot(first) for first in _beginnings(letters[number], terms[number].modes)}:
            chain.append((number, heads[slot]))
            heads[slot] = len(chain) - 1
    return Index(
        heads=heads,
        chain=np.array(chain, np.int32).reshape(-1, 2),
        letters=np.frombuffer(b"".join(spelled) or b"\0", np.uint8),
        spans=np.stack([ends[:-1], ends[1:]], axis=1).astype(np.int32),
        kinds=np.array([(term.group, term.modes) for term in terms], np.int32).reshape(-1, 2),
        groups=groups,
    )


def _beginnings(text: bytes, modes: int) -> Iterator[bytes]:
    """Yield every three bytes, lower case, with which an occurrence of `text` can begin."""
    heads = {b""}
    for letter in bytes(_FOLD[list(text)]):
        steps = _BLANK_RUNS if letter == 32 and modes & BLANKS else (bytes([letter]),)
        heads = {(head + step)[:3] for head in heads for step in steps}
    for head in heads:
        yield from (head,) if len(head) == 3 else (head + bytes([byte]) for byte in {0, *_FOLD.tolist()})


def _slot(three: bytes) -> int:
    return ((int.from_bytes(three, "big") * _SPREAD) & 0xFFFFFFFF) >> (32 - _SLOT_BITS)


@_compiled
def _in_word(byte):
    return byte == 95 or 48 <= byte <= 57 or 65 <= byte <= 90 or 97 <= byte <= 122


@_compiled
def _is_sign(byte):
    return 33 <= byte <= 47 or 58 <= byte <= 64 or 91 <= byte <= 96 or 123 <= byte <= 126


@_compiled
def _after_blanks(data, i, end):
    stop = min(end, i + 10)
    while i < stop and (data[i] == 32 or data[i] == 9 or data[i] == 10 or data[i] == 13):
        i += 1
    return i


@_compiled
def _after_digits(data, i, end, digits):
    """Return the place after `digits` hexadecimal digits at `i`, -1 when there are fewer."""
    for _ in range(digits):
        if i >= end or not (48 <= data[i] <= 57 or 65 <= data[i] <= 70 or 97 <= data[i] <= 102):
            return -1
        i += 1
    return i


@_compiled
def _match(data, i, end, fold, letters, span, modes):
    """Return where an occurrence of a term that begins at `i` ends, -1 when there is none."""
    for at in range(span[0], span[1]):
        letter = letters[at]
        if modes & BLANKS and letter == 32:
            i = _after_blanks(data, i, end)
            continue
        if modes & SIGNS and at > span[0] + 2:
            while i < end and _is_sign(data[i]):
                i += 1
        if i >= end or (data[i] if modes & EXACT else fold[data[i]]) != letter:
            return -1
        i += 1
    if modes & (HEX2 | HEX3):
        i = _after_digits(data, i, end, 2 if modes & HEX2 else 3)
    return -1 if modes & ENDS and i < end and _in_word(data[i]) else i


@_compiled
def _look(data, start, i, end, table, node, free, row):
    """Count the terms of the chain at `node` that occur at `i`; a group's occurrences do not overlap."""
    fold, _, chain, letters, spans, kinds = table
    while node >= 0:
        term = chain[node, 0]
        group, modes = kinds[term, 0], kinds[term, 1]
        inside = modes & STARTS and i > start and _in_word(data[i - 1])
        stop = -1 if inside or i < free[group] else _match(data, i, end, fold, letters, spans[term], modes)
        if stop >= 0:
            row[group] += 1
            while modes & LINE and stop < end and data[stop] != 10:
                stop += 1
            free[group] = stop
        node = chain[node, 1]


@_compiled
def count(data, bounds, valid, table, free, found):
    """Add to `found[d, group]` the occurrences of terms in document `d`, `data[bounds[d]:bounds[d + 1]]`; `free`: scratch."""
    fold, heads = table[0], table[1]
    for d in range(len(valid)):
        start, end = bounds[d], bounds[d + 1]
        if not valid[d] or end - start < 2:
            continue
        free[:] = start
        three = (np.uint32(fold[data[start]]) << 8) | np.uint32(fold[data[start + 1]])
        for i in range(start, end - 1):
            third = np.uint32(fold[data[i + 2]]) if i + 2 < end else np.uint32(0)
            three = ((three << 8) | third) & np.uint32(0xFFFFFF)
            node = heads[np.uint32(three * np.uint32(_SPREAD)) >> np.uint32(32 - _SLOT_BITS)]
            if node >= 0:
                _look(data, start, i, end, table, node, free, found[d])
