"""Run a model over rows of tokens: sorted by length, as many rows a batch as a budget of tokens allows."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

import numpy as np

from dataflow_ops.errors import BadArgument, Permanent
from dataflow_ops.models.loading import Loaded

CPU_TOKENS = 2048
"""Most tokens of a batch on a CPU: its cores are busy with fewer, and what they compute no longer fits their caches."""


@dataclass(frozen=True, eq=False, slots=True)
class Row:
    """The tokens of one text (or of a window of one), without padding."""

    ids: np.ndarray
    """int32"""
    types: np.ndarray | None = None
    """Which of two texts a token is of, for models that ask."""
    first: int = 1
    """Position of the first token whose probability counts; only causal models ask."""

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True, eq=False, slots=True)
class Batch:
    """Rows padded on the right to the longest of them, as tensors (rows, tokens) on the device of the model."""

    rows: Sequence[Row]
    ids: Any
    mask: Any
    types: Any | None

    @property
    def inputs(self) -> dict[str, Any]:
        """What a model of transformers takes."""
        inputs = {"input_ids": self.ids, "attention_mask": self.mask}
        return inputs if self.types is None else {**inputs, "token_type_ids": self.types}


Forward = Callable[[Batch], Any]
"""Returns a tensor (rows of the batch, numbers for each)."""


def run(loaded: Loaded, rows: Sequence[Row], forward: Forward, *, width: int, batch_tokens: int) -> np.ndarray:
    """Return the `width` numbers that `forward` gives for each row, in the order of `rows`: float32 (rows, width).

    NaN for a row without tokens.

    A batch holds as many rows as fit `batch_tokens` with their padding (`CPU_TOKENS` on a CPU); a longer row runs alone. When the memory of a
    GPU does not suffice, this and all later batches get half the tokens; Permanent when a single row does not fit.
    """
    check_budget(batch_tokens)
    lengths = np.array([len(row) for row in rows], np.int64)
    order = np.argsort(-lengths, kind="stable")[
        : np.count_nonzero(lengths)
    ]  # the longest first: too much shows at once
    found = np.full((len(rows), width), np.nan, np.float32)
    at, budget = 0, min(batch_tokens, CPU_TOKENS) if loaded.device == "cpu" else batch_tokens
    while at < len(order):
        longest = int(lengths[order[at]])
        taken = order[at : at + max(1, budget // longest)]
        values = _attempt(loaded, [rows[index] for index in taken], forward)
        if values is None:
            budget = _half(len(taken), longest)
            continue
        found[taken] = values
        at += len(taken)
    return found


def check_budget(batch_tokens: int) -> None:
    """Raise BadArgument for a budget that is no number of tokens."""
    if batch_tokens < 1:
        raise BadArgument(f"batch_tokens={batch_tokens!r}: expected at least 1, some thousands for speed")


def _attempt(loaded: Loaded, rows: Sequence[Row], forward: Forward) -> np.ndarray | None:
    """Run one batch; None when the memory of the device does not suffice."""
    import torch

    try:
        with torch.inference_mode(), _autocast(loaded):
            values: np.ndarray = forward(pad(loaded, rows)).float().cpu().numpy()
    except torch.OutOfMemoryError:
        pass  # what the exception holds is free only once it is gone
    else:
        return values
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    return None


def _half(rows: int, longest: int) -> int:
    if rows == 1:
        raise Permanent(
            f"the memory of the device does not suffice for one row of {longest} tokens: lower max_tokens (or window), "
            "or use dtype='bfloat16', a smaller model or a larger GPU"
        )
    return rows * longest // 2


def _autocast(loaded: Loaded) -> AbstractContextManager[Any]:
    """Compute in 16 bits on CUDA alone, where softmax and norms stay in 32: on CPUs bf16 is several times slower."""
    import torch

    if loaded.device.startswith("cuda") and loaded.dtype != "float32":
        return torch.autocast("cuda", dtype=getattr(torch, loaded.dtype))
    return nullcontext()


def pad(loaded: Loaded, rows: Sequence[Row]) -> Batch:
    """Put `rows` side by side, padded on the right."""
    import torch

    shape = (len(rows), max(len(row) for row in rows))
    ids = np.full(shape, loaded.pad, np.int64)
    mask = np.zeros(shape, np.int64)
    types = np.zeros(shape, np.int64) if rows[0].types is not None else None
    for index, row in enumerate(rows):
        ids[index, : len(row)] = row.ids
        mask[index, : len(row)] = 1
        if types is not None and row.types is not None:
            types[index, : len(row)] = row.types
    on = [None if each is None else torch.from_numpy(each).to(loaded.device) for each in (ids, mask, types)]
    return Batch(rows, *on)
