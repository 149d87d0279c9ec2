"""A task's work without Airflow: steps over each shard of a batch, one commit for each shard and one for the batch.

A shard that is committed is never done again; a batch that is committed is returned at once. Where a task writes is
named by its inputs and its ops with their code, so the same work is found again and other work goes elsewhere.
"""

import json
import resource
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import pyarrow as pa

from dataflow_ops import manifest
from dataflow_ops.ledger import Ledger, id_sum, kind_of
from dataflow_ops.llm.model import Model
from dataflow_ops.manifest import Batch
from dataflow_ops.op import MEASURES, in_order
from dataflow_ops.shards import Columns, Shard, read_shard, write_table
from dataflow_ops.steps import Asking, Step, run_steps
from dataflow_ops.store import Store


@dataclass(frozen=True)
class Place:
    """Where a task writes, and under which name its work is known."""

    store: Store
    folder: str
    task: str

    @property
    def manifest(self) -> str:
        """The URI of the commit of the whole batch."""
        return f"{self.folder}/_manifest.json"

    def record(self, number: int) -> str:
        """Return the URI of the commit of one shard."""
        return f"{self.folder}/part-{number:05d}.json"


def apply(place: Place, steps: Sequence[Step], batch: Batch, model: Model | None = None) -> dict[str, Any]:
    """Run `steps` over every shard of `batch`; return the manifest."""
    if done := manifest.find(place.store, place.manifest):
        return done
    given = manifest.load(place.store, batch.manifest)["records"]
    records = [
        _apply_one(place, steps, number, record, Asking(model, batch.rows) if model else None)
        for number, record in enumerate(given)
    ]
    return commit(place, records, [batch.manifest], steps)


def _apply_one(
    place: Place, steps: Sequence[Step], number: int, given: dict[str, Any], asking: Asking | None
) -> dict[str, Any]:
    if done := manifest.find(place.store, place.record(number)):
        return done
    shard, clock = Shard.parse(given["shard"]), Clock()
    table = read_shard(place.store, shard)
    ledger = Ledger.open(table)
    out = run_steps(steps, table, ledger, asking)
    record = _record(place, number, table, out, ledger)
    record |= {
        "inputs": [shard.file.uri],
        "bytes_in": shard.bytes,
        "shard": _write(place, number, shard, table, out).as_json(),
        "calls": asking.calls if asking else [],
    }
    record |= clock.stop()
    return manifest.commit(place.store, place.record(number), record)


def _record(place: Place, number: int, table: pa.Table, out: pa.Table, ledger: Ledger) -> dict[str, Any]:
    verdicts, rejects = ledger.verdicts(), ledger.rejected()
    dropped, rejected = ledger.dropped(), _counts(rejects)
    rows = {"in": table.num_rows, "made": ledger.made, "out": out.num_rows, "rejected": ledger.rejected_rows}
    return {
        "number": number,
        "verdicts": side_file(place, "verdicts", number, verdicts),
        "rejects": side_file(place, "rejects", number, rejects),
        "rows": rows | {"dropped": sum(entry["rows"] for entry in dropped.values())},
        "dropped": dropped,
        "rejected": rejected,
        "ids": {"in": str(id_sum(table["id"])), "out": str(id_sum(out["id"]))},
    }


def _write(place: Place, number: int, shard: Shard, table: pa.Table, out: pa.Table) -> Shard:
    """Write what a task made; of rows that only got columns, just those: text is not written again for a number."""
    name, new = f"part-{number:05d}", [column for column in out.column_names if column not in table.column_names]
    if set(table.column_names) <= set(out.column_names) and table.equals(out.select(table.column_names)):
        added = (write_table(place.store, f"{place.folder}/added", name, out.select(["id", *new])),) if new else ()
        return Shard(shard.file, (*shard.added, *added))
    return Shard(write_table(place.store, f"{place.folder}/data", name, out))


def _counts(rejects: pa.Table | None) -> dict[str, int]:
    reasons = rejects["reason"].to_pylist() if rejects is not None else []
    return dict(Counter(kind_of(str(reason)) for reason in reasons))


def side_file(place: Place, kind: str, number: int, table: pa.Table | None) -> dict[str, Any] | None:
    """Write a side table of a shard; None when there is nothing to say."""
    if table is None or not table.num_rows:
        return None
    return asdict(write_table(place.store, f"{place.folder}/{kind}", f"part-{number:05d}", table))


def reduce(place: Place, step: Step, batches: Sequence[Batch], published: Sequence[Shard]) -> list[dict[str, Any]]:
    """Run a reduce op over all shards of `batches` after those `published`; return one manifest for each batch."""
    places = [Place(place.store, f"{place.folder}/{number:05d}", place.task) for number in range(len(batches))]
    done = [found for each in places if (found := manifest.find(place.store, each.manifest))]
    if len(done) == len(places):
        return done
    given = [manifest.load(place.store, batch.manifest)["records"] for batch in batches]
    clock, shards = Clock(), [Shard.parse(record["shard"]) for records in given for record in records]
    seen = Stored(Columns(place.store), [*published, *shards], len(published))
    measures: dict[str, Any] = {}
    tables = (_measured(table, measures) for table in in_order(step.op(seen, **step.params), seen))
    records = [
        [_added(each, number, record, next(tables)) for number, record in enumerate(group)]
        for each, group in zip(places, given, strict=True)
    ]
    next(tables, None)  # lets in_order see the end
    spent = clock.stop()
    if records and records[0]:
        records[0][0] |= spent | {"measures": measures}
    return [
        commit(each, group, [batch.manifest], [step])
        for each, group, batch in zip(places, records, batches, strict=True)
    ]


def _measured(table: pa.Table, measures: dict[str, Any]) -> pa.Table:
    """Take out what the op says of all rows together: the key `measures` of a table's metadata."""
    measures.update(json.loads((table.schema.metadata or {}).get(MEASURES, b"{}")))
    return table.replace_schema_metadata(None)


def _added(place: Place, number: int, given: dict[str, Any], extra: pa.Table) -> dict[str, Any]:
    shard, rows = Shard.parse(given["shard"]), given["rows"]["out"]
    # Also when it says nothing of any row of this shard: the next task needs the column.
    file = write_table(place.store, f"{place.folder}/added", f"part-{number:05d}", extra)
    shard = Shard(shard.file, (*shard.added, file))
    ids = given["ids"]["out"]
    return {
        "number": number, "shard": shard.as_json(), "verdicts": None, "rejects": None, "inputs": [shard.file.uri],
        "rows": {"in": rows, "made": 0, "out": rows, "rejected": 0, "dropped": 0}, "dropped": {}, "rejected": {},
        "ids": {"in": ids, "out": ids}, "bytes_in": 0, "seconds": 0.0, "cpu_seconds": 0.0, "peak_mib": 0,
    }  # fmt: skip


@dataclass(frozen=True)
class Stored:
    """Shards in a store, as a reduce op sees them."""

    reader: Columns
    shards: Sequence[Shard]
    published: int

    @property
    def counts(self) -> list[int]:
        """Rows of each shard."""
        return [shard.file.rows for shard in self.shards]

    def read(self, shard: int, columns: Sequence[str]) -> pa.Table:
        """Return `columns` of one shard."""
        return self.reader.read(self.shards[shard], columns)


def commit(
    place: Place, records: Sequence[dict[str, Any]], inputs: Sequence[str], steps: Sequence[Step]
) -> dict[str, Any]:
    """Create the manifest of a batch, and return what counts: ours, or that of an attempt that was first."""
    value = {
        "task": place.task,
        "inputs": list(inputs),
        "ops": [step.as_json() for step in steps],
        "prompts": {name: prompt for step in steps for name, prompt in step.prompts.items()},
        "records": list(records),
        "uri": place.manifest,
    }
    return manifest.commit(place.store, place.manifest, value)


def as_batch(done: Mapping[str, Any]) -> Batch:
    """Return what to tell the next task of a manifest."""
    shards = [Shard.parse(record["shard"]) for record in done["records"]]
    return Batch(done["uri"], len(shards), sum(each.file.rows for each in shards), sum(each.bytes for each in shards))


class Clock:
    """Seconds and CPU seconds from its making to `stop`."""

    def __init__(self) -> None:
        self.wall, self.cpu = time.monotonic(), time.process_time()

    def stop(self) -> dict[str, Any]:
        """Return what was spent, and the peak memory of this process so far, in MiB."""
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        spent = time.monotonic() - self.wall, time.process_time() - self.cpu
        return {"seconds": round(spent[0], 3), "cpu_seconds": round(spent[1], 3), "peak_mib": peak}
