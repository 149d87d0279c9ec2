"""Reading a file that a test writes."""

from pathlib import Path
from typing import Any

import pyarrow as pa

from dataflow_ops.sources import Chunk, Column, find, records
from dataflow_ops.store import Folder

TEXT = (Column("text"),)


def read(path: Path, content: bytes | str, columns: Any = TEXT, **settings: Any) -> Chunk:
    """Write `content`, read it as records, and join the chunks."""
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_file(path, columns, **settings)


def read_file(path: Path, columns: Any = TEXT, **settings: Any) -> Chunk:
    """Read a file as records, and join the chunks."""
    (file,) = find(Folder(), str(path)).files
    return joined(list(records(Folder(), file, columns, **settings)))


def joined(chunks: list[Chunk]) -> Chunk:
    """Join chunks; no chunk at all is no record."""
    if not chunks:
        return Chunk(pa.table({"text": [], "source_row": []}), pa.table({"reason": [], "source_row": []}))
    return Chunk(pa.concat_tables([c.rows for c in chunks]), pa.concat_tables([c.rejects for c in chunks]))


def texts(chunk: Chunk) -> list[tuple[int, str]]:
    """Return line or number, and text, of each row."""
    return list(zip(chunk.rows["source_row"].to_pylist(), chunk.rows["text"].to_pylist(), strict=True))


def reasons(chunk: Chunk) -> list[tuple[int, str]]:
    """Return line or number, and reason, of each reject."""
    return list(zip(chunk.rejects["source_row"].to_pylist(), chunk.rejects["reason"].to_pylist(), strict=True))
