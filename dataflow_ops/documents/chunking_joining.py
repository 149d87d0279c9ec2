"""Join chunks that are too short to be of use to a neighbour that stands under the same heading."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from dataflow_ops.documents.chunking_origin import Path, common

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Joining:
    """How chunks of one text are joined: those below `least` tokens, where both together are at most `most`.

    A neighbour stands under the same headings, or under the same but for the last heading of the short one. Of two it
    is that which shares more headings, then the shorter.
    """

    headings: Callable[[int, int], Path]
    tokens: Callable[[int, int], int]
    least: int
    most: int

    def joined(self, spans: Sequence[Span]) -> list[Span]:
        """Return `spans` with short ones joined; what finds no such neighbour stays as it is."""
        left = [(span, self.headings(*span)) for span in reversed(spans)]
        kept: list[tuple[Span, Path]] = []
        while left:
            span, path = left.pop()
            if self.tokens(*span) >= self.least:
                kept.append((span, path))
                continue
            before = self._worth(span, path, *kept[-1]) if kept else None
            after = self._worth(span, path, *left[-1]) if left else None
            if before and (after is None or before > after):
                both = (kept.pop()[0][0], span[1])
                left.append((both, self.headings(*both)))
            elif after:
                both = (span[0], left.pop()[0][1])
                left.append((both, self.headings(*both)))
            else:
                kept.append((span, path))
        return [span for span, _ in kept]

    def _worth(self, span: Span, path: Path, neighbour: Span, its: Path) -> tuple[int, int] | None:
        """Return how good it is to join a short chunk to a neighbour, None if it must not be: more is better."""
        length = self.tokens(min(span[0], neighbour[0]), max(span[1], neighbour[1]))
        if length > self.most:
            return None
        shared = len(common([path, its]))
        return (shared, -length) if shared >= len(path) - 1 else None
