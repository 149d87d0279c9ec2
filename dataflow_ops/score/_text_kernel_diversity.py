"""How varied the words of each document are: compiled loops over numbers that stand for words.

Everything a compiled loop calls is in this file, for numba's cache only notices changes of the file of the entry.
"""
# mypy: disable-error-code="no-untyped-def"

import numpy as np
from numba import njit

FACTOR = 0.72
SAMPLE = 42


@njit(cache=True, nogil=True)
def _mtld(numbers, seen, segment, step):
    """Return words per factor in one direction, and the number of the next segment."""
    n, factors, tokens, types = len(numbers), 0.0, 0, 0
    for k in range(n):
        word = numbers[k] if step > 0 else numbers[n - 1 - k]
        tokens += 1
        types += seen[word] != segment
        seen[word] = segment
        if types / tokens < FACTOR:
            factors, tokens, types, segment = factors + 1, 0, 0, segment + 1
    if tokens:
        factors += (1 - types / tokens) / (1 - FACTOR)
    return (n / factors if factors > 0 else float(n)), segment + 1


@njit(cache=True, nogil=True)
def _hdd(numbers, counts):
    """Return the mean share of a random sample of 42 words that its different words are."""
    n, total = len(numbers), 0.0
    for word in numbers:
        counts[word] = 0
    for word in numbers:
        counts[word] += 1
    for word in numbers:
        absent = 1.0 if counts[word] else -1.0
        for k in range(SAMPLE if counts[word] else 0):
            absent *= max(n - counts[word] - k, 0) / (n - k)
        total += 1 - absent if absent >= 0 else 0.0
        counts[word] = 0
    return total / SAMPLE


@njit(cache=True, nogil=True)
def diversity(numbers, ends, scratch, out):
    """Fill `out[d]` with MTLD and HD-D of `numbers[ends[d - 1]:ends[d]]`; NaN where there is none."""
    scratch[:] = 0
    segment, begin = np.int64(1), 0
    counts = np.zeros(len(scratch), np.int64)
    for d in range(len(ends)):
        words = numbers[begin : ends[d]]
        out[d] = np.nan
        if len(words):
            forward, segment = _mtld(words, scratch, segment, 1)
            backward, segment = _mtld(words, scratch, segment, -1)
            out[d, 0] = (forward + backward) / 2
        if len(words) >= SAMPLE:
            out[d, 1] = _hdd(words, counts)
        begin = ends[d]
