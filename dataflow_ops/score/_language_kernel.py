"""Naive Bayes over byte n-grams: the automaton of py3langid's model, walked over many texts at once."""
# ruff: noqa: PLR0917 - a compiled loop is given arrays, in order: it has no keyword arguments

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def add_evidence(
    data: np.ndarray,
    ends: np.ndarray,
    rows: np.ndarray,
    moves: np.ndarray,
    features: np.ndarray,
    weights: np.ndarray,
    scores: np.ndarray,
) -> None:
    """Add to `scores` (texts x languages) the evidence of each text.

    `data` holds the texts back to back in UTF-8, `ends` where each ends. `rows` gives the row of `moves` for a state of
    the automaton, `moves` the next state for each byte, `features` what is seen on entering a state (-1: nothing), and
    `weights` (features x languages) its log-likelihood. A text that shows no feature keeps its scores at zero.
    """
    counts = np.zeros(weights.shape[0], np.int32)
    seen = np.empty(len(data) + 1, np.int32)
    start = 0
    for text in range(len(ends)):
        state, distinct = 0, 0
        for at in range(start, ends[text]):
            state = moves[(np.int64(rows[state]) << 8) + data[at]]
            feature = features[state]
            if feature >= 0:
                if counts[feature] == 0:
                    seen[distinct] = feature
                    distinct += 1
                counts[feature] += 1
        start = ends[text]
        _add(scores[text], seen[:distinct], counts, weights)


@njit(cache=True, nogil=True)
def _add(scores: np.ndarray, seen: np.ndarray, counts: np.ndarray, weights: np.ndarray) -> None:
    for feature in seen:
        strength = np.float32(np.log1p(np.float32(counts[feature])))
        counts[feature] = 0
        for language in range(len(scores)):
            scores[language] += strength * weights[feature, language]
