"""Lines of a PDF joined to running text: words divided at the end of a line become whole again where that is likely."""

import re
from collections.abc import Iterable

SOFT = "\u00ad"
HYPHENS = ("-", "\u2010", SOFT)
LONGEST = 60
"""Characters of a word that may be divided."""
_DIVIDED = re.compile(r"(\w*[^\W\d_]{2,})[-\u2010\u00ad]$")
_GOES_ON = re.compile(r"([^\W\d_]+)")
_LINKS = re.compile(r"\[([^\[\]]*)\]\((\S{1,2000})\) \[([^\[\]]*)\]\(\2\)")
"""Two lines of one link."""
_CJK = r"\u3000-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff00-\uffef"
_UNSPACED = re.compile(f"[{_CJK}]$")
_UNSPACED_START = re.compile(f"[{_CJK}]")
_FIRST_PARTS = re.compile(
    "self|non|well|long|short|high|low|co|ex|multi|semi|quasi|half|all|cross|anti|pre|post|mid|so|two|three|four|five|six|"
    "seven|eight|nine|ten|one|full|large|small|open|hard|real|old|new|left|right|top|end|first|second|third|single|double"
)
"""First parts that English joins with a hyphen that stays."""


def run_on(lines: Iterable[str], known: Iterable[str] = ()) -> str:
    """Join `lines` to one line of text; Chinese and Japanese are joined without a blank."""
    text = ""
    words = frozenset(known)
    for line in map(str.strip, lines):
        text = _after(text, line, words) if text and line else text or line
    return _LINKS.sub(r"[\1 \3](\2)", text.replace(SOFT, "")) if "](" in text else text.replace(SOFT, "")


def _after(text: str, line: str, known: frozenset[str]) -> str:
    if text.endswith(SOFT):
        return text[:-1] + line
    divided = _DIVIDED.search(text[-LONGEST:]) if text.endswith(HYPHENS) else None
    rest = _GOES_ON.match(line)
    if divided and rest:
        return text[:-1] + line if _whole(divided[1], rest[1], known) else text + line
    if _UNSPACED.search(text[-1:]) and _UNSPACED_START.match(line):
        return text + line
    return f"{text} {line}"


def _whole(first: str, rest: str, known: frozenset[str]) -> bool:
    """Return whether the hyphen between two parts was only put there by the end of the line.

    It stays before a capital letter, after a part that usually has one, and where the document writes it within a line.
    """
    if not rest[0].islower() or first.isupper():
        return False
    if f"{first}{rest}".lower() in known:
        return True
    if f"{first}-{rest}".lower() in known:
        return False
    return not _FIRST_PARTS.fullmatch(first.lower()) and len(rest) > 1
