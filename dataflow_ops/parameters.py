"""What the parameters of an op are, in words: for people in the docs and the UI, and for a model that plans."""

import inspect
import types
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import pyarrow as pa

Kind = Literal["reads", "writes", "changes", "reasons", "table", "prompt", "databases", "setting"]
KINDS: tuple[Kind, ...] = ("reads", "writes", "changes", "reasons", "table", "prompt", "databases")
"""The marks that an annotation can carry; a parameter without one is a setting."""

_WORDS: Mapping[Any, str] = {
    bool: "yes or no",
    int: "whole number",
    float: "number",
    str: "text",
    bytes: "bytes",
    date: "date",
    datetime: "time",
    pa.Table: "table",
    type(None): "none",
    Any: "anything",
}
_BOUNDS = (("ge", "at least"), ("gt", "more than"), ("le", "at most"), ("lt", "less than"))


@dataclass(frozen=True)
class Parameter:
    """A parameter of an op: what it is called, what fits, and what it is when it is not given."""

    name: str
    kind: Kind
    type: str
    required: bool
    default: Any = None

    @property
    def is_column(self) -> bool:
        """Whether the parameter names a column."""
        return self.kind in ("reads", "writes", "changes", "reasons")


def parameters(op: Callable[..., Any]) -> tuple[Parameter, ...]:
    """Return the parameters of `op` that a DAG file can set: all but the table it is given and the model."""
    _, *rest = inspect.signature(op).parameters.values()
    hints = get_type_hints(op, include_extras=True)
    return tuple(_parameter(param, hints.get(param.name, Any)) for param in rest if param.name != "llm")


def _parameter(param: inspect.Parameter, hint: Any) -> Parameter:
    required = param.default is param.empty
    return Parameter(param.name, _kind(hint), in_words(hint), required, None if required else param.default)


def _kind(hint: Any) -> Kind:
    """Find the mark, also where the parameter may be None: `Writes | None`."""
    marks = [*getattr(hint, "__metadata__", ()), *(m for a in get_args(hint) for m in getattr(a, "__metadata__", ()))]
    return next((kind for kind in KINDS if kind in marks), "setting")


def in_words(hint: Any) -> str:
    """Say a type as a person would: `int | None` is "whole number, or none"."""
    origin, arguments = get_origin(hint), get_args(hint)
    if hint in _WORDS:
        return _WORDS[hint]
    if origin is Annotated:
        return _annotated(hint, arguments[0])
    if origin in (Union, types.UnionType):
        return _union(arguments)
    if origin is Literal:
        return "one of " + ", ".join(map(repr, arguments))
    return _container(hint, origin, arguments)


def _annotated(hint: Any, inner: Any) -> str:
    marks = [mark for mark in hint.__metadata__ if isinstance(mark, str)]
    if "table" in marks:
        return "table: files, or none"
    if "databases" in marks:
        return "databases: files and connections"
    if "prompt" in marks:
        return "prompt: its name, a file, or its text"
    if marks:
        return "column name" if marks[0] in KINDS else in_words(inner)
    bounds = [f"{words} {value}" for name, words in _BOUNDS if (value := _bound(hint.__metadata__, name)) is not None]
    return " ".join([in_words(inner), " and ".join(bounds)]).strip()


def _bound(metadata: Sequence[Any], name: str) -> Any:
    """Read a bound of pydantic's `Field(ge=0)` or of annotated-types' `Ge(0)`."""
    inner = [each for item in metadata for each in (item, *getattr(item, "metadata", ()))]
    return next((getattr(each, name) for each in inner if getattr(each, name, None) is not None), None)


def _union(arguments: Sequence[Any]) -> str:
    given = [in_words(each) for each in arguments if each is not type(None)]
    return " or ".join(given) + (", or none" if len(given) < len(arguments) else "")


def _container(hint: Any, origin: Any, arguments: Sequence[Any]) -> str:
    kind = origin or hint
    if not isinstance(kind, type):
        return str(hint)
    inner = [in_words(each) for each in arguments if each is not Ellipsis]
    if issubclass(kind, Mapping):
        return f"mapping of {inner[0]} to {inner[1]}" if inner else "mapping"
    if kind is tuple and inner and Ellipsis not in arguments:
        return f"({', '.join(inner)})"
    if issubclass(kind, (Sequence, set, frozenset)):
        return f"list of {inner[0]}" if inner else "list"
    return kind.__name__
