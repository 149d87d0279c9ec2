"""What is planted in the corpus: near-duplicates of known strength, and documents no rule set should let pass."""

import re
from collections.abc import Callable, Sequence

import numpy as np

HEADERS = (
    "Home | Products | Documentation | Community | Sign in\nYou are reading an archived copy of this page.",
    "Skip to content\nSearch the site ... Menu\nThis mirror is updated every night.",
    "Share this article on your favourite network. Subscribe to our newsletter and never miss an update.",
)
FOOTERS = (
    (
        "We use cookies to make this site work and to learn how it is used. By going on you accept our terms.\n"
        "Back to top. Contact us. Privacy policy. Site map. All trade marks belong to their owners."
    ),
    "Was this page helpful? Yes / No. Report a problem with this page. Related articles you might like.",
    "Printed from the web edition. Leave a comment below. Please log in to reply. Older posts. Newer posts.",
)
STRENGTHS = {
    "exact": (0.0, False),
    "boilerplate": (0.0, True),
    "1%": (0.01, False),
    "3%+boilerplate": (0.03, True),
    "5%": (0.05, False),
    "10%": (0.10, False),
}
"""Share of words edited, and whether a page header and footer are put around the text."""
WORD = re.compile(r"\S+")

Random = np.random.Generator


def edited(text: str, strength: str, vocabulary: Sequence[str], random: Random) -> str:
    """Return `text` edited at `strength`.

    Of the edited words 40 % become another word of the corpus, 20 % go, 20 % get a word put after them, 10 % change
    case and 10 % change punctuation.
    """
    share, framed = STRENGTHS[strength]
    spans = [match.span() for match in WORD.finditer(text)]
    count = max(1, round(share * len(spans))) if share else 0
    chosen = random.choice(len(spans), count, replace=False).tolist() if count else []
    pieces, end = [], 0
    for number in sorted(chosen):
        start, stop = spans[number]
        pieces += [text[end:start], _changed(text[start:stop], vocabulary, random)]
        end = stop
    body = "".join(pieces) + text[end:]
    return f"{random.choice(HEADERS)}\n\n{body}\n\n{random.choice(FOOTERS)}" if framed else body


def _changed(word: str, vocabulary: Sequence[str], random: Random) -> str:
    other = vocabulary[int(random.integers(len(vocabulary)))]
    kind = random.random()
    if kind < 0.4:
        return other
    if kind < 0.6:
        return ""
    if kind < 0.8:
        return f"{word} {other}"
    if kind < 0.9:
        return word.upper() if word != word.upper() else word.lower()
    return word[:-1] if word[-1] in ".,;:" else word + ","


def junk(kind: str, words: list[str], random: Random) -> str:
    """Return a document of one of the kinds of JUNK, made of `words`, of which there are at least 200."""
    return JUNK[kind](words, random)


def _sentences(words: list[str], end: str = ".", length: int = 14) -> list[str]:
    cuts = range(0, len(words) - length, length)
    return [" ".join(words[cut : cut + length]).capitalize() + end for cut in cuts]


def _lines(words: list[str], end: str = ".", length: int = 14) -> str:
    return "\n".join(_sentences(words, end, length))


def _sprinkled(words: list[str], share: float, mark: str, random: Random) -> str:
    return " ".join(mark if random.random() < share else word for word in words)


def _identified(words: list[str], random: Random) -> str:
    return "\n".join(f"{line} ID number {int(random.integers(10**9))}, identity card." for line in _sentences(words))


def _javascript(words: list[str], _: Random) -> str:
    asks = ["Please enable JavaScript to view this page.", "Your browser has javascript off."]
    return "\n".join([*asks * 8, _lines(words[:90])])


def _long_words(words: list[str], _: Random) -> str:
    return _lines(["".join(words[start : start + 4]) for start in range(len(words) - 4)])


def _letters(_: list[str], random: Random) -> str:
    return " ".join("abcdefghijklmnopqrstuvwxyz"[: int(random.integers(10, 26))]) + ". a. b. c."


JUNK: dict[str, Callable[[list[str], Random], str]] = {
    "blank": lambda _, random: " \n\t " * int(random.integers(1, 40)),
    "few words": lambda words, random: " ".join(words[: int(random.integers(1, 15))]) + ".",
    "one sentence": lambda words, _: " ".join(words[:90]),
    "ends in colon": lambda words, _: _lines(words) + "\nSee also:",
    "ellipsis lines": lambda words, _: _lines(words, "..."),
    "symbols": lambda words, random: _sprinkled(words, 0.75, "###", random) + ". A. B. C.",
    "html entities": lambda words, random: _sprinkled(words, 0.05, "&nbsp;", random) + ". So. It. Is.",
    "identity terms": _identified,
    "no punctuation": lambda words, _: "One. Two. Three. " + " ".join(re.findall(r"[a-z]+", " ".join(words))),
    "broken characters": lambda words, _: _lines(words, " \ufffd."),
    "watermark": lambda words, _: _lines(words) + "\nCopyright and Watermark. Confidential.",
    "short words": lambda words, _: " ".join(word[:2] for word in words) + ". A. B. C.",
    "long words": _long_words,
    "curly brackets": lambda words, _: "\n".join(f"{{{{{word}}}: {{}}}}." for word in words),
    "capitals": lambda words, _: _lines(words).upper(),
    "lorem ipsum": lambda words, _: "Lorem ipsum dolor sit amet.\n" + _lines(words),
    "repeated words": lambda words, _: "\n".join([" ".join(words[:12]) + "."] * 40),
    "bullets": lambda words, _: "\n".join(f"\u2022 {line}" for line in _sentences(words, length=5)),
    "javascript": _javascript,
    "few characters": _letters,
}
"""Kinds of junk, one for what each rule is there to stop; made of words of the corpus."""
