"""Find word n-grams of a benchmark in texts: rolling hashes to find candidates, the words themselves to be sure.

Everything a compiled loop calls is in this file, for numba's cache only notices changes of the file of the entry.
"""
# ruff: noqa: PLR0917 - a compiled loop is given arrays, in order: it has no keyword arguments
# mypy: disable-error-code="no-untyped-def"

import numpy as np
from numba import njit

WORD, SINGLE = 2, 128  # bits of `kinds`: belongs to a word; is a word by itself

_FNV_START, _FNV_STEP = np.uint64(0xCBF29CE484222325), np.uint64(0x100000001B3)
_BASE = np.uint64(0x9E3779B97F4A7C15)  # odd: powers of it keep all 64 bits
_MIX = np.uint64(0xBF58476D1CE4E5B9)
_SHIFT, _BITS, _ONE = np.uint64(32), np.uint64(63), np.uint64(1)


@njit(cache=True, nogil=True)
def _code_point(data, at):
    """Return a character of UTF-8 and its length in bytes."""
    first = np.int64(data[at])
    if first < 0x80:
        return first, 1
    if first < 0xE0:
        return (first & 0x1F) << 6 | (data[at + 1] & 0x3F), 2
    if first < 0xF0:
        return (first & 0x0F) << 12 | np.int64(data[at + 1] & 0x3F) << 6 | (data[at + 2] & 0x3F), 3
    high = (first & 0x07) << 18 | np.int64(data[at + 1] & 0x3F) << 12
    return high | np.int64(data[at + 2] & 0x3F) << 6 | (data[at + 3] & 0x3F), 4


@njit(cache=True, nogil=True)
def _next_word(data, at, stop, kinds):
    """Return start, end and hash of the first word in data[at:stop]; start is -1 when there is none."""
    start, hashed = -1, _FNV_START
    while at < stop:
        code, size = _code_point(data, at)
        kind = kinds[code]
        if start >= 0 and (kind & SINGLE or not kind & WORD):
            break
        if kind & (WORD | SINGLE):
            start = at if start < 0 else start
            for byte in range(at, at + size):
                hashed = (hashed ^ np.uint64(data[byte])) * _FNV_STEP
        at += size
        if kind & SINGLE:
            break
    return start, at, _mixed(hashed)


@njit(cache=True, nogil=True)
def _mixed(value):
    return (value ^ (value >> _SHIFT)) * _MIX


@njit(cache=True, nogil=True)
def _key(rolled, words):
    """Return where a run of words belongs: runs of different lengths share a key only by chance."""
    return _mixed(_mixed(rolled ^ (np.uint64(words) * _BASE)))


@njit(cache=True, nogil=True)
def _sign(key):
    """Return the two bits of a place in the sieve that stand for a key."""
    return _ONE << ((key >> np.uint64(20)) & _BITS) | _ONE << ((key >> np.uint64(26)) & _BITS)


@njit(cache=True, nogil=True)
def split(data, offsets, kinds):
    """Return the words of all texts: starts, ends, hashes, and where the words of each text begin."""
    starts, ends = np.empty(len(data) + 1, np.int64), np.empty(len(data) + 1, np.int64)
    hashes, firsts = np.empty(len(data) + 1, np.uint64), np.zeros(len(offsets), np.int64)
    count = 0
    for text in range(len(offsets) - 1):
        at, stop = offsets[text], offsets[text + 1]
        while at < stop:
            start, at, hashed = _next_word(data, at, stop, kinds)
            if start >= 0:
                starts[count], ends[count], hashes[count] = start, at, hashed
                count += 1
        firsts[text + 1] = count
    return starts[:count].copy(), ends[:count].copy(), hashes[:count].copy(), firsts


@njit(cache=True, nogil=True)
def index(data, starts, ends, hashes, firsts, ngram, tail):
    """Return a hash table of the n-grams of the benchmark: keys, first word of each (-1: free), words, and a sieve.

    A text of fewer than `ngram` words goes in as a whole. The sieve knows the last `tail` words of each n-gram that has
    as many: two bits for each, that tell most of what is not in the table without looking there.
    """
    size = 64
    while size < 2 * len(starts):
        size *= 2
    keys, grams, words = np.empty(size, np.uint64), np.full(size, -1, np.int64), np.zeros(size, np.int64)
    sieve = np.zeros(size // 8, np.uint64)
    for text in range(len(firsts) - 1):
        length = min(ngram, firsts[text + 1] - firsts[text])
        for gram in range(firsts[text], firsts[text + 1] - length + 1 if length else firsts[text]):
            key = _key(_rolled(hashes, gram, length), length)
            slot = np.int64(key) & (size - 1)
            while grams[slot] >= 0 and not (
                words[slot] == length and _same(data, starts, ends, grams[slot], data, starts, ends, gram, length)
            ):
                slot = (slot + 1) & (size - 1)
            if grams[slot] < 0:
                keys[slot], grams[slot], words[slot] = key, gram, length
            if length >= tail:
                last = _key(_rolled(hashes, gram + length - tail, tail), tail)
                sieve[np.int64(last >> _SHIFT) & (len(sieve) - 1)] |= _sign(last)
    return keys, grams, words, sieve


@njit(cache=True, nogil=True)
def _rolled(hashes, first, length):
    rolled = np.uint64(0)
    for word in range(first, first + length):
        rolled = rolled * _BASE + hashes[word]
    return rolled


@njit(cache=True, nogil=True)
def _same(data, starts, ends, first, other, other_starts, other_ends, other_first, length):
    """Tell whether two runs of words are equal, word by word; the second may wrap around in a ring."""
    ring = len(other_starts)
    for word in range(length):
        here, there = first + word, (other_first + word) % ring
        size = ends[here] - starts[here]
        if size != other_ends[there] - other_starts[there]:
            return False
        for byte in range(size):
            if data[starts[here] + byte] != other[other_starts[there] + byte]:
                return False
    return True


@njit(cache=True, nogil=True)
def overlaps(data, offsets, kinds, bench, table, lengths, ngram, least, tail):
    """Return of each text: its n-grams, how many the benchmark has, and the first match (word, start, end; -1: none).

    `lengths`, ascending, are the numbers of words of what the table holds. What has fewer than `least` words counts only
    where it is the whole text; `tail` is the least of the others. An n-gram counts too when it holds a whole shorter text.
    """
    texts, size = len(offsets) - 1, 2
    while size <= ngram:
        size *= 2
    totals, hits, matches = np.zeros(texts, np.int64), np.zeros(texts, np.int64), np.full((texts, 3), -1, np.int64)
    ring = (np.zeros(size, np.int64), np.zeros(size, np.int64), np.zeros(size, np.uint64))
    for text in range(texts):
        begin, end, match = offsets[text], offsets[text + 1], matches[text]
        count, hits[text] = _compare(data, begin, end, kinds, bench, table, ring, lengths, ngram, least, tail, match)
        totals[text] = max(count - ngram + 1, min(count, 1))
    return totals, hits, matches


@njit(cache=True, nogil=True)
def _compare(data, at, stop, kinds, bench, table, ring, lengths, ngram, least, tail, match):
    """Return the words of one text, how many of its n-grams are known; fill `match` with the first."""
    starts, ends, hashes = ring
    sieve, mask = table[3], len(starts) - 1
    count, hits, inside = 0, 0, -1  # `inside`: the word at which the match begins that begins last
    rolled, power = np.uint64(0), _ONE
    for _ in range(tail):
        power *= _BASE
    while at < stop:
        start, at, hashed = _next_word(data, at, stop, kinds)
        if start < 0:
            break
        rolled = rolled * _BASE + hashed
        if count >= tail:
            rolled -= power * hashes[(count - tail) & mask]
        starts[count & mask], ends[count & mask], hashes[count & mask] = start, at, hashed
        count += 1
        key = _key(rolled, tail)
        if count >= tail and sieve[np.int64(key >> _SHIFT) & (len(sieve) - 1)] & _sign(key) == _sign(key):
            inside = max(inside, _last_known(data, count, bench, table, ring, lengths, least, match))
        hits += count >= ngram and inside >= count - ngram
    if count < least:
        inside = _last_known(data, count, bench, table, ring, lengths, count, match)
    return count, hits + (0 < count < ngram and inside >= 0)


@njit(cache=True, nogil=True)
def _last_known(data, count, bench, table, ring, lengths, least, match):
    """Return where the shortest known run of at least so many words begins that ends here, or -1; note the first."""
    starts, ends, hashes = ring
    mask = len(starts) - 1
    rolled, power, at = np.uint64(0), _ONE, count
    for length in lengths:
        if length > count:
            break
        while at > count - length:
            at -= 1
            rolled += power * hashes[at & mask]
            power *= _BASE
        if length < least:
            continue
        found = _find(_key(rolled, length), length, data, bench, table, starts, ends, at & mask)
        if found >= 0:
            if match[0] < 0:
                match[0], match[1], match[2] = found, starts[at & mask], ends[(count - 1) & mask]
            return at
    return -1


@njit(cache=True, nogil=True)
def _find(key, length, data, bench, table, starts, ends, first):
    """Return the word of the benchmark at which the run of words begins that the ring holds from `first` on, or -1."""
    keys, grams, words, _ = table
    slot = np.int64(key) & (len(keys) - 1)
    while grams[slot] >= 0:
        same = keys[slot] == key and words[slot] == length
        if same and _same(bench[0], bench[1], bench[2], grams[slot], data, starts, ends, first, length):
            return grams[slot]
        slot = (slot + 1) & (len(keys) - 1)
    return -1
