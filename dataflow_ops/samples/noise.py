"""What the web does to a good text, and refiners can undo: markup, entities, odd characters, links, contacts."""

import re
from collections.abc import Callable, Mapping
from random import Random

EMOJI = ("😀", "🔥", "👍🏽", "🎉", "❤️", "🌍", "👩‍🔬", "✨", "🇫🇷", "🚲")
HOSTS = ("www.example.com", "news.example.org", "archive.example.net")
SPACES = ("  ", "\u00a0", "\u2003", "\t", "\u2009 ", "   ")
CONTROLS = ("\u200b", "\u00ad", "\ufeff", "\x07", "\x08", "\u2060")
MOJIBAKE = {"“": "â€œ", "”": "â€\x9d", "’": "â€™", "–": "â€“", "é": "Ã©"}

Noise = Callable[[Random, str], str]


def sprinkle(rng: Random, text: str, pattern: str, share: float, change: Callable[[str], str]) -> str:
    """Change a share of the places where `pattern` matches, and one at least where there is any."""
    found = [match.start() for match in re.finditer(pattern, text)]
    count = min(len(found), max(1, round(len(found) * share)))
    chosen = set(rng.sample(found, count))
    return re.sub(pattern, lambda match: change(match[0]) if match.start() in chosen else match[0], text)


def tags(rng: Random, text: str) -> str:
    """Wrap paragraphs in `<p>`, and some words in markup of their own."""
    wrapped = sprinkle(rng, text, r"(?<= )[a-z]{4,}(?=[ .,])", 0.02, lambda word: _element(rng, word))
    return "\n".join(f'<p class="c{rng.randint(1, 9)}">{line}</p>' for line in wrapped.split("\n") if line)


def _element(rng: Random, word: str) -> str:
    name = rng.choice(("b", "em", "strong", "span", "a"))
    attributes = f' href="https://{rng.choice(HOSTS)}/{word}"' if name == "a" else ""
    return f"<{name}{attributes}>{word}</{name}>"


def entities(rng: Random, text: str) -> str:
    """Write some characters as HTML entities."""
    quoted = text.replace('"', "&quot;").replace("'", "&#39;")
    return sprinkle(rng, quoted, r"(?<=[a-z]) (?=[a-z])", 0.02, lambda _: rng.choice(("&nbsp;", "&#160;", "&#x20;")))


def emoji(rng: Random, text: str) -> str:
    """Put emoji behind some sentences."""
    return sprinkle(rng, text, r"\.(?= )", 0.2, lambda stop: f"{stop} {rng.choice(EMOJI)}")


def urls(rng: Random, text: str) -> str:
    """Put web addresses behind some sentences."""
    return sprinkle(
        rng, text, r"\.(?= )", 0.1, lambda stop: f"{stop} https://{rng.choice(HOSTS)}/a/{rng.getrandbits(24):x}"
    )


def mojibake(rng: Random, text: str) -> str:
    """Set typographic quotes and dashes, then read their UTF-8 as Windows-1252."""
    curly = re.sub(r'"([^"\n]*)"', r"“\1”", text).replace("'", "’")
    dashed = sprinkle(rng, curly, r", (?=and|but|for|so|which)", 0.5, lambda _: " – ")
    return re.sub("[“”’–é]", lambda letter: MOJIBAKE[letter[0]], dashed)


def spaces(rng: Random, text: str) -> str:
    """Replace some spaces by wider, doubled or unbreakable ones."""
    return sprinkle(rng, text, r"(?<=\w) (?=\w)", 0.05, lambda _: rng.choice(SPACES))


def controls(rng: Random, text: str) -> str:
    """Strew characters that nobody sees."""
    return sprinkle(rng, text, r"(?<=[a-z])(?=[a-z])", 0.004, lambda _: rng.choice(CONTROLS))


def contacts(rng: Random, text: str) -> str:
    """Name an e-mail address and a telephone number at the end of a sentence."""
    mail = f"{rng.choice(('info', 'office', 'contact', 'news'))}{rng.randint(1, 99)}@example.com"
    line = f" Write to {mail} or call (212) 555-01{rng.randint(0, 99):02}."
    head, stop, tail = text.rpartition(". ")
    return f"{head}.{line} {tail}" if stop else text + line


def punctuation(rng: Random, text: str) -> str:
    """Repeat the stop of some sentences."""
    return sprinkle(rng, text, r"\.(?= )", 0.15, lambda _: rng.choice(("!!!!", "!!!", "?!?!", "!!!!!!")))


INVISIBLE: Mapping[str, Noise] = {
    "tags": tags,
    "entities": entities,
    "emoji": emoji,
    "spaces": spaces,
    "controls": controls,
}
"""Noise that leaves no trace once it is repaired."""
ALL: Mapping[str, Noise] = {
    **INVISIBLE,
    "urls": urls,
    "mojibake": mojibake,
    "contacts": contacts,
    "punctuation": punctuation,
}


def add(rng: Random, text: str, names: set[str]) -> str:
    """Add the noise of these names; markup comes last, so that nothing breaks a tag."""
    for name in sorted(names, key=lambda name: (name == "tags", name)):
        text = ALL[name](rng, text)
    return text
