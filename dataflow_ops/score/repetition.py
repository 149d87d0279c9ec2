"""How much of a text repeats itself."""

from typing import Annotated

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dataflow_ops.columns import put, strings
from dataflow_ops.errors import BadArgument
from dataflow_ops.op import Reads, Writes

MaybeReads = Annotated[str | None, "reads"]


def unique_ngrams(
    table: pa.Table,
    *,
    question: MaybeReads = "question",
    text: Reads = "solution",
    n: int = 5,
    unique_ngram_ratio: Writes = "unique_ngram_ratio",
) -> pa.Table:
    """Measure which share of the n-grams of words of question and text differ: 1 where none repeats, near 0 in a loop.

    The two are one text, with a blank between them; without a `question` (None) `text` is measured alone. Words are runs
    of letters and digits in lower case, so `3x+5=20` is three; in scripts without blanks every character is a word.
    Fewer than `n` words cannot repeat: their share is 1. Null where one of the texts is null. Float64. Raises
    BadArgument when a column is missing or does not hold strings.
    """
    if n < 1:
        raise BadArgument(f"n={n!r}: expected 1 or more words, 5 for example")
    texts = _together([strings(table, name) for name in (question, text) if name is not None])
    null = texts.is_null().to_numpy()
    return put(table, unique_ngram_ratio, pa.array(_ratios(pc.utf8_lower(texts), n), mask=null))


def _ratios(texts: pa.ChunkedArray, n: int) -> np.ndarray:
    from dataflow_ops.score._ngram_kernel import unique_ratios  # noqa: PLC0415 - numba takes half a second
    from dataflow_ops.score._overlap_kernel import split  # noqa: PLC0415
    from dataflow_ops.score._text_kernel_batches import each_text  # noqa: PLC0415
    from dataflow_ops.score._text_kernel_unicode import flags  # noqa: PLC0415

    parts = [np.empty(0)]
    for data, bounds, valid in each_text(texts):
        first, last = bounds[0], bounds[-1]
        _, _, words, begins = split(data[first:last], bounds - first, flags())
        parts.append(np.empty(len(valid)))
        unique_ratios(words, begins, n, parts[-1])
    return np.concatenate(parts)


def _together(columns: list[pa.ChunkedArray]) -> pa.ChunkedArray:
    if len(columns) == 1:
        return columns[0]
    wide = [column.cast(pa.large_string()) for column in columns]
    return pc.binary_join_element_wise(*wide, pa.scalar(" ", pa.large_string()), null_handling="emit_null")
