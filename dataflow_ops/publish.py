"""The end of a run: the proof that no row was lost, then a version of the dataset, visible all at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from dataflow_ops import __version__, card, dataset, exports, lineage, manifest
from dataflow_ops.ingest import Plan
from dataflow_ops.presets import thresholds_of
from dataflow_ops.shards import Columns, File, Shard, read_table
from dataflow_ops.store import Store

DRAWN = 200_000
"""Rows whose measures go into the plots of a card."""


NO_VERSION = "no model made all of these rows, so they are no version; rehearsal_as_latest makes them one"


@dataclass(frozen=True)
class Run:
    """A run of a DAG, and where its work lies."""

    store: Store
    folder: str
    dag: str
    run: str


def publish(run: Run, name: str, written: Sequence[str], rehearsal_as_latest: bool = False) -> dict[str, Any]:
    """Publish what `written` manifests name as the next version of the dataset `name`; say so when nothing is new.

    Rows that a rehearsal or a replay answered for make no version, unless `rehearsal_as_latest`: they are put beside.
    """
    plan = Plan.load(run.store, run.folder)
    if not plan.batches:
        return _nothing_new(name, plan)
    found = lineage.walk(run.store, written)
    lineage.check(found, [batch["manifest"] for batch in plan.batches])
    funnel = lineage.funnel(found, run.dag, run.run)
    value = _version(run, name, plan, found, [found[uri] for uri in written])
    aside = value["rehearsal"] and not rehearsal_as_latest
    if aside:
        value["version"] = None
    uri = dataset.rehearsal_uri(name, run.run) if aside else dataset.version_uri(name, plan.version)
    files = _about(run, value | {"manifest": uri}, funnel)
    _put(run.store, f"{run.folder}/card", files)
    kept = _put_aside(run, uri, value, files) if aside else _make_version(run, name, value, files)
    said = _said(kept, uri if aside else None)
    return {
        "dataset": name,
        "version": None if aside else kept["version"],
        "manifest": uri,
        "funnel": kept["funnel"],
        "note": NO_VERSION if aside else None,
        "summary": [*lineage.summary(found.values()), said],
    }


def _make_version(run: Run, name: str, value: dict[str, Any], files: Mapping[str, bytes]) -> dict[str, Any]:
    """Create the version, put its card beside it, and point to it."""
    kept = dataset.create_version(run.store, name, value)
    _put(run.store, f"{name.rstrip('/')}/versions/{kept['version']:06d}", files)
    _put(run.store, name.rstrip("/"), {each: data for each, data in files.items() if each != "funnel.json"})
    dataset.point(run.store, name)
    return kept


def _put_aside(run: Run, uri: str, value: dict[str, Any], files: Mapping[str, bytes]) -> dict[str, Any]:
    """Put what no model made where nobody takes it for a version."""
    kept: dict[str, Any] = manifest.commit(run.store, uri, value)
    _put(run.store, uri.rpartition("/")[0], files)
    return kept


def _nothing_new(name: str, plan: Plan) -> dict[str, Any]:
    note = (
        f"nothing new since version {plan.base}: {plan.unchanged} source files are as they were, nothing is published"
    )
    return {"dataset": name, "version": plan.base, "manifest": None, "funnel": None, "note": note, "summary": [note]}


def _said(value: Mapping[str, Any], aside: str | None) -> str:
    rows = f"{value['rows']} rows in {len(value['parts'])} parts, {value['added']['rows']} of them new"
    if aside:
        return f"rehearsal of {value['dataset']}: {rows}, {aside}; {NO_VERSION}"
    return f"version {value['version']} of {value['dataset']}: {rows}"


def _version(
    run: Run, name: str, plan: Plan, found: Mapping[str, Any], written: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    base = manifest.load(run.store, dataset.version_uri(name, plan.base)) if plan.base else {"parts": [], "sources": []}
    added = dataset.new_parts(written, plan.version)
    parts = [*base["parts"], *added]
    sources = {source["uri"]: source for source in [*base["sources"], *plan.sources]}
    return {
        "dataset": name,
        "version": plan.version,
        "previous": plan.base,
        "dag": run.dag,
        "run": run.run,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "rows": sum(part["rows"] for part in parts),
        "bytes": sum(part["bytes"] for part in parts),
        "added": {"rows": sum(part["rows"] for part in added), "parts": len(added)},
        "columns": _columns(run.store, parts),
        "parts": parts,
        "exports": exports.names(parts),
        "sources": list(sources.values()),
        "ops": [{"task": value["task"], **op} for value in _one_of_each_task(found) for op in value["ops"]],
        "side_tables": lineage.side_tables(found, "verdicts"),
        "rejects": lineage.side_tables(found, "rejects"),
        "funnel": f"{run.folder}/card/funnel.json",
        "rehearsal": dataset.not_by_a_model(parts),
        "tokens": _tokens(found, added),
        "prompts": {key: prompt for each in found.values() for key, prompt in each.get("prompts", {}).items()},
        "software": {"dataflow-ops": __version__, "pyarrow": pa.__version__},
    }


def _tokens(found: Mapping[str, Any], added: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return what each model took, and the money per row that was kept."""
    used: dict[str, Any] = lineage.models_used([record for value in found.values() for record in value["records"]])
    costs = [model["cost"] for model in used.values()]
    rows = sum(part["rows"] for part in added)
    if rows and any(costs) and None not in costs:
        used["cost per row kept"] = sum(costs) / rows
    return used


def _one_of_each_task(found: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return list({value["task"]: value for value in found.values()}.values())


def _columns(store: Store, parts: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    if not parts:
        return {}
    schema = Columns(store).open(parts[-1]["uri"]).schema_arrow
    return {field.name: str(field.type) for field in schema}


def _about(run: Run, value: Mapping[str, Any], funnel: Mapping[str, Any]) -> dict[str, bytes]:
    """Return the card with its pictures, and the funnel."""
    about = {**value, "added_rows": value["added"]["rows"], "added_parts": value["added"]["parts"]}
    about["side_tables"] = {task: [file["uri"] for file in files] for task, files in value["side_tables"].items()}
    files = card.render(about, dict(funnel), _measures(run.store, value), thresholds_of(value["ops"]))
    return {**files, "funnel.json": manifest.dump(funnel)}


def _put(store: Store, folder: str, files: Mapping[str, bytes]) -> None:
    for name, data in files.items():
        store.replace(f"{folder}/{name}", data)


def _measures(store: Store, value: Mapping[str, Any]) -> pa.Table | None:
    """Return what the task that measured most measured, of as many rows as a plot can use, with their final verdicts."""
    tables: list[pa.Table] = []
    for file in _widest(store, value["side_tables"]):
        if sum(table.num_rows for table in tables) < DRAWN:
            tables.append(read_table(store, File.parse(file)))
    if not tables:
        return None
    measured = pa.concat_tables(tables, promote_options="permissive")
    gone = pc.is_in(measured["id"], value_set=_dropped(store, value["side_tables"]))
    kept = pc.and_(measured["kept"], pc.invert(gone))
    return measured.set_column(measured.column_names.index("kept"), "kept", kept)


def _dropped(store: Store, side_tables: Mapping[str, list[dict[str, Any]]]) -> pa.Array:
    """Return the ids of all rows that any task dropped."""
    reader = Columns(store)
    shards = [Shard(File.parse(file)) for files in side_tables.values() for file in files]
    verdicts = (reader.read(shard, ["id", "kept"]) for shard in shards)
    gone = [each.filter(pc.invert(each["kept"]))["id"].combine_chunks() for each in verdicts]
    return pa.concat_arrays(gone)


def _widest(store: Store, side_tables: Mapping[str, list[dict[str, Any]]]) -> list[dict[str, Any]]:
    reader = Columns(store)
    width = lambda files: len(reader.open(files[0]["uri"]).schema_arrow)  # noqa: E731
    return max(side_tables.values(), key=width, default=[])
