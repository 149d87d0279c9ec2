"""A task's work without Airflow: steps over each shard of a batch, one commit for each shard and one for the batch.

A shard that is committed is never done again; a batch that is committed is returned at once. Where a task writes is
named by its inputs and its ops with their code, so the same work is found again and other work goes elsewhere.
"""

import hashlib
import json
import resource
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from dataflow_ops import __version__, manifest
from dataflow_ops.errors import DataflowError
from dataflow_ops.ledger import Ledger, id_sum
from dataflow_ops.manifest import Batch
from dataflow_ops.op import Op, Signature, call, describe, find_op, in_order
from dataflow_ops.shards import Columns, Shard, encode, read_shard, require, write_table
from dataflow_ops.store import Store

ROW_ERRORS = (ValueError, ArithmeticError, LookupError, TypeError, AttributeError, RecursionError, pa.ArrowException)
"""What an op may raise because of a row; anything else is the machine's or ours."""


@dataclass(frozen=True)
class Step:
    """An op with its settings, checked."""

    op: Op
    params: Mapping[str, Any]
    signature: Signature

    @classmethod
    def parse(cls, value: Mapping[str, Any], tables: Callable[[str], pa.Table] | None = None) -> "Step":
        """Read `{"op": name, "with": settings}`; a setting that is a table is read by `tables`."""
        op = find_op(value["op"])
        signature = describe(op, **value["with"])
        loaded = {key: tables(uri) for key, uri in signature.tables.items()} if tables else {}
        return cls(op, {**signature.params, **loaded}, signature)


def named(*made_of: Any) -> str:
    """Return 16 hex digits that change when an op's code, a setting or an input does: the name of a piece of work."""
    text = json.dumps([__version__, *made_of], sort_keys=True, default=_plain)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _plain(value: Any) -> Any:
    if isinstance(value, Step):
        return [value.signature.name, code_of(value.op.__module__), dict(value.params)]
    if isinstance(value, pa.Table):
        return hashlib.sha256(encode(value)).hexdigest()
    return repr(value)


@lru_cache
def code_of(module: str) -> str:
    """Return a fingerprint of the code of an op: its module, and in this package all modules beside it."""
    file = Path(str(import_module(module).__file__))
    files = sorted(file.parent.glob("*.py")) if module.startswith("dataflow_ops.") else [file]
    return hashlib.sha256(b"\0".join(each.read_bytes() for each in files)).hexdigest()


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


def apply(place: Place, steps: Sequence[Step], batch: Batch) -> dict[str, Any]:
    """Run `steps` over every shard of `batch`; return the manifest."""
    if done := manifest.find(place.store, place.manifest):
        return done
    given = manifest.load(place.store, batch.manifest)
    records = [_apply_one(place, steps, number, record) for number, record in enumerate(given["records"])]
    return commit(place, records, [batch.manifest], steps)


def _apply_one(place: Place, steps: Sequence[Step], number: int, given: dict[str, Any]) -> dict[str, Any]:
    if done := manifest.find(place.store, place.record(number)):
        return done
    shard, clock = Shard.parse(given["shard"]), Clock()
    table = read_shard(place.store, shard)
    ledger = Ledger.open(table)
    out = run_steps(steps, table, ledger)
    record = _record(place, number, table, out, ledger)
    record |= {
        "inputs": [shard.file.uri],
        "bytes_in": shard.bytes,
        "shard": _write(place, number, shard, table, out).as_json(),
    }
    record |= clock.stop()
    return manifest.commit(place.store, place.record(number), record)


def run_steps(steps: Sequence[Step], table: pa.Table, ledger: Ledger) -> pa.Table:
    """Run `steps` one after the other, with every row accounted for after each."""
    for step in steps:
        require(table, step.signature.reads, step.signature.name)
        before, table = tolerant(step, table, ledger)
        ledger.account(step.signature, before, table)
    ledger.check(table)
    return table


def tolerant(step: Step, table: pa.Table, ledger: Ledger) -> tuple[pa.Table, pa.Table]:
    """Return the rows `step` could take and what it made of them; a row that makes it fail is rejected, alone."""
    allowed = max(10, table.num_rows // 100)
    good, failed = _bisect(step, table, allowed)
    if not failed:
        return table, good[0]
    ids = pa.array([str(bad) for bad, _ in failed])
    ledger.reject(step.signature.name, ids, [why for _, why in failed])
    before = table.filter(pc.invert(pc.is_in(table["id"], value_set=ids)))
    return before, pa.concat_tables(good, promote_options="default")


def _bisect(step: Step, table: pa.Table, allowed: int) -> tuple[list[pa.Table], list[tuple[str, str]]]:
    try:
        return [call(step.op, table, **step.params)], []
    except DataflowError:
        raise
    except ROW_ERRORS as error:
        if table.num_rows <= 1:
            if table.num_rows == 0 or allowed <= 0:
                raise
            return [], [(table["id"][0].as_py(), f"{type(error).__name__}: {error}")]
        half = table.num_rows // 2
        good, failed = _bisect(step, table.slice(0, half), allowed)
        more, worse = _bisect(step, table.slice(half), allowed - len(failed))
        return good + more, failed + worse


def _record(place: Place, number: int, table: pa.Table, out: pa.Table, ledger: Ledger) -> dict[str, Any]:
    verdicts, rejects = ledger.verdicts(), _rejects(table, ledger)
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


def _rejects(table: pa.Table, ledger: Ledger) -> pa.Table | None:
    """Return rejected rows whole, as they were when the task read them, with the op and the reason."""
    if not ledger.rejects:
        return None
    why = pa.concat_tables(ledger.rejects)
    rows = table.take(pc.drop_null(pc.index_in(why["id"], value_set=table["id"])))
    return rows.append_column("rejected_by", why["op"]).append_column("reason", why["reason"])


def _counts(rejects: pa.Table | None) -> dict[str, int]:
    reasons = rejects["reason"].to_pylist() if rejects is not None else []
    return dict(Counter(str(reason).partition(":")[0] for reason in reasons))


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
    tables = in_order(step.op(seen, **step.params), seen)
    records = [
        [_added(each, number, record, next(tables)) for number, record in enumerate(group)]
        for each, group in zip(places, given, strict=True)
    ]
    next(tables, None)  # lets in_order see the end
    spent = clock.stop()
    if records and records[0]:
        records[0][0] |= spent
    return [
        commit(each, group, [batch.manifest], [step])
        for each, group, batch in zip(places, records, batches, strict=True)
    ]


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
        "ops": [
            {"op": step.signature.name, "with": {k: v for k, v in step.params.items() if not isinstance(v, pa.Table)}}
            for step in steps
        ],
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
