"""Who came, who went, who was made: the book that a task keeps of the rows of one shard.

Rows in + made = rows out + dropped + rejected, by id, after every step.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import xxhash

from dataflow_ops.errors import Unaccounted
from dataflow_ops.op import REJECTED, Signature

EXAMPLES = 5
LONG = 256
"""Bytes: a column whose values are longer on average is content, not a measure."""
BECAME_OTHERS = "became other rows"
"""Why a row is gone that others were made of."""
ID_SPACE = 1 << 64
"""Sums of ids wrap around here."""


def id_sum(ids: pa.ChunkedArray | pa.Array) -> int:
    """Return an order-free fingerprint of ids: equal sums of many ids mean equal sets of ids."""
    return sum(xxhash.xxh3_64_intdigest(value) for value in ids.cast(pa.binary()).to_pylist()) % ID_SPACE


@dataclass
class Ledger:
    """The rows a shard began with and got since, by position, and what became of each."""

    ids: pa.Array
    alive: np.ndarray
    made: int = 0
    measures: dict[str, tuple[np.ndarray, pa.ChunkedArray]] = field(default_factory=dict)
    drops: list[tuple[str, np.ndarray, list[list[str]]]] = field(default_factory=list)
    rejects: list[pa.Table] = field(default_factory=list)
    rejected_rows: int = 0

    @classmethod
    def open(cls, table: pa.Table) -> "Ledger":
        """Begin with the rows of `table`; Unaccounted when two share an id."""
        ids = table["id"].combine_chunks().cast(pa.string())
        _unique(ids, "the shard")
        return cls(ids, np.arange(len(ids)))

    def account(self, what: Signature, before: pa.Table, after: pa.Table) -> None:
        """Write down what a step did to the rows."""
        came, stayed = before["id"].combine_chunks(), after["id"].combine_chunks().cast(pa.string())
        verb, same = what.name.partition(".")[0], came.equals(stayed)
        if verb == "filters" or not same:
            # What a filter compared belongs beside its verdict, also when an earlier task measured it.
            self._measure(before, [name for name in what.reads if name not in self.measures])
        if not same:
            _unique(stayed, what.name)
            known = self._known(stayed, after, what)
            self._gone(what, before, pc.is_in(came, value_set=stayed).to_numpy(zero_copy_only=False), after)
            self._arrive(stayed, known)
        if verb == "score":
            self._measure(after, [name for name in after.column_names if name not in before.column_names])

    def _measure(self, table: pa.Table, names: Sequence[str]) -> None:
        """Keep the values of some columns for the side table."""
        for name in names:
            if name not in ("id", REJECTED) and _is_value(table[name]):
                self.measures[name] = (self.alive, table[name])

    def reject(self, what: str, rows: pa.Table, reasons: list[str]) -> None:
        """Write down rows that an op could not take, whole, and why."""
        by = pa.array([what] * rows.num_rows, pa.string())
        whole = rows.append_column("rejected_by", by).append_column("reason", pa.array(reasons, pa.string()))
        self.rejects.append(whole)
        self.rejected_rows += rows.num_rows
        ids = rows["id"].combine_chunks().cast(pa.string())
        gone = pc.is_in(self.ids.take(pa.array(self.alive)), value_set=ids).to_numpy(zero_copy_only=False)
        self.alive = self.alive[~gone]

    def rejected(self) -> pa.Table | None:
        """Return the rejected rows, as the op was given them or left them, with the op and the reason."""
        return pa.concat_tables(self.rejects, promote_options="permissive") if self.rejects else None

    def _gone(self, what: Signature, before: pa.Table, kept: np.ndarray, after: pa.Table) -> None:
        if not kept.all():
            rows = before.filter(pa.array(~kept))
            made = after.filter(pc.invert(pc.is_in(after["id"], value_set=before["id"].combine_chunks())))
            self.drops.append((what.name, self.alive[~kept], _reasons(what, rows, made)))

    def _known(self, stayed: pa.Array, after: pa.Table, what: Signature) -> pa.Array:
        """Return the places of rows that the book has already, null for made ones; those must name their parents."""
        places = pc.index_in(stayed, value_set=self.ids)
        if places.null_count:
            _have_parents(after, stayed, pc.is_null(places), what.name)
        return places

    def _arrive(self, stayed: pa.Array, places: pa.Array) -> None:
        new = stayed.filter(pc.is_null(places))
        if len(new):
            self.ids = pa.concat_arrays([self.ids, new])
            self.made += len(new)
            places = pc.index_in(stayed, value_set=self.ids)
        self.alive = places.to_numpy().astype(np.int64)

    def dropped(self) -> dict[str, dict[str, Any]]:
        """Count dropped rows under the kind of their first reason, with the ids of a few."""
        found: dict[str, dict[str, Any]] = {}
        for _, places, reasons in self.drops:
            kinds = [kind_of(why[0]) for why in reasons]
            for kind, rows in Counter(kinds).items():
                entry = found.setdefault(kind, {"rows": 0, "examples": []})
                entry["rows"] += rows
                firsts = [place for place, each in zip(places, kinds, strict=True) if each == kind][:EXAMPLES]
                entry["examples"] = (entry["examples"] + self.ids.take(pa.array(firsts)).to_pylist())[:EXAMPLES]
        return found

    def verdicts(self) -> pa.Table | None:
        """Return one row for each row that came or was made: kept or not, by which op, why, and all measured values."""
        if not self.measures and not self.drops:
            return None
        kept = np.zeros(len(self.ids), bool)
        kept[self.alive] = True
        op, reason = self._by_row()
        columns = {"id": self.ids, "kept": pa.array(kept), "dropped_by": op, "reasons": reason}
        columns |= {name: _spread(len(self.ids), places, values) for name, (places, values) in self.measures.items()}
        return pa.table(columns)

    def _by_row(self) -> tuple[pa.Array, pa.Array]:
        ops: list[str | None] = [None] * len(self.ids)
        reasons: list[list[str] | None] = [None] * len(self.ids)
        for name, places, why in self.drops:
            for place, row_reasons in zip(places, why, strict=True):
                ops[place], reasons[place] = name, row_reasons
        return pa.array(ops, pa.string()).dictionary_encode(), pa.array(reasons, pa.list_(pa.string()))

    def check(self, table: pa.Table) -> None:
        """Raise Unaccounted unless every row that came or was made is out, dropped or rejected."""
        gone = sum(len(places) for _, places, _ in self.drops) + self.rejected_rows
        if len(self.ids) != table.num_rows + gone or len(self.alive) != table.num_rows:
            raise Unaccounted(
                f"{len(self.ids)} rows in and made, but {table.num_rows} out and {gone} dropped or rejected"
            )


def _unique(ids: pa.Array, who: str) -> None:
    if ids.null_count or len(ids.unique()) != len(ids):
        raise Unaccounted(
            f"{who}: `id` must be there and differ in every row; {len(ids) - len(ids.unique())} are repeated"
        )


def _have_parents(after: pa.Table, stayed: pa.Array, new: pa.Array, who: str) -> None:
    if "parents" not in after.column_names or after["parents"].filter(new).null_count:
        raise Unaccounted(f"{who}: made rows whose `parents` are not named, {stayed.filter(new)[0].as_py()!r} for one")


def _is_value(column: pa.ChunkedArray) -> bool:
    """Tell a measured value from a sketch and from the text itself: hashes and pages are not for side tables."""
    kind = column.type
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        kind = kind.value_type
    short = column.nbytes < LONG * max(len(column), 1)
    return pa.types.is_primitive(kind) or (short and (pa.types.is_string(kind) or pa.types.is_large_string(kind)))


def _spread(rows: int, places: np.ndarray, values: pa.ChunkedArray) -> pa.ChunkedArray:
    if len(places) == rows and (places == np.arange(rows)).all():
        return values
    source = np.full(rows, -1)
    source[places] = np.arange(len(places))
    return values.take(pa.array(source, mask=source < 0))


def _reasons(what: Signature, rows: pa.Table, made: pa.Table) -> list[list[str]]:
    """Return why each of `rows` was dropped: what the op's reasons column says, else the op and its settings."""
    if what.reasons is None:
        return [[BECAME_OTHERS] if parent else [label(what)] for parent in _are_parents(rows, made)]
    values = rows[what.reasons].to_pylist()
    return [[value] if isinstance(value, str) else list(value or ()) or [label(what)] for value in values]


def _are_parents(rows: pa.Table, made: pa.Table) -> list[bool]:
    """Say of each row whether one of `made` was made of it."""
    if not made.num_rows:
        return [False] * rows.num_rows
    parents = pc.list_flatten(made["parents"].combine_chunks())
    return pc.is_in(rows["id"], value_set=parents.cast(rows["id"].type)).to_pylist()


def kind_of(reason: str) -> str:
    """Return what a reason says before its details: `no such answer` of `no such answer: 12 expected`."""
    return reason.partition(": ")[0]


def label(what: Signature) -> str:
    """Say an op with its settings in a few words, `between words at_least=50`."""
    said = {key: value for key, value in what.params.items() if value is not None and value is not False}
    settings = [f"{key}={value!r}" for key, value in said.items() if value not in what.reads]
    return " ".join([what.name.rpartition(".")[2].rpartition(":")[2], *what.reads, *settings])
