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

# Nothing is allocated inside, so the compiler need not count references to arrays in the inner loops.
_compiled = njit(cache=True, nogil=True, _nrt=False)  # type: ignore[call-overload]

STOP_WORD, BLOCKED, FIRST_GOPHER = 1, 2, 4  # then one bit for each of Gopher's eight words

SPREAD = 0x9E3779B97F4A7C15
_SPREAD = np.uint64(SPREAD)
_LOW = np.uint64(0xFFFFFFFF)


@_compiled
def _place(table, round_, shift, key):
    """Return where in the table `key` stands in this round, or where it belongs: the index of the slot's first half."""
    last = (np.uint64(2) << (np.uint64(64) - shift)) - np.uint64(2)
    at = (key * _SPREAD) >> shift << np.uint64(1)
    while table[at + np.uint64(1)] >> np.uint64(32) == round_ and table[at] != key:
        at = (at + np.uint64(2)) & last
    return at


@_compiled
def _spread_out(table, round_, shift, keys, first, used):
    """Write the keys numbered so far into more slots: of a new round, for the table is never emptied."""
    for number in range(used):
        key = keys[first[number]]
        at = _place(table, round_, shift, key)
        table[at], table[at + np.uint64(1)] = key, (round_ << np.uint64(32)) | np.uint64(number)


@_compiled
def _number(keys, n, ids, first, counts, table):
    """Number the first `n` keys by first appearance; return how many differ.

    Fills `ids` (number of each key), `first` (where each number appears first) and `counts` (how often). Of the table
    only as much is used as there are different keys; `table[-1]` counts rounds.
    """
    round_ = table[-1] + np.uint64(1)
    shift, used, limit = np.uint64(64 - 6), 0, 1 << 5
    while limit < n and limit < 1 << 12:
        shift, limit = shift - np.uint64(1), 2 * limit
    for i in range(n):
        key = keys[i]
        at = _place(table, round_, shift, key)
        owner = table[at + np.uint64(1)]
        if owner >> np.uint64(32) == round_:
            number = np.int64(owner & _LOW)
            counts[number] += 1
        else:
            number = used
            table[at], table[at + np.uint64(1)] = key, (round_ << np.uint64(32)) | np.uint64(used)
            first[used], counts[used] = i, 1
            used += 1
            if used > limit:
                shift, limit, round_ = shift - np.uint64(1), 2 * limit, round_ + np.uint64(1)
                _spread_out(table, round_, shift, keys, first, used)
        ids[i] = number
    table[-1] = round_
    return used


@_compiled
def _listed(keys, bits, key):
    """Return the bits of a word in the lexicon, 0 when it is not listed."""
    slot = np.int64((key * _SPREAD) >> np.uint64(32)) & (len(keys) - 1)
    while bits[slot] and keys[slot] != key:
        slot = (slot + 1) & (len(keys) - 1)
    return bits[slot]


@_compiled
def _tally(norm, first, counts, used, lexicon, row):
    """Count listed words, each different word looked up once."""
    seen = 0
    keys, listed = lexicon
    for number in range(used):
        bits = _listed(keys, listed, norm[first[number]])
        if bits:
            row[1] += counts[number] if bits & STOP_WORD else 0
            row[2] += counts[number] if bits & BLOCKED else 0
            seen |= bits
    for bit in range(8):
        row[3] += (seen & (FIRST_GOPHER << bit)) != 0
    row[0] = used


@_compiled
def _copies(keys, sizes, n, ids, first, counts, table):
    """Return how many of `n` pieces of text are copies of an earlier one, and their characters."""
    used = _number(keys, n, ids, first, counts, table)
    characters = np.int64(0)
    for i in range(n):
        characters += sizes[i] if first[ids[i]] != i else 0
    return n - used, characters


@_compiled
def _stir(key, more):
    key = (key ^ more) * _SPREAD
    return key ^ (key >> np.uint64(29))


@_compiled
def _lines(full, sizes, line_ends, keys, characters):
    """Gather the hash and size of each written line; return how many there are."""
    n, word = 0, 0
    for line in range(len(line_ends)):
        if word == line_ends[line]:
            continue
        key, size = np.uint64(0), np.int64(0)
        while word < line_ends[line]:
            key = _stir(key, full[word])
            size += sizes[word]
            word += 1
        keys[n], characters[n] = key, size
        n += 1
    return n


@_compiled
def _paragraphs(line_ends, keys, characters):
    """Join written lines, in place, to paragraphs: blank lines part them; return how many there are."""
    n, word, line, open_ = 0, 0, 0, False
    for end in line_ends:
        if end == word:
            open_ = False
            continue
        key, size = keys[line], characters[line]
        if open_:
            keys[n - 1] = _stir(keys[n - 1], key)
            characters[n - 1] += size
        else:
            keys[n], characters[n] = _stir(np.uint64(0), key), size
            n, open_ = n + 1, True
        word, line = end, line + 1
    return n


@_compiled
def _covered(before, places, n, width):
    """Return the characters in words that lie in any of `n` n-grams of `width` words, each word counted once."""
    total, reach = np.int64(0), 0
    for k in range(n):
        stop = places[k] + width
        total += before[stop] - before[max(places[k], reach)]
        reach = stop
    return total


@_compiled
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


@_compiled
def _join(places, ids, keys, n):
    """Make the next longer n-grams: one is repeated only where the two shorter ones in it are."""
    m = 0
    for k in range(n - 1):
        keys[m] = (np.uint64(ids[k]) << np.uint64(32)) | np.uint64(ids[k + 1])
        here, after = places[k], places[k + 1]
        places[m] = here
        m += after == here + 1
    return m


@_compiled
def _keep_repeated(places, ids, counts, n):
    m = 0
    for k in range(n):
        # Written in any case, counted only if repeated: no branch that the processor could not predict.
        places[m], ids[m] = places[k], ids[k]
        m += counts[ids[k]] > 1
    return m


@_compiled
def _grams(keys, n, before, ids, first, counts, places, chosen, row, table):
    """Measure repeated n-grams of 2 to 10 of `n` words, given by their hashes."""
    _number(keys, n, ids, first, counts, table)
    for i in range(n):
        places[i] = i
    m = _keep_repeated(places, ids, counts, n)
    row[14] = row[15] = max(n - 4, 0)
    for width in range(2, 11):
        joined = _join(places, ids, keys, m)
        used = _number(keys, joined, ids, first, counts, table)
        m = _keep_repeated(places, ids, counts, joined)
        if m == 0:
            break
        if width < 5:
            row[width + 3] = _most_frequent(before, places, ids, counts, m, width, chosen)
        else:
            row[width + 3] = _covered(before, places, m, width)
        if width == 5:
            row[15] -= joined - used


@_compiled
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


@_compiled
def tally(words, spans, lexicon, numbering, table, out):
    """Fill `out[d]` with what `COUNTS` names, for documents whose words `scan` found."""
    (full, letters, _), (ids, first, counts) = words, numbering
    for d in range(len(out)):
        begin, end = spans[d, 0], spans[d + 1, 0]
        used = _number(full[begin:end], end - begin, ids, first, counts, table)
        _tally(letters[begin:end], first, counts, used, lexicon, out[d])


@_compiled
def repeats(words, line_ends, spans, numbering, table, buffers, out):
    """Fill `out[d]` with what `REPEATS` names, for documents whose words `scan` found; their hashes are used up."""
    (full, letters, sizes), (ids, first, counts) = words, numbering
    before, places, chosen, keys, pieces = buffers
    for d in range(len(out)):
        begin, end, row = spans[d, 0], spans[d + 1, 0], out[d]
        whole, size, lines = full[begin:end], sizes[begin:end], line_ends[spans[d, 1] : spans[d + 1, 1]]
        n = _lines(whole, size, lines, keys, pieces)
        row[0], row[1] = _copies(keys, pieces, n, ids, first, counts, table)
        row[2] = n = _paragraphs(lines, keys, pieces)
        row[3], row[4] = _copies(keys, pieces, n, ids, first, counts, table)
        n = _lettered(whole, letters[begin:end], size, before)
        _grams(whole, n, before, ids, first, counts, places, chosen, row, table)


@_compiled
def types(letters, spans, numbering, table, numbers, ends):
    """Write the numbers of the words that hold a letter or digit to `numbers`, document after document.

    `ends[d]` is where those of document `d` end; the same word has the same number within a document.
    """
    _, first, counts = numbering
    begin = 0
    for d in range(len(ends)):
        n = begin
        for word in range(spans[d, 0], spans[d + 1, 0]):
            letters[n] = letters[word]  # in place: what was read is not needed again
            n += letters[word] != 0
        _number(letters[begin:n], n - begin, numbers[begin:], first, counts, table)
        begin = ends[d] = n
