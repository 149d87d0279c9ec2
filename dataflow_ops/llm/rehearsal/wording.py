"""Sentences found and phrases built by plain rules: what rehearsed answers are put together from."""

import re

READ = 20_000
"""Characters of a text that a rehearsal looks at: it has to be quick, not thorough."""

_END = re.compile(r"(?<=[.!?。！？])\s*(?=\S)|\n+")
_WORD = re.compile(r"\w[\w'’-]*")


def sentences(text: str, most: int) -> list[str]:
    """Return up to `most` sentences of a text, none longer than 600 characters; for a blank text none."""
    found = (" ".join(each.split()) for each in _END.split(text[:READ]))
    return [each[:600] for each in found if _WORD.search(each)][:most]


def gist(text: str, words: int = 6) -> str:
    """Return the first few words of a text, without the punctuation around them."""
    found = _WORD.findall(text[:READ])[:words]
    return " ".join(found)[:120] or "this"


def topic_of(sentence: str) -> str:
    """Return the longest word of a sentence, the first of them if several are as long."""
    return max(_WORD.findall(sentence) or ["this"], key=len)[:60]
