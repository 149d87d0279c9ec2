"""Vectors among the answers that are kept: paid for like any other, and found again by the same kind of key."""

import base64

import numpy as np

from dataflow_ops.llm.chat import Answer, Chat, Completion, Request

SCHEMA = {"type": "vector"}
"""Stands where the schema of an answer does, so that a text that is embedded is not taken for one that is asked."""


def request(model: str, text: str) -> Request:
    """Return the question for the vector of `text`."""
    return Request(model, Chat(({"role": "user", "content": text},)), schema=SCHEMA)


def completion(vector: list[float]) -> Completion:
    """Return `vector` as it is kept: float32, little-endian, in base64."""
    return Completion(base64.b64encode(np.asarray(vector, "<f4").tobytes()).decode())


def answer(kept: Completion) -> Answer:
    """Read what `completion` made."""
    return Answer(np.frombuffer(base64.b64decode(kept.text), "<f4").tolist())
