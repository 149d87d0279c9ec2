"""What readability formulas need of each document: sentences, words, syllables. English spelling rules.

Everything a compiled loop calls is in this file, for numba's cache only notices changes of the file of the entry.
"""
# ruff: noqa: PLR0917 - a compiled loop is given arrays, in order: it has no keyword arguments
# mypy: disable-error-code="no-untyped-def"

import unicodedata
from functools import cache

import numpy as np
from numba import njit

from dataflow_ops.score import _text_kernel_unicode as unicode

COUNTS = ("sentences", "words", "letters", "digits", "syllables", "monosyllables", "polysyllables", "difficult_words")
"""What `count` counts, in the order of its output columns."""
(_SENTENCES, _WORDS, _LETTERS, _DIGITS, _SYLLABLES, _MONOSYLLABLES, _POLYSYLLABLES, _DIFFICULT) = range(8)
LONGEST = 64
"""Letters of a word that are looked at."""

_compiled = njit(cache=True, nogil=True, _nrt=False)  # type: ignore[call-overload]
_LATIN = 0x250
_OTHER, _WITHIN = 1, 2


@cache
def sounds() -> np.ndarray:
    """Return what each code point spells: a small Latin letter without accents, 1 for a letter of another script.

    2 is for what stands within a word and is no letter: apostrophes and combining marks.
    """
    table = np.zeros(unicode.CODE_POINTS, np.uint8)
    table[(unicode.flags() & unicode.ALPHA) != 0] = _OTHER
    table[(unicode.flags() & unicode.MARK) != 0] = _WITHIN
    for code in range(_LATIN):
        base = unicodedata.normalize("NFD", chr(code))[0].lower()
        if "a" <= base <= "z":
            table[code] = ord(base)
    table[[ord("'"), ord("’")]] = _WITHIN
    table.flags.writeable = False
    return table


@_compiled
def _is_vowel(letter):
    return letter in (ord("a"), ord("e"), ord("i"), ord("o"), ord("u"), ord("y"))


@_compiled
def _is_hard(letter):
    """Whether -le after `letter` is a syllable: table, little, but not belle."""
    return not _is_vowel(letter) and letter != ord("l")


@_compiled
def _is_silent(word, n):
    """Whether the last e of a word is not spoken: made, makes, filled, but not table, boxes, added."""
    last = word[n - 1]
    if n < 3 or (last != ord("e") and word[n - 2] != ord("e")):
        return False
    if last == ord("e"):
        before = word[n - 2]
        return not _is_vowel(before) and not (before == ord("l") and _is_hard(word[n - 3]))
    before = word[n - 3]
    if _is_vowel(before) or (before == ord("l") and n > 3 and _is_hard(word[n - 4])):
        return False
    if last == ord("d"):
        return before not in (ord("t"), ord("d"))
    return last == ord("s") and before not in (ord("s"), ord("x"), ord("z"), ord("c"), ord("g"), ord("h"))


@_compiled
def syllables(word, n):
    """Return the number of syllables of `n` small letters: groups of vowels, without a silent last e, at least one."""
    groups, inside = 0, False
    for k in range(n):
        vowel = _is_vowel(word[k])
        groups += vowel and not inside
        inside = vowel
    return max(1, groups - _is_silent(word, n)) if n else 1


@_compiled
def _without_ending(word, n):
    """Return the length of a word without -es, -ed or -ing, which make no word difficult."""
    if n > 5 and word[n - 3] == ord("i") and word[n - 2] == ord("n") and word[n - 1] == ord("g"):
        return n - 3
    ends = n > 4 and word[n - 2] == ord("e") and word[n - 1] in (ord("s"), ord("d"))
    return n - 2 if ends else n


@_compiled
def _end_word(word, n, capital, first, row):
    """Count the word of `n` letters, with a capital or not, that is the `first` of a sentence or not."""
    spoken = syllables(word, min(n, LONGEST))
    row[_WORDS] += 1
    row[_SYLLABLES] += spoken
    row[_MONOSYLLABLES] += spoken == 1
    row[_POLYSYLLABLES] += spoken >= 3
    # A name is not difficult: a capital that no sentence begins with.
    row[_DIFFICULT] += (first or not capital) and syllables(word, _without_ending(word, min(n, LONGEST))) >= 3


@_compiled
def _decode(data, i, end):
    """Return the code point at `i` and where the next one starts; bytes that are not UTF-8 never lead past `end`."""
    first = np.int64(data[i])
    size = 1 if first < 0xC0 else 2 if first < 0xE0 else 3 if first < 0xF0 else 4
    if first < 0x80:
        return first, i + 1
    if size == 1 or i + size > end:
        return 0xFFFD, i + 1
    code = first & (0x7F >> size)
    for k in range(1, size):
        code = (code << 6) | (np.int64(data[i + k]) & 0x3F)
    return (code if code < unicode.CODE_POINTS else 0xFFFD), i + size


@_compiled
def _ends_sentence(data, i, end, code, flag, breaks, flags):
    """Whether a sentence ends with `code`, before `i`: a mark with no letter or digit after it, or an empty line."""
    if flag & unicode.SPACE:
        return code == 10 and breaks > 0
    return flag & unicode.STOP and (i >= end or not flags[_decode(data, i, end)[0]] & unicode.WORD or code > 127)


@_compiled
def _read(data, start, end, flags, spells, word, row):
    """Count sentences and words of one document; an imagined empty line ends the last."""
    n = capital = breaks = spoken = 0
    i = start
    while i <= end + 1:
        code, i = _decode(data, i, end) if i < end else (10, i + 1)
        flag, letter = np.int64(flags[code]), spells[code]
        if letter > _WITHIN or letter == _OTHER:
            capital |= n == 0 and flag & unicode.UPPER != 0
            if n < LONGEST:
                word[n] = letter
            n += 1
            row[_LETTERS] += 1
            breaks = 0
            continue
        if letter == _WITHIN or flag & unicode.WORD:
            row[_DIGITS] += letter != _WITHIN
            continue
        if n:
            _end_word(word, n, capital, spoken == 0, row)
            n, capital, spoken = 0, 0, spoken + 1
        if spoken and _ends_sentence(data, i, end, code, flag, breaks, flags):
            row[_SENTENCES] += 1
            spoken = 0
        if not flag & unicode.SPACE:
            breaks = 0
        breaks += code == 10


@_compiled
def count(data, bounds, valid, flags, spells, word, out):
    """Fill `out[d]` with what `COUNTS` names, for documents `bounds[d]:bounds[d + 1]` of `data`; `word` is scratch."""
    for d in range(len(valid)):
        if valid[d]:
            _read(data, bounds[d], bounds[d + 1], flags, spells, word, out[d])
