"""Which rows of a finished run to read once more: those it rejected."""

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from dataflow_ops import dataset, manifest
from dataflow_ops.dataset import PLACE
from dataflow_ops.errors import BadArgument
from dataflow_ops.shards import Columns, File, Shard, read_table, write_table
from dataflow_ops.store import Store


def version(store: Store, name: str, which: str) -> dict[str, Any]:
    """Return the version that `which` names: `latest`, a number, or the URI of its manifest."""
    if which == "latest":
        newest = dataset.latest(store, name)
        if newest is None:
            raise BadArgument(f"redo={which!r}: {name!r} has no version yet")
        return newest
    uri = dataset.version_uri(name, int(which)) if which.isdecimal() else which
    if not uri.endswith("/manifest.json") or store.stat(uri) is None:
        raise BadArgument(
            f"redo={which!r}: expected 'latest', a version number or the URI of a version's manifest.json"
        )
    found: dict[str, Any] = manifest.load(store, uri)
    return found


def rejected_rows(store: Store, finished: Mapping[str, Any]) -> pa.Table:
    """Return where the rows that a version's run rejected stand in its sources, each once.

    A row that a model made leads to the row it was made of.
    """
    files = [File.parse(each) for files in finished["rejects"].values() for each in files]
    tables = [read_table(store, file) for file in files]
    places = [table.select(PLACE).cast(SCHEMA) for table in tables if set(PLACE) <= set(table.column_names)]
    return pa.concat_tables([SCHEMA.empty_table(), *places]).group_by(PLACE).aggregate([])


SCHEMA = pa.schema([("source", pa.string()), ("source_row", pa.int64())])


def only(rows: pa.Table, wanted: pa.Table) -> pa.Table:
    """Keep those of `rows`, all of one or more sources, that stand where `wanted` says."""
    if not rows.num_rows:
        return rows
    keep = pc.is_in(_place(rows), value_set=_place(wanted).combine_chunks())
    return rows.filter(keep)


def others(store: Store, folder: str, published: Sequence[Shard], wanted: pa.Table) -> list[Shard]:
    """Return the index of a version without what was made of the `wanted` rows, so that they are not their own twins.

    Index files that hold none of them are returned as they are; of others a copy without them is put into `folder`.
    """
    reader = Columns(store)
    return [_without(store, folder, reader, shard, wanted) for shard in published]


def _without(store: Store, folder: str, reader: Columns, shard: Shard, wanted: pa.Table) -> Shard:
    if not set(PLACE) <= set(reader.open(shard.file.uri).schema_arrow.names):
        return shard
    found = pc.is_in(_place(reader.read(shard, PLACE)), value_set=_place(wanted).combine_chunks())
    if not pc.any(found).as_py():
        return shard
    rest = read_table(store, shard.file).filter(pc.invert(found))
    return Shard(write_table(store, f"{folder}/ingest", "others", rest))


def _place(table: pa.Table) -> pa.ChunkedArray:
    row = pc.cast(table["source_row"], pa.string())
    return pc.binary_join_element_wise(row, table["source"].cast(pa.string()), " ")
