"""Compiled kernels over UTF-8 bytes: words, shingles, MinHash signatures, paragraph hashes."""
# ruff: noqa: PLR0917 - a kernel is given arrays, in order: it has no keyword arguments
# mypy: disable-error-code="no-untyped-def"

import numpy as np
from numba import njit

from dataflow_ops.dedup._fold import ALONE, DIGIT, SIZE, SKIP, SPLIT

BLOCK = 2048
"""Words held at a time: a text of any length is sketched in the same memory."""
START, PRIME = np.uint64(0xCBF29CE484222325), np.uint64(0x100000001B3 | 1 << 61)
STIR, STIR_AGAIN = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
GOLDEN = np.uint64(0x9E3779B97F4A7C15)
LETTER, FIRST_PLAIN = np.uint32(SKIP + 1), np.uint32(DIGIT)
ZERO = np.uint64(DIGIT)
LINE_FEED, TAGS = 10, 0xE0000


@njit(cache=True, inline="always")
def _mix(value):
    value = (value ^ (value >> np.uint64(30))) * STIR
    value = (value ^ (value >> np.uint64(27))) * STIR_AGAIN
    return value ^ (value >> np.uint64(31))


@njit(cache=True)
def _decode(data, position, stop):
    lead = np.uint32(data[position])
    size = 2 if lead < 0xE0 else 3 if lead < 0xF0 else 4
    code = lead & np.uint32(0xFF >> (size + 1))
    end = min(position + size, stop)
    for place in range(position + 1, end):
        code = (code << np.uint32(6)) | np.uint32(data[place] & 0x3F)
    return code, end


@njit(cache=True, nogil=True)
def words(data, position, stop, fold, numbers, out):
    """Write hashes of the next words into `out`; return where to go on, how many, and whether a letter was seen."""
    count, inside, in_number, letters = 0, False, False, False
    word = START
    room = len(out) - 1
    while position < stop and count < room:
        byte = data[position]
        if byte < 0x80:
            kind = fold[byte]
            position += 1
        else:
            code, position = _decode(data, position, stop)
            kind = fold[code] if code < SIZE else np.uint32(SPLIT if code >= TAGS else code | ALONE)
        if kind >= LETTER and kind < FIRST_PLAIN:
            word = (word ^ np.uint64(kind)) * PRIME
            inside = letters = True
            in_number = False
        elif kind == SPLIT or kind & ALONE:
            if inside:
                out[count] = _mix(word)
                count += 1
                word = START
                inside = in_number = False
            if kind != SPLIT:
                out[count] = _mix((START ^ np.uint64(kind)) * PRIME)
                count += 1
                letters = True
        elif kind != SKIP:
            if numbers or not in_number:
                word = (word ^ (np.uint64(kind) if numbers else ZERO)) * PRIME
            inside = in_number = True
    if inside:
        out[count] = _mix(word)
        count += 1
    return position, count, letters


@njit(cache=True, nogil=True)
def all_words(data, start, stop, fold):
    """Return the hashes of all words of a text, numbers told apart, and whether it has a letter."""
    out = np.empty(stop - start + 2, np.uint64)
    _, count, letters = words(data, start, stop, fold, True, out)
    return out[:count], letters


@njit(cache=True)
def _verbatim(data, start, stop):
    value = STIR
    for place in range(start, stop):
        value = (value ^ np.uint64(data[place])) * PRIME
    return _mix(value ^ np.uint64(stop - start))


@njit(cache=True)
def _together(held, count):
    value = START
    for place in range(count):
        value = (value ^ held[place]) * PRIME
        value ^= value >> np.uint64(32)
    return _mix(value ^ np.uint64(count))


@njit(cache=True, inline="always")
def _shingle(held, place, ngram):
    value = held[place]
    for step in range(1, ngram):
        value = value * PRIME + held[place + step]
    return _mix(value)


@njit(cache=True)
def _shingles(held, count, ngram, out):
    made = max(0, count - ngram + 1)
    for place in range(made):
        out[place] = np.uint32(_shingle(held, place, ngram) >> np.uint64(32))
    return made


@njit(cache=True)
def _lower(minima, shingles, count, multiply, add):
    for number in range(len(minima)):
        factor, term, lowest = multiply[number], add[number], minima[number]
        for place in range(count):
            value = np.uint32(np.uint32(factor * shingles[place]) + term)
            lowest = min(lowest, value)
        minima[number] = lowest


@njit(cache=True)
def _pack(minima, rows, keys, row):
    width = np.uint64(min(32, 64 // rows))
    for band in range(len(keys)):
        key = np.uint64(0)
        for number in range(band * rows, (band + 1) * rows):
            field = np.uint32(minima[number] * np.uint32(GOLDEN >> np.uint64(32)))
            key = (key << width) | np.uint64(field >> np.uint32(32 - width))
        keys[band, row] = key


@njit(cache=True)
def _whole(data, start, stop, fold, lettered, held):
    if not lettered:
        return _verbatim(data, start, stop)
    _, count, _ = words(data, start, stop, fold, True, held)
    return _together(held, count)


@njit(cache=True, nogil=True)
def sketch(data, offsets, fold, numbers, ngram, rows, multiply, add, keys, counts):
    """Fill `keys` (bands x texts) and `counts` (words) from the texts between `offsets`."""
    held, shingles = np.empty(BLOCK + ngram, np.uint64), np.empty(BLOCK + ngram, np.uint32)
    minima = np.empty(len(multiply), np.uint32)
    for row in range(len(offsets) - 1):
        position, stop = offsets[row], offsets[row + 1]
        minima[:] = np.uint32(0xFFFFFFFF)
        kept, total, lettered = 0, 0, False
        while position < stop:
            position, count, letters = words(data, position, stop, fold, numbers, held[kept:])
            total += count
            lettered |= letters
            count += kept
            _lower(minima, shingles, _shingles(held, count, ngram, shingles), multiply, add)
            kept = min(count, ngram - 1)
            held[:kept] = held[count - kept : count].copy()
        counts[row] = total
        if lettered and total > ngram:
            _pack(minima, rows, keys, row)
        else:
            whole = _whole(data, offsets[row], stop, fold, lettered, held)
            for band in range(len(keys)):
                keys[band, row] = _mix(whole + GOLDEN * np.uint64(band + 1))


@njit(cache=True, nogil=True)
def shingles(data, start, stop, fold, numbers, ngram):
    """Return the distinct shingles of a text, sorted, as 64-bit hashes; the whole text when it has too few words."""
    held = np.empty(stop - start + 2, np.uint64)
    _, count, letters = words(data, start, stop, fold, numbers, held)
    if count <= ngram or not letters:
        return np.array([_whole(data, start, stop, fold, letters, held)])
    for place in range(count - ngram + 1):
        held[place] = _shingle(held, place, ngram)
    return np.unique(held[: count - ngram + 1])


@njit(cache=True, nogil=True)
def overlap(one, other):
    """Return the Jaccard similarity of two sorted sets."""
    left = right = common = 0
    while left < len(one) and right < len(other):
        common += one[left] == other[right]
        step_left = one[left] <= other[right]
        right += one[left] >= other[right]
        left += step_left
    return common / (len(one) + len(other) - common)


@njit(cache=True, nogil=True)
def count_lines(data, offsets, valid):
    """Return how many lines each text has: one more than line feeds, none for null."""
    counts = np.zeros(len(valid), np.int64)
    for row in range(len(valid)):
        counts[row] = valid[row]
        for place in range(offsets[row], offsets[row + 1] if valid[row] else offsets[row]):
            counts[row] += data[place] == LINE_FEED
    return counts


@njit(cache=True, nogil=True)
def hash_lines(data, offsets, valid, fold, fewest, out):
    """Write a hash of each line of each text into `out`, 0 for one of fewer than `fewest` words."""
    held, line = np.empty(BLOCK, np.uint64), 0
    for row in range(len(valid)):
        start, stop = offsets[row], offsets[row + 1]
        while valid[row] and start <= stop:
            end = start
            while end < stop and data[end] != LINE_FEED:
                end += 1
            out[line] = _hash_line(data, start, end, fold, fewest, held)
            line += 1
            start = end + 1


@njit(cache=True)
def _hash_line(data, start, stop, fold, fewest, held):
    value, total = START, 0
    while start < stop:
        start, count, _ = words(data, start, stop, fold, True, held)
        for place in range(count):
            value = (value ^ held[place]) * PRIME
            value ^= value >> np.uint64(32)
        total += count
    return _mix(value) if total >= max(1, fewest) else np.uint64(0)
