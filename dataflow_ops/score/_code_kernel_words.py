"""What the words of each code file say together: their entropy, and how much of them repeats.

Everything a compiled loop calls is in this file, for numba's cache only notices changes of the file of the entry.
"""
# ruff: noqa: PLR0917 - a compiled loop is given arrays, in order: it has no keyword arguments
# mypy: disable-error-code="no-untyped-def"

import numpy as np
from numba import njit

# Nothing is allocated inside, so the compiler need not count references to arrays in the inner loops.
_compiled = njit(cache=True, nogil=True, _nrt=False)  # type: ignore[call-overload]


@_compiled
def _count(numbers, begin, end, counts):
    """Count how often each number occurs; return how many differ. Numbers are given by first appearance, from 0."""
    used = np.int64(0)
    for k in range(begin, end):
        number = np.int64(numbers[k])
        if number == used:
            counts[number] = 0
            used += 1
        counts[number] += 1
    return used


@_compiled
def _join(numbers, places, begin, end, counts, keys, n):
    """Make n-grams one longer from those that occur more than once and lie side by side; return where they end."""
    before, place_before = np.int64(-1), np.int64(-2)
    for k in range(begin, end):
        number, place = np.int64(numbers[k]), np.int64(places[k])
        if counts[number] > 1:
            if place == place_before + 1:
                keys[n] = (np.uint64(before + 1) << np.uint64(32)) | np.uint64(number + 1)
                places[n] = place_before  # never ahead of what is still to be read
                n += 1
            before, place_before = number, place
    return n


@_compiled
def entropy(numbers, ends, counts, places, out):
    """Fill `out` with the Shannon entropy, in bits, of the words of each file; give each word its place."""
    begin = np.int64(0)
    for d in range(len(ends)):
        n, total = ends[d] - begin, 0.0
        used = _count(numbers, begin, ends[d], counts)
        for number in range(used):
            total += counts[number] * np.log2(counts[number])
        for k in range(begin, ends[d]):
            places[k] = k - begin
        out[d] = np.log2(n) - total / n if n else np.nan
        begin = ends[d]


@_compiled
def different(numbers, ends, out):
    """Fill `out` with how many of the numbers of each file differ."""
    begin = np.int64(0)
    for d in range(len(ends)):
        most = np.int64(-1)
        for k in range(begin, ends[d]):
            most = max(most, np.int64(numbers[k]))
        out[d] = most + 1
        begin = ends[d]


@_compiled
def longer(numbers, ends, counts, places, keys, spans, repeated):
    """Fill `repeated` with how many n-grams of each file occur more than once, and `keys` with the next longer ones.

    `spans` is where the keys of each file begin; `places` is where each n-gram lies in its file.
    """
    begin, n = np.int64(0), np.int64(0)
    for d in range(len(ends)):
        end, spans[d, 0] = ends[d], n
        _count(numbers, begin, end, counts)
        total = np.int64(0)
        for k in range(begin, end):
            total += counts[numbers[k]] > 1
        repeated[d] = total
        n = _join(numbers, places, begin, end, counts, keys, n)
        begin = end
    spans[len(ends), 0] = n
