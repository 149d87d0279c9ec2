"""One look at the bytes of each code file: its characters, lines and words, and data written out as text.

Everything a compiled loop calls is in this file, for numba's cache only notices changes of the file of the entry.
"""
# ruff: noqa: PLR0917 - a compiled loop is given arrays, in order: it has no keyword arguments
# mypy: disable-error-code="no-untyped-def"

import numpy as np
from numba import njit

from dataflow_ops.score import _text_kernel_unicode as unicode

COUNTS = (
    "length", "lines", "longest_line", "alphabetic", "alphanumeric", "braces", "words", "capital_words", "line_ends",
    "encoded", "longest_encoded",
)  # fmt: skip
"""What `scan` counts, in the order of its output columns."""
(_LENGTH, _LINES, _LONGEST_LINE, _ALPHABETIC, _ALPHANUMERIC, _BRACES, _WORDS, _CAPITAL, _LINE_ENDS,
 _ENCODED, _LONGEST_ENCODED) = range(11)  # fmt: skip

DIGIT, CAPITAL, SMALL, PLUS, HEX_LETTER = 1, 2, 4, 8, 16
"""Kinds of the characters of Base64 and hexadecimal numbers."""

_LEAST_RUN = 64  # a line of Base64 in a PEM file
_LEAST_HEX = 32  # an MD5 sum
_LEAST_ITEMS = 8

# Nothing is allocated inside, so the compiler need not count references to arrays in the inner loops.
_compiled = njit(cache=True, nogil=True, _nrt=False)  # type: ignore[call-overload]

_SEED = np.uint64(0x9E3779B97F4A7C15)
_LETTER = np.uint64(0xD6E8FEB86659FD93)
_ONE = np.uint64(1)
_ALPHA_BIT = unicode.ALPHA.bit_length() - 1


def encodings() -> np.ndarray:
    """Return the kinds of every byte, uint8: 0 for what is in no Base64 or hexadecimal number."""
    table = np.zeros(256, np.uint8)
    for text, kind in (("0123456789", DIGIT), ("ABCDEFGHIJKLMNOPQRSTUVWXYZ", CAPITAL), ("+/=", PLUS)):
        table[[ord(sign) for sign in text]] = kind
        table[[ord(sign) for sign in text.lower()]] |= np.uint8(SMALL if kind == CAPITAL else 0)
    table[[ord(sign) for sign in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"]] = CAPITAL
    table[[ord(sign) for sign in "abcdefABCDEF"]] |= np.uint8(HEX_LETTER)
    return table


@_compiled
def _code_point(data, i, end):
    """Return the character at `i` and where the next one starts; bytes that are not UTF-8 never lead past `end`."""
    first = np.int64(data[i])
    if first < 0x80:
        return first, i + 1
    size = 1 + (first >= 0xC0) + (first >= 0xE0) + (first >= 0xF0)
    if size == 1 or i + size > end:
        return np.int64(0xFFFD), i + 1
    code = first & (0x7F >> size)
    for k in range(1, size):
        code = (code << 6) | (np.int64(data[i + k]) & 0x3F)
    return (code if code < 0x110000 else np.int64(0xFFFD)), i + size


@_compiled
def _stir(key, more):
    key = (key ^ more) * _LETTER
    return key ^ (key >> np.uint64(29))


@_compiled
def _word(data, i, end, flags, ascii_words):
    """Take the word that begins at `i`; return where it ends, its hash, characters, letters, and letters and digits.

    The hash is that of the word in capitals and small letters; the last value is whether all its letters are capitals.
    """
    key, seen, size, alpha, numeric = _SEED, np.int64(0), 0, 0, 0
    while i < end:
        first = i
        while i < end:
            flag = np.int64(ascii_words[data[i]])
            if not flag:
                break
            key = (key ^ np.uint64(data[i])) * _LETTER
            alpha += (flag >> _ALPHA_BIT) & 1
            numeric += data[i] != ord("_")
            seen |= flag
            i += 1
        size += i - first
        if i >= end or data[i] < 0x80:
            break
        code, after = _code_point(data, i, end)
        flag = np.int64(flags[code])
        if not flag & unicode.WORD:
            break
        key = (key ^ np.uint64(code)) * _LETTER
        alpha += (flag & unicode.ALPHA) != 0
        numeric += (flag & unicode.ALPHA) != 0 or not flag & (unicode.MARK | unicode.KATAKANA)
        seen |= flag
        size, i = size + 1, after
    capital = size > 1 and seen & (unicode.UPPER | unicode.LOWER) == unicode.UPPER
    return i, key | _ONE, size, alpha, numeric, capital


@_compiled
def _file(data, start, end, flags, ascii_words, words, lines, row):
    """Split a file into words and lines; fill their hashes, return how many there are of both.

    Of the lines only those with a letter or digit are written; blanks do not tell two of them apart.
    """
    i, w, n, size, written, braces = start, 0, 0, 0, 0, 0
    line = _SEED
    while i < end:
        byte = data[i]
        if ascii_words[byte] or byte >= 0x80:
            i, key, taken, alpha, numeric, capital = _word(data, i, end, flags, ascii_words)
            if taken:
                words[w] = key
                w, size, written = w + 1, size + taken, written + numeric
                line = _stir(line, key)
                row[_ALPHABETIC] += alpha
                row[_ALPHANUMERIC] += numeric
                row[_CAPITAL] += capital
                continue
        if byte == 32:
            size, i = size + 1, i + 1
            continue
        code, after = _code_point(data, i, end)
        if code in (10, 13):
            i = after + (code == 13 and after < end and data[after] == 10)
            row[_LINE_ENDS] += 1
            n += _close(lines, n, line, written, size, row)
            line, size, written = _SEED, 0, 0
            continue
        if not flags[code] & unicode.SPACE:
            line = _stir(line, np.uint64(code))
        braces += code in (ord("{"), ord("}"))
        size, i = size + 1, after
    if size:
        n += _close(lines, n, line, written, size, row)
    row[_WORDS], row[_BRACES] = w, braces
    row[_LENGTH] += row[_LINE_ENDS]
    return w, n


@_compiled
def _close(lines, n, line, written, size, row):
    """Count a line; write its hash and return 1 when it holds a letter or digit."""
    row[_LINES] += 1
    row[_LENGTH] += size
    row[_LONGEST_LINE] = max(row[_LONGEST_LINE], size)
    lines[n] = line | _ONE
    return written > 0


@_compiled
def _is_hex(data, i, end, kinds):
    while i < end:
        if not kinds[data[i]] & (DIGIT | HEX_LETTER):
            return False
        i += 1
    return True


@_compiled
def _escape(data, i, end, kinds):
    r"""Return the size of the escape `\xHH`, `\uHHHH` or `\UHHHHHHHH` at `i`, 0 where there is none."""
    if i + 4 > end:
        return 0
    sign = data[i + 1]
    size = 4 if sign == ord("x") else 6 if sign == ord("u") else 10 if sign == ord("U") else 0
    return size if size and i + size <= end and _is_hex(data, i + 2, i + size, kinds) else 0


@_compiled
def _is_number(data, i, stop, kinds):
    """Whether a run of letters and digits is `0x…`, or two hexadecimal digits."""
    size = stop - i
    if 3 <= size <= 18 and data[i] == ord("0") and data[i + 1] | 0x20 == ord("x"):
        return _is_hex(data, i + 2, stop, kinds)
    return size == 2 and _is_hex(data, i, stop, kinds)


@_compiled
def _is_encoded(data, i, stop, seen, kinds):
    """Whether a run is Base64 (64 characters, capitals, small letters and digits) or a hexadecimal number (32)."""
    size, mixed = stop - i, CAPITAL | SMALL | DIGIT
    if size >= _LEAST_RUN and seen & mixed == mixed:
        return True
    return size >= _LEAST_HEX and seen & HEX_LETTER and seen & DIGIT and _is_hex(data, i, stop, kinds)


@_compiled
def _count_list(first, last, items, lettered, row):
    if items >= _LEAST_ITEMS and lettered:
        row[_ENCODED] += last - first
        row[_LONGEST_ENCODED] = max(row[_LONGEST_ENCODED], last - first)


@_compiled
def _encoded(data, start, end, kinds, row):
    """Count characters in encoded data: Base64, long hexadecimal numbers, lists of them, runs of escapes.

    Blanks, commas and quotes part the pieces of one run.
    """
    i, first, last, items, chain, lettered = start, start, start, 0, 0, False
    while i < end:
        byte = data[i]
        if byte <= 32 or byte in (ord(","), ord('"'), ord("'")):
            i += 1
            continue
        stop, seen = i, np.int64(0)
        while stop < end and kinds[data[stop]]:
            seen |= kinds[data[stop]]
            stop += 1
        if stop - i >= _LEAST_HEX and _is_encoded(data, i, stop, seen, kinds):
            _count_list(first, last, items, lettered, row)
            row[_ENCODED] += stop - i
            chain, items, lettered, i = chain + stop - i, 0, False, stop
            row[_LONGEST_ENCODED] = max(row[_LONGEST_ENCODED], chain)
            continue
        size = _escape(data, i, end, kinds) if byte == ord("\\") else 0
        if size or _is_number(data, i, stop, kinds):
            first = first if items else i
            lettered = lettered or size > 0 or stop - i > 2 or seen & HEX_LETTER != 0
            i = last = i + size if size else stop
            items += 1
            continue
        if items:
            _count_list(first, last, items, lettered, row)
        items, chain, lettered = 0, 0, False
        i = max(stop, i + 1) + (byte == ord("\\"))
    _count_list(first, last, items, lettered, row)


@_compiled
def scan(data, bounds, valid, tables, words, lines, spans, counts):
    """Measure files `bounds[d]:bounds[d + 1]` of `data`.

    Fills `words` and `lines` with hashes, none of them 0, `spans` (first word and first line of each file, and one past
    the last) and `counts` (see `COUNTS`).
    """
    flags, ascii_words, kinds = tables
    word = line = 0
    for d in range(len(valid)):
        spans[d, 0], spans[d, 1] = word, line
        if valid[d]:
            start, end, row = bounds[d], bounds[d + 1], counts[d]
            w, n = _file(data, start, end, flags, ascii_words, words[word:], lines[line:], row)
            _encoded(data, start, end, kinds, row)
            word, line = word + w, line + n
    spans[len(valid), 0], spans[len(valid), 1] = word, line
