"""Parquet shards: immutable, named by their content, read only through a reference that holds their checksum."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from functools import lru_cache
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from dataflow_ops.columns import put
from dataflow_ops.errors import BadArgument, Permanent, nearest
from dataflow_ops.op import project
from dataflow_ops.store import Store

ROW_GROUP = 10_000
"""Rows of a row group: a page of a viewer, a step of a projection."""


@dataclass(frozen=True)
class File:
    """A Parquet file in a store, as manifests name it."""

    uri: str
    rows: int
    bytes: int
    sha256: str

    @classmethod
    def parse(cls, value: Mapping[str, Any]) -> "File":
        """Read a file out of a manifest; what else stands beside it there is not looked at."""
        return cls(**{field.name: value[field.name] for field in fields(cls)})


@dataclass(frozen=True)
class Shard:
    """A data file, and the files whose columns later tasks added to some or all of its rows."""

    file: File
    added: tuple[File, ...] = ()

    @property
    def bytes(self) -> int:
        """The size of all its files."""
        return self.file.bytes + sum(file.bytes for file in self.added)

    @classmethod
    def parse(cls, value: dict[str, Any]) -> "Shard":
        """Read what `as_json` wrote."""
        return cls(File.parse(value["file"]), tuple(map(File.parse, value["added"])))

    def as_json(self) -> dict[str, Any]:
        """Return plain data for a manifest."""
        return asdict(self)


def encode(table: pa.Table) -> pa.Buffer:
    """Return `table` as a Parquet file; the same rows give the same bytes."""
    sink = pa.BufferOutputStream()
    # Level 3 is the knee of zstd's curve for text; statistics on text columns are bytes that no reader uses, and
    # dictionaries of texts and hashes are tried in vain.
    coded = [field.name for field in table.schema if pa.types.is_dictionary(field.type)]
    plain = [field.name for field in table.schema if not (_is_text(field.type) or pa.types.is_nested(field.type))]
    pq.write_table(
        table, sink, compression="zstd", compression_level=3, row_group_size=ROW_GROUP, write_statistics=plain, use_dictionary=coded,
        write_page_index=bool(plain), write_page_checksum=True, store_schema=True,
    )  # fmt: skip
    return sink.getvalue()


def _is_text(kind: pa.DataType) -> bool:
    return pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_binary(kind)


def write_table(store: Store, folder: str, name: str, table: pa.Table) -> File:
    """Write `table` as `<folder>/<name>-<sha16>.parquet`; writing the same again changes nothing."""
    data = encode(table)
    digest = hashlib.sha256(data).hexdigest()
    file = File(f"{folder}/{name}-{digest[:16]}.parquet", table.num_rows, data.size, digest)
    store.create(file.uri, data)
    return file


def read_table(store: Store, file: File) -> pa.Table:
    """Read a whole file; Permanent when it is not what the manifest named."""
    data = store.read(file.uri)
    if hashlib.sha256(data).hexdigest() != file.sha256:
        raise Permanent(
            f"{file.uri!r} is damaged: its bytes are not those that its manifest names; delete it and clear the task that wrote it"
        )
    # In batches: to read a file at one go takes twice the memory while it lasts.
    parquet = pq.ParquetFile(pa.BufferReader(data))
    return pa.Table.from_batches(parquet.iter_batches(1_000, use_threads=False), parquet.schema_arrow)


def read_shard(store: Store, shard: Shard) -> pa.Table:
    """Read a shard with the columns that reduces added to it."""
    table = read_table(store, shard.file)
    for file in shard.added:
        table = attach(table, read_table(store, file))
    return table


def attach(table: pa.Table, extra: pa.Table) -> pa.Table:
    """Add the columns of `extra` to `table` by `id`, null where `extra` has no row of that id."""
    places = pc.index_in(table["id"], value_set=extra["id"])
    for name in extra.column_names:
        if name != "id":
            column = extra[name].take(places)
            table = put(table, name, column)
    return table


class Columns:
    """Reads a few columns of many shards: only their bytes travel, and footers are read once."""

    def __init__(self, store: Store, remembered: int = 1000):
        self.store = store
        self.open = lru_cache(remembered)(self._open)

    def read(self, shard: Shard, columns: Sequence[str]) -> pa.Table:
        """Return `columns`, `struct.field` included, rows in the order of the shard."""
        rest = list(columns)
        found: dict[str, pa.ChunkedArray] = {}
        for file in (*reversed(shard.added), shard.file):
            here = [name for name in rest if name.partition(".")[0] in self.open(file.uri).schema_arrow.names]
            if here:
                part = self._read(file, here) if file is shard.file else self._aligned(shard, file, here)
                found.update(zip(part.column_names, part.columns, strict=True))
            rest = [name for name in rest if name not in found]
        if rest:
            raise BadArgument(
                f"{shard.file.uri!r}: no column {rest[0]!r}; {nearest(rest[0], self.open(shard.file.uri).schema_arrow.names)}"
            )
        return pa.table({name: found[name] for name in columns})

    def _aligned(self, shard: Shard, file: File, columns: Sequence[str]) -> pa.Table:
        ids = self._read(shard.file, ["id"])
        return attach(ids, self._read(file, ["id", *columns])).drop_columns(["id"])

    def _read(self, file: File, columns: Sequence[str]) -> pa.Table:
        return project(self.open(file.uri).read(list(columns)), columns)

    def _open(self, uri: str) -> pq.ParquetFile:
        return pq.ParquetFile(self.store.random_access(uri), pre_buffer=False)


def require(table: pa.Table, columns: Sequence[str], who: str) -> None:
    """Raise BadArgument naming the nearest match when a column is not there."""
    for name in columns:
        if name.partition(".")[0] not in table.column_names:
            raise BadArgument(f"{who}: no column {name!r}; {nearest(name, table.column_names)}")
