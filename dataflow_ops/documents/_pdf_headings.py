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

Style = tuple[float, bool]
"""The size and the boldness of a heading."""


@dataclass(slots=True)
class Styles:
    """What the pages say about headings: the size of the text, the titles of the outline, and the styles seen so far."""

    body: float
    outline: Mapping[int, Mapping[str, int]] = field(default_factory=dict)
    seen: Counter[Style] = field(default_factory=Counter)
    named: dict[Style, Counter[int]] = field(default_factory=lambda: defaultdict(Counter))

    def heading(self, part: Part) -> bool:
        """Return whether `part` is a heading, and remember how it is set."""
        titled = self.outline.get(part.page, {}).get(key(part.text))
        if titled is None and not self._set_apart(part):
            return False
        style = style_of(part)
        self.seen[style] += 1
        if titled is not None:
            self.named[style][titled] += 1
            part.level = titled
        return True

    def _set_apart(self, part: Part) -> bool:
        if len(part.text) > LONGEST or len(part.lines) > 4 or not any(map(str.isalpha, part.text)):
            return False
        if part.size >= LARGER * self.body + 0.2:
            return part.size > 1.5 * self.body or not _SENTENCE.search(part.text)
        bold = all(line.bold for line in part.lines) and part.size > 0.95 * self.body
        return bold and len(part.lines) < 3 and len(part.text) < 120 and not _SENTENCE.search(part.text)

    def levels(self) -> dict[Style, int]:
        """Return the level of each style: by the outline where it names such headings, else by rank of size."""
        level: dict[Style, int] = {}
        for rank, style in enumerate(sorted(self.seen, reverse=True), start=1):
            named = self.named.get(style)
            level[style] = named.most_common(1)[0][0] if named else max(rank, 1)
        return {style: min(6, found) for style, found in level.items()}


def style_of(part: Part) -> Style:
    """Return how a heading is set; half points are not told apart."""
    return round(2 * part.size) / 2, all(line.bold for line in part.lines)


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
