"""What the words of each document say together: how many differ, which are listed, how much of them repeats.

Everything a compiled loop calls is in this file, for numba's cache only notices changes of the file of the entry.
"""
# ruff: noqa: PLR0917 - a compiled loop is given arrays, in order: it has no keyword arguments
# mypy: disable-error-code="no-untyped-def"

import numpy as np
from numba import njit

COUNTS = ("unique", "stop_words", "blocked", "gopher_words")
"""What `tally` counts, in the order of its output columns."""
REPEATS = (
    "copied_lines", "copied_line_characters", "paragraphs", "copied_paragraphs", "copied_paragraph_characters",
    "top_2", "top_3", "top_4", "repeated_5", "repeated_6", "repeated_7", "repeated_8", "repeated_9", "repeated_10",
    "five_grams", "unique_five_grams",
)  # fmt: skip
"""What `repeats` counts, in the order of its output columns; `top_n` and `repeated_n` are characters."""

STOP_WORD, BLOCKED, FIRST_GOPHER = 1, 2, 4  # then one bit for each of Gopher's eight words

SPREAD = 0x9E3779B97F4A7C15
_SPREAD = np.uint64(SPREAD)
_LOW = np.uint64(0xFFFFFFFF)


@njit(cache=True, nogil=True)
def _place(slots, owners, round_, shift, key):
    """Return the slot of `key` in this round's part of the table: its own, or the free one where it belongs."""
    mask = (np.uint64(1) << (np.uint64(64) - shift)) - np.uint64(1)
    slot = (key * _SPREAD) >> shift
    while owners[slot] >> np.uint64(32) == round_ and slots[slot] != key:
        slot = (slot + np.uint64(1)) & mask
    return slot


@njit(cache=True, nogil=True)
def _grow(table, keys, first, used, shift):
    """Start a new round with twice the slots; return the table and its round."""
    slots, owners, round_ = table
    if np.uint64(len(slots)) < np.uint64(1) << (np.uint64(64) - shift):
        slots, owners = np.zeros(2 * len(slots), np.uint64), np.zeros(2 * len(slots), np.uint64)
    round_ += np.uint64(1)
    for number in range(used):
        key = keys[first[number]]
        slot = _place(slots, owners, round_, shift, key)
        slots[slot], owners[slot] = key, (round_ << np.uint64(32)) | np.uint64(number)
    return slots, owners, round_


@njit(cache=True, nogil=True)
def _number(keys, n, ids, first, counts, table):
    """Number the first `n` keys by first appearance; return how many differ, and the table.

    Fills `ids` (number of each key), `first` (where each number appears first) and `counts` (how often). The table is
    never emptied: an entry counts only in the round it was written in.
    """
    slots, owners, round_ = table
    round_ += np.uint64(1)
    shift, used = np.uint64(64 - 6), 0
    limit = 1 << 5
    while limit < n and limit < 1 << 12:
        shift, limit = shift - np.uint64(1), 2 * limit
    for i in range(n):
        key = keys[i]
        slot = _place(slots, owners, round_, shift, key)
        if owners[slot] >> np.uint64(32) == round_:
            number = np.int64(owners[slot] & _LOW)
            counts[number] += 1
        else:
            number = used
            slots[slot], owners[slot] = key, (round_ << np.uint64(32)) | np.uint64(used)
            first[used], counts[used] = i, 1
            used += 1
            if used > limit:
                shift, limit = shift - np.uint64(1), 2 * limit
                slots, owners, round_ = _grow((slots, owners, round_), keys, first, used, shift)
        ids[i] = number
    return used, (slots, owners, round_)


@njit(cache=True, nogil=True)
def _listed(lexicon, key):
    """Return the bits of a word in the lexicon, 0 when it is not listed."""
    keys, bits = lexicon
    slot = np.int64((key * _SPREAD) >> np.uint64(32)) & (len(keys) - 1)
    while bits[slot] and keys[slot] != key:
        slot = (slot + 1) & (len(keys) - 1)
    return bits[slot]


@njit(cache=True, nogil=True)
def _tally(norm, first, counts, used, lexicon, row):
    """Count listed words, each different word looked up once."""
    seen = 0
    for number in range(used):
        bits = _listed(lexicon, norm[first[number]])
        if bits:
            row[1] += counts[number] if bits & STOP_WORD else 0
            row[2] += counts[number] if bits & BLOCKED else 0
            seen |= bits
    for bit in range(8):
        row[3] += (seen & (FIRST_GOPHER << bit)) != 0
    row[0] = used


@njit(cache=True, nogil=True)
def _copies(keys, sizes, n, scratch, table):
    """Return how many of `n` pieces of text are copies of an earlier one, their characters, and the table."""
    ids, first, counts = scratch
    used, table = _number(keys, n, ids, first, counts, table)
    characters = np.int64(0)
    for i in range(n):
        if first[ids[i]] != i:
            characters += sizes[i]
    return n - used, characters, table


@njit(cache=True, nogil=True)
def _pieces(full, sizes, line_ends, pieces, whole):
    """Gather the hash and size of each written line, or with `whole` of each paragraph; return how many there are."""
    keys, characters = pieces
    n, word, open_ = 0, 0, False
    for line in range(len(line_ends)):
        if word == line_ends[line]:
            open_ = False  # a blank line ends a paragraph
        elif not (whole and open_):
            keys[n], characters[n] = np.uint64(0), 0
            n, open_ = n + 1, True
        while word < line_ends[line]:
            keys[n - 1] = (keys[n - 1] ^ full[word]) * _SPREAD
            keys[n - 1] ^= keys[n - 1] >> np.uint64(29)
            characters[n - 1] += sizes[word]
            word += 1
    return n


@njit(cache=True, nogil=True)
def _covered(before, places, n, width):
    """Return the characters in words that lie in any of `n` n-grams of `width` words, each word counted once."""
    total, reach = np.int64(0), 0
    for k in range(n):
        stop = places[k] + width
        total += before[stop] - before[max(places[k], reach)]
        reach = stop
    return total


@njit(cache=True, nogil=True)
def _most_frequent(before, places, ids, counts, n, width, chosen):
    """Return the characters in the most frequent of the repeated n-grams; the first to appear among equals."""
    best = -1
    for k in range(n):
        if best < 0 or counts[ids[k]] > counts[best]:
            best = np.int64(ids[k])
    m = 0
    for k in range(n):
        if np.int64(ids[k]) == best:
            chosen[m] = places[k]
            m += 1
    return _covered(before, chosen, m, width)


@njit(cache=True, nogil=True)
def _join(places, ids, keys, n):
    """Make the next longer n-grams: one is repeated only where the two shorter ones in it are."""
    m = 0
    for k in range(n - 1):
        if places[k + 1] == places[k] + 1:
            keys[m] = (np.uint64(ids[k]) << np.uint64(32)) | np.uint64(ids[k + 1])
            places[m] = places[k]
            m += 1
    return m


@njit(cache=True, nogil=True)
def _keep_repeated(places, ids, counts, n):
    m = 0
    for k in range(n):
        if counts[ids[k]] > 1:
            places[m], ids[m] = places[k], ids[k]
            m += 1
    return m


@njit(cache=True, nogil=True)
def _grams(keys, n, before, scratch, places, chosen, row, table):
    """Measure repeated n-grams of 2 to 10 of `n` words, given by their hashes."""
    ids, first, counts = scratch
    _, table = _number(keys, n, ids, first, counts, table)
    for i in range(n):
        places[i] = i
    m = _keep_repeated(places, ids, counts, n)
    row[14] = row[15] = max(n - 4, 0)
    for width in range(2, 11):
        joined = _join(places, ids, keys, m)
        used, table = _number(keys, joined, ids, first, counts, table)
        m = _keep_repeated(places, ids, counts, joined)
        if m == 0:
            break
        if width < 5:
            row[width + 3] = _most_frequent(before, places, ids, counts, m, width, chosen)
        else:
            row[width + 3] = _covered(before, places, m, width)
        if width == 5:
            row[15] -= joined - used
    return table


@njit(cache=True, nogil=True)
def _lettered(full, norm, sizes, before):
    """Gather the words that hold a letter or digit: their hashes into `full`, their running size into `before`."""
    n, total = 0, np.int64(0)
    before[0] = 0
    for word in range(len(norm)):
        if norm[word]:
            full[n] = norm[word]
            total += sizes[word]
            n += 1
            before[n] = total
    return n


@njit(cache=True, nogil=True)
def _new_table():
    return np.zeros(1 << 13, np.uint64), np.zeros(1 << 13, np.uint64), np.uint64(0)


@njit(cache=True, nogil=True)
def tally(words, spans, lexicon, scratch, out):
    """Fill `out[d]` with what `COUNTS` names, for documents whose words `scan` found."""
    table = _new_table()
    ids, first, counts = scratch
    for d in range(len(out)):
        begin, end = spans[d, 0], spans[d + 1, 0]
        used, table = _number(words[0][begin:end], end - begin, ids, first, counts, table)
        _tally(words[1][begin:end], first, counts, used, lexicon, out[d])


@njit(cache=True, nogil=True)
def repeats(words, line_ends, spans, scratch, buffers, out):
    """Fill `out[d]` with what `REPEATS` names, for documents whose words `scan` found; `words[0]` is used up."""
    table = _new_table()
    before, places, chosen, keys, sizes = buffers
    for d in range(len(out)):
        begin, end = spans[d, 0], spans[d + 1, 0]
        full, norm, size = words[0][begin:end], words[1][begin:end], words[2][begin:end]
        lines, row = line_ends[spans[d, 1] : spans[d + 1, 1]], out[d]
        n = _pieces(full, size, lines, (keys, sizes), False)
        row[0], row[1], table = _copies(keys, sizes, n, scratch, table)
        row[2] = n = _pieces(full, size, lines, (keys, sizes), True)
        row[3], row[4], table = _copies(keys, sizes, n, scratch, table)
        n = _lettered(full, norm, size, before)
        table = _grams(full, n, before, scratch, places, chosen, row, table)
