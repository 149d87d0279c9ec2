"""Vectors of texts, the same on every run."""

from collections.abc import Iterable, Sequence
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from dataflow_ops.models.loading import Loaded

PACKAGED = "all-MiniLM-L6-v2"
"""How the model that comes as a package is called in declarations."""
KEPT = 4_096
"""Texts whose vectors are kept."""
TOKENS, BATCH_TOKENS = 256, 16_384


class Embedder:
    """A model that gives each text a vector of length one, loaded when it is first asked; vectors asked again are kept.

    Always float32, and on the CPU unless a device is named: what a statement finds must not depend on the machine.
    """

    def __init__(self, model: str | None = None, *, device: str | None = "cpu") -> None:
        """Take a hub name or a folder; None is all-MiniLM-L6-v2, from the package that carries it."""
        self.model, self._device = model or PACKAGED, device
        self._packaged = model is None
        self._kept = lru_cache(KEPT)(self._alone)

    def __call__(self, texts: Iterable[str]) -> list[np.ndarray]:
        """Return a vector for each text: each is embedded by itself, since its neighbours in a batch change last digits."""
        return [self._kept(text) for text in texts]

    @property
    def size(self) -> int:
        """Numbers of a vector."""
        return int(self._loaded.model.config.hidden_size)

    def together(self, texts: Sequence[str]) -> np.ndarray:
        """Return the vectors of many texts, embedded in batches: float32 (texts, size)."""
        from dataflow_ops.models import encoder, tokens  # noqa: PLC0415 - not for DAG files

        rows = tokens.texts_to_rows(self._loaded, texts, max_tokens=TOKENS)
        return encoder.vectors(self._loaded, rows, normalize=True, batch_tokens=BATCH_TOKENS)

    def _alone(self, text: str) -> np.ndarray:
        return self.together([text])[0]

    @cached_property
    def _loaded(self) -> "Loaded":
        from dataflow_ops.models.loading import load, packaged  # noqa: PLC0415 - not for DAG files

        place = packaged() if self._packaged else self.model
        return load("encoder", place, device=self._device, dtype="float32")
