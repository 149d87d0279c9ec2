"""Cut texts into chunks that know where they come from: headings above them, pages, characters."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Literal

from dataflow_ops.documents import chunking_splitting as splitting
from dataflow_ops.documents.chunking_joining import Joining
from dataflow_ops.documents.chunking_measure import Measure, measured
from dataflow_ops.documents.chunking_origin import Origin
from dataflow_ops.documents.chunking_structure import Place, Structure, structure
from dataflow_ops.documents.chunking_zones import Bounds, bounds
from dataflow_ops.errors import BadArgument

Method = Literal["tokens", "sentences", "recursive", "semantic"]
Borders = Callable[[Sequence[str]], Sequence[int]]
"""Given the sentences of a section, the numbers of those that begin a new subject."""

WORD = 8
"""Windows of tokens end with a word if one ends within this part of them."""
EARLY = 4
"""A block or an item of a list is cut, if it can be in a better place, sooner than a chunk ends before this part of it."""
SHORT = 8
"""A chunk is short, unless it is said otherwise, if it is smaller than this part of the size."""


@dataclass(frozen=True)
class Settings:
    """How texts are cut; sizes are tokens."""

    method: Method = "recursive"
    size: int = 512
    overlap: int = 0
    min_size: int | None = None
    tokenizer: Any | None = field(default=None, compare=False)
    borders: Borders | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        if self.size < 1:
            raise BadArgument(f"size={self.size!r}: expected 1 token or more")
        if not 0 <= self.overlap <= self.size // 2:
            raise BadArgument(f"overlap={self.overlap!r}: expected 0 to half of the size, {self.size // 2}")
        if not 0 <= self.least <= self.size:
            raise BadArgument(f"min_size={self.min_size!r}: expected 0 to the size, {self.size}")

    @property
    def least(self) -> int:
        """Tokens of a chunk that is not too short: `min_size`, an eighth of the size if that is None."""
        return self.size // SHORT if self.min_size is None else self.min_size


@dataclass(frozen=True, slots=True)
class Chunk:
    """text[begin:end]: `headings` is the path of those over all of it, outermost first."""

    begin: int
    end: int
    tokens: int
    headings: tuple[str, ...]
    places: tuple[Place, ...]
    oversize: bool

    @property
    def pages(self) -> list[int]:
        """The pages it stands on, in order."""
        return sorted({place.page for place in self.places})


def chunks(text: str, blocks: Iterable[Mapping[str, Any]] | None, settings: Settings) -> list[Chunk]:
    """Cut `text`, a document in Markdown, into chunks; `blocks` say what it consists of, None that its Markdown does.

    Chunks are in order, begin and end with no blank, and leave out nothing but blanks. One is of at most `size` tokens;
    of at most `size + min_size` where a short one was joined to it; of more, and `oversize`, where a table, code or a
    formula in it is that long.
    """
    found, measure = structure(text, blocks), measured(text, settings.tokenizer)
    origin = Origin(found)
    spans = [_trimmed(text, *span) for span in _Cutting(text, found, measure, settings).spans()]
    spans = [span for span in spans if span[0] < span[1]]
    most = settings.size + settings.least
    kept = Joining(origin.headings, measure.tokens, settings.least, most).joined(spans)
    return [
        Chunk(*span, tokens := measure.tokens(*span), origin.headings(*span), origin.places(*span), tokens > most)
        for span in kept
    ]


def _trimmed(text: str, begin: int, end: int) -> tuple[int, int]:
    said = text[begin:end]
    return end - len(said.lstrip()), begin + len(said.rstrip())


class _Cutting:
    """One text being cut: where it may be, from the places that are best to those that are better than nothing."""

    def __init__(self, text: str, found: Structure, measure: Measure, settings: Settings) -> None:
        self.text, self.measure, self.settings = text, measure, settings
        self.bounds: Bounds = bounds(text, found.parts, measure, settings.size)
        self.first = found.parts[0].begin if found.parts else 0
        self.levels = self._levels()

    def _levels(self) -> list[list[int]]:
        zones, blocks = self.bounds.zones, self.bounds.blocks
        if self.settings.method == "tokens":
            return []
        ends = sorted({*zones.spares(splitting.sentences(self.text)), *blocks})
        if self.settings.method != "recursive":
            return [ends]
        return [blocks, sorted({*zones.spares(splitting.items(self.text)), *blocks}), ends]

    def spans(self) -> Iterator[tuple[int, int]]:
        """Yield where chunks begin and end, blanks around them included."""
        starts = [self.first, *self._starts(), len(self.text)]
        for begin, end in pairwise(starts):
            yield from self._section(begin, end)

    def _starts(self) -> list[int]:
        """Return where a new chunk has to begin."""
        sections = [] if self.settings.method == "tokens" else self.bounds.sections
        if self.settings.borders is None:
            return [each for each in sections if each > self.first]
        places = [self.first, *self.levels[0]]
        places = sorted({each for each in places if each >= self.first})
        sentences = [self.text[a:b] for a, b in zip(places, [*places[1:], len(self.text)], strict=True)]
        borders = {places[number] for number in self.settings.borders(sentences)}
        return sorted(each for each in borders.union(sections) if each > self.first)

    def _section(self, begin: int, end: int) -> Iterator[tuple[int, int]]:
        start = at = begin
        while at < end:
            start, cut = self._next(start, at, end)
            yield start, cut
            at = min(splitting.solid(self.text, cut), end)
            start = self._overlapping(start, at)

    def _next(self, start: int, at: int, end: int) -> tuple[int, int]:
        """Return where the next chunk begins, `start` or without overlap `at`, and where it ends, after `at`."""
        begins = (start, at) if start < at else (at,)
        reaches = [min(self.measure.reach(each, self.settings.size), end) for each in begins]
        if reaches[-1] == end:
            return next((begin, end) for begin, reach in zip(begins, reaches, strict=True) if reach == end)
        early: tuple[int, int] | None = None
        for places in self.levels:
            for begin, reach in zip(begins, reaches, strict=True):
                if cut := _last(places, at, reach):
                    if cut - begin >= (reach - begin) // EARLY:
                        return begin, cut
                    early = early or (begin, cut)
        if early:
            return early
        return self._inside(begins, reaches, at)

    def _inside(self, begins: Sequence[int], reaches: Sequence[int], at: int) -> tuple[int, int]:
        """Return a chunk that ends in a sentence, or with what cannot be cut."""
        begin, reach = (begins[0], reaches[0]) if reaches[0] > at else (begins[-1], reaches[-1])
        if zone := self.bounds.zones.around(reach):
            return (begin, zone[0]) if zone[0] > at else (begins[-1], zone[1])
        low = max(at, self.bounds.zones.before(reach))
        if low == reach:
            return begin, reach
        if self.settings.method == "tokens":
            near = max(low, reach - (reach - begin) // WORD)
            return begin, splitting.word(self.text, near, reach) or splitting.character(self.text, low, reach)
        for find in (splitting.line, splitting.clause, splitting.word, splitting.character):
            if cut := find(self.text, low, reach):
                return begin, cut
        return begin, reach

    def _overlapping(self, begin: int, cut: int) -> int:
        """Return where the chunk after `cut` begins: with the last sentences or words of that from `begin` to it."""
        if not self.settings.overlap:
            return cut
        back = max(self.measure.back(cut, self.settings.overlap), splitting.solid(self.text, begin) + 1)
        zone = self.bounds.zones.around(back)
        back = min(zone[1] if zone else back, cut)
        if not self.levels:
            found = splitting.first_word(self.text, back, cut)
            return cut if self.bounds.zones.around(found) else found
        at = bisect_left(self.levels[-1], back)
        return min(self.levels[-1][at], cut) if at < len(self.levels[-1]) else cut


def _last(places: Sequence[int], after: int, most: int) -> int | None:
    """Return the last of `places` in (after, most]."""
    at = bisect_right(places, most) - 1
    return places[at] if at >= 0 and places[at] > after else None
