"""Noisy web text in files of many formats, with the truth about every document beside it."""

import csv
import gzip
import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import zstandard

from dataflow_ops.samples import documents as sample
from dataflow_ops.samples.dealt import need_empty
from dataflow_ops.samples.documents import Document

TRUTH = "_truth.jsonl"
PAGES = 12
"""How many documents are text files of their own."""

Record = dict[str, Any]


def write(folder: Path, *, documents: int = 4000, seed: int = 0) -> None:
    """Write a sample of web text into `folder`, which must be empty or new: the same bytes for the same `seed`.

    Every record has its key in the field `doc`; the text is in `text`, in the Parquet file in `content`. The key of a
    text file is its name. `_truth.jsonl` comes last: key, kind (good, exact_duplicate, near_duplicate, junk,
    other_language, broken), of (the key of the original), defect (for a text in another language its code), strength,
    noise, file. Bytes of compressed files may change with the libraries that compress them. BadArgument for a folder
    that holds anything, or less than one document.
    """
    need_empty(folder)
    dealt = _deal(Random(seed), sample.compose(Random(seed), documents))  # noqa: S311 - to be repeatable
    keys = {document.number: _key(name, document) for name, some in dealt.items() for document in some}
    for name, some in dealt.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(_encode(name, [(document, _record(keys[document.number], document)) for document in some]))
    truth = (_truth(document, keys, name) for name, some in dealt.items() for document in some)
    (folder / TRUTH).write_bytes(_lines(sorted(truth, key=lambda line: str(line["key"]))))


def _deal(rng: Random, documents: Sequence[Document]) -> dict[str, list[Document]]:
    """Deal documents to files: broken records only go where a line can be broken, text files are never blank."""
    dealt: dict[str, list[Document]] = {name: [] for name in _SHARES}
    pages = 0
    for document in documents:
        if document.kind == "broken":
            dealt[rng.choice(_LINES)].append(document)
        elif document.kind != "junk" and pages < min(PAGES, len(documents) // 20):
            pages += 1
            dealt[f"pages/{_page(document)}"] = [document]
        else:
            dealt[rng.choices(list(_SHARES), list(_SHARES.values()))[0]].append(document)
    return {name: some for name, some in dealt.items() if some}


def _page(document: Document) -> str:
    return f"page-{document.number:05}.txt"


def _key(file: str, document: Document) -> str:
    return _page(document) if file.startswith("pages/") else f"doc-{document.number:05}"


def _record(key: str, document: Document) -> Record:
    day = 1 + document.number % 28
    return {"doc": key, "url": f"https://www.example.com/{key}", "crawled": f"2026-05-{day:02}", "text": document.text}


def _truth(document: Document, keys: Mapping[int, str], file: str) -> Record:
    return {
        "key": keys[document.number],
        "kind": document.kind,
        "of": None if document.of is None else keys[document.of],
        "defect": document.defect,
        "strength": document.strength,
        "noise": list(document.noise),
        "file": file,
    }


def _lines(records: Iterator[Record] | Sequence[Record]) -> bytes:
    return b"".join(_line(record) for record in records)


def _line(record: Record) -> bytes:
    return json.dumps(record, ensure_ascii=False).encode() + b"\n"


Dealt = Sequence[tuple[Document, Record]]


def _json_lines(dealt: Dealt) -> bytes:
    return b"".join(
        _BROKEN[document.defect](record) if document.kind == "broken" else _line(record) for document, record in dealt
    )


def _json_array(dealt: Dealt) -> bytes:
    return json.dumps([record for _, record in dealt], ensure_ascii=False, indent=1).encode()


def _csv(dealt: Dealt) -> bytes:
    table = io.StringIO()
    writer = csv.DictWriter(table, ["doc", "url", "crawled", "text"], lineterminator="\n")
    writer.writeheader()
    writer.writerows(record for _, record in dealt)
    return table.getvalue().encode()


def _parquet(dealt: Dealt) -> bytes:
    schema = pa.schema([(name, pa.string()) for name in ("doc", "url", "crawled", "text")])
    table = pa.Table.from_pylist([record for _, record in dealt], schema)
    sink = io.BytesIO()
    pq.write_table(table.rename_columns(["doc", "url", "crawled", "content"]), sink, compression="zstd")
    return sink.getvalue()


def _text(dealt: Dealt) -> bytes:
    ((_, record),) = dealt
    return str(record["text"]).encode()


def _invalid_utf8(record: Record) -> bytes:
    text = f"{record['text']} caf\u00e9"
    return json.dumps({**record, "text": text}, ensure_ascii=False).encode("latin-1", "replace") + b"\n"


_BROKEN: Mapping[str | None, Callable[[Record], bytes]] = {
    "cut_line": lambda record: _line(record)[: len(_line(record)) // 2] + b"\n",
    "invalid_utf8": _invalid_utf8,
    "null_text": lambda record: _line({**record, "text": None}),
    "number_text": lambda record: _line({**record, "text": len(record["text"])}),
    "missing_text": lambda record: _line({name: value for name, value in record.items() if name != "text"}),
}
_SHARES = {
    "web-1.jsonl": 20, "web-2.jsonl": 20, "crawl.jsonl.gz": 20, "mirror.jsonl.zst": 15, "export.csv": 10,
    "archive.parquet": 10, "feed.json": 5,
}  # fmt: skip
_LINES = ("web-1.jsonl", "web-2.jsonl", "crawl.jsonl.gz")
_FORMATS: Mapping[str, Callable[[Dealt], bytes]] = {
    ".jsonl": _json_lines,
    ".gz": lambda dealt: gzip.compress(_json_lines(dealt), mtime=0),
    ".zst": lambda dealt: zstandard.ZstdCompressor().compress(_json_lines(dealt)),
    ".csv": _csv,
    ".parquet": _parquet,
    ".json": _json_array,
    ".txt": _text,
}


def _encode(name: str, dealt: Dealt) -> bytes:
    return _FORMATS[Path(name).suffix](dealt)
