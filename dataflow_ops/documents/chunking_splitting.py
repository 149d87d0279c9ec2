"""Where a text may be cut: before sentences and items of lists, and inside a sentence after clauses, words, characters.

A place is the character that begins what comes next, blanks before it left behind.
"""

import re
import unicodedata

LAST_CHARACTERS = 32
"""Marks that one letter may carry before it is cut from them after all."""

_CLOSING = r"\"'”’»)\]】）」』›*_"
_WIDE = "。！？｡︒︕︖"
_OTHERS = "؟۔।॥።፧၊။៕"
_MARK = re.compile(rf"([.!?…‼⁇⁈⁉{_OTHERS}{_WIDE}]++)[{_CLOSING}]*+(\s*+)")
_EMPTY_LINE = re.compile(r"\n(?:[ \t\r]*+\n)++[ \t]*+")
_THAI = re.compile(r"[\u0E00-\u0EFF][ \u00A0]++(?=[\u0E00-\u0EFF])")
"""Thai and Lao end sentences, and phrases, by a blank."""
_ITEM = re.compile(r"[\n\r][ \t]*+(?=(?:[-*+•‣◦]|\(?\d{1,4}[.)]|[a-zA-Z][.)])[ \t])")
_LINE = re.compile(r"[\n\r\u2028\u2029\x85]++\s*+")
_CLAUSE = re.compile(r"[,;:—–،؛、，；：][\"'”’»)\]】）」』]*+(?:\s++|(?<=[、，；：]))")
_WORD = re.compile(r"[\s\u200B]++")

_LONGEST = 24
"""Characters before a full stop that are looked at."""
_PART = 2
"""Letters between the full stops of an abbreviation: z.B., e.g., a.k.a."""
_SOLID = re.compile(r"\S")
_SHORT = (
    "mr mrs ms mx dr prof st sr jr rev hon gen col maj capt cpt lt sgt gov sen rep pres supt messrs mme mlle "
    "vs v cf ca approx est fig figs eq eqs sec ch chap vol vols no nos nr pp p ed eds ref refs tab app "
    "inc ltd co corp bros dept univ assn ave blvd rd sq mt ft "
    "jan feb mar apr jun jul aug sep sept oct nov dec mon tue tues wed thu thur thurs fri sat sun "
    "al et seq ibid op cit viz resp incl excl misc max min avg std "
    "bzw usw ggf evtl abb bd hrsg geb str tel dipl ing sog vgl etw "
    "sra dra srta ud uds pag núm art av apdo ej "
    "mm mgr sté env éd"
)
_ABBREVIATED = frozenset(_SHORT.split())
"""Words behind which a full stop is hardly ever the end of a sentence: English, German, Spanish, French ones."""
_MAYBE_LAST = "no st ch p v mar sat sun max min ed app co al inc ltd corp str tab ms mm sec rep est art ing env"
_ALSO_LAST = frozenset(_MAYBE_LAST.split())
"""Those of them, and others, that may end a sentence as well: they do before a capital letter that begins a word."""


def sentences(text: str) -> list[int]:
    """Return where sentences begin, the first left out, by the marks of all scripts.

    A full stop ends none behind an initial or a common abbreviation, or before a small letter, a comma or the like. An
    empty line ends a sentence, and so does a line before an item of a list.
    """
    found = {each.end() for each in _MARK.finditer(text) if _is_end(text, each)}
    found.update(each.end() for each in _EMPTY_LINE.finditer(text))
    found.update(each.end() for each in _THAI.finditer(text))
    found.update(items(text))
    return sorted(found - {0, len(text)})


def items(text: str) -> list[int]:
    """Return where items of lists begin, marks included."""
    return [each.end() for each in _ITEM.finditer(text)]


def _is_end(text: str, found: re.Match[str]) -> bool:
    """Tell whether marks end a sentence; only of a single full stop before a blank there is doubt."""
    marks, blanks = found.groups()
    if not blanks or marks != ".":
        return bool(blanks) or marks[-1] in _WIDE or marks[-1] in _OTHERS
    following, stop = text[found.end() : found.end() + 1], found.start()
    if following.islower() or following in ",;:)]}%":
        return False
    before = text[max(stop - _LONGEST, 0) : stop].rsplit(None, 1)
    return not before or not _is_short(before[-1].lstrip("(\"'“‘[*_"), following)


def _is_short(written: str, following: str) -> bool:
    """Tell whether a full stop belongs to the word before it."""
    word = written.lower()
    if word in _ABBREVIATED:
        return word not in _ALSO_LAST or following.isdigit()
    if len(word) == 1 and word.isascii():
        return written.isupper()
    parts = word.split(".")
    return len(parts) > 1 and all(len(part) <= _PART for part in parts) and not following.isupper()


def clause(text: str, low: int, high: int) -> int | None:
    """Return the last place in (low, high] at which a clause begins."""
    return _last(_CLAUSE, text, low, high)


def line(text: str, low: int, high: int) -> int | None:
    """Return the last place in (low, high] at which a line begins."""
    return _last(_LINE, text, low, high)


def word(text: str, low: int, high: int) -> int | None:
    """Return the last place in (low, high] at which a word begins, or blanks after one."""
    if 0 < high < len(text) and high > low and text[high].isspace():
        return high
    return _last(_WORD, text, low, high)


def solid(text: str, place: int) -> int:
    """Return the first place from `place` on that is not blank, the end of the text if there is none."""
    found = _SOLID.search(text, place)
    return found.start() if found else len(text)


def first_word(text: str, low: int, high: int) -> int:
    """Return the first place in [low, high] at which a word begins, `high` if none does."""
    if low > 0 and text[low - 1].isspace():
        return low
    found = _WORD.search(text, low, high)
    return found.end() if found else high


def _last(pattern: re.Pattern[str], text: str, low: int, high: int) -> int | None:
    last = None
    for found in pattern.finditer(text, low, high):
        last = found.end() if found.end() > low else last
    return last


def character(text: str, low: int, high: int) -> int:
    """Return the last place in (low, high] that does not cut marks from their letter, or `high`."""
    for place in range(high, max(low, high - LAST_CHARACTERS), -1):
        if place >= len(text) or not _belongs(text[place - 1], text[place]):
            return place
    return high


def _belongs(before: str, mark: str) -> bool:
    """Tell whether a character is seen as one with that before it: an accent, a vowel sign, a part of an emoji."""
    if mark < "\u0300":
        return before == "\r" and mark == "\n"
    skin = "\U0001f3fb" <= mark <= "\U0001f3ff"
    return skin or "\u200d" in (mark, before) or unicodedata.category(mark) in ("Mn", "Me", "Mc")
