"""Near duplicates: what happens to a text when it is taken over by another site."""

import re
from collections.abc import Callable, Mapping
from random import Random

from dataflow_ops.samples import noise
from dataflow_ops.samples.evaluate import STRONG

HEADERS = (
    "Skip to content. Home, News, Archive.",
    "You are reading a reprint. Share this story.",
    "Posted by admin in Features on day {n}.",
    "Menu. Search. Subscribe to our letter number {n}.",
    "From our partners, story {n}.",
)
FOOTERS = (
    "Read more stories like this one. Page {n}.",
    "All rights reserved. Terms of use. Story {n}.",
    "Filed under Features. {n} readers liked this.",
    "Back to top. Print this page. Leave a comment.",
    "Thank you for reading. Join {n} other readers.",
)
SYNONYMS = {
    "begin": "start", "better": "wiser", "change": "alter", "enough": "sufficient", "first": "earliest", "found": "saw",
    "hard": "difficult", "helps": "pays", "learned": "came", "little": "bit", "many": "numerous", "most": "many",
    "near": "beside", "needs": "requires", "need": "require", "never": "hardly", "often": "frequently", "old": "aged",
    "only": "just", "people": "folk", "quiet": "calm", "reason": "cause", "small": "little", "still": "yet",
    "talk": "speak", "used": "accustomed", "wait": "pause", "walks": "strolls", "when": "whenever", "without": "lacking",
}  # fmt: skip
"""Words of the sentence frames and one that may stand for each; in other words a letter is doubled, as in typos."""

Edit = Callable[[Random, str], str]


def boilerplate(rng: Random, text: str) -> str:
    """Put a header before the text, a footer behind it, or both."""
    header, footer = (rng.choice(lines).format(n=rng.randint(2, 999)) for lines in (HEADERS, FOOTERS))
    kept = rng.choice(((True, False), (False, True), (True, True)))
    return "\n".join(([header] if kept[0] else []) + [text] + ([footer] if kept[1] else []))


def typography(rng: Random, text: str) -> str:
    """Shout a few words, and change commas, stops and semicolons here and there."""
    shouted = noise.sprinkle(rng, text, r"(?<![\w&<@/.])[a-z]{3,}(?= )", 0.01, str.upper)
    softer = noise.sprinkle(rng, shouted, r"(?<=[a-z]),(?= )", 0.3, lambda _: ";")
    return noise.sprinkle(rng, softer, r"(?<=[a-z])\.(?= )", 0.2, lambda _: "!")


def numbers(rng: Random, text: str) -> str:
    """Change some of the numbers, never more than one word in seventy."""
    most = max(1, len(text.split()) // 70)
    found = re.findall(r"(?<= )\d{1,4}(?= )", text)
    share = min(1.0, most / max(1, len(found)))
    return noise.sprinkle(rng, text, r"(?<= )\d{1,4}(?= )", share, lambda number: str(int(number) + rng.randint(1, 9)))


def words(rng: Random, text: str, share: float) -> str:
    """Replace a share of all words by synonyms or by misspellings of themselves."""
    wanted = max(1, round(len(text.split()) * share))
    candidates = len(re.findall(_WORD, text))
    return noise.sprinkle(rng, text, _WORD, min(1.0, wanted / max(1, candidates)), lambda word: _other(rng, word))


_WORD = r"(?<= )[a-z]{3,}(?=[ .,])"


def _other(rng: Random, word: str) -> str:
    place = rng.randrange(1, len(word))
    return SYNONYMS.get(word) or word[:place] + word[place - 1] + word[place:]


def markup(rng: Random, text: str) -> str:
    """Dress the text in noise that refiners take away without a trace."""
    return noise.add(rng, text, set(rng.sample(sorted(noise.INVISIBLE), 3)))


EDITS: Mapping[str, Edit] = {
    "boilerplate": boilerplate,
    "typography": typography,
    "numbers": numbers,
    "1%": lambda rng, text: words(rng, text, 0.01),
    "2%": lambda rng, text: words(rng, text, 0.02),
    "markup": markup,
}
"""Edits that leave at least some four fifths of the five-word shingles: the headline."""
STRONG_EDITS: Mapping[str, Edit] = {STRONG: lambda rng, text: words(rng, text, 0.05)}
