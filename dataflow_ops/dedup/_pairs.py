"""Compiled kernels over all rows: which keys meet, how far two sketches agree, who stands for whom."""
# mypy: disable-error-code="no-untyped-def"

import numpy as np
from numba import njit

GOLDEN = np.uint64(0x9E3779B97F4A7C15)
LOW = np.uint64(0xFFFFFFFF)


@njit(cache=True)
def meet(keys, slots, first, previous):
    """Set, for each row, the first and the latest row before it of the same key, -1 for none; key 0 meets no other.

    `slots` is an open-addressing table, all -1, its length a power of two above the number of rows.
    """
    mask = np.uint64(len(slots) - 1)
    for row in range(len(keys)):
        first[row] = previous[row] = -1
        key = keys[row]
        if key == 0:
            continue
        slot = (key * GOLDEN >> np.uint64(20)) & mask
        while slots[slot] >= 0 and keys[slots[slot]] != key:
            slot = (slot + np.uint64(1)) & mask
        other = slots[slot]
        if other >= 0:
            previous[row] = other
            first[row] = first[other] if first[other] >= 0 else other
        slots[slot] = row


@njit(cache=True)
def agree(keys, pairs, rows, agreed):
    """Add to `agreed`, for each pair, how many of the `rows` hashes in the two keys are equal."""
    width = np.uint64(min(32, 64 // rows))
    field = (np.uint64(1) << width) - np.uint64(1)
    for number in range(len(pairs)):
        one, other = keys[pairs[number] >> np.uint64(32)], keys[pairs[number] & LOW]
        difference = one ^ other
        for _ in range(rows):
            agreed[number] += (difference & field) == 0
            difference >>= width


@njit(cache=True)
def cover(pairs, published, gone, used):
    """Mark in `used` the pairs by which a row goes: its better row stays. Pairs are sorted, better row first.

    The rows before `published` never go.
    """
    for number in range(len(pairs)):
        better, worse = pairs[number] >> np.uint64(32), pairs[number] & LOW
        if worse >= published and not gone[better] and not gone[worse]:
            gone[worse] = used[number] = True
