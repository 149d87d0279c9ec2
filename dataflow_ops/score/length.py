"""How long a text is, in tokens."""

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from dataflow_ops.columns import put, strings
from dataflow_ops.op import Reads, Writes

CHARACTERS = 4
"""Characters of a token, as a rule of thumb: of English prose. Formulas and other scripts have fewer."""
FEW = 256
"""Texts that are Python strings at a time."""


def tokens(
    table: pa.Table,
    *,
    text: Reads = "solution",
    tokenizer: str | None = None,
    tokens: Writes = "tokens",
    tokens_by: Writes = "tokens_by",
) -> pa.Table:
    """Count the tokens of a whole text, without start and end; null for null.

    `tokenizer` is the hub name or the folder of a model; its weights are not loaded. Texts of more than 100,000
    characters are counted in slices, which may change the count by one for each. Without a tokenizer (None or "") the count is an
    estimate, a quarter of the characters, rounded up. `tokens_by` says which: the name of the tokenizer, of a folder
    its last part, or `characters / 4`. Counts are int64. Raises BadArgument with the cure when there is no such
    tokenizer or `text` is not a string column.
    """
    texts = strings(table, text)
    counts = _counted(texts, tokenizer) if tokenizer else _estimated(texts)
    by = _short(tokenizer) if tokenizer else f"characters / {CHARACTERS}"
    return put(put(table, tokens, counts), tokens_by, pa.repeat(pa.scalar(by), table.num_rows))


def _estimated(texts: pa.ChunkedArray) -> pa.Array:
    return pc.divide(pc.add(pc.utf8_length(texts).cast(pa.int64()), CHARACTERS - 1), CHARACTERS).combine_chunks()


def _counted(texts: pa.ChunkedArray, tokenizer: str) -> pa.Array:
    from dataflow_ops.models.counting import counts, tokenizer_of  # noqa: PLC0415 - only where it is asked for

    null = texts.is_null().to_numpy()
    return pa.array(counts(tokenizer_of(tokenizer), _each(texts), len(texts)), pa.int64(), mask=null)


def _each(texts: pa.ChunkedArray) -> Iterator[str | None]:
    """Yield the texts, few of them as Python strings at a time."""
    for chunk in texts.chunks:
        for low in range(0, len(chunk), FEW):
            yield from chunk.slice(low, FEW).to_pylist()


def _short(tokenizer: str) -> str:
    """Return a hub name as it is, and of a folder its last part: where it lies on a machine says nothing to others."""
    from dataflow_ops.models.counting import is_folder  # noqa: PLC0415

    return Path(tokenizer).expanduser().name if is_folder(tokenizer) else tokenizer
