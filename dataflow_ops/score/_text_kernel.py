"""One look at the bytes of each document: its words as hashes, its lines, and what can be counted on the way.

Three short loops over bytes that lie in the cache, instead of one long one: each keeps its state in registers.
Everything a compiled loop calls is in this file, for numba's cache only notices changes of the file of the entry.
"""
# ruff: noqa: PLR0917 - a compiled loop is given arrays, in order: it has no keyword arguments
# mypy: disable-error-code="no-untyped-def"

import numpy as np
from numba import njit

from dataflow_ops.score._text_kernel_unicode import (
    ALPHA,
    BREAK,
    BULLET,
    DASH,
    KATAKANA,
    LOWER,
    MARK,
    SINGLE,
    SPACE,
    STOP,
    UPPER,
    WORD,
)

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
_SIGN = np.uint64(0xA0761D6478BD642F)
_PLAIN, _RUN, _ALONE = 1, 2, 3  # kinds of words: by blanks, a run of Katakana, a character of an unspaced script


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
    if flag & SPACE:
        return 0
    if flag & MARK:
        return kind if kind else _PLAIN
    if flag & SINGLE:
        return _ALONE
    return _RUN if flag & KATAKANA else _PLAIN


@_compiled
def _letters(data, i, end, ascii_words, norm):
    """Take the ASCII letters, digits and underscores at `i` into the hash `norm`; return all of it and their flags."""
    seen = np.int64(0)
    while i < end:
        flag = np.int64(ascii_words[data[i]])
        if not flag:
            break
        norm = (norm ^ np.uint64(np.int64(data[i]) | (flag & UPPER))) * _LETTER
        seen |= flag
        i += 1
    return i, norm, seen


@_compiled
def _close(full, letters, sizes, w, row, kind, seen, size, norm, signs):
    """Write word `w`: its hash as written, the hash of its letters (0 when it has none), its size; count its kind."""
    full[w] = norm ^ (signs * _SIGN)
    letters[w] = norm if seen & WORD else np.uint64(0)
    sizes[w] = size
    row[_CHARACTERS] += size
    row[_UNSPACED] += kind != _PLAIN
    row[_CAPITAL] += seen & (UPPER | LOWER) == UPPER
    row[_ALPHABETIC] += seen & ALPHA != 0
    return w + 1


@_compiled
def _split(data, start, end, flags, lower, ascii_words, full, letters, sizes, line_ends, row):
    """Split a document into words; return how many words and lines. An imagined blank after the end closes the last."""
    w = lines = kind = seen = size = known = 0
    norm, signs, left = _SEED, np.uint64(0), False
    i = start
    while i <= end:
        if not kind and i < end and ascii_words[data[i]]:
            first = i
            i, norm, seen = _letters(data, i, end, ascii_words, _SEED)
            size = i - first
            if i < end and data[i] == 32:
                w = _close(full, letters, sizes, w, row, _PLAIN, seen, size, norm, signs)
                i += 1
                continue
            kind, known, left = _PLAIN, size, False
        code, i = _decode(data, i, end) if i < end else (32, end + 1)
        flag = np.int64(flags[code])
        now = _kind(flag, kind)
        if now != kind or (now == _ALONE and not flag & MARK):
            # Signs alone are a word between blanks, but not beside a character that is a word by itself.
            if kind and (seen & WORD or not (left or now > _PLAIN)):
                w = _close(full, letters, sizes, w, row, kind, seen, size, norm, signs)
            elif kind:
                row[_CHARACTERS] += size
            left = kind > _PLAIN
            kind, seen, size, known, norm, signs = now, 0, 0, 0, _SEED, np.uint64(0)
        if now == 0:
            if code == 10:
                line_ends[lines] = w
                lines += 1
            continue
        size += 1
        seen |= flag
        if not flag & WORD:
            signs = (signs + np.uint64(code) + np.uint64(known << 21)) * _LETTER
            continue
        if flag & (UPPER | LOWER) and code < len(lower):
            code = np.int64(lower[code])
        norm = (norm ^ np.uint64(code)) * _LETTER
        known += 1
        if now == _PLAIN:
            first = i
            i, norm, more = _letters(data, i, end, ascii_words, norm)
            seen |= more
            size += i - first
            known += i - first
    line_ends[lines] = w
    return w, lines + 1


@_compiled
def _signs(data, start, end, flags, ascii_words, row):
    """Count sentences, tokens, signs, and the longest run of words without punctuation."""
    sentences = tokens = run = longest = before = 0
    in_sentence = in_word = False
    i = start
    while i < end:
        if data[i] == 32:
            before, in_word, i = 0, False, i + 1
            continue
        at = i
        code, i = _decode(data, i, end)
        flag = np.int64(flags[code])
        if flag & SPACE:
            before, in_word = 0, False
            if code == 10:
                in_sentence, longest, run = False, max(longest, run), 0
        elif flag & WORD:
            sentences += not in_sentence
            in_sentence = True
            if flag & SINGLE:
                tokens, run, before, in_word = tokens + 1, run + 1, _ALONE, False
            elif not (flag & MARK and before == _ALONE):
                tokens += before != _PLAIN
                run += not in_word
                before, in_word = _PLAIN, True
                while i < end and ascii_words[data[i]]:
                    i += 1
        else:
            tokens += before != _RUN
            before = _RUN
            in_sentence = in_sentence and not flag & STOP
            if flag & BREAK:
                in_word, longest, run = False, max(longest, run), 0
            elif not in_word:
                in_word, run = True, run + 1
            i = _sign(data, at, i, end, code, row)
    row[_SENTENCES], row[_TOKENS], row[_LONGEST_RUN] = sentences, tokens, max(longest, run)


@_compiled
def _sign(data, at, i, end, code, row):
    """Count the sign `code` at `at`; return where to go on: after the last of a row of full stops."""
    if code == ord("."):
        while i < end and data[i] == ord("."):
            i += 1
        row[_ELLIPSES] += (i - at) // 3
    elif code == ord("#"):
        row[_HASHES] += 1
    elif code == ord("…"):
        row[_ELLIPSES] += 1
    elif code in (ord("{"), ord("}")):
        row[_BRACES] += 1
    return i


@_compiled
def _lines(data, start, end, flags, row):
    """Count lines by how they begin and end."""
    i = start
    while i < end:
        stop = i
        while stop < end and data[stop] != 10:
            stop += 1
        row[_LINES] += 1
        flag, after = np.int64(SPACE), i
        while flag & SPACE and after < stop:
            code, after = _decode(data, after, stop)
            flag = np.int64(flags[code])
        if not flag & SPACE:
            row[_WRITTEN_LINES] += 1
            row[_BULLET_LINES] += flag & BULLET != 0
            listed = flag & DASH and (after == stop or flags[_decode(data, after, stop)[0]] & SPACE)
            row[_LIST_LINES] += flag & BULLET != 0 or listed
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
        if not flags[code] & SPACE:
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
def scan(data, bounds, valid, tables, words, line_ends, spans, counts):
    """Measure documents `bounds[d]:bounds[d + 1]` of `data`.

    Fills `words` (hash as written, hash of the letters, characters), `line_ends` (number of words up to the end of each
    line), `spans` (first word and first line of each document, and one past the last) and `counts` (see `COUNTS`).
    """
    (flags, lower, ascii_words), (full, letters, sizes) = tables, words
    word = line = 0
    for d in range(len(valid)):
        spans[d, 0], spans[d, 1] = word, line
        start, end = bounds[d], bounds[d + 1]
        if not valid[d]:
            continue
        row = counts[d]
        rest = (full[word:], letters[word:], sizes[word:], line_ends[line:])
        w, lines = _split(data, start, end, flags, lower, ascii_words, *rest, row)
        row[_WORDS] = w
        for i in range(start, end):
            row[_LENGTH] += data[i] & 0xC0 != 0x80
        _signs(data, start, end, flags, ascii_words, row)
        _lines(data, start, end, flags, row)
        row[_COLON_END] = _ends_with_colon(data, start, end)
        word += w
        line += lines
    spans[len(valid), 0], spans[len(valid), 1] = word, line
