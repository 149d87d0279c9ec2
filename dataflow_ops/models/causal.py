"""What a causal language model says of tokens: how improbable each is, and which comes next."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np

from dataflow_ops.models.loading import Loaded
from dataflow_ops.models.runner import Batch, Row, check_budget, run

_LOGITS = 2**26
"""Logits computed at a time (256 MB in float32): with a vocabulary of 150,000, those of a whole batch take 10 GB."""


def losses(loaded: Loaded, rows: Sequence[Row], *, batch_tokens: int) -> np.ndarray:
    """Return for each row the sum of -log p (nats) of its tokens from `row.first` on, and their number: (rows, 2)."""
    whole = not _head_apart(loaded)
    forward = partial(_losses, loaded, whole)
    return run(loaded, rows, forward, width=2, batch_tokens=_budget(loaded, batch_tokens, whole))


def next_logits(loaded: Loaded, rows: Sequence[Row], tokens: Sequence[int], *, batch_tokens: int) -> np.ndarray:
    """Return how likely each of `tokens` is to follow each row, as logits: (rows, tokens)."""
    whole = not _head_apart(loaded)
    forward = partial(_next, loaded, whole, list(tokens))
    return run(loaded, rows, forward, width=len(tokens), batch_tokens=_budget(loaded, batch_tokens, whole))


def _budget(loaded: Loaded, batch_tokens: int, whole: bool) -> int:
    check_budget(batch_tokens)
    return (
        min(batch_tokens, max(1, 4 * _LOGITS // loaded.model.config.get_text_config().vocab_size))
        if whole
        else batch_tokens
    )


def _head_apart(loaded: Loaded) -> bool:
    """Return whether logits are the output layer over hidden states and nothing else, by trying it on three tokens.

    Most models are so; some (Gemma 2, Cohere) scale or cap their logits and are asked for all of them at once.
    """
    known: bool | None = getattr(loaded.model, "_head_apart", None)
    if known is None:
        known = loaded.model._head_apart = _tried(loaded)
    return known


def _tried(loaded: Loaded) -> bool:
    import torch

    head, trunk = loaded.model.get_output_embeddings(), loaded.model.base_model
    if head is None or trunk is loaded.model:
        return False
    some = torch.tensor([[1, 2, 3]], device=loaded.device)
    with torch.inference_mode():
        apart, whole = head(trunk(input_ids=some).last_hidden_state), loaded.model(input_ids=some).logits
    return apart.shape == whole.shape and bool(torch.allclose(apart.float(), whole.float(), rtol=1e-3, atol=1e-3))


def _losses(loaded: Loaded, whole: bool, batch: Batch) -> Any:
    import torch

    states = _states(loaded, whole, batch)[:, :-1]
    wanted = batch.mask[:, 1:].bool()
    for index, row in enumerate(batch.rows):
        wanted[index, : row.first - 1] = False
    of_row, at = wanted.nonzero(as_tuple=True)
    nats = torch.zeros(len(batch.rows), dtype=torch.float64, device=loaded.device)
    some = _LOGITS if loaded.device != "cpu" else _LOGITS // 16  # 16 MB stay in the caches of a CPU
    size = max(1, some // loaded.model.config.get_text_config().vocab_size)
    for rows, places in zip(of_row.split(size), at.split(size), strict=True):
        logits = _logits(loaded, whole, states[rows, places])
        lost = torch.nn.functional.cross_entropy(logits, batch.ids[rows, places + 1], reduction="none")
        nats.index_add_(0, rows, lost.double())
    return torch.stack([nats, wanted.sum(1).double()], dim=1)


def _next(loaded: Loaded, whole: bool, tokens: list[int], batch: Batch) -> Any:
    import torch

    states = _states(loaded, whole, batch)
    last = batch.mask.sum(1) - 1
    ends = states[torch.arange(len(last), device=loaded.device), last]
    return _logits(loaded, whole, ends)[:, tokens]


def _states(loaded: Loaded, whole: bool, batch: Batch) -> Any:
    """Return the last hidden states; of a model whose head does not stand apart, the logits."""
    inputs = {"input_ids": batch.ids, "attention_mask": batch.mask, "use_cache": False}
    if whole:
        return loaded.model(**inputs).logits
    return loaded.model.base_model(**inputs).last_hidden_state


def _logits(loaded: Loaded, whole: bool, states: Any) -> Any:
    return (states if whole else loaded.model.get_output_embeddings()(states)).float()
