"""How characters are folded before texts are compared: a table from code point to what stands for it."""

import unicodedata
from functools import cache

import numpy as np
from numpy.typing import NDArray

SPLIT, SKIP = 0, 1
"""Ends a word; counts for nothing (accents, apostrophes, invisible characters)."""
DIGIT, ALONE = 1 << 28, 1 << 29
"""Flags: a decimal digit (its value is in the low bits); a word of its own, in scripts written without spaces."""
SIZE = 0x20000
"""Code points from here on are ideographs, but for tags and private ones at the end, which split."""

UNSPACED = ((0x0E00, 0x0E80), (0x0E80, 0x0F00), (0x1000, 0x10A0), (0x1780, 0x1800), (0x3040, 0x3100), (0x31F0, 0x3200))
"""Thai, Lao, Burmese, Khmer, Hiragana and Katakana, Katakana extensions."""
IDEOGRAPHS = ((0x3400, 0x4DC0), (0x4E00, 0xA000), (0xF900, 0xFB00))
AS_THEY_ARE = ((0xAC00, 0xD7A4), (0x12000, 0x1D000))
"""Hangul syllables and historic scripts: letters that need no folding, too many to look at one by one."""
APOSTROPHES = "'’ʼ`´"


@cache
def fold_table() -> NDArray[np.uint32]:
    """Return what stands for each code point below SIZE: SPLIT, SKIP, a flagged digit or ideograph, or a letter."""
    folds = np.zeros(SIZE, np.uint32)
    for start, stop in AS_THEY_ARE:
        folds[start:stop] = np.arange(start, stop)
    for start, stop in IDEOGRAPHS:
        folds[start:stop] = np.arange(start, stop) | ALONE
    known = np.zeros(SIZE, bool)
    for start, stop in (*AS_THEY_ARE, *IDEOGRAPHS, (0xD800, 0xF900)):
        known[start:stop] = True
    for code in np.flatnonzero(~known).tolist():
        folds[code] = _fold(code)
    # By what they fold to: half-width Katakana and Kangxi radicals are words of their own as well.
    for start, stop in (*UNSPACED, *IDEOGRAPHS):
        folds[(folds >= start) & (folds < stop)] |= ALONE
    folds[[ord(mark) for mark in APOSTROPHES]] = SKIP
    return folds


def _fold(code: int) -> int:
    kind = unicodedata.category(chr(code))
    if kind[0] in "PSZC":
        return SKIP if kind == "Cf" else SPLIT
    if kind in {"Mn", "Me"}:
        return SKIP
    if kind[0] == "N":
        return DIGIT | int(unicodedata.digit(chr(code), 0))
    plain = chr(code).lower()[0]
    base = unicodedata.normalize("NFKD", plain)
    letters = [mark for mark in base if not unicodedata.combining(mark)]
    return ord(letters[0].lower() if len(letters) == 1 else plain)
