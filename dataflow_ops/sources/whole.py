"""Documents: a record is a whole file, byte by byte, for readers that know its format."""

from collections.abc import Iterator

from dataflow_ops.sources.columns import Event, Reading
from dataflow_ops.sources.streams import BLOCK_BYTES, HEAD_BYTES


def read_whole(reading: Reading) -> Iterator[Event]:
    """Yield the one record of a file: its bytes are the first column; a file that is too large is a reject."""
    column, limit = reading.columns[0], reading.max_record_bytes
    reading.need_columns({column.name})
    parts: list[bytes] = []
    size = 0
    with reading.store.open(reading.file.uri) as stream:
        while size <= limit and (part := stream.read(BLOCK_BYTES)):
            parts.append(part)
            size += len(part)
    if size > limit:
        found = max(size, reading.file.bytes)
        yield 1, parts[0][:HEAD_BYTES], f"expected a document of at most {limit:,} bytes, found {found:,}"
        return
    content = b"".join(parts)
    parts.clear()
    yield 1, content, {column.name: content}
