"""Ops with their settings, run over one table with every row accounted for after each."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dataflow_ops import __version__
from dataflow_ops.databases.opened import Databases
from dataflow_ops.errors import BadArgument, DataflowError
from dataflow_ops.ledger import Ledger
from dataflow_ops.llm.model import Model
from dataflow_ops.llm.prompts import Prompt
from dataflow_ops.op import REJECTED, Op, Signature, call, defaults, describe, find_op
from dataflow_ops.shards import encode, require

ROW_ERRORS = (ValueError, ArithmeticError, LookupError, TypeError, AttributeError, RecursionError, pa.ArrowException)
"""What an op may raise because of a row; anything else is the machine's or ours."""


@dataclass(frozen=True)
class Resources:
    """What settings may name and an op is given whole: tables by URI, prompts by name, URI or text, databases by address."""

    table: Callable[[str], pa.Table]
    prompt: Callable[[str, str], Prompt]
    """Given what the setting says and the name of the op's own prompt."""
    databases: Callable[[Sequence[str]], Databases]
    """Given their addresses."""


@dataclass(frozen=True)
class Step:
    """An op with its settings, checked."""

    op: Op
    params: Mapping[str, Any]
    signature: Signature
    where: str | None = None
    """A column of true and false: rows where it is not true pass by the op as they are."""

    @classmethod
    def parse(cls, value: Mapping[str, Any], resources: Resources | None = None) -> "Step":
        """Read `{"op": name, "with": settings, "where": column}`; what a setting names is fetched from `resources`."""
        op = find_op(value["op"])
        signature = describe(op, **value["with"])
        fetched: dict[str, Any] = {}
        if resources:
            own = {key: value for key, value in defaults(op).items() if isinstance(value, str)}
            fetched = {key: resources.table(uri) for key, uri in signature.tables.items()}
            fetched |= {key: resources.prompt(given, own.get(key, "")) for key, given in signature.prompts.items()}
            fetched |= {key: resources.databases(given) for key, given in signature.databases.items()}
        return cls(op, {**signature.params, **fetched}, signature, value.get("where"))

    def as_json(self) -> dict[str, Any]:
        """Return plain data for a manifest: tables are left out, a prompt is its name and a fingerprint."""
        shown = {key: _shown(value) for key, value in self.params.items()}
        kept = {key: value for key, value in shown.items() if not isinstance(value, pa.Table)}
        return {"op": self.signature.name, "with": kept} | ({"where": self.where} if self.where else {})

    @property
    def reads(self) -> list[str]:
        """The columns that must be there."""
        return [*self.signature.reads, *([self.where] if self.where else [])]

    @property
    def prompts(self) -> dict[str, list[dict[str, str]]]:
        """The prompts of the step, whole, under the names that `as_json` gives them."""
        found = [value for value in self.params.values() if isinstance(value, Prompt)]
        return {_fingerprint(each): [{"role": role, "content": text} for role, text in each.messages] for each in found}


def _shown(value: Any) -> Any:
    if isinstance(value, Databases):
        return repr(value)
    return _fingerprint(value) if isinstance(value, Prompt) else value


def _fingerprint(prompt: Prompt) -> str:
    return f"{prompt.name}@{hashlib.sha256(repr(prompt.messages).encode()).hexdigest()[:8]}"


def named(*made_of: Any) -> str:
    """Return 16 hex digits that change when an op's code, a setting or an input does: the name of a piece of work."""
    text = json.dumps([__version__, *made_of], sort_keys=True, default=_plain)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _plain(value: Any) -> Any:
    if isinstance(value, Step):
        said = [value.signature.name, code_of(value.op.__module__), dict(value.params)]
        return [*said, value.where] if value.where else said
    if isinstance(value, pa.Table):
        return hashlib.sha256(encode(value)).hexdigest()
    return repr(value)


@lru_cache
def code_of(module: str) -> str:
    """Return a fingerprint of the code of an op: its module, and in this package all modules beside it."""
    file = Path(str(import_module(module).__file__))
    files = sorted(file.parent.glob("*.py")) if module.startswith("dataflow_ops.") else [file]
    return hashlib.sha256(b"\0".join(each.read_bytes() for each in files)).hexdigest()


@dataclass
class Asking:
    """A model that steps ask, and what each of them took."""

    model: Model
    rows: int
    """Rows of the whole batch: what estimates are for."""
    calls: list[dict[str, Any]] = field(default_factory=list)

    def call(self, step: Step, table: pa.Table, of: int) -> pa.Table:
        """Run a model op on what it is to see `of` so many rows, and write down what it took."""
        before = self.model.usage
        self.model.forecast.about = step.signature.name
        self.model.forecast.share = of / max(self.rows, of, 1)
        try:
            return call(step.op, table, self.model, **step.params)
        finally:
            took = asdict(self.model.usage - before)
            about = {"op": step.signature.name, "model": self.model.name, "estimates": self.model.forecast.as_json()}
            self.calls.append(about | took)


def run_steps(steps: Sequence[Step], table: pa.Table, ledger: Ledger, asking: Asking | None = None) -> pa.Table:
    """Run `steps` one after the other, with every row accounted for after each."""
    for step in steps:
        require(table, step.reads, step.signature.name)
        before, table = tolerant(step, table, ledger, asking)
        ledger.account(step.signature, before, table)
        table = _without_rejected(step, table, ledger)
    ledger.check(table)
    return table


def _without_rejected(step: Step, table: pa.Table, ledger: Ledger) -> pa.Table:
    """Move rows that the op says it has no answer for to the rejects."""
    if REJECTED not in table.column_names:
        return table
    failed = pc.is_valid(table[REJECTED])
    rows = table.filter(failed)
    if rows.num_rows:
        ledger.reject(step.signature.name, rows.drop_columns([REJECTED]), rows[REJECTED].to_pylist())
    return table.filter(pc.invert(failed)).drop_columns([REJECTED])


def tolerant(step: Step, table: pa.Table, ledger: Ledger, asking: Asking | None = None) -> tuple[pa.Table, pa.Table]:
    """Return the rows `step` could take and what it made of them; a row that makes it fail is rejected, alone."""
    if step.signature.needs_llm and asking is None:
        raise BadArgument(f"{step.signature.name!r} asks a model: use apply_llm, or give run_steps one")
    allowed = max(10, table.num_rows // 100)
    good, failed = _bisect(step, table, allowed, asking)
    if not failed:
        return table, good[0]
    ids = pa.array([str(bad) for bad, _ in failed])
    bad = pc.is_in(table["id"], value_set=ids)
    ledger.reject(step.signature.name, table.filter(bad), [why for _, why in failed])
    return table.filter(pc.invert(bad)), pa.concat_tables(good, promote_options="default")


def _bisect(
    step: Step, table: pa.Table, allowed: int, asking: Asking | None
) -> tuple[list[pa.Table], list[tuple[str, str]]]:
    try:
        return [_run(step, table, asking)], []
    except DataflowError:
        raise
    except ROW_ERRORS as error:
        if table.num_rows <= 1:
            if table.num_rows == 0 or allowed <= 0:
                raise
            return [], [(table["id"][0].as_py(), f"{type(error).__name__}: {error}")]
        half = table.num_rows // 2
        good, failed = _bisect(step, table.slice(0, half), allowed, asking)
        more, worse = _bisect(step, table.slice(half), allowed - len(failed), asking)
        return good + more, failed + worse


def _run(step: Step, table: pa.Table, asking: Asking | None) -> pa.Table:
    """Run the op on the rows it is for; the others pass by, and what it made stands behind all that came."""
    if step.where is None:
        return _call(step, table, table.num_rows, asking)
    chosen = pc.fill_null(_truth(table, step.where), False)
    done = _call(step, table.filter(chosen), table.num_rows, asking)
    passed = table.filter(pc.invert(chosen))
    joined = pa.concat_tables([passed, done], promote_options="default")
    places = pc.fill_null(pc.index_in(joined["id"], value_set=table["id"].combine_chunks()), table.num_rows)
    return joined.take(pa.array(np.argsort(places.to_numpy(), kind="stable")))


def _call(step: Step, table: pa.Table, of: int, asking: Asking | None) -> pa.Table:
    if step.signature.needs_llm and asking:
        return asking.call(step, table, of)
    return call(step.op, table, **step.params)


def _truth(table: pa.Table, name: str) -> pa.ChunkedArray:
    column = table[name]
    if pa.types.is_boolean(column.type) or pa.types.is_null(column.type):
        return column.cast(pa.bool_())
    raise BadArgument(f"where={name!r}: the column is {column.type}; expected true and false")
