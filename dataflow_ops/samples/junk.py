"""Articles spoiled in one way each: all but the defect would make a good document."""

import re
from collections.abc import Callable, Mapping
from random import Random

from dataflow_ops.samples.prose import article, sentences

LATIN = [
    "dolor",
    "sit",
    "amet",
    "consectetur",
    "adipiscing",
    "elit",
    "sed",
    "do",
    "eiusmod",
    "tempor",
    "incididunt",
    "ut",
    "labore",
    "et",
    "dolore",
    "magna",
    "aliqua",
    "enim",
    "ad",
    "minim",
    "veniam",
    "quis",
    "nostrud",
    "exercitation",
    "ullamco",
    "laboris",
    "nisi",
    "aliquip",
    "ex",
    "ea",
    "commodo",
    "consequat",
    "duis",
    "aute",
    "irure",
    "in",
    "reprehenderit",
    "voluptate",
    "velit",
    "esse",
    "cillum",
    "fugiat",
    "nulla",
    "pariatur",
    "excepteur",
    "sint",
    "occaecat",
    "cupidatat",
    "non",
    "proident",
    "sunt",
]
NOTICES = (
    "Copyright {year} {name}. Copying needs our consent.",
    "Copyright (c) {year}-{later} by {name}, all rights reserved.",
    "Confidential: for members of {name} only, {year}.",
    "Confidential draft {n} of {year}. Do not pass on.",
    "Watermark {n}. Preview of {year}, not for sale.",
    "Watermark preview {n}, licence {year} of {name}.",
)
FORMS = (
    "Enter your ID number {n} here",
    "Show a proof of identity no older than {n} days",
    "Copy of the ID card, page {n}",
    "Means of identification, form {n}",
    "Your identity will be checked at desk {n}",
    "ID No {n} is required",
    "Resident registration of district {n}",
)

Defect = Callable[[Random], str]


def _body(rng: Random) -> str:
    return article(rng, words=rng.randint(160, 420))


def _insert(rng: Random, extra: list[str]) -> str:
    """Return an article with more lines between its paragraphs."""
    lines = _body(rng).splitlines()
    for line in extra:
        lines.insert(rng.randint(1, len(lines)), line)
    return "\n".join(lines)


def lorem_ipsum(rng: Random) -> str:
    """Leave a filler paragraph in the text."""
    filler = " ".join(rng.choices(LATIN, k=rng.randint(15, 60)))
    return _insert(rng, [f"{rng.choice(('Lorem ipsum', 'lorem ipsum', 'LOREM IPSUM'))} {filler}."])


def ellipsis(rng: Random) -> str:
    """Cut most lines short, as lists of search results do."""
    mark = rng.choice(("...", "…", " ...", " …"))
    lines = [line[: rng.randint(60, 120)].rstrip(" .") for line in sentences(rng, rng.randint(8, 20))]
    whole = rng.randint(2, 4)  # every second to fourth line is complete
    return "\n".join(line + (mark if number % whole else ".") for number, line in enumerate(lines))


def capitals(rng: Random) -> str:
    """Shout all of the text, or two sentences of three."""
    text = _body(rng)
    if rng.random() < 0.5:
        return text.upper()
    return re.sub(r"[^.\n]+", lambda part: part[0].upper() if rng.random() < 0.67 else part[0], text)


def watermark(rng: Random) -> str:
    """Leave a notice of ownership or secrecy in the text."""
    year = rng.randint(1996, 2024)
    name = " ".join(word.capitalize() for word in rng.sample(LATIN, 2))
    notice = rng.choice(NOTICES).format(year=year, later=year + 1, name=name, n=rng.randint(100, 9999))
    return _insert(rng, [notice])


def unpunctuated(rng: Random) -> str:
    """Run sentences together without any punctuation."""
    run = re.sub(r"[^\w\s]", "", " ".join(sentences(rng, 16)))
    return rng.choice((run, f"{' '.join(sentences(rng, 4))}\n{run}."))


def id_numbers(rng: Random) -> str:
    """Turn the text into a form that asks for papers."""
    asked = rng.sample(FORMS, rng.randint(4, 6))
    return _insert(rng, [f"{line.format(n=rng.randint(2, 9999))}." for line in asked])


def replacement_characters(rng: Random) -> str:
    """Lose some letters to a wrong encoding."""
    lost = rng.choice(("\ufffd", "\ufffd\ufffd", "□"))
    return re.sub(r"[aeiou]", lambda letter: lost if rng.random() < 0.03 else letter[0], _body(rng))


def colon_end(rng: Random) -> str:
    """Break off where a list would follow."""
    asked = rng.choice(
        ("The following were present:", "See also:", "It comes to this:", "Related stories:", "Sources:")
    )
    return f"{_body(rng)}{rng.choice((' ', chr(10)))}{asked}"


def few_sentences(rng: Random) -> str:
    """Write no more than two sentences, however long."""
    parts = [re.sub(r"[.!?\"]", "", line) for line in sentences(rng, rng.randint(2, 5))]
    return f"{', and '.join(parts)}{rng.choice(('', '.'))}"


SPOILED: Mapping[str, Defect] = {
    "lorem_ipsum": lorem_ipsum,
    "ellipsis": ellipsis,
    "capitals": capitals,
    "watermark": watermark,
    "unpunctuated": unpunctuated,
    "id_numbers": id_numbers,
    "replacement_characters": replacement_characters,
    "colon_end": colon_end,
    "few_sentences": few_sentences,
}
