"""What files a source holds, and which of them are new."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from dataflow_ops.errors import BadSource
from dataflow_ops.languages import by_name, file_name
from dataflow_ops.store import Store, Stored, local_path

Format = Literal["jsonl", "json", "csv", "tsv", "parquet", "text", "html", "database", "document"]
Compression = Literal["gzip", "zstd"]

FORMATS: Mapping[str, Format] = {
    ".jsonl": "jsonl", ".ndjson": "jsonl", ".json": "json", ".csv": "csv", ".tsv": "tsv", ".parquet": "parquet",
    ".txt": "text", ".text": "text", ".md": "text", ".html": "html", ".htm": "html",
}  # fmt: skip
DATABASES: Mapping[str, Format] = {".sqlite": "database", ".sqlite3": "database", ".db": "database"}
"""Suffixes of files that are read where databases are looked for, and nowhere else."""
DOCUMENTS: Mapping[str, Format] = dict.fromkeys(
    (
        *(".pdf", ".docx", ".pptx", ".xlsx", ".epub", ".html", ".htm", ".xhtml", ".md", ".txt"),
        *(".png", ".jpg", ".jpeg", ".tif", ".tiff", ".webp"),
    ),
    "document",
)
"""Suffixes of files that are each one document, where documents are looked for: their bytes are read as they are."""
RECORDS = (".jsonl", ".ndjson", ".csv", ".tsv", ".parquet")
"""Suffixes of files that hold records where the other files are programs."""
UNPACKED: Mapping[str, str] = {"parquet": "Parquet file", "database": "database", "document": "document"}
"""Formats of which no stream can be read."""
COMPRESSIONS: Mapping[str, Compression] = {".gz": "gzip", ".zst": "zstd", ".zstd": "zstd"}

_WILDCARD = re.compile(r"[*?\[]")
_GLOB_PART = re.compile(r"\*\*/|\*\*|\*|\?|\[!?[^\]/]+\]|[^*?\[]+|\[")


@dataclass(frozen=True)
class SourceFile:
    """A file that can be read."""

    uri: str
    etag: str
    bytes: int
    format: Format
    compression: Compression | None = None
    about: Mapping[str, str] | None = None
    """Of a database: the fields of its one record."""


@dataclass(frozen=True)
class Skipped:
    """A file that is not read, and why."""

    uri: str
    reason: str


@dataclass(frozen=True)
class Found:
    """What a source holds: files to read, files that cannot be read, and how many were left aside."""

    files: list[SourceFile]
    skipped: list[Skipped]
    unchanged: int
    hidden: int


def find(
    store: Store,
    source: str | Sequence[str],
    *,
    seen: Mapping[str, str] | None = None,
    code_files: bool = False,
    formats: Mapping[str, Format] = FORMATS,
) -> Found:
    """List the files under `source` that are new, or changed since their etag was `seen`.

    A source is a file, a folder, the beginning of object names, a glob (`*` within a folder, `**` across folders), or
    several of these; a file that two of them name is listed once. Names that start with `_` or `.` below the source
    are hidden. With `code_files`, a file whose name tells a language, such as `a.py`, `Makefile` or `b.json`, is one text;
    without it such files are skipped, and JSON is records. `formats` are the suffixes to read. Raises BadSource for a source without any file that can be read, seen ones included.
    """
    before = seen or {}
    files: dict[str, SourceFile] = {}
    skipped: dict[str, Skipped] = {}
    hidden: set[str] = set()
    for one in [source] if isinstance(source, str) else source:
        here = {stored.uri: _classify(stored, code_files, formats) for stored in _visible(store, one, hidden)}
        files |= {uri: file for uri, file in here.items() if isinstance(file, SourceFile)}
        skipped |= {uri: file for uri, file in here.items() if isinstance(file, Skipped)}
        _need_files(one, here, formats)
    if not files:
        raise BadSource(f"no source is named: expected a file, a folder or a glob, found {source!r}")
    new = [file for file in files.values() if before.get(file.uri) != file.etag]
    return Found(new, list(skipped.values()), len(files) - len(new), len(hidden - files.keys()))


def _visible(store: Store, source: str, hidden: set[str]) -> Iterator[Stored]:
    for stored, below in _listed(store, source):
        if stored.uri.endswith("/"):  # the marker that some S3 clients write for an empty folder
            continue
        if any(part[0] in "_." for part in below.split("/") if part):
            hidden.add(stored.uri)
        else:
            yield stored


def _listed(store: Store, source: str) -> Iterator[tuple[Stored, str]]:
    """Yield each object that `source` names, with its name below the source."""
    named = source if source.startswith("s3://") else str(local_path(source))
    if not source.endswith("/") and (one := store.stat(named)):
        yield one, ""
    elif wildcard := _WILDCARD.search(named):
        folder = named[: named.rfind("/", 0, wildcard.start()) + 1]
        fits = _glob(named)
        found = store.list(folder or ".")
        yield from ((stored, stored.uri.removeprefix(folder)) for stored in found if fits.fullmatch(stored.uri))
    else:
        yield from _under(store, named, is_folder=source.endswith("/"))


def _under(store: Store, name: str, *, is_folder: bool) -> Iterator[tuple[Stored, str]]:
    """Yield what lies in the folder `name`; where there is no such folder, the objects whose names begin so."""
    folder = name.rstrip("/") + "/"
    inside = [stored for stored in store.list(folder) if stored.uri.startswith(folder) or name == "."]
    if inside or is_folder:
        yield from ((stored, stored.uri.removeprefix(folder)) for stored in inside)
        return
    parent = name[: name.rfind("/") + 1]
    yield from ((stored, stored.uri.removeprefix(parent)) for stored in store.list(name))


def _glob(pattern: str) -> re.Pattern[str]:
    translated = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]", "[": r"\["}
    parts = (
        translated.get(part) or (part.replace("[!", "[^") if part[0] == "[" else re.escape(part))
        for part in _GLOB_PART.findall(pattern)
    )
    return re.compile("".join(parts), re.DOTALL)


def _classify(stored: Stored, code_files: bool, formats: Mapping[str, Format]) -> SourceFile | Skipped:
    lower = stored.uri.lower()
    compression = next((kind for suffix, kind in COMPRESSIONS.items() if lower.endswith(suffix)), None)
    kind = _format(stored.uri.rpartition(".")[0] if compression else stored.uri, code_files, formats)
    if kind is None:
        known = f"its suffix is not one of {_suffixes(formats)}"
        return Skipped(stored.uri, f"{known}, and its name tells no language" if code_files else known)
    if kind in UNPACKED and compression:
        return Skipped(stored.uri, f"a compressed {UNPACKED[kind]} cannot be read in parts: unpack it")
    if not _is_unicode(stored.uri):
        return Skipped(stored.uri.encode(errors="backslashreplace").decode(), "its name is not valid UTF-8: rename it")
    return SourceFile(stored.uri, stored.etag, stored.bytes, kind, compression)


def _format(uri: str, code_files: bool, formats: Mapping[str, Format]) -> Format | None:
    if code_files and not uri.lower().endswith(RECORDS) and by_name(file_name(uri)):
        return "text"
    return next((kind for suffix, kind in formats.items() if uri.lower().endswith(suffix)), None)


def _is_unicode(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _need_files(source: str, here: Mapping[str, SourceFile | Skipped], formats: Mapping[str, Format]) -> None:
    if any(isinstance(file, SourceFile) for file in here.values()):
        return
    reasons = Counter(file.reason for file in here.values() if isinstance(file, Skipped))
    example = next((f", {file.uri!r}: {file.reason}" for file in here.values() if isinstance(file, Skipped)), "")
    raise BadSource(
        f"nothing to read in {source!r}: expected a file, a folder or a glob of files named {_suffixes(formats)}; "
        f"found {reasons.total()} other files{example}"
    )


def _suffixes(formats: Mapping[str, Format]) -> str:
    packed = any(kind not in UNPACKED for kind in formats.values())
    return " ".join(formats) + (f" (each also with {' '.join(COMPRESSIONS)})" if packed else "")
