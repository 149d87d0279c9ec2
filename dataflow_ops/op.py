"""What an op is: a plain function whose signature declares the columns it reads and writes.

A map op takes one table and gives one back::

    def between(df: pd.DataFrame, *, column: Reads, at_least: float | None = None) -> pd.DataFrame: ...

A reduce op takes all shards of a stage, a few columns at a time, and gives new columns for some rows of each::

    def duplicates(shards: Shards, *, content: Reads = "content_hash") -> Iterator[pa.Table]: ...
"""

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from typing import Annotated, Any, Protocol, get_args, get_type_hints

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import TypeAdapter, ValidationError

from dataflow_ops.databases.opened import Databases, addresses
from dataflow_ops.errors import BadArgument, nearest

Reads = Annotated[str, "reads"]
"""A parameter that names a column the op reads."""
Writes = Annotated[str, "writes"]
"""A parameter that names a column the op adds."""
Changes = Annotated[str, "changes"]
"""A parameter that names a column the op reads and rewrites."""
Reasons = Annotated[str, "reasons"]
"""A parameter of a filter that names the column saying why a row goes: a string, or a list of strings."""

Table = Annotated[pa.Table | None, "table"]
"""A setting that is a whole (small) table: a DAG file names files, `"s3://bucket/benchmarks/"`, and the op gets rows."""

Connected = Annotated[Databases, "databases"]
"""A setting that is databases: a DAG file names files and connections, `["s3://bucket/databases/", "connection:shop"]`."""

REJECTED = "_rejected"
"""A column that a model op may add: why a row has no answer. The task moves such rows, whole, to the rejects."""
ANSWERED_BY = "answered_by"
"""A column that every model op adds: the name of the model, `rehearsal`, or `replay of …`."""

MEASURES = b"measures"
"""A key of the metadata of a table that a reduce op yields: JSON, numbers that hold for all rows together."""

Op = Callable[..., Any]


class Shards(Protocol):
    """All shards of a stage, as a reduce op sees them: never more than a few columns of one shard at a time.

    The first `published` shards hold what earlier versions of the dataset already contain: they take part in the
    comparison and always win, and nothing is returned for them.
    """

    @property
    def counts(self) -> Sequence[int]:
        """Rows of each shard."""

    @property
    def published(self) -> int:
        """How many shards, from the first, are in the dataset already."""

    def read(self, shard: int, columns: Sequence[str]) -> pa.Table:
        """Return `columns` of one shard, rows in their order; a field of a struct column is named `column.field`."""


@dataclass(frozen=True)
class InMemory:
    """Tables at hand, seen as shards: for notebooks and tests."""

    tables: Sequence[pa.Table]
    published: int = 0

    @property
    def counts(self) -> list[int]:
        """Rows of each table."""
        return [table.num_rows for table in self.tables]

    def read(self, shard: int, columns: Sequence[str]) -> pa.Table:
        """Return `columns` of one table."""
        return project(self.tables[shard], columns)


def project(table: pa.Table, columns: Sequence[str]) -> pa.Table:
    """Return `columns` of `table`; `column.field` is a field of a struct column, under that name."""
    return pa.table({name: _field(table, name) for name in columns})


def _field(table: pa.Table, name: str) -> pa.ChunkedArray:
    column, _, field = name.partition(".")
    if not field:
        return table[column]
    chunks = [pc.struct_field(chunk, field) for chunk in table[column].chunks]
    return pa.chunked_array(chunks, type=table.schema.field(column).type.field(field).type)


@dataclass(frozen=True)
class Signature:
    """What the signature of an op, bound to arguments, says."""

    name: str
    summary: str
    params: Mapping[str, Any]
    reads: tuple[str, ...]
    writes: tuple[str, ...]
    reasons: str | None
    tables: Mapping[str, str]
    prompts: Mapping[str, Any]
    databases: Mapping[str, Any]
    view: type
    needs_llm: bool

    @property
    def reduces(self) -> bool:
        """Whether the op looks at all shards at once."""
        return self.view is Shards


def op_name(op: Op) -> str:
    """Return the catalogue name of `op`, `score.text.measures`; the import path for an op of someone else."""
    module = op.__module__.removeprefix("dataflow_ops.")
    return f"{module}.{op.__name__}" if module != op.__module__ else f"{op.__module__}:{op.__name__}"


def find_op(name: str) -> Op:
    """Return the op called `name`: `verb.subject.op` of this package, or `package.module:function` of another."""
    module, _, function = name.partition(":") if ":" in name else f"dataflow_ops.{name}".rpartition(".")
    try:
        found = getattr(import_module(module), function)
    except (ImportError, AttributeError) as error:
        raise BadArgument(f"there is no op {name!r}: {error}") from error
    return found


def asks_model(op: Op) -> bool:
    """Return whether `op` is given a model beside its table."""
    return "llm" in inspect.signature(op).parameters


def describe(op: Op, /, **given: Any) -> Signature:
    """Read the signature of `op` bound to `given`; raise BadArgument when they do not fit.

    A string that holds an Airflow template (`{{ … }}`) fits every setting: it is checked again once it is rendered.
    """
    name, signature = op_name(op), inspect.signature(op)
    hints = get_type_hints(op, include_extras=True)
    first, *rest = signature.parameters.values()
    settings = {param.name: param for param in rest if param.name != "llm"}
    for key in given.keys() - settings.keys():
        raise BadArgument(f"{name} has no parameter {key!r}; {nearest(key, settings)}")
    for key, param in settings.items():
        if param.default is param.empty and key not in given:
            raise BadArgument(f"{name} needs a value for {key!r} ({_type_name(hints[key])})")
    params = {
        key: _fit(name, key, hints[key], given[key]) if key in given else param.default
        for key, param in settings.items()
    }
    named = lambda *marks: tuple(v for k, v in params.items() if _mark(hints[k]) in marks and v is not None)  # noqa: E731
    reasons = named("reasons")
    return Signature(
        name=name,
        summary=(inspect.getdoc(op) or "").partition("\n")[0],
        params=params,
        reads=named("reads", "changes", "reasons"),
        writes=named("writes", "changes"),
        reasons=reasons[0] if reasons else None,
        tables={key: v for key, v in params.items() if _mark(hints[key]) == "table" and isinstance(v, str)},
        prompts={key: v for key, v in params.items() if _mark(hints[key]) == "prompt"},
        databases={
            key: v for key, v in params.items() if _mark(hints[key]) == "databases" and not isinstance(v, Databases)
        },
        view=hints[first.name],
        needs_llm=asks_model(op),
    )


def _mark(hint: Any) -> str | None:
    """Find the mark of an annotation, also where the parameter may be None: `Writes | None`."""
    inside = [mark for each in get_args(hint) for mark in getattr(each, "__metadata__", ())]
    return next((mark for mark in (*getattr(hint, "__metadata__", ()), *inside) if isinstance(mark, str)), None)


def _type_name(hint: Any) -> str:
    if _mark(hint) == "databases":
        return "databases"
    return "a column name" if _mark(hint) else str(getattr(hint, "__name__", hint))


def _fit(name: str, key: str, hint: Any, value: Any) -> Any:
    if isinstance(value, str) and "{{" in value:
        return value
    if _mark(hint) == "table" and (value is None or isinstance(value, (str, pa.Table))):
        return value or None if isinstance(value, str) else value
    if _mark(hint) == "databases":
        return value if isinstance(value, Databases) else addresses(value)
    # A rendered template is a string: what is not meant to be one is read as JSON.
    check = TypeAdapter(hint)
    try:
        return check.validate_python(value)
    except ValidationError as error:
        with suppress(ValidationError):
            return check.validate_json(value if isinstance(value, str) else "")
        detail = "; ".join(problem["msg"] for problem in error.errors())
        raise BadArgument(f"{name}: {key}={value!r} does not fit {_type_name(hint)}: {detail}") from error


def defaults(op: Op) -> dict[str, Any]:
    """Return what the settings of `op` are when nothing is said."""
    _, *rest = inspect.signature(op).parameters.values()
    return {param.name: param.default for param in rest if param.default is not param.empty}


def call(op: Op, table: pa.Table, /, *llm: Any, **params: Any) -> pa.Table:
    """Run a map op on `table`, in the view it asks for, and return what it gives as an Arrow table.

    A model op is given its model as well.
    """
    return to_arrow(op(as_view(table, first_view(op)), *llm, **params))


def first_view(op: Op) -> type:
    """Return what the first parameter of `op` is annotated with: how it wants to see the rows."""
    view: type = get_type_hints(op)[next(iter(inspect.signature(op).parameters))]
    return view


def as_view(table: pa.Table, view: type) -> Any:
    """Hand over `table` as `view` asks for it, without copying: Arrow, pandas with Arrow dtypes, or polars."""
    if view is pa.Table:
        return table
    if view is pd.DataFrame:
        return table.to_pandas(types_mapper=pd.ArrowDtype)
    import polars as pl

    return pl.from_arrow(table)


def to_arrow(result: Any) -> pa.Table:
    """Return what an op gave as an Arrow table without pandas metadata or index."""
    if isinstance(result, pd.DataFrame):
        result = pa.Table.from_pandas(result, preserve_index=False)
    elif not isinstance(result, pa.Table):
        result = result.to_arrow()
    return result.replace_schema_metadata(None)


def in_order(tables: Iterator[pa.Table], shards: Shards) -> Iterator[pa.Table]:
    """Pass on what a reduce op yields; raise unless it is one table for each shard that is not yet published."""
    expected = len(shards.counts) - shards.published
    number = 0
    for number, table in enumerate(tables, start=1):
        if number > expected or "id" not in table.column_names:
            raise BadArgument(f"a reduce op yields one table with an `id` column for each of {expected} shards")
        yield table
    if number != expected:
        raise BadArgument(f"the reduce op yielded {number} tables for {expected} shards")
