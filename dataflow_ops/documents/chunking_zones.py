"""Stretches of a text that are not cut: tables, code, formulas, and headings with the first of what they stand over."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dataflow_ops.documents.chunking_measure import Measure
from dataflow_ops.documents.chunking_structure import Part

TOO_LARGE = 4
"""Times the size of a chunk: a block beyond it is cut between its lines, and a line beyond it like running text."""
HEAD = 2
"""Headings in a row are kept together up to the size of a chunk divided by this."""

_LINE = re.compile(r"\n")


@dataclass(frozen=True, slots=True)
class Zones:
    """Disjoint stretches in order; a cut may be where one begins or ends, and not between."""

    begins: list[int]
    ends: list[int]

    def around(self, place: int) -> tuple[int, int] | None:
        """Return the zone that `place` would cut."""
        at = bisect_right(self.begins, place) - 1
        inside = at >= 0 and self.begins[at] < place < self.ends[at]
        return (self.begins[at], self.ends[at]) if inside else None

    def before(self, place: int) -> int:
        """Return where the last zone that begins before `place` ends, 0 if there is none."""
        at = bisect_right(self.begins, place - 1) - 1
        return self.ends[at] if at >= 0 else 0

    def spares(self, places: Sequence[int]) -> list[int]:
        """Return those of `places` at which no zone is cut."""
        return [place for place in places if self.around(place) is None]


@dataclass(frozen=True, slots=True)
class Bounds:
    """Where the parts of a text may be parted: `sections` begin with headings, `blocks` are all parts and rows."""

    zones: Zones
    sections: list[int]
    blocks: list[int]


def bounds(text: str, parts: Sequence[Part], measure: Measure, size: int) -> Bounds:
    """Return what is not cut in chunks of `size` tokens, and where sections and blocks begin."""
    sections, blocks = [], []
    spans: list[tuple[int, int]] = []
    head: int | None = None  # where headings began that what follows belongs to
    for part in parts:
        whole = _pieces(text, part, measure, size)
        blocks += [part.begin, *(begin for begin, _ in whole)]
        if part.kind == "heading":
            head, starts = _headed(head, part, measure, size)
            sections += [part.begin] if starts else []
            spans += [(head, part.end + 1)] if head is not None else []
            continue
        if head is not None:
            spans.append((head, part.begin + 1))
        spans += whole
        head = None
    zones = _joined(spans)
    return Bounds(zones, zones.spares(sections), zones.spares(blocks))


def _headed(head: int | None, part: Part, measure: Measure, size: int) -> tuple[int | None, bool]:
    """Return where the headings in a row begin of which `part` is the last, and whether it is the first."""
    if head is not None and measure.tokens(head, part.end) <= size // HEAD:
        return head, False
    return (part.begin if measure.tokens(part.begin, part.end) <= size // HEAD else None), True


def _pieces(text: str, part: Part, measure: Measure, size: int) -> list[tuple[int, int]]:
    """Return what of a part is not cut: all of it, of a very large one its lines, of running text nothing."""
    if part.kind in ("text", "heading"):
        return []
    if measure.tokens(part.begin, part.end) <= TOO_LARGE * size:
        return [(part.begin, part.end)]
    lines = [*_lines(text, part)]
    if part.kind == "table" and len(lines) > _HEADER:
        lines = [(lines[0][0], lines[_HEADER][1]), *lines[_HEADER + 1 :]]
    return [(begin, end) for begin, end in lines if measure.tokens(begin, end) <= TOO_LARGE * size]


_HEADER = 2
"""Lines of a table before its first row: its head and the rule below."""


def _lines(text: str, part: Part) -> Iterator[tuple[int, int]]:
    begin = part.begin
    for found in _LINE.finditer(text, part.begin, part.end):
        yield begin, found.start()
        begin = found.end()
    yield begin, part.end


def _joined(spans: Sequence[tuple[int, int]]) -> Zones:
    """Return spans, in the order of their begins, with those that overlap as one."""
    begins: list[int] = []
    ends: list[int] = []
    for begin, end in spans:
        if ends and begin < ends[-1]:
            ends[-1] = max(ends[-1], end)
        elif begin < end:
            begins.append(begin)
            ends.append(end)
    return Zones(begins, ends)
