"""How many n-grams of hashed words differ: a compiled loop.

Everything a compiled loop calls is in this file, for numba's cache only notices changes of the file of the entry.
"""
# mypy: disable-error-code="no-untyped-def"

import numpy as np
from numba import njit

_FACTOR = np.uint64(0x9E3779B97F4A7C15)
_STIR, _STIR_AGAIN = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)


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
        rolled = rolled * _FACTOR + words[place]
        if place >= n:
            rolled -= leaving * words[place - n]
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
def unique_ratios(words, begins, n, out):
    """Fill `out[d]` with different / all n-grams of `words[begins[d]:begins[d + 1]]`; 1 where there is none."""
    size = 64
    while size < 2 * np.diff(begins).max():
        size *= 2
    keys, rounds = np.empty(size, np.uint64), np.zeros(size, np.int32)
    for d in range(len(out)):
        mine, out[d] = words[begins[d] : begins[d + 1]], 1.0
        if len(mine) >= n:
            out[d] = _different(mine, n, keys, d + 1, rounds) / (len(mine) - n + 1)
