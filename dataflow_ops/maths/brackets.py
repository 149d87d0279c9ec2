"""Which brackets belong together in an answer."""

import re
from collections.abc import Iterator

OPENING = {"(": 1, "[": 1, "{": 1}
CLOSING = {")": 1, "]": 1, "}": 1}


def _depths(text: str) -> Iterator[tuple[int, int]]:
    """Yield each place in `text` and how many brackets are open there; a bracket counts as inside."""
    depth = 0
    for at, character in enumerate(text):
        depth += OPENING.get(character, 0)
        yield at, depth
        depth -= CLOSING.get(character, 0)


def at_top(text: str, place: int) -> bool:
    """Return whether no bracket is open at `place`."""
    return all(depth == 0 for at, depth in _depths(text) if at == place)


def split(text: str, separator: re.Pattern[str]) -> Iterator[str]:
    """Yield the parts of `text` between separators that stand in no bracket."""
    top = [depth == 0 for _, depth in _depths(text)]
    begin = 0
    for found in separator.finditer(text):
        if top[found.start()]:
            yield text[begin : found.start()].strip()
            begin = found.end()
    yield text[begin:].strip()


def is_one(text: str, opening: str) -> bool:
    """Tell `(1, 2)` from `(1)(2)`: the first bracket closes at the end."""
    if opening == r"\langle":
        return text.count(opening) == 1
    last = len(text) - 1
    return not any(depth == 1 and text[at] in CLOSING for at, depth in _depths(text) if at < last)


def balanced(text: str) -> bool:
    """Return whether every bracket closes, round and square ones taken for each other as in intervals."""
    depths = [depth for _, depth in _depths(text)]
    return text.count("{") == text.count("}") and min(depths, default=0) >= 0 and (
        sum(map(text.count, "([")) == sum(map(text.count, ")]"))
    )  # fmt: skip
