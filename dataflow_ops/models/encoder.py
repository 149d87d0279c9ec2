"""What encoders and classifiers say of a whole text: logits of its classes, or a vector."""

import json
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any, Literal

import numpy as np

from dataflow_ops.errors import BadArgument, nearest
from dataflow_ops.models.loading import Loaded
from dataflow_ops.models.runner import Batch, Row, run

Pooling = Literal["mean", "first", "last"]


def class_logits(loaded: Loaded, rows: Sequence[Row], *, batch_tokens: int) -> np.ndarray:
    """Return the logits of each row: (rows, labels)."""
    forward = lambda batch: loaded.model(**_asked(loaded, batch)).logits  # noqa: E731
    return run(loaded, rows, forward, width=len(labels(loaded)), batch_tokens=batch_tokens)


def probabilities(loaded: Loaded, logits: np.ndarray) -> np.ndarray:
    """Turn logits into probabilities: of each label by itself where a text can have several, else of all together."""
    if len(labels(loaded)) == 1 or loaded.model.config.problem_type == "multi_label_classification":
        return 1 / (1 + np.exp(-logits))
    odds = np.exp(logits - logits.max(axis=1, keepdims=True, initial=-np.inf))
    return np.asarray(odds / odds.sum(axis=1, keepdims=True))


def labels(loaded: Loaded) -> list[str]:
    """Return the labels of a classifier, in the order of its logits."""
    named = loaded.model.config.id2label
    return [named[number] for number in sorted(named)]


def label_index(loaded: Loaded, label: str) -> int:
    """Return which logit is that of `label`, whatever its case; raise BadArgument with the nearest when none is."""
    known = [each.casefold() for each in labels(loaded)]
    if label.casefold() not in known:
        raise BadArgument(f"model {loaded.name!r} has no label {label!r}; {nearest(label, labels(loaded))}")
    return known.index(label.casefold())


def vectors(loaded: Loaded, rows: Sequence[Row], *, normalize: bool, batch_tokens: int) -> np.ndarray:
    """Return a vector for each row, pooled as the model's own settings say, of length 1 if `normalize`: (rows, size)."""
    forward = partial(_pooled, loaded, pooling(loaded), normalize)
    return run(loaded, rows, forward, width=loaded.model.config.hidden_size, batch_tokens=batch_tokens)


def pooling(loaded: Loaded) -> Pooling:
    """Return how the model makes one vector of those of its tokens: what sentence-transformers wrote, else the mean."""
    from transformers.utils import cached_file

    quiet = {"_raise_exceptions_for_missing_entries": False, "_raise_exceptions_for_connection_errors": False}
    path = cached_file(loaded.name, "1_Pooling/config.json", revision=loaded.revision, **quiet)
    if path is None:
        return "mean"
    settings = json.loads(Path(path).read_text(encoding="utf-8"))
    modes: dict[str, Pooling] = {"mean_tokens": "mean", "cls_token": "first", "lasttoken": "last"}
    chosen = [name for name in settings if name.startswith("pooling_mode_") and settings[name] is True]
    known = [
        modes[name.removeprefix("pooling_mode_")] for name in chosen if name.removeprefix("pooling_mode_") in modes
    ]
    if len(chosen) != 1 or not known:
        raise BadArgument(
            f"model {loaded.name!r} pools by {chosen}: expected one of the mean, the first, the last token"
        )
    return known[0]


def _pooled(loaded: Loaded, how: Pooling, normalize: bool, batch: Batch) -> Any:
    import torch

    states = loaded.model(**_asked(loaded, batch)).last_hidden_state.float()
    if how == "mean":
        mask = batch.mask[:, :, None].float()
        found = (states * mask).sum(1) / mask.sum(1)
    else:
        at = torch.zeros_like(batch.mask[:, 0]) if how == "first" else batch.mask.sum(1) - 1
        found = states[torch.arange(len(at), device=loaded.device), at]
    return torch.nn.functional.normalize(found, dim=1) if normalize else found


def _asked(loaded: Loaded, batch: Batch) -> dict[str, Any]:
    """Return what the model takes: not every one wants to know of which of two texts a token is."""
    taken = loaded.tokenizer.model_input_names
    return {name: value for name, value in batch.inputs.items() if name in taken or name == "attention_mask"}
