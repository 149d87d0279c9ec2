"""What each code point is to the text measures: one table of flags, made once a process in a few milliseconds."""

import unicodedata
from functools import cache

import numpy as np

SPACE = 1  # str.isspace
WORD = 2  # str.isalnum, the underscore and combining marks
ALPHA = 4  # str.isalpha
LOWER = 8  # lower or title case
STOP = 16  # ends a sentence
UPPER = 32  # also the bit that tells an ASCII capital from its small letter
BREAK = 64  # punctuation that ends an unpunctuated run
SINGLE = 128  # a word by itself: scripts written without spaces
KATAKANA = 256  # a run of it is a word
MARK = 512  # belongs to the character before it
BULLET = 1024
DASH = 2048  # a list item when a blank follows

CODE_POINTS = 0x110000
_ASSIGNED = 0x34000  # above it: private use, tags, and the variation selectors

_STOPS = ".!?。！？｡؟۔।॥։።၊။។"
_BREAKS = "–.!?,;•/|…"
_BULLETS = "•‣▶◀◦■□▪▫–"
_CJK_PUNCTUATION = [(0x3001, 0x3003), (0x3008, 0x3011), (0x3014, 0x301F), (0xFF01, 0xFF0F), (0xFF1A, 0xFF20),
                    (0xFF3B, 0xFF40), (0xFF5B, 0xFF65)]  # fmt: skip
_KATAKANA = [(0x3031, 0x3035), (0x309B, 0x309C), (0x30A0, 0x30FA), (0x30FC, 0x30FF), (0x31F0, 0x31FF),
             (0x32D0, 0x32FE), (0x3300, 0x3357), (0xFF66, 0xFF9F), (0x1B000, 0x1B000), (0x1B164, 0x1B167),
             (0x1AFF0, 0x1AFFE), (0x1B120, 0x1B122)]  # fmt: skip
# Han and Hiragana, then the scripts whose words only a dictionary tells: Thai, Lao, Myanmar, Khmer, Tai, Ahom.
_SINGLE = [(0x2E80, 0x2FD5), (0x3005, 0x3005), (0x3007, 0x3007), (0x3021, 0x3029), (0x3038, 0x303B), (0x3041, 0x3096), (0x309D, 0x309F),
           (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAD9), (0x1B001, 0x1B11F), (0x1B150, 0x1B152),
           (0x20000, 0x33FFF), (0x0E01, 0x0E4E), (0x0E81, 0x0EDF), (0x1000, 0x109F), (0x1780, 0x17DC),
           (0x1950, 0x19DA), (0x1A20, 0x1AA7), (0xA9E0, 0xA9FE), (0xAA60, 0xAADF),
           (0x11700, 0x11746), (0x16FE3, 0x16FE3)]  # fmt: skip


@cache
def flags() -> np.ndarray:
    """Return the flags of every code point, uint16."""
    table = np.zeros(CODE_POINTS, np.uint16)
    known, chars = table[:_ASSIGNED], np.arange(_ASSIGNED, dtype=np.uint32).view("U1")
    alpha, upper = np.strings.isalpha(chars), np.strings.isupper(chars)
    known[np.strings.isspace(chars)] |= SPACE
    known[np.strings.isalnum(chars)] |= WORD
    known[alpha] |= ALPHA
    known[upper] |= UPPER
    known[np.strings.islower(chars) | (np.strings.istitle(chars) & ~upper)] |= LOWER
    table[ord("_")] |= WORD
    table[_marks(known)] |= MARK | WORD
    _add(table, _ranges(_SINGLE) & _letters(table), SINGLE)
    _add(table, _ranges(_KATAKANA), KATAKANA | WORD)
    _add(table, _ranges(_CJK_PUNCTUATION), BREAK)
    for text, flag in ((_STOPS, STOP), (_BREAKS, BREAK), (_BULLETS, BULLET), ("-*+", DASH)):
        table[[ord(char) for char in text]] |= flag
    table[ord("\n")] |= STOP | BREAK  # the end of a line ends both
    table.flags.writeable = False
    return table


@cache
def ascii_words() -> np.ndarray:
    """Return the flags of ASCII letters, digits and the underscore, by byte, uint8; 0 for all other bytes."""
    table = flags()[:256].astype(np.uint8)
    table[(table & WORD == 0) | (np.arange(256) >= 128)] = 0
    table.flags.writeable = False
    return table


@cache
def lower() -> np.ndarray:
    """Return the small letter of every code point below U+1E944, int32; final sigma counts as sigma."""
    table = np.arange(0x1E944, dtype=np.int32)
    cased = np.flatnonzero(flags()[: len(table)] & (UPPER | LOWER))
    table[cased] = [ord(chr(code).lower()[0]) for code in cased.tolist()]
    table[ord("ς")] = ord("σ")
    table.flags.writeable = False
    return table


def _marks(known: np.ndarray) -> list[int]:
    rest = np.flatnonzero((known[0x300:0x1F000] & (WORD | SPACE)) == 0) + 0x300
    found = [code for code in rest.tolist() if unicodedata.category(chr(code))[0] == "M"]
    return found + list(range(0xE0100, 0xE01F0))


def _ranges(pairs: list[tuple[int, int]]) -> np.ndarray:
    inside = np.zeros(CODE_POINTS, bool)
    for first, last in pairs:
        inside[first : last + 1] = True
    return inside


def _letters(table: np.ndarray) -> np.ndarray:
    numerals = _ranges([(0x3007, 0x3007), (0x3021, 0x3029), (0x3038, 0x303A)])  # Han, but numbers to Unicode
    return ((table & ALPHA) != 0) & ((table & MARK) == 0) | numerals


def _add(table: np.ndarray, where: np.ndarray, flag: int) -> None:
    table[where] |= flag
