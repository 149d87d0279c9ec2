"""Vectors of texts by a model that is named."""

from collections.abc import Sequence

import numpy as np

from dataflow_ops.models import encoder, tokens
from dataflow_ops.models.loading import Dtype, load, packaged


def embedded(
    texts: Sequence[str],
    *,
    model: str | None,
    revision: str | None,
    max_tokens: int,
    batch_tokens: int,
    device: str | None,
    dtype: Dtype,
    normalize: bool = True,
) -> np.ndarray:
    """Return a vector for each text, of length 1 if `normalize`: float32 (texts, size).

    `model` is a hub name or a folder, None all-MiniLM-L6-v2 from the package that carries it; it is loaded once.
    """
    loaded = load("encoder", model or packaged(), revision=revision, device=device, dtype=dtype)
    rows = tokens.texts_to_rows(loaded, texts, max_tokens=max_tokens)
    return encoder.vectors(loaded, rows, normalize=normalize, batch_tokens=batch_tokens)
