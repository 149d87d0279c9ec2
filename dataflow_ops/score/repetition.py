"""How much of a text repeats itself."""

from typing import Annotated

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dataflow_ops.errors import BadArgument
from dataflow_ops.op import Reads, Writes
from dataflow_ops.score._columns import strings, with_column

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

    The two are one text, with a blank between them; without a `question` (None) `text` is measured alone. Words are in
    lower case and without signs, as `score.text.measures` takes them; in scripts without blanks a character is a word.
    Fewer than `n` words cannot repeat: their share is 1. Null where one of the texts is null. Float64. Raises
    BadArgument when a column is missing or does not hold strings.
    """
    from dataflow_ops.score._ngram_kernel import unique_ratios  # noqa: PLC0415 - numba takes half a second
    from dataflow_ops.score._text_kernel_batches import each_words  # noqa: PLC0415

    if n < 1:
        raise BadArgument(f"n={n!r}: expected 1 or more words, 5 for example")
    texts = _together([strings(table, name) for name in (question, text) if name is not None])
    ratios = [np.empty(0)]
    for numbers, ends in each_words(texts):
        ratios.append(np.empty(len(ends)))
        unique_ratios(numbers, ends, n, ratios[-1])
    null = texts.is_null().to_numpy()
    return with_column(table, unique_ngram_ratio, pa.array(np.concatenate(ratios), mask=null))


def _together(columns: list[pa.ChunkedArray]) -> pa.ChunkedArray:
    if len(columns) == 1:
        return columns[0]
    wide = [column.cast(pa.large_string()) for column in columns]
    return pc.binary_join_element_wise(*wide, pa.scalar(" ", pa.large_string()), null_handling="emit_null")
