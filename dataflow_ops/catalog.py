"""Every op by name, read from the verb packages: there is no list to keep and nothing to register.

An op is a public function of a public module of a verb package whose first parameter is a table (`pd.DataFrame`,
`pa.Table`, `pl.DataFrame`) or all shards (`Shards`), and that returns a table or an iterator of tables. Its name is
`verb.subject.op`: `filters.values.between` is `between` in `dataflow_ops/filters/values.py`.
"""

import doctest
import inspect
import pkgutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import Any

from dataflow_ops.errors import BadArgument, nearest
from dataflow_ops.op import Op, Signature, asks_model, describe, find_op, op_name
from dataflow_ops.parameters import Parameter, parameters

VERBS = ("extract", "refine", "score", "filters", "dedup", "generate")

PACKAGES = tuple(f"dataflow_ops.{verb}" for verb in VERBS)

VIEWS = {
    "pd.DataFrame": "pandas",
    "pandas.DataFrame": "pandas",
    "pa.Table": "arrow",
    "pyarrow.Table": "arrow",
    "pyarrow.lib.Table": "arrow",
    "pl.DataFrame": "polars",
    "polars.DataFrame": "polars",
    "Shards": "shards",
    "dataflow_ops.op.Shards": "shards",
}
"""What an op is given, by what it writes as the annotation of its first parameter."""


@dataclass(frozen=True)
class Entry:
    """An op as the docs, the UI and a planner see it.

    `signature` is what the op declares when it is called without arguments, None for an op that needs some.
    """

    name: str
    summary: str
    body: str
    example: str | None
    params: tuple[Parameter, ...]
    view: str
    needs_llm: bool
    signature: Signature | None

    @property
    def verb(self) -> str:
        """The folder of the op."""
        return self.name.partition(".")[0]

    @property
    def reduces(self) -> bool:
        """Whether the op looks at all shards at once."""
        return self.view == "shards"

    def of_kind(self, *kinds: str) -> tuple[Parameter, ...]:
        """Return the parameters of some kinds: `reads`, `writes`, `reasons`, `table`, `setting`."""
        return tuple(param for param in self.params if param.kind in kinds)

    def as_json(self) -> dict[str, Any]:
        """Return plain data: what a planner is told of the op."""
        return {
            "name": self.name,
            "summary": self.summary,
            "details": self.body,
            "params": [asdict(param) for param in self.params],
            "needs_llm": self.needs_llm,
            "reduces": self.reduces,
        }


def catalog() -> dict[str, Op]:
    """Return every op by its name, verb by verb, in the order of the alphabet within one."""
    return {op_name(function): function for function in public_functions() if is_op(function)}


def entry(name: str) -> Entry:
    """Return what there is to know of an op; BadArgument with the nearest match when there is none of that name.

    An op of another package is named `package.module:function`.
    """
    if ":" in name:
        return entry_of(find_op(name))
    known = catalog()
    if name not in known:
        raise BadArgument(f"there is no op {name!r}; {nearest(name, known)}")
    return entry_of(known[name])


def entry_of(op: Op) -> Entry:
    """Read an entry off the signature and the docstring of `op`."""
    summary, _, body = (inspect.getdoc(op) or "").partition("\n")
    params = parameters(op)
    return Entry(
        name=op_name(op),
        summary=summary,
        body=body.strip(),
        example=_example(body),
        params=params,
        view=VIEWS[_first_annotation(op)],
        needs_llm=asks_model(op),
        signature=None if any(param.required for param in params) else describe(op),
    )


def public_functions(packages: Sequence[str] = PACKAGES) -> Iterator[Callable[..., Any]]:
    """Yield the public functions that the public modules of `packages` define."""
    for package in packages:
        for module in _modules(package):
            for name, value in sorted(vars(module).items()):
                if not name.startswith("_") and inspect.isfunction(value) and value.__module__ == module.__name__:
                    yield value


def _modules(package: str) -> Iterator[ModuleType]:
    spec = find_spec(package)
    for found in pkgutil.iter_modules(spec.submodule_search_locations if spec else ()):
        if not found.name.startswith("_"):
            yield import_module(f"{package}.{found.name}")


def is_op(function: Callable[..., Any]) -> bool:
    """Tell an op from another function, by its first parameter and by what it returns."""
    returns = _spelled(inspect.signature(function).return_annotation)
    gives = returns in VIEWS or returns.partition("[")[0].rpartition(".")[2] in ("Iterator", "Iterable", "Generator")
    return gives and _first_annotation(function) in VIEWS


def _first_annotation(function: Callable[..., Any]) -> str:
    first = next(iter(inspect.signature(function).parameters.values()), None)
    return _spelled(first.annotation) if first else ""


def _spelled(annotation: Any) -> str:
    """Return how an annotation reads in the source, without evaluating it: polars must not be imported for a list."""
    return annotation if isinstance(annotation, str) else inspect.formatannotation(annotation)


def _example(docstring: str) -> str | None:
    examples = doctest.DocTestParser().get_examples(docstring)
    return "\n".join(_shown(each) for each in examples) if examples else None


def _shown(example: doctest.Example) -> str:
    first, *rest = example.source.rstrip("\n").split("\n")
    lines = [f">>> {first}", *(f"... {line}" for line in rest), example.want.rstrip("\n")]
    return "\n".join(line for line in lines if line)


def faults(op: Op) -> list[str]:
    """Say where `op` breaks the rules that every op keeps; empty for a sound one."""
    _, *rest = inspect.signature(op).parameters.values()
    summary = (inspect.getdoc(op) or "").partition("\n")[0]
    loose = [param.name for param in rest if param.name != "llm" and param.kind is not param.KEYWORD_ONLY]
    bare = [param.name for param in rest if param.name != "llm" and param.annotation is param.empty]
    found = [
        (not summary.endswith("."), f"its docstring starts {summary!r}: expected one line that ends with a period"),
        (not _imperative(summary), f"its docstring starts {summary!r}: expected an imperative, 'Keep rows whose …'"),
        (bool(loose), f"{loose} must be keyword-only: put a `*` before them"),
        (bool(bare), f"{bare} have no annotation: say what fits, or `Reads`/`Writes` for a column"),
        (not bare and not _names_a_column(op), "no parameter names a column it reads or writes"),
        (op.__name__.startswith(f"{op.__module__.rpartition('.')[2]}_"), "its name repeats that of its module"),
    ]  # fmt: skip
    return [f"{op_name(op)}: {problem}" for broken, problem in found if broken]


def _names_a_column(op: Op) -> bool:
    """Ops on whole columns or rows, `refine.columns.keep`, name columns in a setting or none at all."""
    subject = op.__module__.rpartition(".")[2]
    return subject in ("columns", "rows") or any(param.is_column for param in parameters(op))


def _imperative(summary: str) -> bool:
    """Recognize 'Keeps' and 'Returns', which tell instead of asking, and what does not start with a capital."""
    first = summary.partition(" ")[0]
    return first[:1].isupper() and (not first.endswith("s") or first.endswith(("ss", "us")))
