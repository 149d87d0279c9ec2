"""Add measured columns: what a text, a row or a model says about its worth. Filters compare them with thresholds."""

from dataflow_ops.score import (
    answers,
    diversity,
    embeddings,
    fasttext,
    judge,
    language,
    length,
    models,
    neighbours,
    overlap,
    prompted,
    questions,
    readability,
    repetition,
    rules,
    text,
)

__all__ = [
    "answers",
    "diversity",
    "embeddings",
    "fasttext",
    "judge",
    "language",
    "length",
    "models",
    "neighbours",
    "overlap",
    "prompted",
    "questions",
    "readability",
    "repetition",
    "rules",
    "text",
]
