"""A published dataset: parts, versions that name them, and a pointer to the latest.

<dataset>/data/part-<sha16>.parquet              rows, written by the write stage, unseen until a version names them
<dataset>/exports/chat/part-<sha16>.jsonl        the same rows with other columns, for each export that is asked for
<dataset>/index/part-<sha16>.parquet             ids and sketches of the same rows, to compare later runs with
<dataset>/versions/000003/manifest.json          the version: created once, after everything it names
<dataset>/versions/000003/README.md, funnel.svg  its card
<dataset>/latest.json                            {"version": 3, "manifest": uri}
<dataset>/rehearsals/<run>/manifest.json         what a run made without a model: no version, unless it is asked for
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from dataflow_ops import manifest
from dataflow_ops.errors import Permanent
from dataflow_ops.exports import Export, project, write_part
from dataflow_ops.ledger import id_sum
from dataflow_ops.llm.asking import NOT_A_MODEL
from dataflow_ops.manifest import Batch
from dataflow_ops.op import ANSWERED_BY
from dataflow_ops.shards import Columns, File, Shard, read_shard, require, write_table
from dataflow_ops.stage import Clock, Place, commit
from dataflow_ops.store import Store

PLACE = ["source", "source_row"]
"""Columns that say where a row, or what it was made of, stands in the sources."""
NAME = re.compile(r"/versions/(\d{6})/manifest\.json$")


class Overtaken(Permanent):
    """Another run published while this one was comparing itself with an older version."""


def version_uri(dataset: str, version: int) -> str:
    """Return where the manifest of a version is."""
    return f"{dataset.rstrip('/')}/versions/{version:06d}/manifest.json"


def latest(store: Store, dataset: str) -> dict[str, Any] | None:
    """Return the manifest of the newest version, None when nothing is published yet.

    The versions themselves are asked, not the pointer: a writer may have died between the two.
    """
    numbers = [
        int(match[1]) for stored in store.list(f"{dataset.rstrip('/')}/versions/") if (match := NAME.search(stored.uri))
    ]
    return manifest.load(store, version_uri(dataset, max(numbers))) if numbers else None


def index_shards(published: Mapping[str, Any] | None) -> list[Shard]:
    """Return the index files of a version as shards: what a reduce compares new rows with."""
    parts = published["parts"] if published else ()
    return [Shard(File.parse(part["index"])) for part in parts if part["index"]]


def write(
    place: Place,
    batch: Batch,
    dataset: str,
    columns: Sequence[str],
    index: Sequence[str],
    *,
    published: pa.Array | None = None,
    exports: Sequence[Export] = (),
) -> dict[str, Any]:
    """Write the shards of `batch` as parts of `dataset`, with `columns` of each row, `index` beside; return the manifest.

    Each of `exports` is one more file of the same rows, with columns of its own.
    Rows whose ids are among `published` are left out: where a run reads rows once more, some have come out before.
    """
    if done := manifest.find(place.store, place.manifest):
        return done
    given = manifest.load(place.store, batch.manifest)["records"]
    wanted: dict[str, Any] = {"columns": columns, "index": index, "published": published, "exports": exports}
    records = [_write_part(place, record, dataset.rstrip("/"), **wanted) for record in given]
    return commit(place, records, [batch.manifest], ())


def _write_part(
    place: Place,
    given: Mapping[str, Any],
    dataset: str,
    *,
    columns: Sequence[str],
    index: Sequence[str],
    published: pa.Array | None,
    exports: Sequence[Export],
) -> dict[str, Any]:
    shard, clock = Shard.parse(given["shard"]), Clock()
    whole = read_shard(place.store, shard)
    require(whole, [*columns, *index], "write")
    known = pc.is_in(whole["id"], value_set=published if published is not None else pa.array([], whole["id"].type))
    table, gone = whole.filter(pc.invert(known)), whole["id"].filter(known).to_pylist()
    projected = {export: project(table, export) for export in exports}
    # Who answered is not for a DAG file to leave out: what no model made must not pass for what one did.
    stamp = [name for name in (ANSWERED_BY,) if name in table.column_names and name not in columns]
    data = write_table(place.store, f"{dataset}/data", "part", table.select(["id", *columns, *stamp]))
    also = write_part(place.store, dataset, data, projected) if table.num_rows else {}
    place_in_source = [name for name in PLACE if name in table.column_names]
    kept = table.select(list(dict.fromkeys(["id", *index, *place_in_source])))
    beside = write_table(place.store, f"{dataset}/index", "part", kept) if index else None
    rows = {"in": whole.num_rows, "made": 0, "out": table.num_rows, "rejected": 0, "dropped": len(gone)}
    return clock.stop() | {
        "number": given["number"], "shard": Shard(data).as_json(), "verdicts": None, "rejects": None,
        "index": asdict(beside) if beside else None, "exports": also, "inputs": [shard.file.uri], "bytes_in": shard.file.bytes,
        "dropped": {"published already": {"rows": len(gone), "examples": gone[:5]}} if gone else {},
        "rows": rows, "rejected": {}, "ids": {"in": str(id_sum(whole["id"])), "out": str(id_sum(table["id"]))}, "answered_by": _answered_by(table),
    }  # fmt: skip


def _answered_by(table: pa.Table) -> list[str]:
    found = table[ANSWERED_BY].unique().drop_null().to_pylist() if ANSWERED_BY in table.column_names else []
    return sorted(found)


def ids(store: Store, published: Mapping[str, Any]) -> pa.Array:
    """Return the ids of all rows of a version."""
    reader = Columns(store)
    found = [reader.read(Shard(File.parse(part)), ["id"])["id"].combine_chunks() for part in published["parts"]]
    return pa.concat_arrays([pa.array([], pa.string()), *(each.cast(pa.string()) for each in found)])


def new_parts(written: Sequence[Mapping[str, Any]], version: int) -> list[dict[str, Any]]:
    """Return the parts that a run adds, in their order; shards of which no row is left are no parts."""
    parts = [
        {**record["shard"]["file"], "index": record["index"], "exports": record.get("exports", {}), "version": version,
         "answered_by": record["answered_by"]}
        for done in written
        for record in done["records"]
    ]  # fmt: skip
    return [part for part in parts if part["rows"]]


def create_version(store: Store, dataset: str, value: dict[str, Any]) -> dict[str, Any]:
    """Create a version; Overtaken when its number was taken by another run. A retry of the same run finds its own."""
    kept = manifest.commit(store, version_uri(dataset, value["version"]), value)
    if kept["run"] != value["run"] or kept["dag"] != value["dag"]:
        raise Overtaken(
            f"version {value['version']} of {dataset!r} was published by run {kept['run']!r} of {kept['dag']!r} while this run "
            "compared its rows with the version before; trigger it again"
        )
    return kept


def rehearsal_uri(dataset: str, run: str) -> str:
    """Return where the manifest of a run lies whose rows no model made: not among the versions."""
    return f"{dataset.rstrip('/')}/rehearsals/{manifest.slug(run)}/manifest.json"


def not_by_a_model(parts: Sequence[Mapping[str, Any]]) -> bool:
    """Return whether `parts` hold rows that a rehearsal or a replay answered for."""
    return any(name.startswith(NOT_A_MODEL) for part in parts for name in part.get("answered_by", ()))


def point(store: Store, dataset: str) -> dict[str, Any]:
    """Make `latest.json` name the newest version, also when another run publishes at the same moment."""
    while True:
        newest = latest(store, dataset)
        if newest is None:
            raise Permanent(f"{dataset!r} has no version to point to")
        pointer = {"version": newest["version"], "manifest": version_uri(dataset, newest["version"])}
        store.replace(f"{dataset.rstrip('/')}/latest.json", manifest.dump(pointer))
        again = latest(store, dataset)
        if again and again["version"] == newest["version"]:
            return pointer


def read(store: Store, published: Mapping[str, Any], columns: Sequence[str] | None = None) -> pa.Table:
    """Read all rows of a version: for small datasets, notebooks and tests."""
    tables = [read_shard(store, Shard(File.parse(part))) for part in published["parts"]]
    tables = [table.select(columns) if columns else table for table in tables]
    return pa.concat_tables(tables) if tables else pa.table({"id": pa.array([], pa.string())})


def verdicts(store: Store, published: Mapping[str, Any], task: str) -> pa.Table:
    """Read the side tables of `task` in the run that published a version: every row's measures and verdict."""
    tables = [read_shard(store, Shard(File.parse(file))) for file in published["side_tables"].get(task, ())]
    return (
        pa.concat_tables(tables, promote_options="default") if tables else pa.table({"id": pa.array([], pa.string())})
    )
