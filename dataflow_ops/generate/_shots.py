"""Which rows of a table are shown to a model as examples beside a row."""

from collections.abc import Mapping, Sequence
from random import Random

Draw = Mapping[int, Sequence[int]]
"""Places of other rows for the place of each row that is asked about."""


def draws(
    places: Sequence[int], texts: Sequence[str | None], ids: Sequence[str], *, count: int, others: int, seed: int
) -> list[Draw]:
    """Draw `count` times up to `others` other rows for each row in `places` that has a text.

    All rows of a draw differ in their texts; of rows with the same text the one with the smallest id is drawn. What is
    drawn depends on `seed`, the row's id and the set of all texts, not on their order.
    """
    said = {at: " ".join(text.split()).casefold() for at in places if (text := texts[at]) and text.strip()}
    first: dict[str, int] = {}
    for at in sorted(said, key=lambda place: ids[place]):
        first.setdefault(said[at], at)
    pool = list(first.values())

    def draw(at: int, number: int) -> list[int]:
        chance = Random(f"{seed} {number} {ids[at]}")  # noqa: S311 - not for secrets
        found = chance.sample(pool, min(others + 1, len(pool)))
        return [each for each in found if said[each] != said[at]][:others]

    return [{at: draw(at, number) for at in said} for number in range(count)]


def shown(texts: Sequence[str | None], places: Sequence[int]) -> str:
    """Return texts as examples in a prompt."""
    return "\n\n".join(f"<example>\n{texts[at]}\n</example>" for at in places)
