"""The beginning of a run: what is new in the sources, dealt into batches, and read into shards."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import pyarrow as pa
from pydantic import TypeAdapter, ValidationError

from dataflow_ops import dataset, manifest, redo
from dataflow_ops.databases import finding
from dataflow_ops.errors import BadArgument, BadSource
from dataflow_ops.ledger import ID_SPACE, id_sum
from dataflow_ops.manifest import Batch
from dataflow_ops.shards import File, Shard, read_table, write_table
from dataflow_ops.sources import DOCUMENTS, Chunk, Column, Found, SourceFile, check_columns, deal, find, records, shards
from dataflow_ops.stage import Clock, Place, commit, side_file
from dataflow_ops.steps import named
from dataflow_ops.store import Store

MIB = 1 << 20

Finder = Callable[[Mapping[str, str]], Found]
"""Lists a source: what is new, or not as it was seen, URI by etag."""


@dataclass(frozen=True)
class Settings:
    """What to read and what it is compared with, checked."""

    source: str
    dataset: str
    full_refresh: bool
    batch_mib: float
    redo: str = ""
    """A version of the dataset: nothing is read but the rows that its run rejected."""
    code_files: bool = False
    """Files whose names tell a programming language are each one text."""
    documents: bool = False
    """Files that are documents by their suffix are each one row of bytes, and others are not read."""

    @classmethod
    def parse(
        cls,
        source: str,
        name: str,
        full_refresh: bool | str,
        batch_mib: float | str,
        redo: str = "",
        *,
        code_files: bool = False,
        documents: bool = False,
    ) -> "Settings":
        """Check values that came through a form; BadArgument names the one that does not fit."""
        try:
            refresh = TypeAdapter(bool).validate_python(full_refresh)
            mib = TypeAdapter(float).validate_python(batch_mib)
        except ValidationError as error:
            raise BadArgument(
                f"full_refresh={full_refresh!r}, batch_mib={batch_mib!r}: {error.errors()[0]['msg']}"
            ) from error
        if not source.strip() or not name.strip() or mib <= 0:
            raise BadArgument(
                f"source={source!r}, dataset={name!r}, batch_mib={mib!r}: none may be empty, the last must be above 0"
            )
        if redo and refresh:
            raise BadArgument(
                f"redo={redo!r} with full_refresh: the one reads rejected rows, the other all; choose one"
            )
        if code_files and documents:
            raise BadArgument("code_files with documents: the one reads files as text, the other as bytes; choose one")
        return cls(source.strip(), name.strip().rstrip("/"), refresh, mib, redo.strip(), code_files, documents)


@dataclass(frozen=True)
class Plan:
    """What a run reads, fixed when it begins: a retry sees the same files and the same published version."""

    base: int | None
    """The version that new rows are compared with and added to; None for the first, or a full refresh."""
    version: int
    dataset: str
    sources: list[dict[str, Any]]
    batches: list[dict[str, Any]]
    skipped: list[dict[str, str]]
    unchanged: int
    hidden: int
    only: dict[str, Any] | None = None
    """A file that names the rows to read and no others; None for all."""

    @staticmethod
    def uri(folder: str) -> str:
        """Return where the plan of the run in `folder` is."""
        return f"{folder}/_plan.json"

    @classmethod
    def load(cls, store: Store, folder: str) -> "Plan":
        """Read the plan of a run."""
        return cls(**manifest.load(store, cls.uri(folder)))


def plan(store: Store, folder: str, settings: Settings, finder: Finder | None = None) -> Plan:
    """List what is new since the last published version and deal it into batches; a retry returns the first plan.

    What `finder` lists is read, the files of the source where there is none.
    """
    given: dict[str, Any] = {"formats": DOCUMENTS} if settings.documents else {"code_files": settings.code_files}
    listed = finder or (lambda seen: find(store, settings.source, seen=seen, **given))
    if done := manifest.find(store, Plan.uri(folder)):
        return Plan(**done)
    newest = dataset.latest(store, settings.dataset)
    base = None if settings.full_refresh else newest
    found, only = _rejected(store, folder, settings, listed) if settings.redo else (_new(listed, base), None)
    dealt = deal(found.files, batch_bytes=int(settings.batch_mib * MIB))
    value = Plan(
        base=base["version"] if base else None,
        version=newest["version"] + 1 if newest else 1,
        dataset=settings.dataset,
        sources=[{"uri": file.uri, "etag": file.etag, "bytes": file.bytes} for file in found.files],
        batches=[_batch(store, folder, number, files, only) for number, files in enumerate(dealt)],
        skipped=[asdict(file) for file in found.skipped],
        unchanged=found.unchanged,
        hidden=found.hidden,
        only=only,
    )
    return Plan(**manifest.commit(store, Plan.uri(folder), asdict(value)))


def _new(listed: Finder, base: Mapping[str, Any] | None) -> Found:
    return listed({source["uri"]: source["etag"] for source in base["sources"]} if base else {})


def _rejected(store: Store, folder: str, settings: Settings, finder: Finder) -> tuple[Found, dict[str, Any]]:
    """Return the files that hold the rows which a finished run rejected, and a file that names the rows."""
    finished = redo.version(store, settings.dataset, settings.redo)
    wanted = redo.rejected_rows(store, finished)
    files = set(wanted["source"].to_pylist())
    found = finder({})
    listed = [file for file in found.files if file.uri in files]
    before = {source["uri"]: source["etag"] for source in finished["sources"]}
    changed = [file.uri for file in listed if before.get(file.uri) != file.etag]
    if missing := sorted(files - {file.uri for file in listed}) + changed:
        raise BadSource(
            f"redo={settings.redo!r}: {missing[0]!r} was changed or deleted since, or does not lie under "
            f"source={settings.source!r}; a run without redo reads what is new"
        )
    return replace(found, files=listed), asdict(write_table(store, f"{folder}/ingest", "only", wanted))


def _batch(
    store: Store, folder: str, number: int, files: Sequence[SourceFile], only: Mapping[str, Any] | None
) -> dict[str, Any]:
    listed = [asdict(file) for file in files]
    place = Place(store, f"{folder}/ingest/{number:05d}-{named(listed)}", "ingest")
    value = {"task": "ingest", "inputs": [], "ops": [], "records": [], "uri": place.manifest} | {
        "files": listed,
        "only": only,
    }
    manifest.commit(store, place.manifest, value)
    return asdict(Batch(place.manifest, len(files), 0, sum(file.bytes for file in files)))


def summary(planned: Plan) -> list[str]:
    """Return a few lines for the log of the task."""
    size = sum(source["bytes"] for source in planned.sources) / MIB
    since = f"since version {planned.base}" if planned.base else "for the first version or a full refresh"
    which = " of which only rejected rows are read," if planned.only else ""
    first = f"{len(planned.sources)} files ({size:.1f} MiB) to read {since},{which} in {len(planned.batches)} batches; {planned.unchanged} unchanged"
    return [first, *(f"  not read: {file['uri']}: {file['reason']}" for file in planned.skipped)]


def published(store: Store, folder: str) -> list[Shard]:
    """Return the index of the version that the run in `folder` is compared with."""
    planned = Plan.load(store, folder)
    index = dataset.index_shards(_base(store, planned))
    if planned.only is None:
        return index
    return redo.others(store, folder, index, read_table(store, File.parse(planned.only)))


def _base(store: Store, planned: Plan) -> dict[str, Any] | None:
    return manifest.load(store, dataset.version_uri(planned.dataset, planned.base)) if planned.base else None


def published_ids(store: Store, folder: str) -> pa.Array | None:
    """Return the ids of published rows that the run in `folder` may make once more; None for most runs: it makes none."""
    planned = Plan.load(store, folder)
    base = _base(store, planned) if planned.only else None
    return dataset.ids(store, base) if base else None


Names = Mapping[str, Sequence[str]]
"""Columns to read, each with the other names it may have in a file."""


def wanted(columns: Names, optional: Names | None = None) -> list[Column]:
    """Return the columns to read; BadArgument where a name, of a column or in a file, is both required and optional."""
    lists = {**columns, **(optional or {})}
    if wrong := [name for name, also in lists.items() if isinstance(also, str)]:
        raise BadArgument(f"{wrong[0]!r}: {lists[wrong[0]]!r}: expected a list of names, [{lists[wrong[0]]!r}]")
    required = [Column(name, tuple(also)) for name, also in columns.items()]
    others = [Column(name, tuple(also), required=False) for name, also in (optional or {}).items()]
    taken = {name for column in required for name in column.names}
    if both := [name for column in others for name in column.names if name in taken]:
        raise BadArgument(f"{both[0]!r} is among both columns and optional: expected it in one of them")
    check_columns([*required, *others])
    return [*required, *others]


def read(
    place: Place,
    batch: str,
    columns: Names,
    shard_mib: float,
    text_unit: str = "file",
    *,
    optional: Names | None = None,
) -> dict[str, Any]:
    """Read the files of a batch into shards of about `shard_mib` MiB of text or bytes; return the manifest.

    A record without one of the `columns` is rejected; an `optional` column is null there. The first column of documents
    holds bytes.
    """
    if done := manifest.find(place.store, place.manifest):
        return done
    given = manifest.load(place.store, batch)
    files = [SourceFile(**file) for file in given["files"]]
    asked = wanted(columns, optional)
    if any(file.format == "document" for file in files):
        asked[0] = replace(asked[0], binary=True)
    open_file = lambda file: records(place.store, _unchanged(place.store, file), asked, text_unit=text_unit)  # noqa: E731
    chunks = _only((chunk for file in files for chunk in open_file(file)), place.store, given.get("only"))
    done, clock = [], Clock()
    for number, chunk in enumerate(shards(chunks, shard_bytes=int(shard_mib * MIB))):
        done.append(_read_one(place, number, chunk, clock))
        clock = Clock()
    return commit(place, done, [batch], ())


def _only(chunks: Iterator[Chunk], store: Store, file: Mapping[str, Any] | None) -> Iterator[Chunk]:
    """Leave out all rows but those that `file` names."""
    places = read_table(store, File.parse(file)) if file else None
    for chunk in chunks:
        yield chunk if places is None else Chunk(redo.only(chunk.rows, places), redo.only(chunk.rejects, places))


def _unchanged(store: Store, file: SourceFile) -> SourceFile:
    if finding.is_server(file.uri):  # it was asked what it holds when the run began
        return file
    seen = store.stat(file.uri)
    if seen is None or seen.etag != file.etag:
        raise BadSource(
            f"{file.uri!r} was changed or deleted since this run began; trigger a new run to read it as it is now"
        )
    return file


def _read_one(place: Place, number: int, chunk: Chunk, clock: Clock) -> dict[str, Any]:
    if done := manifest.find(place.store, place.record(number)):
        return done
    rows, rejects = chunk.rows, chunk.rejects
    out, gone = id_sum(rows["id"]), id_sum(rejects["id"])
    sources = pa.concat_arrays([rows["source"].unique(), rejects["source"].unique()])
    record = {
        "number": number,
        "inputs": sources.unique().to_pylist(),
        "shard": Shard(write_table(place.store, f"{place.folder}/data", f"part-{number:05d}", rows)).as_json(),
        "verdicts": None,
        "rejects": side_file(place, "rejects", number, rejects),
        "rows": {"in": len(rows) + len(rejects), "made": 0, "out": len(rows), "dropped": 0, "rejected": len(rejects)},
        "dropped": {},
        "rejected": _counts(rejects),
        "ids": {"in": str((out + gone) % ID_SPACE), "out": str(out)},
        "bytes_in": rows.nbytes,
    }
    return manifest.commit(place.store, place.record(number), record | clock.stop())


def _counts(rejects: pa.Table) -> dict[str, int]:
    """Count reasons without the file and line that each begins with, and without the values that differ."""
    return dict(Counter(_kind(reason.partition(": ")[2] or reason) for reason in rejects["reason"].to_pylist()))


def _kind(reason: str) -> str:
    return re.split(r": | at position |,? [0-9]", reason)[0]


def load_table(store: Store, source: str) -> pa.Table:
    """Read a small source whole, for a setting of an op that is a table: benchmark questions, for example."""
    text = Column("text", ("content", "question", "problem", "prompt", "instruction"))
    chunks = [chunk.rows for file in find(store, source).files for chunk in records(store, file, [text])]
    return pa.concat_tables(chunks)
