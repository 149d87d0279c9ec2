"""Exports: the rows of a dataset once more, with a few columns, in the files that trainers read.

Each part of a dataset has one file for each export, with the rows of the part in their order:

<dataset>/exports/chat/part-<sha16>.jsonl      of "chat.jsonl"; also .jsonl.gz and .parquet
"""

import gzip
import hashlib
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from io import BytesIO
from pathlib import Path
from typing import IO, Any

import orjson
import pyarrow as pa

from dataflow_ops.errors import BadArgument, Permanent, nearest
from dataflow_ops.json_lines import json_lines, plain_schema
from dataflow_ops.llm.asking import NOT_A_MODEL
from dataflow_ops.op import ANSWERED_BY
from dataflow_ops.shards import File, encode, read_table
from dataflow_ops.store import Store

SUFFIXES = ("jsonl", "jsonl.gz", "parquet")
NAME = re.compile(r"([A-Za-z][A-Za-z0-9_-]{0,63})\.([a-z.]+)")


@dataclass(frozen=True)
class Export:
    """Columns under the name of a file: `chat.jsonl`."""

    name: str
    columns: tuple[str, ...]

    @property
    def folder(self) -> str:
        """What stands before the suffix."""
        return self.name.partition(".")[0]

    @property
    def suffix(self) -> str:
        """The format."""
        return self.name.partition(".")[2]

    @classmethod
    def parse(cls, name: Any, columns: Any) -> "Export":
        """Check one export; BadArgument says what does not fit."""
        match = NAME.fullmatch(name) if isinstance(name, str) else None
        if match is None:
            raise BadArgument(
                f"export {name!r}: expected a plain word and a suffix, such as 'chat.jsonl': letters, digits, - and _"
            )
        if match[2] not in SUFFIXES:
            raise BadArgument(f"export {name!r}: unknown suffix {match[2]!r}; {nearest(match[2], SUFFIXES)}")
        return cls(name, _columns(name, columns))


def _columns(name: str, columns: Any) -> tuple[str, ...]:
    given = tuple(columns) if isinstance(columns, Sequence) and not isinstance(columns, str | bytes) else ()
    if not given or not all(isinstance(each, str) and each for each in given):
        raise BadArgument(f"export {name!r}: expected a list of column names, at least one, not {columns!r}")
    if len(set(given)) < len(given):
        raise BadArgument(f"export {name!r}: a column stands twice in {list(given)!r}; name each once")
    return given


def parse(value: Mapping[str, Sequence[str]] | None) -> list[Export]:
    """Read `{"chat.jsonl": ["messages"]}`; BadArgument when a name, a suffix or a list of columns does not fit."""
    if not isinstance(value, Mapping | None):
        raise BadArgument(
            f"exports: expected names with columns, such as {{'chat.jsonl': ['messages']}}, not {value!r}"
        )
    return [Export.parse(name, columns) for name, columns in (value or {}).items()]


def project(table: pa.Table, export: Export) -> pa.Table:
    """Return the columns of `export`, of the types that its format can hold; BadArgument when it cannot be made."""
    for name in export.columns:
        if name not in table.column_names:
            raise BadArgument(f"write: export {export.name!r}: no column {name!r}; {nearest(name, table.column_names)}")
    # What no model made must not pass for what one did, least of all in a file that is carried away alone.
    stamp = [ANSWERED_BY] if ANSWERED_BY not in export.columns and _is_rehearsed(table) else []
    chosen = table.select([*export.columns, *stamp])
    return chosen if export.suffix == "parquet" else _as_plain(chosen, export)


def _is_rehearsed(table: pa.Table) -> bool:
    if ANSWERED_BY not in table.column_names:
        return False
    return any(name.startswith(NOT_A_MODEL) for name in table[ANSWERED_BY].unique().drop_null().to_pylist())


def _as_plain(table: pa.Table, export: Export) -> pa.Table:
    try:
        table.validate(full=True)
        return table.cast(plain_schema(table.schema))
    except (BadArgument, pa.ArrowException) as error:
        raise BadArgument(f"export {export.name!r}: {error}; change the column, or export to Parquet") from error


def write_part(store: Store, dataset: str, part: File, tables: Mapping[Export, pa.Table]) -> dict[str, dict[str, Any]]:
    """Write projected `tables` of the rows of `part`, and return the files by the names of the exports.

    Writing the same again changes nothing.
    """
    return {export.name: _write(store, dataset, part, export, table) for export, table in tables.items()}


def _write(store: Store, dataset: str, part: File, export: Export, table: pa.Table) -> dict[str, Any]:
    with _encoded(export, table) as data:
        size, digest = data.stat().st_size, _digest(data)
        # The part is in the name: two parts whose exported columns are equal still are two files.
        name = hashlib.sha256(f"{part.sha256} {digest}".encode()).hexdigest()[:16]
        file = File(f"{dataset}/exports/{export.folder}/part-{name}.{export.suffix}", table.num_rows, size, digest)
        store.create(file.uri, data)
    return asdict(file) | {"columns": table.column_names}


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def _encoded(export: Export, table: pa.Table) -> Iterator[Path]:
    """Give a local file that goes afterwards: a shard as JSON can be many times the size of its Parquet."""
    with tempfile.TemporaryDirectory(prefix="export-") as folder:
        path = Path(folder) / "part"
        with path.open("wb") as file:
            ENCODERS[export.suffix](table, file)
        yield path


def _parquet(table: pa.Table, file: IO[bytes]) -> None:
    file.write(encode(table))


def _jsonl(table: pa.Table, file: IO[bytes]) -> None:
    for lines in json_lines(table):
        file.write(lines)


def _jsonl_gz(table: pa.Table, file: IO[bytes]) -> None:
    # Without name and time, so that the same rows give the same bytes.
    with gzip.GzipFile(filename="", mode="wb", compresslevel=6, fileobj=file, mtime=0) as packed:
        for lines in json_lines(table):
            packed.write(lines)


ENCODERS: Mapping[str, Callable[[pa.Table, IO[bytes]], None]] = {
    "jsonl": _jsonl,
    "jsonl.gz": _jsonl_gz,
    "parquet": _parquet,
}


def names(parts: Iterable[Mapping[str, Any]]) -> dict[str, list[str]]:
    """Return the exports of the parts of a version with their columns; parts written without any are passed over."""
    found: dict[str, dict[str, None]] = {}
    for part in parts:
        for name, file in part.get("exports", {}).items():
            found.setdefault(name, {}).update(dict.fromkeys(file["columns"]))
    return {name: list(columns) for name, columns in found.items()}


def files(published: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    """Return the files of one export of a version, in the order of its parts; BadArgument when there is none.

    Parts that an earlier version wrote before the export was asked for have none.
    """
    found = [part["exports"][name] for part in published["parts"] if name in part.get("exports", {})]
    if not found and published["parts"]:
        raise BadArgument(f"no export {name!r}; {nearest(name, names(published['parts']))}")
    return found


def read(store: Store, published: Mapping[str, Any], name: str) -> Iterator[dict[str, Any]]:
    """Yield the rows of one export of a version: for notebooks and tests."""
    for file in files(published, name):
        yield from _rows(store, File.parse(file))


def _rows(store: Store, file: File) -> Iterator[dict[str, Any]]:
    if file.uri.endswith(".parquet"):
        for batch in read_table(store, file).to_batches():
            yield from batch.to_pylist()
        return
    data = store.read(file.uri)
    if hashlib.sha256(data).hexdigest() != file.sha256:
        raise Permanent(f"{file.uri!r} is damaged: its bytes are not those that its manifest names")
    raw: IO[bytes] = BytesIO(data)
    with gzip.open(raw) if file.uri.endswith(".gz") else raw as lines:
        yield from map(orjson.loads, lines)
