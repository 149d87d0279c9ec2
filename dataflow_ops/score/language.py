"""Tell the language of a text."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pyarrow as pa

from dataflow_ops.columns import get, put
from dataflow_ops.errors import BadArgument, nearest
from dataflow_ops.op import Reads, Writes

_LETTER = re.compile(r"[^\W\d_]")
_NO_LANGUAGE = "zxx"  # ISO 639: no linguistic content
_BATCH = 2048


@dataclass(frozen=True, eq=False)
class _Model:
    """The model that comes with py3langid: an automaton over bytes, and what its features say of each language."""

    codes: tuple[str, ...]
    prior: np.ndarray
    weights: np.ndarray
    rows: np.ndarray
    moves: np.ndarray
    features: np.ndarray


def language(
    table: pa.Table,
    *,
    text: Reads = "text",
    language: Writes = "language",
    confidence: Writes = "language_confidence",
    among: tuple[str, ...] | None = None,
    max_characters: int = 500,
) -> pa.Table:
    """Tell the language of a text, as an ISO 639 code, and how probable it is (0 to 1).

    Of a longer text `max_characters` are read, half from its start and half from its middle: beyond 400 nothing is gained
    on text in one language. `among` narrows the choice, which helps with short texts. Null for a text that is null, holds no letter, or shows nothing the model knows.
    py3langid's naive Bayes over byte n-grams (Lui and Baldwin, 2012): 137 languages, the same answers, in batches.
    """
    if max_characters < 2:
        raise BadArgument(f"max_characters={max_characters!r}: expected at least 2, some hundred for a sure answer")
    model = _model() if among is None else _narrowed(_model(), tuple(among))
    told = [part for chunk in get(table, text).chunks for part in _told(chunk, model, max_characters)]
    codes = pa.chunked_array([codes for codes, _ in told], pa.string())
    sure = pa.chunked_array([sure for _, sure in told], pa.float32())
    return put(put(table, language, codes), confidence, sure)


@lru_cache(maxsize=1)
def _model() -> _Model:
    """Read the model: 1.2 CPU s, 110 MB, once a process."""
    from py3langid.langid import MODEL_DIR, MODEL_FILE  # noqa: PLC0415 - only where it is used
    from py3langid.modelio import load_model  # noqa: PLC0415

    weights, prior, codes, moves, rows, features = load_model(MODEL_DIR / MODEL_FILE)
    return _Model(
        codes=tuple(codes),
        prior=np.asarray(prior, np.float32),
        weights=np.ascontiguousarray(weights, np.float32),
        rows=np.asarray(rows),
        moves=np.asarray(moves),
        features=np.asarray(features, np.int32),
    )


@lru_cache(maxsize=4)
def _narrowed(model: _Model, among: tuple[str, ...]) -> _Model:
    if not among:
        raise BadArgument("among=(): expected at least one language, or None for all")
    for code in among:
        if code not in model.codes:
            raise BadArgument(f"among: the model does not know {code!r}; {nearest(code, set(model.codes))}")
    kept = [at for at, code in enumerate(model.codes) if code in among]
    weights = np.ascontiguousarray(model.weights[:, kept])
    codes = tuple(model.codes[at] for at in kept)
    return _Model(codes, model.prior[kept], weights, model.rows, model.moves, model.features)


def _told(chunk: pa.Array, model: _Model, most: int) -> Iterator[tuple[pa.Array, pa.Array]]:
    """Yield codes and probabilities, some rows at a time."""
    for start in range(0, len(chunk), _BATCH):
        scores, sizes = _evidence([_sample(text, most) for text in chunk.slice(start, _BATCH).to_pylist()], model)
        best, sure = _decide(scores, sizes, model)
        unknown = ~scores.any(axis=1) | (np.asarray(model.codes)[best] == _NO_LANGUAGE)
        yield pa.array(np.asarray(model.codes)[best], pa.string(), mask=unknown), pa.array(sure, mask=unknown)


def _sample(text: str | None, most: int) -> bytes:
    """Return what is read of a text, as the model was trained to see it: composed characters, nothing all in capitals."""
    if text is None:
        return b""
    if len(text) > most:
        middle = len(text) // 2
        text = text[: most // 2] + "\n" + text[middle : middle + most - most // 2]
    if not _LETTER.search(text):
        return b""
    return unicodedata.normalize("NFC", text.lower() if text.isupper() else text).encode()


def _evidence(samples: list[bytes], model: _Model) -> tuple[np.ndarray, np.ndarray]:
    """Return the log-likelihood of each sample in each language, without the prior, and the sizes of the samples."""
    from dataflow_ops.score._language_kernel import add_evidence  # noqa: PLC0415 - numba takes 0.5 s to import

    sizes = np.array([len(sample) for sample in samples], np.int64)
    scores = np.zeros((len(samples), len(model.codes)), np.float32)
    data = np.frombuffer(b"".join(samples), np.uint8)
    add_evidence(data, np.cumsum(sizes), model.rows, model.moves, model.features, model.weights, scores)
    return scores, sizes


def _decide(scores: np.ndarray, sizes: np.ndarray, model: _Model) -> tuple[np.ndarray, np.ndarray]:
    """Return the column of the likeliest language and its probability; codes that come twice are one language."""
    scaled = (scores + model.prior) / np.sqrt(np.maximum(sizes, 1), dtype=np.float32)[:, None]
    odds = np.exp(scaled - scaled.max(axis=1, keepdims=True))
    odds /= odds.sum(axis=1, keepdims=True)
    for at, code in enumerate(model.codes):
        first = model.codes.index(code)
        if first != at:
            odds[:, first] += odds[:, at]
            odds[:, at] = 0
    best = odds.argmax(axis=1)
    return best, odds[np.arange(len(odds)), best]
