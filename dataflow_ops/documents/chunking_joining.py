"""Join chunks that are too short to be of use to a neighbour that stands under the same heading."""

from collections.abc import Callable, Sequence

from dataflow_ops.documents.chunking_origin import Path, common

Span = tuple[int, int]


def joined(
    spans: Sequence[Span],
    headings: Callable[[int, int], Path],
    tokens: Callable[[int, int], int],
    least: int,
    most: int,
) -> list[Span]:
    """Return `spans` with those of fewer than `least` tokens joined to a neighbour, where both are at most `most`.

    A neighbour stands under the same headings, or under the same but for the last heading of the short one. Of two it
    is that which shares more headings, then the shorter. What finds no such neighbour stays as it is.
    """
    left = list(reversed(spans))
    kept: list[Span] = []
    while left:
        span = left.pop()
        if tokens(*span) >= least:
            kept.append(span)
            continue
        before = _joint(span, kept[-1], headings, tokens, most) if kept else None
        after = _joint(span, left[-1], headings, tokens, most) if left else None
        if before and (after is None or before > after):
            left.append((kept.pop()[0], span[1]))
        elif after:
            left[-1] = (span[0], left[-1][1])
        else:
            kept.append(span)
    return kept


def _joint(
    short: Span,
    neighbour: Span,
    headings: Callable[[int, int], Path],
    tokens: Callable[[int, int], int],
    most: int,
) -> tuple[int, int] | None:
    """Return how good it is to join two spans, None if they must not be: more is better."""
    length = tokens(min(short[0], neighbour[0]), max(short[1], neighbour[1]))
    path = headings(*short)
    shared = len(common([path, headings(*neighbour)]))
    return (shared, -length) if length <= most and shared >= len(path) - 1 else None
