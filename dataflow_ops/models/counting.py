"""How many tokens whole texts are, by the tokenizer of a model whose weights are not needed."""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from dataflow_ops.errors import BadArgument, Permanent

SLICE = 100_000
"""Characters of a text that are counted at a time: what a tokenizer says of each takes some hundred bytes."""
TOGETHER = 1_000_000
"""Characters of texts that are counted in one call: a tokenizer then uses all cores."""


def tokenizer_of(model: str) -> Any:
    """Return the tokenizer of a model by its hub name or folder; the last two stay loaded.

    Code that comes with a model is never run. BadArgument with the cure when there is none.
    """
    if find_spec("transformers") is None:
        raise Permanent(f"tokenizer {model!r} needs transformers: `make models`, or pip install 'dataflow-ops[models]'")
    if "://" in model:
        raise BadArgument(f"tokenizer={model!r}: expected a hub name or a folder of the worker; sync it there first")
    if is_folder(model) and not Path(model).expanduser().is_dir():
        raise BadArgument(f"tokenizer={model!r}: there is no such folder on this machine")
    return _load(str(Path(model).expanduser()) if is_folder(model) else model)


def is_folder(model: str) -> bool:
    """Tell whether a model is named by a folder of this machine."""
    return model.startswith(("/", "./", "../", "~"))


@lru_cache(maxsize=2)
def _load(model: str) -> Any:
    import transformers

    try:
        if not Path(model).is_dir():
            transformers.utils.cached_file(
                model, "tokenizer_config.json"
            )  # asked first: a hub away is tried long enough
        return transformers.AutoTokenizer.from_pretrained(model, trust_remote_code=False)
    except (OSError, ValueError, KeyError, ImportError) as error:
        said = (str(error).splitlines() or [type(error).__name__])[0].rstrip(".")
        raise BadArgument(
            f"tokenizer {model!r} cannot be loaded: {said}. Check the name, that the hub can be reached (HF_ENDPOINT names "
            "a mirror, HF_TOKEN opens gated models), give a folder with tokenizer.json, or none for characters / 4"
        ) from error


def counts(tokenizer: Any, texts: Iterable[str | None], rows: int) -> np.ndarray:
    """Return the number of tokens of each of `rows` texts, without those that mark start and end; 0 for None."""
    total = np.zeros(rows, np.int64)
    for owners, slices in _groups(texts):
        found = tokenizer(slices, add_special_tokens=False, return_attention_mask=False, verbose=False)["input_ids"]
        np.add.at(total, owners, [len(each) for each in found])
    return total


def _groups(texts: Iterable[str | None]) -> Iterator[tuple[list[int], list[str]]]:
    """Yield slices of texts, about TOGETHER characters at a time, and the number of the text that each is of."""
    owners: list[int] = []
    slices: list[str] = []
    size = 0
    for number, text in enumerate(texts):
        for part in _slices(text or ""):
            owners.append(number)
            slices.append(part)
            size += len(part)
            if size >= TOGETHER:
                yield owners, slices
                owners, slices, size = [], [], 0
    if slices:
        yield owners, slices


def _slices(text: str) -> Iterator[str]:
    """Cut a long text, where it can before a blank: hardly a tokenizer joins a word to the blank after it."""
    start = 0
    while len(text) - start > SLICE:
        blank = text.rfind(" ", start + SLICE // 2, start + SLICE)
        stop = blank if blank > start else start + SLICE
        yield text[start:stop]
        start = stop
    if start < len(text):
        yield text[start:]
