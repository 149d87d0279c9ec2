"""Which rules of a preset a row breaks."""

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dataflow_ops.columns import put
from dataflow_ops.errors import BadArgument, nearest
from dataflow_ops.op import Writes
from dataflow_ops.presets import Bounds, rules


def failed(
    table: pa.Table,
    *,
    preset: str = "pretrain",
    thresholds: dict[str, dict[str, Any] | None] | None = None,
    prefix: str = "",
    failed: Writes = "failed_rules",
) -> pa.Table:
    """Name every rule of `preset` that a row breaks, as a list of strings: empty when it breaks none.

    `preset`: `pretrain`, `gopher`, `c4` or `sft`, or `code` for what `score.code.measures` measures. `thresholds` changes
    single rules: `{"words": {"at_least": 50}}` a bound, `{"brace_ratio": null}` takes a rule away, the name of another
    measured column adds one. Bounds: at_least, at_most, above, below. A null value breaks its rule. `prefix` stands
    before the names of measured columns. Raises BadArgument for a preset, rule or column not there.
    """
    chosen = rules(preset, thresholds)
    broken = np.zeros((table.num_rows, len(chosen)), bool)
    for number, (name, rule) in enumerate(chosen.items()):
        broken[:, number] = _breaks(table, name, rule, prefix)
    return put(table, failed, _named(broken, list(chosen)))


def _breaks(table: pa.Table, name: str, rule: Bounds, prefix: str) -> np.ndarray:
    outside = ~_within(table, name, rule, prefix)
    return outside & _within(table, name, rule.when, prefix, null=True) if rule.when else outside


def _within(table: pa.Table, name: str, rule: Bounds, prefix: str, *, null: bool = False) -> np.ndarray:
    """Whether each value is within bounds; `null` for those there are not."""
    column = f"{prefix}{rule.column}"
    if column not in table.column_names:
        known = nearest(column, table.column_names)
        raise BadArgument(f"rule {name!r} looks at {column!r}, which is no column: measure it first; {known}")
    values = table[column]
    if not _is_number(values.type):
        raise BadArgument(f"rule {name!r} looks at column {column!r}, which is {values.type}: expected numbers")
    numbers = pc.cast(pc.cast(values, pa.int8()) if pa.types.is_boolean(values.type) else values, pa.float64())
    found = numbers.to_numpy()
    return np.where(np.isnan(found), null, _inside(found, rule))


def _inside(values: np.ndarray, rule: Bounds) -> np.ndarray:
    inside = np.ones(len(values), bool)
    if rule.at_least is not None:
        inside &= values >= rule.at_least
    if rule.at_most is not None:
        inside &= values <= rule.at_most
    if rule.above is not None:
        inside &= values > rule.above
    if rule.below is not None:
        inside &= values < rule.below
    return inside


def _is_number(kind: pa.DataType) -> bool:
    return any(is_(kind) for is_ in (pa.types.is_integer, pa.types.is_floating, pa.types.is_boolean, pa.types.is_null))


def _named(broken: np.ndarray, names: list[str]) -> pa.Array:
    """Return, for each row, the names of the rules marked in it."""
    offsets = np.concatenate([[0], np.cumsum(broken.sum(axis=1))]).astype(np.int32)
    return pa.ListArray.from_arrays(
        pa.array(offsets), pa.array(names, pa.string()).take(pa.array(np.nonzero(broken)[1]))
    )
