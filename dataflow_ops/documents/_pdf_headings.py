"""Headings of a PDF: lines set larger or bolder than the text, and those the outline of the file names."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from dataflow_ops.documents._pdf_blocks import Part
from dataflow_ops.documents._pdf_lines import Piece

LARGER = 1.1
"""How much larger than the text a heading is, at least, if it is not bold."""
LONGEST = 200
"""Characters of a heading."""
_SENTENCE = re.compile(r"[.,;。,;،؛]$")
_NUMBERED = re.compile(r"(\d{1,3}(?:\.\d{1,3}){0,4})\.?\s+\S")

ALIKE = 0.96
"""Sizes of headings whose ratio is larger are the same."""
ALIKE_GUESSED = 0.9
"""The same for sizes that were recognised on pictures."""

Rank = tuple[int, int, int]
"""What orders headings: how large they are, whether they are no title, how deep their number is."""


@dataclass(slots=True)
class Styles:
    """What the pages say about headings: the size of the text, and the titles of the outline by page."""

    body: float
    outline: Mapping[int, Mapping[str, int]] = field(default_factory=dict)

    def heading(self, part: Part) -> bool:
        """Return whether `part` is a heading, and remember how it is set."""
        titled = self.outline.get(part.page, {}).get(key(part.text))
        if titled is None and not self._set_apart(part):
            return False
        part.level = titled
        return True

    def _set_apart(self, part: Part) -> bool:
        if len(part.text) > LONGEST or len(part.lines) > 4 or not any(map(str.isalpha, part.text)):
            return False
        if part.size >= LARGER * self.body + 0.2:
            return part.size > 1.5 * self.body or not _SENTENCE.search(part.text)
        bold = _bold(part) and part.size > 0.95 * self.body
        return bold and len(part.lines) < 3 and len(part.text) < 120 and not _SENTENCE.search(part.text)


def levels(headings: Sequence[Part], body: float) -> dict[int, int]:
    """Return the level of each heading, by its place in `headings`.

    The outline of the file decides where it names a heading, or others that are set alike; else larger ones are
    higher, then those with shorter numbers.
    """
    ranks = _ranks(headings, body)
    named: dict[Rank, Counter[int]] = defaultdict(Counter)
    for part, rank in zip(headings, ranks, strict=True):
        if part.level is not None:
            named[rank][part.level] += 1
    level: dict[Rank, int] = {}
    for rank in sorted(set(ranks)):
        above = max(level.values(), default=0)
        level[rank] = named[rank].most_common(1)[0][0] if named[rank] else min(6, above + 1)
    return {place: headings[place].level or level[rank] for place, rank in enumerate(ranks)}


def _ranks(headings: Sequence[Part], body: float) -> list[Rank]:
    classes = _classes(headings, body)
    depths = [_depth(part) for part in headings]
    shallow: dict[int, int] = {}
    for size, depth in zip(classes, depths, strict=True):
        if depth:
            shallow[size] = min(depth, shallow.get(size, depth))
    ranks = [(size, 1, depth - shallow[size] if depth else 0) for size, depth in zip(classes, depths, strict=True)]
    if ranks and _is_title(classes, depths):
        ranks[0] = (classes[0], 0, 0)
    return ranks


def _is_title(classes: Sequence[int], depths: Sequence[int]) -> bool:
    """Return whether the first heading has no number and nearly all others that are set alike have one."""
    others = [depth for size, depth in zip(classes[1:], depths[1:], strict=True) if size == classes[0]]
    return not depths[0] and len(others) > 1 and 3 * sum(map(bool, others)) >= 2 * len(others)


def _depth(part: Part) -> int:
    """Return how many numbers stand before a heading, 3 for "2.1.4 Care"; 0 for one without."""
    found = _NUMBERED.match(part.text)
    return found[1].count(".") + 1 if found else 0


def _classes(headings: Sequence[Part], body: float) -> list[int]:
    """Return for each heading the number of its size, 0 for the largest; near the size of the text bold is larger."""
    sizes = [part.size + (0.01 * body if _bold(part) and part.size < 1.15 * body else 0.0) for part in headings]
    guessed = any(line.guessed for part in headings for line in part.lines)
    number: dict[float, int] = {}
    largest, count = float("inf"), -1
    for size in sorted(set(sizes), reverse=True):
        if size < (ALIKE_GUESSED if guessed else ALIKE) * largest:
            largest, count = size, count + 1
        number[size] = count
    return [number[size] for size in sizes]


def _bold(part: Part) -> bool:
    return all(line.bold for line in part.lines)


def key(text: str) -> str:
    """Return what of a title is compared: its letters and figures."""
    return "".join(letter for letter in text.casefold() if letter.isalnum())


def body_size(pages: Iterable[Sequence[Piece]]) -> float:
    """Return the size most characters of `pages` are set in."""
    counts: Counter[float] = Counter()
    for pieces in pages:
        for piece in pieces:
            counts[round(2 * piece.size) / 2] += len(piece.plain)
    return counts.most_common(1)[0][0] if counts else 10.0


def outline(entries: Iterable[Sequence[object]], most: int = 20_000) -> dict[int, dict[str, int]]:
    """Return the titles of an outline by page, with their levels."""
    found: dict[int, dict[str, int]] = defaultdict(dict)
    for _, entry in zip(range(most), entries, strict=False):
        level, title, page = entry[:3]
        if isinstance(level, int) and isinstance(page, int) and (name := key(str(title))):
            found[page].setdefault(name, min(6, max(1, level)))
    return dict(found)
