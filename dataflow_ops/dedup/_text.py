"""Texts of a column as bytes and offsets, straight from the buffers of Arrow."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from dataflow_ops.errors import BadArgument


@dataclass(frozen=True)
class Texts:
    """Text `i` is `data[offsets[i]:offsets[i + 1]]`, UTF-8; null where `valid` is false."""

    data: NDArray[np.uint8]
    offsets: NDArray[np.int64]
    valid: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.valid)


def texts(table: pa.Table, column: str) -> Iterator[Texts]:
    """Yield each chunk of a string column; nothing is copied but offsets of 32 bits."""
    kind = table.schema.field(column).type
    if not any(fits(kind) for fits in (pa.types.is_string, pa.types.is_large_string, pa.types.is_null)):
        raise BadArgument(f"column {column!r} holds {kind}, not text: choose a column of strings, or cast it first")
    for chunk in table[column].chunks:
        yield _texts(chunk.cast(pa.large_string()) if pa.types.is_null(kind) else chunk)


def _texts(chunk: pa.Array) -> Texts:
    _, places, data = chunk.buffers()
    width = np.int64 if pa.types.is_large_string(chunk.type) else np.int32
    offsets = np.zeros(1, width)
    if len(chunk):
        offsets = np.frombuffer(places, width)[chunk.offset : chunk.offset + len(chunk) + 1]
    valid = chunk.is_valid().to_numpy(zero_copy_only=False)
    return Texts(np.frombuffer(data or b"", np.uint8), offsets.astype(np.int64), valid)
