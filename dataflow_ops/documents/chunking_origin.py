"""Where a piece of a text comes from: the headings over it, and its places on pages."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from dataflow_ops.documents.chunking_structure import Part, Place, Structure

Path = tuple[str, ...]


class Origin:
    """The headings and places of one text, found by position."""

    def __init__(self, found: Structure) -> None:
        self._parts = found.parts
        self._paths = _paths(found.parts)
        self._begins = [part.begin for part in found.parts]
        self._ends = [part.end for part in found.parts]
        self._places = found.places
        self._place_begins = [place.begin for place in found.places]
        self._place_ends = [place.end for place in found.places]

    def headings(self, begin: int, end: int) -> Path:
        """Return the headings that all of text[begin:end] stands under, its own included, outermost first."""
        low, high = bisect_right(self._ends, begin), bisect_left(self._begins, end)
        paths: list[Path] = []
        for at in range(low, high):
            # A heading right before another says nothing by itself.
            if self._parts[at].kind == "heading" and at + 1 < high and self._is_over(at):
                continue
            if not paths or paths[-1] is not self._paths[at]:
                paths.append(self._paths[at])
        return common(paths)

    def _is_over(self, at: int) -> bool:
        """Tell whether what follows a heading stands under it, directly or under a heading of its own."""
        return len(self._paths[at + 1]) >= len(self._paths[at])

    def places(self, begin: int, end: int) -> tuple[Place, ...]:
        """Return the places of the blocks of which something is in text[begin:end]."""
        low, high = bisect_right(self._place_ends, begin), bisect_left(self._place_begins, end)
        return self._places[low:high]


def common(paths: Sequence[Path]) -> Path:
    """Return the beginning that all of `paths` have in common."""
    if not paths:
        return ()
    least, most = min(paths), max(paths)
    length = next(
        (at for at, (a, b) in enumerate(zip(least, most, strict=False)) if a != b), min(len(least), len(most))
    )
    return least[:length]


def _paths(parts: Sequence[Part]) -> list[Path]:
    """Return the path of headings at each part, a heading itself included."""
    paths: list[Path] = []
    over: list[tuple[int, str]] = []
    path: Path = ()
    for part in parts:
        if part.kind == "heading":
            while over and over[-1][0] >= part.level:
                over.pop()
            over.append((part.level, part.title))
            path = tuple(title for _, title in over)
        paths.append(path)
    return paths
