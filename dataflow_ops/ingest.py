"""The beginning of a run: what is new in the sources, dealt into batches, and read into shards."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import pyarrow as pa
from pydantic import TypeAdapter, ValidationError

from dataflow_ops import dataset, manifest
from dataflow_ops.errors import BadArgument, BadSource
from dataflow_ops.ledger import ID_SPACE, id_sum
from dataflow_ops.manifest import Batch
from dataflow_ops.shards import Shard, write_table
from dataflow_ops.sources import Chunk, Column, SourceFile, deal, find, records, shards
from dataflow_ops.stage import Clock, Place, commit, side_file
from dataflow_ops.steps import named
from dataflow_ops.store import Store

MIB = 1 << 20


@dataclass(frozen=True)
class Settings:
    """What to read and what it is compared with, checked."""

    source: str
    dataset: str
    full_refresh: bool
    batch_mib: float

    @classmethod
    def parse(cls, source: str, name: str, full_refresh: bool | str, batch_mib: float | str) -> "Settings":
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
        return cls(source.strip(), name.strip().rstrip("/"), refresh, mib)


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

    @staticmethod
    def uri(folder: str) -> str:
        """Return where the plan of the run in `folder` is."""
        return f"{folder}/_plan.json"

    @classmethod
    def load(cls, store: Store, folder: str) -> "Plan":
        """Read the plan of a run."""
        return cls(**manifest.load(store, cls.uri(folder)))


def plan(store: Store, folder: str, settings: Settings) -> Plan:
    """List what is new since the last published version and deal it into batches; a retry returns the first plan."""
    if done := manifest.find(store, Plan.uri(folder)):
        return Plan(**done)
    newest = dataset.latest(store, settings.dataset)
    base = None if settings.full_refresh else newest
    seen = {source["uri"]: source["etag"] for source in base["sources"]} if base else {}
    found = find(store, settings.source, seen=seen)
    dealt = deal(found.files, batch_bytes=int(settings.batch_mib * MIB))
    value = Plan(
        base=base["version"] if base else None,
        version=newest["version"] + 1 if newest else 1,
        dataset=settings.dataset,
        sources=[{"uri": file.uri, "etag": file.etag, "bytes": file.bytes} for file in found.files],
        batches=[_batch(store, folder, number, files) for number, files in enumerate(dealt)],
        skipped=[asdict(file) for file in found.skipped],
        unchanged=found.unchanged,
        hidden=found.hidden,
    )
    return Plan(**manifest.commit(store, Plan.uri(folder), asdict(value)))


def _batch(store: Store, folder: str, number: int, files: Sequence[SourceFile]) -> dict[str, Any]:
    listed = [asdict(file) for file in files]
    place = Place(store, f"{folder}/ingest/{number:05d}-{named(listed)}", "ingest")
    value = {"task": "ingest", "inputs": [], "ops": [], "records": [], "files": listed, "uri": place.manifest}
    manifest.commit(store, place.manifest, value)
    return asdict(Batch(place.manifest, len(files), 0, sum(file.bytes for file in files)))


def summary(planned: Plan) -> list[str]:
    """Return a few lines for the log of the task."""
    size = sum(source["bytes"] for source in planned.sources) / MIB
    since = f"since version {planned.base}" if planned.base else "for the first version or a full refresh"
    first = f"{len(planned.sources)} files ({size:.1f} MiB) to read {since}, in {len(planned.batches)} batches; {planned.unchanged} unchanged"
    return [first, *(f"  not read: {file['uri']}: {file['reason']}" for file in planned.skipped)]


def published(store: Store, folder: str) -> list[Shard]:
    """Return the index of the version that the run in `folder` is compared with."""
    planned = Plan.load(store, folder)
    base = planned.base and manifest.load(store, dataset.version_uri(planned.dataset, planned.base))
    return dataset.index_shards(base or None)


def read(
    place: Place, batch: str, columns: Mapping[str, Sequence[str]], shard_mib: float, text_unit: str = "file"
) -> dict[str, Any]:
    """Read the files of a batch into shards of about `shard_mib` MiB of text; return the manifest."""
    if done := manifest.find(place.store, place.manifest):
        return done
    files = [SourceFile(**file) for file in manifest.load(place.store, batch)["files"]]
    wanted = [Column(name, tuple(also)) for name, also in columns.items()]
    open_file = lambda file: records(place.store, _unchanged(place.store, file), wanted, text_unit=text_unit)  # noqa: E731
    chunks = (chunk for file in files for chunk in open_file(file))
    done, clock = [], Clock()
    for number, chunk in enumerate(shards(chunks, shard_bytes=int(shard_mib * MIB))):
        done.append(_read_one(place, number, chunk, clock))
        clock = Clock()
    return commit(place, done, [batch], ())


def _unchanged(store: Store, file: SourceFile) -> SourceFile:
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
