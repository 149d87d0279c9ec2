"""One look at the bytes of each document: its words as hashes, its lines, and what can be counted on the way.

Everything a compiled loop calls is in this file, for numba's cache only notices changes of the file of the entry.
"""
# ruff: noqa: PLR0917 - a compiled loop is given arrays, in order: it has no keyword arguments
# mypy: disable-error-code="no-untyped-def"

import numpy as np
from numba import njit

from dataflow_ops.score import _text_kernel_unicode as unicode

COUNTS = (
    "words", "unspaced", "capital", "alphabetic", "characters", "length", "sentences", "tokens", "hashes", "ellipses",
    "braces", "longest_run", "lines", "written_lines", "bullet_lines", "list_lines", "ellipsis_lines", "colon_end",
)  # fmt: skip
"""What `scan` counts, in the order of its output columns."""

(_WORDS, _UNSPACED, _CAPITAL, _ALPHABETIC, _CHARACTERS, _LENGTH, _SENTENCES, _TOKENS, _HASHES, _ELLIPSES,
 _BRACES, _LONGEST_RUN, _LINES, _WRITTEN_LINES, _BULLET_LINES, _LIST_LINES, _ELLIPSIS_LINES, _COLON_END) = range(18)  # fmt: skip

# Nothing is allocated inside, so the compiler need not count references to arrays in the inner loops.
_compiled = njit(cache=True, nogil=True, _nrt=False)  # type: ignore[call-overload]

_SEED = np.uint64(0x9E3779B97F4A7C15)
_LETTER = np.uint64(0xD6E8FEB86659FD93)
_SIGNS = np.uint64(0xA0761D6478BD642F)
_BEFORE, _IN_WORD, _IN_SENTENCE, _RUN = range(4)  # what is remembered from one character to the next
STATES = 4
_SIGN = 4
_PLAIN, _KANA, _ALONE = 1, 2, 3  # kinds of words: by blanks, a run of Katakana, a character of an unspaced script


@_compiled
def _decode(data, i, end):
    """Return the code point at `i` and where the next one starts; bytes that are not UTF-8 never lead past `end`."""
    first = np.int64(data[i])
    if first < 0xC0 or i + 1 >= end:
        return (first if first < 0x80 else 0xFFFD), i + 1
    second = np.int64(data[i + 1]) & 0x3F
    if first < 0xE0:
        return ((first & 0x1F) << 6) | second, i + 2
    if i + 2 >= end:
        return 0xFFFD, end
    third = np.int64(data[i + 2]) & 0x3F
    if first < 0xF0:
        return ((first & 0x0F) << 12) | (second << 6) | third, i + 3
    if i + 3 >= end:
        return 0xFFFD, end
    code = ((first & 0x07) << 18) | (second << 12) | (third << 6) | (np.int64(data[i + 3]) & 0x3F)
    return (code if code < 0x110000 else 0xFFFD), i + 4


@_compiled
def _kind(flag, kind):
    """Return the kind of word that a character with `flag` belongs to, after a character of a word of `kind`."""
    if flag & unicode.SPACE:
        return 0
    if flag & unicode.MARK:
        return kind if kind else _PLAIN
    if flag & unicode.SINGLE:
        return _ALONE
    return _KANA if flag & unicode.KATAKANA else _PLAIN


@_compiled
def _letters(data, i, end, ascii_words, norm):
    """Take the ASCII letters, digits and underscores at `i` into the hash `norm`; return all of it and their flags."""
    seen = np.int64(0)
    while i < end:
        flag = np.int64(ascii_words[data[i]])
        if not flag:
            break
        norm = (norm ^ np.uint64(np.int64(data[i]) | (flag & unicode.UPPER))) * _LETTER
        seen |= flag
        i += 1
    return i, norm, seen


@_compiled
def _close(full, letters, sizes, w, row, kind, seen, size, norm, signs):
    """Write word `w`: its hash as written, the hash of its letters (0 when it has none), its size; count its kind."""
    full[w] = norm ^ (signs * _SIGNS)
    letters[w] = norm if seen & unicode.WORD else np.uint64(0)
    sizes[w] = size
    row[_CHARACTERS] += size
    row[_UNSPACED] += kind != _PLAIN
    row[_CAPITAL] += seen & (unicode.UPPER | unicode.LOWER) == unicode.UPPER
    row[_ALPHABETIC] += seen & unicode.ALPHA != 0
    return w + 1


@_compiled
def _plain_words(data, i, end, ascii_words, full, letters, sizes, w, state, row):
    """Write the words at `i`, after a blank, that are ASCII letters and then one space, as most are.

    Returns where other things begin, the number of words, and of a word that goes on there hash, flags and size.
    """
    norm, seen, size = _SEED, np.int64(0), 0
    while i < end and ascii_words[data[i]]:
        stop, norm, seen = _letters(data, i, end, ascii_words, _SEED)
        size, i = stop - i, stop
        row[_TOKENS] += 1
        row[_SENTENCES] += 1 - state[_IN_SENTENCE]
        state[_RUN] += 1
        state[_IN_SENTENCE] = 1
        if i >= end or data[i] != 32:
            state[_IN_WORD] = state[_BEFORE] = 1
            break
        w = _close(full, letters, sizes, w, row, _PLAIN, seen, size, norm, np.uint64(0))
        size, i = 0, i + 1
    return i, w, norm, seen, size


@_compiled
def _split(data, start, end, flags, lower, ascii_words, full, letters, sizes, line_ends, state, row):
    """Split a document into words; return how many words and lines. An imagined blank after the end closes the last."""
    w = lines = kind = seen = size = known = 0
    norm, signs, left = _SEED, np.uint64(0), False
    i = start
    while i <= end:
        if not kind:
            i, w, norm, seen, size = _plain_words(data, i, end, ascii_words, full, letters, sizes, w, state, row)
            kind, known, left = (_PLAIN if size else 0), size, False
        at = i
        code, i = _decode(data, i, end) if i < end else (32, end + 1)
        flag = np.int64(flags[code])
        now = _kind(flag, kind)
        if now != kind or (now == _ALONE and not flag & unicode.MARK):
            # Signs alone are a word between blanks, but not beside a character that is a word by itself.
            if kind and (seen & unicode.WORD or not (left or now > _PLAIN)):
                w = _close(full, letters, sizes, w, row, kind, seen, size, norm, signs)
            elif kind:
                row[_CHARACTERS] += size
            left = kind > _PLAIN
            kind, seen, size, known, norm, signs = now, 0, 0, 0, _SEED, np.uint64(0)
        if now == 0:
            lines += _see_blank(code, w, lines, line_ends, state, row)
            continue
        size, seen = size + 1, seen | flag
        if not flag & unicode.WORD:
            _see_sign(data, start, at, end, code, flag, state, row)
            signs = (signs + np.uint64(code) + np.uint64(known << 21)) * _LETTER
            continue
        _see_letter(flag, state, row)
        first, norm, known = i, _add(norm, code, flag, lower), known + 1
        if now == _PLAIN:
            i, norm, more = _letters(data, i, end, ascii_words, norm)
            seen, size, known = seen | more, size + i - first, known + i - first
    line_ends[lines] = w
    _end_run(state, row)
    return w, lines + 1


@_compiled
def _add(norm, code, flag, lower):
    """Take a letter into the hash of a word, as its small letter."""
    if flag & (unicode.UPPER | unicode.LOWER) and code < len(lower):
        code = np.int64(lower[code])
    return (norm ^ np.uint64(code)) * _LETTER


@_compiled
def _see_letter(flag, state, row):
    row[_SENTENCES] += 1 - state[_IN_SENTENCE]
    state[_IN_SENTENCE] = 1
    if flag & unicode.SINGLE:
        row[_TOKENS] += 1
        state[_RUN] += 1
        state[_BEFORE], state[_IN_WORD] = _ALONE, 0
    elif not (flag & unicode.MARK and state[_BEFORE] == _ALONE):
        row[_TOKENS] += state[_BEFORE] != _PLAIN
        state[_RUN] += 1 - state[_IN_WORD]
        state[_BEFORE], state[_IN_WORD] = _PLAIN, 1


@_compiled
def _see_blank(code, w, lines, line_ends, state, row):
    """Take note of a blank; return 1 for one that ends line number `lines`, after `w` words."""
    state[_BEFORE] = state[_IN_WORD] = 0
    if code != 10:
        return 0
    line_ends[lines] = w
    state[_IN_SENTENCE] = 0
    _end_run(state, row)
    return 1


@_compiled
def _see_sign(data, start, at, end, code, flag, state, row):
    row[_TOKENS] += state[_BEFORE] != _SIGN
    state[_BEFORE] = _SIGN
    if flag & unicode.STOP:
        state[_IN_SENTENCE] = 0
    if flag & unicode.BREAK:
        _end_run(state, row)
        state[_IN_WORD] = 0
    else:
        state[_RUN] += 1 - state[_IN_WORD]
        state[_IN_WORD] = 1
    if code == ord("."):
        row[_ELLIPSES] += _stops(data, start, at, end) // 3
    elif code == ord("#"):
        row[_HASHES] += 1
    elif code == ord("…"):
        row[_ELLIPSES] += 1
    elif code in (ord("{"), ord("}")):
        row[_BRACES] += 1


@_compiled
def _end_run(state, row):
    row[_LONGEST_RUN] = max(row[_LONGEST_RUN], state[_RUN])
    state[_RUN] = 0


@_compiled
def _stops(data, start, at, end):
    """Return the length of the row of full stops that begins at `at`, 0 when it began before."""
    stop = at
    if at == start or data[at - 1] != ord("."):
        while stop < end and data[stop] == ord("."):
            stop += 1
    return stop - at


@_compiled
def _lines(data, start, end, flags, row):
    """Count lines by how they begin and end."""
    i = start
    while i < end:
        stop = i
        while stop < end and data[stop] != 10:
            stop += 1
        row[_LINES] += 1
        flag, after = np.int64(unicode.SPACE), i
        while flag & unicode.SPACE and after < stop:
            code, after = _decode(data, after, stop)
            flag = np.int64(flags[code])
        if not flag & unicode.SPACE:
            row[_WRITTEN_LINES] += 1
            row[_BULLET_LINES] += flag & unicode.BULLET != 0
            listed = flag & unicode.DASH and (after == stop or flags[_decode(data, after, stop)[0]] & unicode.SPACE)
            row[_LIST_LINES] += flag & unicode.BULLET != 0 or listed
            row[_ELLIPSIS_LINES] += _trails_off(data, i, stop, flags)
        i = stop + 1


@_compiled
def _trails_off(data, start, end, flags):
    """Whether a line with something on it ends, blanks aside, with three full stops or an ellipsis."""
    while end > start:
        last = end - 1
        while last > start and data[last] & 0xC0 == 0x80:
            last -= 1
        code, _ = _decode(data, last, end)
        if not flags[code] & unicode.SPACE:
            return code == ord("…") or (
                end - start >= 3 and data[end - 1] == data[end - 2] == data[end - 3] == ord(".")
            )
        end = last
    return False


@_compiled
def _ends_with_colon(data, start, end):
    if end - start >= 3 and data[end - 3] == 0xEF and data[end - 2] == 0xBC and data[end - 1] == 0x9A:
        return True
    return end > start and data[end - 1] == ord(":")


@_compiled
def scan(data, bounds, valid, tables, words, line_ends, spans, state, counts):
    """Measure documents `bounds[d]:bounds[d + 1]` of `data`.

    Fills `words` (hash as written, hash of the letters, characters), `line_ends` (number of words up to the end of each
    line), `spans` (first word and first line of each document, and one past the last) and `counts` (see `COUNTS`);
    `state` is scratch.
    """
    (flags, lower, ascii_words), (full, letters, sizes) = tables, words
    word = line = 0
    for d in range(len(valid)):
        spans[d, 0], spans[d, 1] = word, line
        start, end = bounds[d], bounds[d + 1]
        if not valid[d]:
            continue
        row = counts[d]
        state[:] = 0
        rest = (full[word:], letters[word:], sizes[word:], line_ends[line:], state)
        w, lines = _split(data, start, end, flags, lower, ascii_words, *rest, row)
        row[_WORDS] = w
        for i in range(start, end):
            row[_LENGTH] += data[i] & 0xC0 != 0x80
        _lines(data, start, end, flags, row)
        row[_COLON_END] = _ends_with_colon(data, start, end)
        word += w
        line += lines
    spans[len(valid), 0], spans[len(valid), 1] = word, line
