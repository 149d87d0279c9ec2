"""Articles in English, written by filling the slots of sentence frames with the vocabulary of a topic."""

import re
from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Any

from dataflow_ops.samples import vocabulary

MIDDLE = ("explain", "advice", "people", "past", "numbers", "doubt", "explain", "people")

_SLOT = re.compile(r"\{(\w+)(\^?)\}")


def article(rng: Random, *, words: int) -> str:
    """Write an article of about `words` words: a title and paragraphs, about a topic of its own choosing."""
    writer = Writer(rng, rng.choice(vocabulary.topics()))
    paragraphs = [writer.title()]
    left = words - 40  # the last paragraph has some forty words
    for subject in _plan(rng):
        if left <= 0:
            break
        fitting = max(2, round(left / 18))  # a sentence has some eighteen words
        paragraphs.append(writer.paragraph(subject, min(rng.randint(3, 6), fitting)))
        left -= len(paragraphs[-1].split())
    paragraphs.append(writer.paragraph("close", 2))
    return rng.choice(("\n\n", "\n\n", "\n")).join(paragraphs)


def _plan(rng: Random) -> Sequence[str]:
    middle = list(MIDDLE) * 4
    rng.shuffle(middle)
    return ["scene", "explain", *middle]


def sentences(rng: Random, count: int) -> list[str]:
    """Write sentences that belong to one topic, but not together."""
    writer = Writer(rng, rng.choice(vocabulary.topics()))
    return [writer.sentence(rng.choice(MIDDLE)) for _ in range(count)]


class Writer:
    """Fills frames for one article: names, places and frames come back only when all have been used."""

    def __init__(self, rng: Random, topic: Mapping[str, Any]):
        self._rng, self._topic = rng, topic
        self._frames = vocabulary.read("frames")
        names = vocabulary.read("names")
        self._cast = [f"{rng.choice(names['first'])} {rng.choice(names['last'])}" for _ in range(6)]
        self._places = [rng.choice(names["place_begin"]) + rng.choice(names["place_end"]) for _ in range(5)]
        self._introduced: set[str] = set()
        self._decks: dict[str, list[str]] = {}

    def title(self) -> str:
        """Return a title, without a full stop."""
        return _upper(self._fill(self._draw("title", self._frames["title"])))

    def paragraph(self, subject: str, sentences: int) -> str:
        """Return some sentences on `subject`, a key of the frames."""
        return " ".join(self.sentence(subject) for _ in range(sentences))

    def sentence(self, subject: str) -> str:
        """Return one sentence on `subject`."""
        frame = self._draw(subject, self._frames[subject])
        if not frame.startswith('"'):
            if subject in ("explain", "doubt") and self._rng.random() < 0.5:
                frame = f"{self._draw('opener', self._frames['opener'])}, {frame}"
            if subject not in ("scene", "close", "people") and self._rng.random() < 0.35:
                frame += self._draw("tail", self._frames["tail"])
        return _upper(self._fill(frame)) + "."

    def _fill(self, frame: str) -> str:
        return _SLOT.sub(lambda slot: _upper(self._word(slot[1])) if slot[2] else self._word(slot[1]), frame)

    def _word(self, slot: str) -> str:
        if slot in _FROM_TOPIC:
            return self._draw(slot, self._topic[_FROM_TOPIC[slot]])
        if slot in _FROM_SLOT:
            of, change = _FROM_SLOT[slot]
            return change(self._word(of))
        if slot in _TIMES:
            return self._draw(slot, vocabulary.read("names")[slot])
        if slot in _NUMBERS:
            return _NUMBERS[slot](self._rng)
        return {"name": self._name, "place": self._place, "subject": self._subject}[slot]()

    def _name(self) -> str:
        """Return a full name when a person comes in, the last name from then on."""
        name = self._draw("name", self._cast)
        if name in self._introduced:
            return name.split()[1]
        self._introduced.add(name)
        return name

    def _place(self) -> str:
        return self._draw("place", self._places)

    def _subject(self) -> str:
        return str(self._topic["subject"])

    def _draw(self, deck: str, cards: Sequence[str]) -> str:
        if not self._decks.get(deck):
            self._decks[deck] = self._rng.sample(cards, len(cards))
        return self._decks[deck].pop()


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]


def _with_article(noun: str) -> str:
    return f"an {noun}" if noun[0] in "aeiou" and not noun.startswith("uni") else f"a {noun}"


_FROM_TOPIC = {
    "thing": "things",
    "plural": "plurals",
    "role": "roles",
    "action": "actions",
    "adjective": "adjectives",
    "quality": "qualities",
    "fact": "facts",
    "group": "groups",
}
_FROM_SLOT: Mapping[str, tuple[str, Callable[[str], str]]] = {
    "a_thing": ("thing", _with_article),
    "a_role": ("role", _with_article),
    "an_adjective": ("adjective", _with_article),
    "people": ("role", "{}s".format),
}
_TIMES = ("month", "weekday", "season", "weather")
_NUMBERS: Mapping[str, Callable[[Random], str]] = {
    "n": lambda rng: str(rng.randint(3, 96)),
    "percent": lambda rng: str(rng.randint(4, 91)),
    "year": lambda rng: str(rng.randint(1890, 2023)),
    "money": lambda rng: f"{rng.randint(12, 980) * 10:,} crowns",
}
