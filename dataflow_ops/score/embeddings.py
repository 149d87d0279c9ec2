"""Vectors of texts: near each other where texts say the same."""

import numpy as np
import pyarrow as pa

from dataflow_ops.columns import put
from dataflow_ops.llm.asking import with_values
from dataflow_ops.llm.chat import Answer, Llm
from dataflow_ops.models.embedding import embedded
from dataflow_ops.models.loading import Dtype
from dataflow_ops.op import Reads, Writes
from dataflow_ops.score import _models as shared


def embedding(
    table: pa.Table,
    *,
    text: Reads = "text",
    embedding: Writes = "embedding",
    model: str | None = None,
    revision: str | None = None,
    max_tokens: int = 256,
    normalize: bool = True,
    batch_tokens: int = 16384,
    device: str | None = None,
    dtype: Dtype = "auto",
) -> pa.Table:
    """Embed a text: a list of float32 of one size, of length 1 if `normalize`; null for a null text.

    `model` is a hub name or a folder; None is all-MiniLM-L6-v2, 384 numbers, from the package that carries it: nothing is
    downloaded. A text is cut to `max_tokens`, 256 being what that model was trained on. Vectors of tokens are pooled as
    the model's own settings say (mean, first or last), by their mean if there are none.
    How models run: see `score.models.regression`.
    """
    there, (texts,) = shared.filled(table, text)
    sizes = {"max_tokens": max_tokens, "batch_tokens": batch_tokens}
    found = embedded(texts, model=model, revision=revision, device=device, dtype=dtype, normalize=normalize, **sizes)
    return put(table, embedding, _lists(table.num_rows, there, found))


def served(
    table: pa.Table, llm: Llm, *, text: Reads = "text", embedding: Writes = "embedding", max_characters: int = 8_000
) -> pa.Table:
    """Embed a text with the model that is asked: `openai:<embedding model>`, or vLLM with one.

    Of a longer text the first `max_characters` are sent. Null for a null text; a text that the server has no vector for
    is rejected.
    """
    texts = table[text].to_pylist()
    there = [at for at, each in enumerate(texts) if each is not None]
    answers = [Answer()] * table.num_rows
    for at, found in zip(there, llm.embed([texts[at][:max_characters] or " " for at in there]), strict=True):
        answers[at] = found
    size = next((len(each.value) for each in answers if each.value is not None), 1)
    vectors = pa.array([each.value for each in answers], pa.list_(pa.float32(), size))
    return with_values(put(table, embedding, vectors), llm, answers)


def _lists(rows: int, there: np.ndarray, found: np.ndarray) -> pa.Array:
    whole = np.full((rows, found.shape[1]), np.nan, np.float32)
    whole[there] = found
    unknown = np.isnan(whole[:, 0])
    whole[unknown] = 0
    return pa.FixedSizeListArray.from_arrays(pa.array(whole.ravel()), found.shape[1], mask=pa.array(unknown))
