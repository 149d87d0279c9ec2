"""Run the compiled loops over an Arrow column of strings, a batch of documents at a time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
import pyarrow as pa

from dataflow_ops.errors import BadArgument
from dataflow_ops.score import _text_kernel as kernel
from dataflow_ops.score import _text_kernel_terms as terms
from dataflow_ops.score import _text_kernel_unicode as unicode
from dataflow_ops.score import _text_kernel_words as tallies

_BATCH_BYTES = 1 << 18  # what the loops write about a batch still lies in the cache when the next one reads it
_GOPHER_WORDS = ("the", "be", "to", "of", "and", "that", "have", "with")
_ENTITIES = ("nbsp", "lt", "gt", "amp", "quot", "apos", "hellip", "ndash", "mdash", "lsquo", "rsquo", "ldquo", "rdquo")
_TERM_COUNTS = ("special", "entities", "lorem_ipsum", "javascript_lines", "watermarks", "id_terms", "blocked_terms")
_SPECIAL, _ENTITY, _LOREM, _JAVASCRIPT, _WATERMARK, _ID_TERM, _BLOCKED = range(7)


@dataclass(frozen=True)
class Lists:
    """Words and terms to count."""

    stop_words: tuple[str, ...]
    blocklist: tuple[str, ...]
    watermarks: tuple[str, ...]
    id_terms: tuple[str, ...]


def count(column: pa.ChunkedArray, lists: Lists, *, repeats: bool) -> dict[str, np.ndarray]:
    """Return counts by name, one number a row, and `valid`: whether the row holds a text."""
    lexicon, index = _prepared(lists)
    parts = [_count_chunk(chunk, lexicon, index, repeats) for chunk in column.chunks if len(chunk)]
    names = (*kernel.COUNTS, *_TERM_COUNTS, *tallies.COUNTS, *(tallies.REPEATS if repeats else ()))
    rows = np.concatenate(parts) if parts else np.zeros((0, len(names) + 1), np.int64)
    return dict(zip((*names, "valid"), rows.T, strict=True))


def buffers(chunk: pa.Array) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the bytes of all texts, where each begins (and the last ends), and which are not null; nothing is copied."""
    wide = pa.types.is_large_string(chunk.type)
    _, offsets, data = chunk.buffers()
    bounds = np.frombuffer(offsets, np.int64 if wide else np.int32, len(chunk) + 1, chunk.offset * (8 if wide else 4))
    letters = np.frombuffer(data if data is not None and data.size else b"\0", np.uint8)
    valid = np.ones(len(chunk), bool) if not chunk.null_count else chunk.is_valid().to_numpy(zero_copy_only=False)
    return letters, bounds.astype(np.int64), valid


def batches(bounds: np.ndarray) -> Iterator[tuple[int, int]]:
    """Yield first and last document of each batch: about a megabyte, or one document that is larger."""
    first, last = 0, len(bounds) - 1
    while first < last:
        stop = int(np.searchsorted(bounds, bounds[first] + _BATCH_BYTES, "right")) - 1
        stop = min(max(stop, first + 1), first + _BATCH_BYTES // 64, last)
        yield first, stop
        first = stop


def _count_chunk(chunk: pa.Array, lexicon: tuple, index: terms.Index, repeats: bool) -> np.ndarray:
    data, bounds, valid = buffers(chunk)
    scratch = _Scratch(bounds)
    done = []
    for first, stop in batches(bounds):
        shape = bounds[first : stop + 1], valid[first:stop]
        seen = scratch.scan(data, *shape)
        found = _zeros(stop - first, len(_TERM_COUNTS))
        terms.count(data, *shape, index.arrays(), scratch.free, found)
        done.append([seen, found, scratch.tally(lexicon, stop - first), *scratch.repeats(stop - first, repeats)])
    rows = [np.concatenate(part) for part in zip(*done, strict=True)]
    return np.concatenate([*rows, valid[:, None]], axis=1)


def _zeros(rows: int, columns: int) -> np.ndarray:
    return np.zeros((rows, columns), np.int64)


class _Scratch:
    """Working memory for the largest batch; pages that no document needs are never touched."""

    def __init__(self, bounds: np.ndarray) -> None:
        size = max((int(bounds[stop] - bounds[first]) for first, stop in batches(bounds)), default=0)
        documents = max((stop - first for first, stop in batches(bounds)), default=0)
        words = size // 2 + documents + 1  # a word is a letter and a blank at least, or three bytes
        new = np.empty
        self.words = new(words, np.uint64), new(words, np.uint64), new(words, np.int32)
        self.line_ends, self.spans = new(size + documents, np.int32), new((documents + 1, 2), np.int64)
        self.numbering = new(words, np.int32), new(words, np.int32), new(words, np.int32)
        self.grams = (new(words + 1, np.int64), new(words, np.int32), new(words, np.int32), new(words, np.uint64),
                      new(words, np.int64))  # fmt: skip
        self.table = np.zeros(4 * (1 << max(12, words.bit_length())) + 1, np.uint64)
        self.state = new(kernel.STATES, np.int64)
        self.free = new(len(_TERM_COUNTS), np.int64)

    def scan(self, data: np.ndarray, bounds: np.ndarray, valid: np.ndarray) -> np.ndarray:
        seen = _zeros(len(valid), len(kernel.COUNTS))
        tables = unicode.flags(), unicode.lower(), unicode.ascii_words()
        kernel.scan(data, bounds, valid, tables, self.words, self.line_ends, self.spans, self.state, seen)
        return seen

    def tally(self, lexicon: tuple, rows: int) -> np.ndarray:
        out = _zeros(rows, len(tallies.COUNTS))
        tallies.tally(self.words, self.spans, lexicon, self.numbering, self.table, out)
        return out

    def repeats(self, rows: int, wanted: bool) -> list[np.ndarray]:
        if not wanted:
            return []
        out = _zeros(rows, len(tallies.REPEATS))
        tallies.repeats(self.words, self.line_ends, self.spans, self.numbering, self.table, self.grams, out)
        return [out]


def each_text(column: pa.ChunkedArray) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Yield bytes, bounds and validity of batches of texts."""
    for chunk in column.chunks:
        if len(chunk):
            data, bounds, valid = buffers(chunk)
            for first, stop in batches(bounds):
                yield data, bounds[first : stop + 1], valid[first:stop]


def each_words(column: pa.ChunkedArray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield, for batches of texts, numbers of their words (the same word, the same number) and where each text ends."""
    for data, bounds, valid in each_text(column):
        scratch = _Scratch(bounds)
        scratch.scan(data, bounds, valid)
        numbers, ends = np.empty(len(scratch.words[1]), np.int32), np.zeros(len(valid), np.int64)
        tallies.types(scratch.words[1], scratch.spans, scratch.numbering, scratch.table, numbers, ends)
        yield numbers[: ends[-1]], ends


@lru_cache(maxsize=8)
def _prepared(lists: Lists) -> tuple[tuple[np.ndarray, np.ndarray], terms.Index]:
    words: dict[int, int] = {}
    _add(words, lists.stop_words, tallies.STOP_WORD)
    blocked = _add(words, lists.blocklist, tallies.BLOCKED)
    for bit, word in enumerate(_GOPHER_WORDS):
        _add(words, [word], tallies.FIRST_GOPHER << bit)
    whole = terms.STARTS | terms.ENDS
    wanted = [
        *_fixed_terms(),
        *(terms.Term(text, _WATERMARK, terms.EXACT) for text in lists.watermarks),
        *(terms.Term(text, _ID_TERM, _edges(text) & whole | terms.BLANKS) for text in lists.id_terms),
        *(terms.Term(text, _BLOCKED, _edges(text)) for text in blocked),
    ]
    for term in wanted:
        if len(term.text.encode()) < 2:
            raise BadArgument(f"{term.text!r} is too short to look for: expected at least two characters")
    return _lexicon(words), terms.index(wanted, len(_TERM_COUNTS))


def _fixed_terms() -> Iterator[terms.Term]:
    special = ["\u200e", "&#247;", "? :", "\ufffd", "□", "{/U}"]
    yield from (terms.Term(text, _SPECIAL, terms.EXACT) for text in special)
    yield terms.Term("U+26", _SPECIAL, terms.EXACT | terms.HEX2)
    yield terms.Term("U+1F", _SPECIAL, terms.EXACT | terms.HEX3)
    yield from (terms.Term(f"{sign}{name}", _ENTITY, terms.EXACT | terms.ENDS) for sign in "&＆" for name in _ENTITIES)
    yield terms.Term("lorem ipsum", _LOREM)
    yield terms.Term("javascript", _JAVASCRIPT, terms.SIGNS | terms.LINE)


def _edges(text: str) -> int:
    """Return the modes that keep a term from matching inside a longer word."""
    starts, ends = (edge.isascii() and edge.isalnum() for edge in (text[:1], text[-1:]))
    return (terms.STARTS if starts else 0) | (terms.ENDS if ends else 0)


def _add(words: dict[int, int], listed: Sequence[str], bit: int) -> list[str]:
    """Mark those of `listed` that are one word; return the others."""
    others = []
    for text, hashes in zip(listed, _hashes(listed), strict=True):
        if len(hashes) == 1 and hashes[0]:
            words[hashes[0]] = words.get(hashes[0], 0) | bit
        else:
            others.append(text)
    return others


def _hashes(texts: Sequence[str]) -> list[list[int]]:
    """Return the hashes of the words of each text."""
    data, bounds, valid = buffers(pa.array(texts, pa.string()))
    scratch = _Scratch(bounds)
    hashes = []
    for first, stop in batches(bounds):
        scratch.scan(data, bounds[first : stop + 1], valid[first:stop])
        edges = scratch.spans[: stop - first + 1, 0].tolist()
        hashes += [scratch.words[1][a:b].tolist() for a, b in pairwise(edges)]
    return hashes


def _lexicon(words: dict[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Lay out words as the loops look them up: open addressing, a quarter full at most."""
    size = 1 << (4 * len(words) + 16).bit_length()
    keys, bits = np.zeros(size, np.uint64), np.zeros(size, np.int32)
    for key, bit in words.items():
        slot = (key * tallies.SPREAD % 2**64 >> 32) % size
        while bits[slot]:
            slot = (slot + 1) % size
        keys[slot], bits[slot] = key, bit
    return keys, bits
