"""What tells a key that a machine drew from a word, a name, a path or a value made up for a manual."""

import re
from collections import Counter
from itertools import pairwise
from math import log2

_MADE_UP = re.compile(
    r"""example|sample|dummy|change.?(?:me|it)|your|placeholder|redact|fake|insert|replace|x{4}|todo|foobar|lorem
    |\.\.|\*{3}|…|[<>]|\$[{(]|[{%]\w*[})]|\{\{|%s|\\|\[.*\]|[(){}]
    |environ|getenv|process\.env|(.)\1{4}|12345|23456|54321|abcde|qwert|deadbeef""",
    re.IGNORECASE | re.VERBOSE,
)
_COMMON = re.compile(r"pass|secret|test|admin|root|guest|hello|user|token|letmein|welcome|foo|demo", re.IGNORECASE)
_NOT_RANDOM = re.compile(r"://|\.\w{1,4}$|\s")
_PATH = re.compile(r"^[./~@#&?-]")
_PARTS = re.compile(r"[A-Za-z0-9]+")

LONGEST = 512
"""Characters of a value that are looked at."""


def is_made_up(value: str) -> bool:
    """Return whether a value only holds the place of a secret: an example, a variable, a mask, a row of digits."""
    return _MADE_UP.search(value[:LONGEST]) is not None


def shannon(value: str) -> float:
    """Return the entropy of the characters of a value, in bits each."""
    size = len(value)
    return -sum(count / size * log2(count / size) for count in Counter(value).values()) if size else 0.0


def turns(value: str) -> float:
    """Return how often small letters, capitals and digits take turns inside the words of a value, 0 to 1.

    A capital followed by a small letter is no turn, since that is how names are written. Names reach some 0.15; random
    letters and digits 0.4 to 0.5, whether in base 64, base 36 or hexadecimal.
    """
    pairs = [pair for part in _PARTS.findall(value) for pair in pairwise(part)]
    return sum(map(_is_turn, pairs)) / len(pairs) if pairs else 0.0


def _is_turn(pair: tuple[str, str]) -> bool:
    before, after = pair
    if before.isdigit() or after.isdigit():
        return before.isdigit() != after.isdigit()
    return before.islower() and after.isupper()


def is_key(value: str) -> bool:
    """Return whether a value of 16 letters and digits or more looks drawn at random."""
    if len(value) < 16 or _NOT_RANDOM.search(value) or is_made_up(value):
        return False
    looked_at = value[:LONGEST]
    mixed = any(map(str.isdigit, looked_at)) and any(map(str.isalpha, looked_at))
    return mixed and shannon(looked_at) >= 2.75 and turns(looked_at) >= 0.25


def is_password(value: str) -> bool:
    """Return whether a value looks like a password in use: letters and digits, eight at least, no common word."""
    if not 8 <= len(value) <= 128 or _PATH.match(value) or _COMMON.search(value):
        return False
    if _NOT_RANDOM.search(value) or is_made_up(value):
        return False
    return any(map(str.isdigit, value)) and any(map(str.isalpha, value)) and len(set(value)) >= 5
