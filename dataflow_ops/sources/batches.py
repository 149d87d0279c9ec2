"""Files dealt into batches: one Airflow task each."""

from collections.abc import Sequence

from dataflow_ops.errors import BadArgument
from dataflow_ops.sources.find import SourceFile

LEAST_BYTES = 1 << 20
"""What a file counts at least: to open one takes as long as to read this much of it."""


def deal(files: Sequence[SourceFile], *, batch_bytes: int, max_batches: int = 1000) -> list[list[SourceFile]]:
    """Deal `files`, in their order, into batches of at most `batch_bytes`, or of one larger file.

    Where that makes more than `max_batches`, batches are as large as they need to be. A file counts for at least 1 MiB.
    """
    if batch_bytes < 1 or max_batches < 1:
        raise BadArgument(f"batch_bytes and max_batches must be at least 1, found {batch_bytes} and {max_batches}")
    low, high = batch_bytes, max(batch_bytes, sum(map(_weight, files)))
    while low < high:
        middle = (low + high) // 2
        if len(_packed(files, middle)) > max_batches:
            low = middle + 1
        else:
            high = middle
    return _packed(files, low)


def _packed(files: Sequence[SourceFile], capacity: int) -> list[list[SourceFile]]:
    batches: list[list[SourceFile]] = []
    room = 0
    for file in files:
        if not batches or _weight(file) > room:
            batches.append([])
            room = capacity
        batches[-1].append(file)
        room -= _weight(file)
    return batches


def _weight(file: SourceFile) -> int:
    return max(file.bytes, LEAST_BYTES)
