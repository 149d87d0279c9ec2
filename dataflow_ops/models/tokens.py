"""Texts to tokens: in slices, cut to what is read, in windows where a text is longer than a model reads at once."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from dataflow_ops.errors import BadArgument
from dataflow_ops.models.loading import Loaded
from dataflow_ops.models.runner import Row

_SLICE = 1024  # texts that are tokens as Python lists at a time
_CHARACTERS = 24  # a token of running text has 4 to 5: of a longer text that is cut anyway, no more is looked at
_MOST = 8 * _CHARACTERS  # no more is looked at whatever it holds: of 50 MB without a space, one "word", nothing remains
_MARGIN = 256  # characters before such a cut within which a token may have come out differently


def texts_to_rows(
    loaded: Loaded, texts: Sequence[str], *, max_tokens: int, special: bool = True, whole: bool = False
) -> list[Row]:
    """Return the tokens of each text: the first `max_tokens`, but no more than the model reads unless `whole`.

    `special` adds the model's own start and end tokens. Of a text no more than 192 characters a token are looked at.
    """
    limit = check_limit(loaded, max_tokens)
    settings = {"truncation": True, "max_length": max_tokens if whole else limit, "add_special_tokens": special}
    return [row for part in _slices(texts) for row in _rows(loaded, part, settings)]


def pairs_to_rows(loaded: Loaded, first: Sequence[str], second: Sequence[str], *, max_tokens: int) -> list[Row]:
    """Return the tokens of two texts as the model joins them; the longer of both is cut when they do not fit."""
    limit = check_limit(loaded, max_tokens)
    cut = [[text[: limit * _CHARACTERS] for text in texts] for texts in (first, second)]
    settings = {"truncation": "longest_first", "max_length": limit}
    parts = zip(_slices(cut[0]), _slices(cut[1]), strict=True)
    return [row for part in parts for row in _tokenized(loaded, *part, **settings)]


def check_limit(loaded: Loaded, max_tokens: int) -> int:
    """Return how many tokens of a text the model is given; raise BadArgument for a `max_tokens` that leaves none."""
    if max_tokens < 4:
        raise BadArgument(f"max_tokens={max_tokens!r}: expected at least 4, some hundreds for a text")
    return min(max_tokens, loaded.longest)


def shortened(loaded: Loaded, text: str, max_tokens: int) -> str:
    """Return the start of `text` that `max_tokens` tokens say, up to three more where a character is several tokens."""
    text = text[: max_tokens * _CHARACTERS]
    if len(text.encode()) <= max_tokens:
        return text
    found = loaded.tokenizer(text, add_special_tokens=False, return_offsets_mapping=True, verbose=False)
    ends = [end for _, end in found["offset_mapping"]]
    return text if len(ends) <= max_tokens else text[: ends[max_tokens - 1]] if max_tokens else ""


def ending(text: str, max_tokens: int) -> str:
    """Return the end of `text`, which is more than `max_tokens` tokens unless it is all."""
    return text[-max_tokens * _CHARACTERS :]


def windows(row: Row, *, window: int, stride: int) -> Iterator[Row]:
    """Cut a long row into overlapping windows in which each token but the first is to be scored once.

    >>> [(len(part), part.first) for part in windows(Row(np.arange(10)), window=4, stride=2)]
    [(4, 1), (4, 2), (4, 2), (4, 2)]
    """
    ids, done = row.ids, row.first
    start = 0
    while done < len(ids):
        end = min(start + window, len(ids))
        yield Row(ids[start:end], first=done - start)
        done, start = end, start + stride


def _slices(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(texts), _SLICE):
        yield texts[start : start + _SLICE]


def _rows(loaded: Loaded, texts: Sequence[str], settings: dict[str, Any]) -> Iterator[Row]:
    """Yield the rows of a slice; of texts far longer than the limit only the start is looked at, if that is enough."""
    far = settings["max_length"] * _CHARACTERS
    rows = _tokenized(loaded, [text if len(text) <= far else "" for text in texts], **settings)
    for text, row in zip(texts, rows, strict=True):
        yield row if len(text) <= far else _start(loaded, text, far, settings)


def _start(loaded: Loaded, text: str, far: int, settings: dict[str, Any]) -> Row:
    """Return the first tokens of a long text: of its start, where that holds enough and its cut cannot have changed them."""
    found = loaded.tokenizer(text[:far], return_offsets_mapping=True, verbose=False, **settings)
    reached = max((end for _, end in found["offset_mapping"]), default=0)
    if len(found["input_ids"]) == settings["max_length"] and reached <= far - _MARGIN:
        return _row(found["input_ids"], found.get("token_type_ids"))
    return _tokenized(loaded, [text[: settings["max_length"] * _MOST]], **settings)[0]


def _tokenized(loaded: Loaded, *texts: Sequence[str], **settings: Any) -> list[Row]:
    found = loaded.tokenizer(*map(list, texts), return_attention_mask=False, verbose=False, **settings)
    types = found.get("token_type_ids") or [None] * len(found["input_ids"])
    return [_row(*each) for each in zip(found["input_ids"], types, strict=True)]


def _row(ids: Sequence[int], types: Sequence[int] | None) -> Row:
    return Row(np.array(ids, np.int32), None if types is None else np.array(types, np.int32))
