"""How long parts of a text are in tokens: additive over positions, so that no part of a text is counted twice."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from dataflow_ops.errors import BadArgument

CHARACTERS = 4
"""Characters of a token where no tokenizer counts them."""
SLICE = 100_000
"""Characters of a text that a tokenizer is given at a time."""
TOGETHER = 10
"""Slices of a text that a tokenizer is given in one call."""


class Measure(Protocol):
    """The length of any part of one text."""

    def tokens(self, begin: int, end: int) -> int:
        """Return how many tokens text[begin:end] is."""

    def reach(self, begin: int, size: int) -> int:
        """Return the largest end, beyond `begin`, up to which the text is at most `size` tokens."""

    def back(self, end: int, size: int) -> int:
        """Return the smallest begin from which text[begin:end] is at most `size` tokens."""


@dataclass(frozen=True)
class Estimate:
    """A quarter of the characters, rounded up."""

    length: int

    def tokens(self, begin: int, end: int) -> int:
        """Return how many tokens text[begin:end] is about."""
        return (end - begin + CHARACTERS - 1) // CHARACTERS

    def reach(self, begin: int, size: int) -> int:
        """Return the largest end up to which the text is at most `size` tokens."""
        return min(begin + size * CHARACTERS, self.length)

    def back(self, end: int, size: int) -> int:
        """Return the smallest begin from which text[begin:end] is at most `size` tokens."""
        return max(end - size * CHARACTERS, 0)


@dataclass(frozen=True)
class Counted:
    """What a tokenizer makes of the whole text: a token belongs to the part of the text in which it ends.

    Many tokenizers take the blank before a word for its first character: by its end such a token still belongs to a
    part that begins with the word.
    """

    length: int
    starts: np.ndarray
    ends: np.ndarray

    def tokens(self, begin: int, end: int) -> int:
        """Return how many tokens end in text[begin:end]."""
        low, high = np.searchsorted(self.ends, (begin, end), side="right")
        return int(high - low)

    def reach(self, begin: int, size: int) -> int:
        """Return the largest end, where a token begins, up to which the text is at most `size` tokens."""
        beyond = int(np.searchsorted(self.ends, begin, side="right")) + size
        if beyond >= len(self.ends):
            return self.length
        # One character may be several tokens: of such a one all or none are taken, but at least one character.
        return max(int(min(self.starts[beyond], self.ends[beyond] - 1)), begin + 1)

    def back(self, end: int, size: int) -> int:
        """Return the smallest begin from which text[begin:end] is at most `size` tokens."""
        before = int(np.searchsorted(self.ends, end, side="right")) - size
        return int(self.ends[before - 1]) if before > 0 else 0


def measured(text: str, tokenizer: Any | None) -> Measure:
    """Return how long parts of `text` are, by `tokenizer` or by a quarter of the characters."""
    if tokenizer is None:
        return Estimate(len(text))
    groups = [_offsets(tokenizer, group) for group in _groups(text)]
    offsets = np.concatenate([np.zeros((0, 2), np.int64), *groups])
    # A normalizer may place a token before the one that it follows.
    ends = np.maximum.accumulate(offsets[:, 1])
    return Counted(len(text), np.minimum(offsets[:, 0], ends), ends)


def _offsets(tokenizer: Any, group: list[tuple[int, str]]) -> np.ndarray:
    """Return where each token of some slices of a text begins and ends: (tokens, 2)."""
    slices = [text for _, text in group]
    asked = {"add_special_tokens": False, "return_offsets_mapping": True, "return_attention_mask": False}
    try:
        found = tokenizer(slices, verbose=False, **asked)["offset_mapping"]
    except NotImplementedError as error:
        name = str(getattr(tokenizer, "name_or_path", tokenizer))
        raise BadArgument(
            f"tokenizer={name!r} does not say where its tokens are: expected one with a tokenizer.json, or none"
        ) from error
    places = [np.array(each, np.int64).reshape(-1, 2) for each in found]
    return np.concatenate([place + begin for place, (begin, _) in zip(places, group, strict=True)])


def _groups(text: str) -> Iterator[list[tuple[int, str]]]:
    """Yield slices of a text with where they begin, a few at a time; cut, where they can be, before a blank."""
    group: list[tuple[int, str]] = []
    begin = 0
    while begin < len(text):
        end = begin + SLICE
        blank = text.rfind(" ", begin + SLICE // 2, end) if end < len(text) else -1
        end = blank if blank > begin else end
        group.append((begin, text[begin:end]))
        begin = end
        if len(group) == TOGETHER or begin >= len(text):
            yield group
            group = []
