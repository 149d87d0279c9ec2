"""Files of code dealt to files of several formats, with the truth about every one beside them."""

import csv
import io
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, Literal

import pyarrow as pa
import pyarrow.parquet as pq

from dataflow_ops.errors import BadArgument

TRUTH = "_truth.jsonl"
NAMES = {"lines": ("content", "path"), "table": ("code", "file_name"), "archive": ("content", "path")}
"""What the text of a file of code and its name are called in each file."""
WEIGHTS = (3, 1, 2)

Publish = Literal["yes", "no", "either"]


@dataclass(frozen=True)
class Snippet:
    """A file of code and the truth about it: `function` can be tested, `secrets` must not be published."""

    code: Any
    path: str | None = None
    language: str | None = None
    function: str | None = None
    kind: str = "sound"
    publish: Publish = "yes"
    fault: str | None = None
    of: int | None = None
    secrets: tuple[str, ...] = ()
    licence: str | None = None


def write(folder: Path, snippets: Sequence[Snippet], seed: int) -> None:
    """Write `files.jsonl`, `files.csv`, `files.parquet` and the truth into `folder`, in random order.

    What is hard to read is a line of the first file. BadArgument for a folder that holds anything.
    """
    if folder.exists() and any(folder.iterdir()):
        raise BadArgument(f"folder={str(folder)!r}: expected an empty folder or none, found files; remove them first")
    dealt: dict[str, list[tuple[int, Snippet]]] = {name: [] for name in NAMES}
    rng = Random(seed)  # noqa: S311 - to be repeatable
    for number, snippet in rng.sample(list(enumerate(snippets)), len(snippets)):
        plain = snippet.kind != "hostile"
        dealt[rng.choices(list(NAMES), WEIGHTS)[0] if plain else "lines"].append((number, snippet))
    folder.mkdir(parents=True, exist_ok=True)
    for name, (file, encode) in _FORMATS.items():
        (folder / file).write_bytes(encode([_record(number, snippet, *NAMES[name]) for number, snippet in dealt[name]]))
    (folder / TRUTH).write_bytes(_lines(_truth(number, snippet) for number, snippet in enumerate(snippets)))


def _record(number: int, snippet: Snippet, code: str, path: str) -> Mapping[str, Any]:
    """Return the fields of a row: one without code lacks the field, as one without a name does."""
    fields = {code: snippet.code, path: snippet.path, "source": f"repository {number % 7 + 1}"}
    return {"key": key(number)} | {name: value for name, value in fields.items() if value is not None}


def key(number: int) -> str:
    """Return what tells a file from others."""
    return f"snippet-{number:03}"


def _truth(number: int, snippet: Snippet) -> Mapping[str, Any]:
    return {
        "key": key(number),
        "kind": snippet.kind,
        "language": snippet.language,
        "function": snippet.function,
        "publish": snippet.publish,
        "fault": snippet.fault,
        "of": None if snippet.of is None else key(snippet.of),
        "secrets": list(snippet.secrets),
        "licence": snippet.licence,
    }


def _lines(records: Iterable[Mapping[str, Any]]) -> bytes:
    return b"".join(json.dumps(record, ensure_ascii=False).encode() + b"\n" for record in records)


def _csv(records: Iterable[Mapping[str, Any]]) -> bytes:
    table = io.StringIO()
    writer = csv.DictWriter(table, ["key", *NAMES["table"], "source"], lineterminator="\n")
    writer.writeheader()
    writer.writerows(records)
    return table.getvalue().encode()


def _parquet(records: Sequence[Mapping[str, Any]]) -> bytes:
    schema = pa.schema([(name, pa.string()) for name in ("key", *NAMES["archive"], "source")])
    sink = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(list(records), schema), sink, compression="zstd")
    return sink.getvalue()


_FORMATS: Mapping[str, tuple[str, Callable[[Sequence[Mapping[str, Any]]], bytes]]] = {
    "lines": ("files.jsonl", _lines),
    "table": ("files.csv", _csv),
    "archive": ("files.parquet", _parquet),
}
