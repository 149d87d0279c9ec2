"""Which documents a sample consists of, and what is known about each."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import cycle, islice
from random import Random

from dataflow_ops.errors import BadArgument
from dataflow_ops.samples import noise, vocabulary
from dataflow_ops.samples.duplicates import EDITS, STRONG_EDITS
from dataflow_ops.samples.junk_pages import DEFECTS
from dataflow_ops.samples.languages import foreign
from dataflow_ops.samples.prose import article

BROKEN = ("cut_line", "invalid_utf8", "null_text", "number_text", "missing_text")
SHARES = {
    "exact_duplicate": 0.05,
    "near_duplicate": 0.07,
    "strong": 0.01,
    "junk": 0.2,
    "other_language": 0.05,
    "broken": 0.005,
}
_LONG = 220  # words: in a shorter text a header and a footer weigh more than an edit should


@dataclass(frozen=True)
class Document:
    """A text and the truth about it; `number` tells documents apart, `of` is the number of the original."""

    number: int
    kind: str
    text: str
    of: int | None = None
    defect: str | None = None
    strength: str | None = None
    noise: tuple[str, ...] = ()


def compose(rng: Random, documents: int) -> list[Document]:
    """Make so many documents of every kind, in random order. BadArgument for less than one."""
    if documents < 1:
        raise BadArgument(f"documents={documents!r}: expected at least 1")
    counts = {kind: round(documents * share) for kind, share in SHARES.items()}
    good = [_good(rng) for _ in range(documents - sum(counts.values()))]
    made = [
        *good,
        *_copies(rng, good, counts),
        *_planted(rng, counts["junk"]),
        *(
            Document(0, "other_language", foreign(rng, code), defect=code)
            for code in _languages(counts["other_language"])
        ),
        *(
            Document(0, "broken", article(rng, words=200), defect=how)
            for how in islice(cycle(BROKEN), counts["broken"])
        ),
    ]
    return _shuffled(rng, made)


def _good(rng: Random) -> Document:
    text = article(rng, words=round(160 * 5.2 ** rng.random()))
    names = set(rng.sample(sorted(noise.ALL), rng.randint(1, 3))) if rng.random() < 0.6 else set()
    return Document(0, "good", noise.add(rng, text, names), noise=tuple(sorted(names)))


def _copies(rng: Random, good: Sequence[Document], counts: Mapping[str, int]) -> Iterator[Document]:
    """Yield near and exact duplicates: a near duplicate is the only copy of its original, exact ones may be several."""
    free = rng.sample(range(len(good)), len(good))
    free.sort(key=lambda place: len(good[place].text.split()) < _LONG)
    near, strong = counts["near_duplicate"], counts["strong"]
    for strength, edit in [*islice(cycle(EDITS.items()), near), *islice(cycle(STRONG_EDITS.items()), strong)]:
        # Markup within markup would not be repaired: such copies are made of texts without noise.
        place = next((place for place in free if strength != "markup" or not good[place].noise), free[0])
        free.remove(place)
        yield Document(0, "near_duplicate", edit(rng, good[place].text), of=place, strength=strength)
    originals = free[: counts["exact_duplicate"]]
    for _ in range(counts["exact_duplicate"]):
        place = rng.choice(originals)
        yield Document(0, "exact_duplicate", good[place].text, of=place)


def _planted(rng: Random, count: int) -> Iterator[Document]:
    for defect, plant in islice(cycle(DEFECTS.items()), count):
        yield Document(0, "junk", plant(rng), defect=defect)


def _languages(count: int) -> Iterator[str]:
    return islice(cycle(vocabulary.languages()), count)


def _shuffled(rng: Random, made: Sequence[Document]) -> list[Document]:
    """Number the documents in a random order; `of`, a place in `made`, becomes a number."""
    numbers = rng.sample(range(len(made)), len(made))
    numbered = [
        replace(document, number=number, of=None if document.of is None else numbers[document.of])
        for document, number in zip(made, numbers, strict=True)
    ]
    return sorted(numbered, key=lambda document: document.number)
