"""How many n-grams of numbered words differ: a compiled loop.

Everything a compiled loop calls is in this file, for numba's cache only notices changes of the file of the entry.
"""
# mypy: disable-error-code="no-untyped-def"

import numpy as np
from numba import njit

_FACTOR = np.uint64(0x9E3779B97F4A7C15)
_STIR, _STIR_AGAIN = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_HALF = np.uint64(32)


@njit(cache=True, nogil=True)
def _mixed(value):
    value = (value ^ (value >> np.uint64(30))) * _STIR
    value = (value ^ (value >> np.uint64(27))) * _STIR_AGAIN
    return value ^ (value >> np.uint64(31))


@njit(cache=True, nogil=True)
def _different(words, n, keys, round_, rounds):
    """Return how many n-grams of `words` differ; a slot is taken where its round is this one."""
    mask, leaving = np.uint64(len(keys) - 1), np.uint64(1)
    for _ in range(n):
        leaving *= _FACTOR
    rolled, different = np.uint64(0), 0
    for place in range(len(words)):
        # Numbers are mixed first: sums of powers of small numbers would meet.
        rolled = rolled * _FACTOR + _mixed(np.uint64(words[place]) + np.uint64(1))
        if place >= n:
            rolled -= leaving * _mixed(np.uint64(words[place - n]) + np.uint64(1))
        if place < n - 1:
            continue
        key = _mixed(rolled)
        slot = key & mask
        while rounds[slot] == round_ and keys[slot] != key:
            slot = (slot + np.uint64(1)) & mask
        different += rounds[slot] != round_
        keys[slot], rounds[slot] = key, round_
    return different


@njit(cache=True, nogil=True)
def unique_ratios(numbers, ends, n, out):
    """Fill `out[d]` with different / all n-grams of `numbers[ends[d - 1]:ends[d]]`; 1 where there is none."""
    longest, begin = 0, 0
    for end in ends:
        longest, begin = max(longest, end - begin), end
    size = 64
    while size < 2 * longest:
        size *= 2
    keys, rounds = np.empty(size, np.uint64), np.zeros(size, np.int32)
    begin = 0
    for d in range(len(ends)):
        words, out[d] = numbers[begin : ends[d]], 1.0
        if len(words) >= n:
            out[d] = _different(words, n, keys, d + 1, rounds) / (len(words) - n + 1)
        begin = ends[d]
