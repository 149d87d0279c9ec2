"""Answers in a store: small Parquet parts that are written once, and now and then merged.

    <folder>/<space>/part-<time of its newest answer>-<hash>.parquet

Many processes write and merge at the same time without knowing of each other. What makes that safe: a part never
changes, the same answers make the same part, and what a merge replaces is deleted only after the merged part is there.
"""

import logging
import re
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import accumulate
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from dataflow_ops.errors import BadSource
from dataflow_ops.llm.chat import Completion, Usage
from dataflow_ops.llm.journal import Entry
from dataflow_ops.shards import write_table
from dataflow_ops.store import Store, Stored

log = logging.getLogger(__name__)

SCHEMA = pa.schema(
    {
        "key": pa.binary(16),
        "asked_at": pa.timestamp("us", tz="UTC"),
        "text": pa.large_string(),
        "finish": pa.string(),
        "prompt_tokens": pa.int64(),
        "completion_tokens": pa.int64(),
        "cost": pa.float64(),
        "model": pa.string(),
        "prompt": pa.string(),
    }
)
NAME = re.compile(r"/(?P<space>[0-9a-f]{12})/(?P<name>part-\d{8}T\d{12}Z-[0-9a-f]{16}\.parquet)$")

MANY = 64
"""Small parts of a space that are left alone."""
SMALL = 8 << 20
"""Bytes below which a part is worth merging."""
MERGED = 16 << 20
"""Bytes that a merge reads at most: it has them all in memory."""
WHOLE = 1 << 20
"""Bytes below which a part is fetched with one request."""
REMEMBERED = 4_000_000
"""Keys kept in memory, of 24 bytes each."""
READERS = 8
"""Parts whose keys are read at the same time: to wait for S3 is most of it."""
TEXT_READERS = 3
"""The same for answers, of which a row group may be large."""


class Keys(NamedTuple):
    """The key of each answer of a part, and when it was asked for in microseconds."""

    key: pa.Array
    asked_at: np.ndarray


class Found(NamedTuple):
    """An answer, and when it was asked for in microseconds since 1970."""

    asked_at: int
    completion: Completion


class Parts:
    """All answers under a folder of a store."""

    def __init__(self, store: Store, folder: str):
        self.store, self.folder = store, folder
        self._keys: dict[str, dict[str, Keys]] = {}

    def write(self, space: str, entries: Sequence[Entry]) -> None:
        """Write answers as one part; to write the same ones again changes nothing."""
        self._write(space, _table(entries))

    def find(self, space: str, wanted: Sequence[bytes], since: int) -> dict[bytes, Found]:
        """Return the latest answer to each of the `wanted` keys that was asked for at `since` or after."""
        found: dict[bytes, Found] = {}
        seen: dict[str, Keys] = {}
        before: Set[str] = set()
        while missing := [key for key in wanted if key not in found]:
            listed = {part.uri: part for part in self._parts(space, since)}
            if listed.keys() == before:
                break
            # Others merge and delete while we look: it has ended when two listings are the same.
            before = listed.keys()
            new = [part for uri, part in listed.items() if uri not in seen]
            seen |= self._keys_of(new, self._keys.get(space, {}))
            found |= self._find([part for part in new if part.uri in seen], seen, missing, since)
        self._keys[space] = _some(seen)
        return found

    def _keys_of(self, parts: Sequence[Stored], known: Mapping[str, Keys]) -> dict[str, Keys]:
        def read(part: Stored) -> Keys | None:
            return known.get(part.uri) or self._read(part, _keys)

        with ThreadPoolExecutor(READERS) as pool:
            keys = list(pool.map(read, parts))
        return {part.uri: each for part, each in zip(parts, keys, strict=True) if each}

    def _find(
        self, parts: Sequence[Stored], keys: Mapping[str, Keys], wanted: Sequence[bytes], since: int
    ) -> dict[bytes, Found]:
        values = pa.array(wanted, pa.binary(16))
        hits = [_hits(number, keys[part.uri], values, since) for number, part in enumerate(parts)]
        chosen = [(parts[number], rows) for number, rows in _latest(np.hstack([_NO_HITS, *hits]))]
        with ThreadPoolExecutor(TEXT_READERS) as pool:
            found = pool.map(lambda each: self._read(each[0], lambda file: _answers(file, each[1])), chosen)
            return {key: answer for answers in found if answers for key, answer in answers.items()}

    def merge(self, space: str) -> None:
        """Make one part of many small ones when there are more than `MANY`."""
        small = [part for part in self._parts(space) if part.bytes < SMALL]
        if len(small) <= MANY:
            return
        # The oldest ones and one more than may stay: processes that merge at the same time choose the same, and so write
        # the same part.
        before = accumulate((part.bytes for part in small), initial=0)
        chosen = [part for part, size in zip(small[: MANY + 1], before, strict=False) if size < MERGED]
        tables = {part.uri: self._read(part, lambda file: file.read()) for part in chosen}
        if any(table is None and self.store.stat(uri) is None for uri, table in tables.items()):
            return  # another process is merging them
        whole = {uri: table for uri, table in tables.items() if table is not None}
        if not whole:
            return
        written = self._write(space, _newest(pa.concat_tables(whole.values())))
        # What is merged may already hold all of it: a merge that was killed before it deleted anything.
        for uri in whole.keys() - {written}:
            self.store.delete(uri)

    def prune(self, before: int) -> int:
        """Delete the parts whose newest answer is older than `before`; return how many."""
        parts = self.store.list(f"{self.folder}/")
        old = [part.uri for part in parts if (name := NAME.search(part.uri)) and name["name"] < _first(before)]
        for uri in old:
            self.store.delete(uri)
        return len(old)

    def _parts(self, space: str, since: int = 0) -> list[Stored]:
        listed = self.store.list(f"{self.folder}/{space}/")
        return [part for part in listed if (name := NAME.search(part.uri)) and name["name"] >= _first(since)]

    def _write(self, space: str, table: pa.Table) -> str:
        name = _first(pc.max(table["asked_at"].cast(pa.int64())).as_py())
        return write_table(self.store, f"{self.folder}/{space}", name, table).uri

    def _read(self, part: Stored, read: Callable[[pq.ParquetFile], Any]) -> Any:
        """Return what `read` makes of a part; None, and a line in the log, when it is damaged or not there any more."""
        try:
            with self._open(part) as source:
                return read(_checked(source))
        except BadSource as error:
            log.info("%s was merged or deleted meanwhile: %s", part.uri, error)
            return None
        except (pa.ArrowException, OSError) as error:
            log.warning("%s is damaged, and its answers count as not there: %s", part.uri, error)
            return None

    def _open(self, part: Stored) -> Any:
        return pa.BufferReader(self.store.read(part.uri)) if part.bytes < WHOLE else self.store.random_access(part.uri)


def _checked(source: Any) -> pq.ParquetFile:
    file = pq.ParquetFile(source, pre_buffer=False, page_checksum_verification=True)
    if not file.schema_arrow.equals(SCHEMA):
        raise pa.ArrowInvalid(f"expected columns {', '.join(SCHEMA.names)}, there are {file.schema_arrow.names}")
    return file


def _first(asked_at: int) -> str:
    """Return how the names of parts begin whose newest answer was asked for at `asked_at`."""
    at = datetime.fromtimestamp(asked_at // 1_000_000, UTC)
    return f"part-{at:%Y%m%dT%H%M%S}{asked_at % 1_000_000:06d}Z"


def _table(entries: Sequence[Entry]) -> pa.Table:
    rows = [{name: getattr(entry, name) for name in SCHEMA.names} for entry in entries]
    return pa.Table.from_pylist(rows, SCHEMA)


def _some(keys: dict[str, Keys]) -> dict[str, Keys]:
    totals = accumulate(len(each.key) for each in keys.values())
    return {uri: each for (uri, each), total in zip(keys.items(), totals, strict=True) if total <= REMEMBERED}


def _keys(file: pq.ParquetFile) -> Keys:
    table = file.read(["key", "asked_at"], use_threads=False)
    return Keys(table["key"].combine_chunks(), _microseconds(table["asked_at"]))


def _microseconds(times: pa.ChunkedArray) -> np.ndarray:
    return times.cast(pa.int64()).to_numpy()


_NO_HITS = np.empty((4, 0), np.int64)


def _hits(part: int, keys: Keys, wanted: pa.Array, since: int) -> np.ndarray:
    """Return four rows: place among the wanted keys, when asked for, number of the part, row in it."""
    places = pc.index_in(keys.key, value_set=wanted)
    rows = np.flatnonzero(places.is_valid().to_numpy(zero_copy_only=False) & (keys.asked_at >= since))
    return np.stack([places.take(pa.array(rows)).to_numpy(), keys.asked_at[rows], np.full(len(rows), part), rows])


def _latest(hits: np.ndarray) -> Iterator[tuple[int, np.ndarray]]:
    """Yield a part and its rows that hold the latest answer to a key, part by part."""
    hits = hits[:, np.lexsort(hits[::-1])]
    last = np.append(hits[0, 1:] != hits[0, :-1], True)[: hits.shape[1]]
    _, _, part, row = hits[:, last]
    for number in np.unique(part):
        yield int(number), np.sort(row[part == number])


def _answers(file: pq.ParquetFile, rows: np.ndarray) -> dict[bytes, Found]:
    """Read a few rows: only the row groups that hold one, and of those a little at a time."""
    sizes = [file.metadata.row_group(number).num_rows for number in range(file.num_row_groups)]
    ends = np.cumsum(sizes)
    groups = np.unique(np.searchsorted(ends, rows, side="right"))
    inside = np.concatenate([np.arange(ends[group] - sizes[group], ends[group]) for group in groups])
    chosen, start = np.isin(inside, rows), 0
    found: dict[bytes, Found] = {}
    for batch in file.iter_batches(1_000, row_groups=groups.tolist(), columns=["key", "asked_at", "text", "finish"]):
        here = batch.filter(pa.array(chosen[start : start + len(batch)]))
        start += len(batch)
        found.update(_pairs(here))
    return found


def _pairs(batch: pa.RecordBatch) -> Iterator[tuple[bytes, Found]]:
    times = batch["asked_at"].cast(pa.int64()).to_pylist()
    values = zip(*(batch[name].to_pylist() for name in ("key", "text", "finish")), times, strict=True)
    for key, text, finish, at in values:
        yield key, Found(at, Completion(text, finish, Usage(cached=1)))


def _newest(table: pa.Table) -> pa.Table:
    """Return the latest answer to each key, in the order of asking."""
    numbered = table.select(["key", "asked_at"]).append_column("row", [np.arange(table.num_rows)])
    ordered = numbered.sort_by([("asked_at", "ascending"), ("row", "ascending")])
    last = ordered.group_by("key", use_threads=False).aggregate([("row", "last")])["row_last"]
    return table.take(ordered["row"].filter(pc.is_in(ordered["row"], value_set=last.combine_chunks())))
