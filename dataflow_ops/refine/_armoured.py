"""Private keys between armour lines, `-----BEGIN … PRIVATE KEY-----` to `-----END`, over many lines or in one string."""

import re

NEEDED = "-----BEGIN [A-Z0-9 ]*PRIVATE KEY"
"""An RE2 pattern that every text with one has."""

LABEL = "<private_key>"

_BEGIN = re.compile(r"-----BEGIN (?:[A-Z0-9]{1,16} ){0,3}PRIVATE KEY(?: BLOCK)?-----")
_END = re.compile(r"-----END (?:[A-Z0-9]{1,16} ){0,3}PRIVATE KEY(?: BLOCK)?-----")
_BASE64 = re.compile(r"[A-Za-z0-9+/=]{16,}")
_REST = re.compile(r"(?:[\s\"'#*/+\\rn,.]{0,12}+[A-Za-z0-9+/=]{32,}+){1,2000}")

LEAST = 64
"""Characters in base 64 that make a key; a mere mention of the armour has fewer."""
MOST = 1 << 17
"""Characters between the armour lines of the longest key."""


def private_keys(text: str) -> list[tuple[int, int, str]]:
    """Return where private keys stand, armour included."""
    begins = list(_BEGIN.finditer(text))
    limits = [*(match.start() for match in begins), len(text)][1:]
    ends = iter(_END.finditer(text))
    end, spans = next(ends, None), []
    for begin, limit in zip(begins, limits, strict=True):
        while end is not None and end.start() < begin.end():
            end = next(ends, None)
        closed = end is not None and end.start() < limit
        stop = end.end() if closed and end else _cut_off(text, begin.end(), limit)
        if _is_key(text[begin.end() : stop]):
            spans.append((begin.start(), stop, LABEL))
    return spans


def _cut_off(text: str, start: int, limit: int) -> int:
    """Return where the body of a key without an end line stops."""
    rest = _REST.match(text, start, min(limit, start + MOST))
    return rest.end() if rest else start


def _is_key(body: str) -> bool:
    if len(body) > MOST or LABEL in body:
        return False
    return sum(len(run) for run in _BASE64.findall(body)) >= LEAST
