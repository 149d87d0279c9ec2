"""Get text out of documents: PDF, Word, PowerPoint, Excel, EPUB, HTML, Markdown, plain text, pictures."""

from collections.abc import Iterator
from typing import Annotated, Any

import pyarrow as pa
from pydantic import Field

from dataflow_ops.columns import get, put, strings
from dataflow_ops.documents.document import Document, Failed, Limits
from dataflow_ops.documents.markdown import written
from dataflow_ops.documents.parse import Parser
from dataflow_ops.errors import BadArgument
from dataflow_ops.op import Reads, Writes

_BOX = pa.list_(pa.float64())
_BLOCK = {
    "kind": pa.string(), "text": pa.large_string(), "page": pa.int64(), "box": _BOX, "level": pa.int64(),
    "image": pa.string(), "begin": pa.int64(), "end": pa.int64(),
}  # fmt: skip
_IMAGE = {
    "name": pa.string(), "data": pa.large_binary(), "media_type": pa.string(), "width": pa.int64(),
    "height": pa.int64(), "page": pa.int64(), "box": _BOX, "caption": pa.large_string(),
}  # fmt: skip
_TYPES = {
    "text": pa.large_string(),
    "blocks": pa.list_(pa.struct(list(_BLOCK.items()))),
    "images": pa.list_(pa.struct(list(_IMAGE.items()))),
    "title": pa.string(),
    "media_type": pa.string(),
    "pages": pa.int64(),
    "notes": pa.list_(pa.string()),
    "document_fault": pa.string(),
}


def parsed(
    table: pa.Table,
    *,
    content: Reads = "content",
    name: Reads | None = "source",
    text: Writes = "text",
    blocks: Writes = "blocks",
    images: Writes = "images",
    title: Writes = "title",
    media_type: Writes = "media_type",
    pages: Writes = "pages",
    notes: Writes = "notes",
    document_fault: Writes = "document_fault",
    seconds: Annotated[float, Field(ge=1.0, le=3600.0)] = 120.0,
    memory_mib: Annotated[int, Field(ge=256, le=65_536)] = 2048,
    max_pages: Annotated[int, Field(ge=1, le=100_000)] = 5000,
    ocr: bool = True,
    ocr_languages: Annotated[str, Field(pattern=r"^[A-Za-z_]{3,20}(\+[A-Za-z_]{3,20}){0,9}$")] = "eng",
) -> pa.Table:
    """Read the file in each row: its text as Markdown, its blocks in the order of reading, its pictures.

    `content` is a column of bytes, `name` one of addresses or file names: what is in a file decides its kind, its name
    only whether a text is Markdown. In `blocks` each has a kind (heading, paragraph, list, table, code, formula, image,
    caption, footnote), its Markdown, the page (from 1; a slide, a sheet), the box there in points (1/72 inch) from the
    top left, the level of a heading, and the characters [begin, end) of `text` that it takes. `notes` say what is not
    as it was: pages read by OCR, pictures left out.

    Each file is read in a child process, in at most `seconds` and `memory_mib` MiB. `document_fault` says why a row has
    no text, else null: empty, encrypted, damaged, not supported, too large, time, memory or no text, then the details;
    `filters.reasons.none` drops such rows. With `ocr` pages without text are read by Tesseract, where its data for
    `ocr_languages` ("eng+deu") is installed. Needs the extra `documents`; Linux alone.
    """
    columns = (text, blocks, images, title, media_type, pages, notes, document_fault)
    if len(set(columns)) < len(columns):
        raise BadArgument(f"text, blocks, … document_fault are {columns}: expected different columns")
    limits = Limits(
        seconds=seconds, memory_mib=memory_mib, pages=max_pages, ocr=ocr, ocr_languages=ocr_languages
    )  # fmt: skip
    found: dict[str, list[Any]] = {key: [] for key in _TYPES}
    with Parser(limits) as parser:
        for data, called in zip(_bytes(table, content), _names(table, name), strict=True):
            for key, value in _values(parser.parse(data, called)).items():
                found[key].append(value)
    for column, (key, kind) in zip(columns, _TYPES.items(), strict=True):
        table = put(table, column, pa.array(found[key], kind))
    return table


def _bytes(table: pa.Table, name: str) -> Iterator[bytes]:
    """Yield the files one at a time; a null is an empty one."""
    column = get(table, name)
    kind = column.type
    if not (pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_null(kind)):
        raise BadArgument(f"column {name!r} is {kind}: expected the bytes of files, a binary column")
    return (cell.as_py() or b"" for cell in column)


def _names(table: pa.Table, name: str | None) -> Iterator[str | None]:
    if name is None:
        return iter([None] * table.num_rows)
    return (cell.as_py() for cell in strings(table, name))


def _values(found: Document | Failed) -> dict[str, Any]:
    if isinstance(found, Failed):
        return {key: str(found) if key == "document_fault" else None for key in _TYPES}
    whole = written(found.blocks)
    return {
        "text": whole.text,
        "blocks": [
            {**_fields(block, _BLOCK), "begin": begin, "end": end}
            for block, (begin, end) in zip(found.blocks, whole.spans, strict=True)
        ],
        "images": [_fields(image, _IMAGE) for image in found.images],
        **_fields(found, ("title", "media_type", "pages")),
        "notes": list(found.notes),
        "document_fault": None,
    }


def _fields(value: Any, names: Any) -> dict[str, Any]:
    return {name: getattr(value, name, None) for name in names}
