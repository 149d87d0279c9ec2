import doctest
import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from importlib import import_module
from typing import Annotated, Any, Literal

import pandas as pd
import pyarrow as pa
import pytest
from pydantic import Field

from dataflow_ops.catalog import VERBS, catalog, entry, entry_of, faults, is_op, public_functions
from dataflow_ops.errors import BadArgument
from dataflow_ops.op import Connected, Reads, Reasons, Shards, Table, Writes, find_op
from dataflow_ops.parameters import in_words

HEAVY = ("airflow", "torch", "vllm", "transformers", "polars", "matplotlib", "pymupdf", "presidio_analyzer", "boto3")


def test_every_public_function_of_a_verb_is_an_op():
    strays = [f"{each.__module__}.{each.__name__}" for each in public_functions() if not is_op(each)]
    assert strays == [], (
        "these do not take a table first and return one: start their name with an underscore, or move them to a module "
        "whose name does"
    )


@pytest.mark.parametrize("name", catalog())
def test_every_op_keeps_the_rules(name):
    assert faults(catalog()[name]) == []


@pytest.mark.parametrize("name", catalog())
def test_every_entry_is_plain_data_and_its_op_is_found_by_name(name):
    found = entry(name)
    assert json.loads(json.dumps(found.as_json()))["name"] == name
    assert found.verb in VERBS
    assert find_op(name) is catalog()[name]


@pytest.mark.parametrize("module", sorted({op.__module__ for op in catalog().values()}))
def test_every_example_in_a_docstring_works(module):
    assert doctest.testmod(import_module(module), optionflags=doctest.NORMALIZE_WHITESPACE).failed == 0


def test_the_catalogue_loads_nothing_heavy():
    script = (
        "import sys; from dataflow_ops.catalog import catalog, entry; [entry(name) for name in catalog()]; "
        f"print([name for name in {HEAVY} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


SOURCE = '''
from collections.abc import Iterator
import pandas as pd
import pyarrow as pa
from dataflow_ops.op import Connected, Reads, Shards, Writes
from json import dumps as borrowed

def between(df: pd.DataFrame, *, column: Reads, at_least: float | None = None) -> pd.DataFrame:
    """Keep rows whose `column` is at least `at_least`."""

def later(table: "pa.Table", *, text: Reads = "text") -> "pa.Table":
    """Change `text`."""

def frames(df: "pl.DataFrame", *, text: Reads = "text") -> "pl.DataFrame":
    """Change `text`."""

def twins(shards: Shards, *, text: Reads = "text", twin: Writes = "twin") -> Iterator[pa.Table]:
    """Name the twin of each row."""

def count(df: pd.DataFrame) -> int:
    """Count rows."""

def fold(text: str) -> pd.DataFrame:
    """Fold `text`."""

def _hidden(df: pd.DataFrame, *, text: Reads = "text") -> pd.DataFrame:
    """Keep all rows."""

class Helper:
    pass
'''


def test_ops_are_found_by_their_signature(tmp_path, monkeypatch):
    package = tmp_path / "catalogued"
    package.mkdir()
    for name in ("__init__", "values", "_private"):
        (package / f"{name}.py").write_text(SOURCE if name != "__init__" else "")
    monkeypatch.syspath_prepend(tmp_path)

    found = {each.__name__: is_op(each) for each in public_functions(["catalogued", "no_such_package"])}

    assert found == {"between": True, "later": True, "frames": True, "twins": True, "count": False, "fold": False}
    assert entry("catalogued.values:between").summary == "Keep rows whose `column` is at least `at_least`."
    assert [entry(f"catalogued.values:{name}").view for name in ("between", "later", "twins")] == [
        "pandas",
        "arrow",
        "shards",
    ]
    assert entry("catalogued.values:twins").reduces


def short(
    df: pd.DataFrame,
    llm: Any,
    *,
    text: Reads = "text",
    why: Reasons = "why",
    at_most: int,
    out: Writes = "short",
    known: Table = None,
) -> pd.DataFrame:
    """Mark rows whose `text` is short.

    Words are counted, not characters.

    >>> 1 + 1
    2
    >>> for word in "ab":
    ...     word
    'a'
    'b'
    """
    return df


def test_an_entry_says_what_the_signature_and_the_docstring_say():
    found = entry_of(short)
    assert [(each.name, each.kind, each.required, each.default) for each in found.params] == [
        ("text", "reads", False, "text"),
        ("why", "reasons", False, "why"),
        ("at_most", "setting", True, None),
        ("out", "writes", False, "short"),
        ("known", "table", False, None),
    ]
    assert found.needs_llm
    assert not found.reduces
    assert found.signature is None, "an op that needs a setting cannot be described without one"
    assert found.body.startswith("Words are counted")
    assert found.example == ">>> 1 + 1\n2\n>>> for word in \"ab\":\n...     word\n'a'\n'b'"


def test_the_signature_of_an_op_without_required_settings_names_its_columns():
    def long(table: pa.Table, *, text: Reads = "text", out: Writes = "long") -> pa.Table:
        """Mark long rows."""

    assert entry_of(long).signature.reads == ("text",)
    assert entry_of(long).signature.writes == ("long",)


def test_a_wrong_name_fails_with_the_nearest_and_one_of_another_package_with_its_import():
    with pytest.raises(BadArgument, match=r"there is no op 'filters\.values\.betwen'"):
        entry("filters.values.betwen")
    with pytest.raises(BadArgument, match="no_such_package"):
        entry("no_such_package.values:between")


def sound(df: pd.DataFrame, *, text: Reads = "text") -> pd.DataFrame:
    """Process `text`."""


def telling(df: pd.DataFrame, *, text: Reads = "text") -> pd.DataFrame:
    """Keeps long rows."""


def no_period(df: pd.DataFrame, *, text: Reads = "text") -> pd.DataFrame:
    """Keep long rows"""


def silent(df: pd.DataFrame, *, text: Reads = "text") -> pd.DataFrame:
    return df


def positional(df: pd.DataFrame, text: Reads = "text") -> pd.DataFrame:
    """Keep long rows."""


def bare(df: pd.DataFrame, *, text="text") -> pd.DataFrame:
    """Keep long rows."""


def blind(df: pd.DataFrame, *, at_least: int = 3) -> pd.DataFrame:
    """Keep some rows."""


def repeating(df: pd.DataFrame, *, text: Reads = "text") -> pd.DataFrame:
    """Keep long rows."""


repeating.__module__, repeating.__name__ = "dataflow_ops.filters.text", "text_long"


def whole(df: pd.DataFrame, *, columns: list[str]) -> pd.DataFrame:
    """Drop `columns`."""


whole.__module__ = "dataflow_ops.refine.columns"


@pytest.mark.parametrize(
    ("op", "expected"),
    [
        (sound, []),
        (telling, ["imperative"]),
        (no_period, ["ends with a period"]),
        (silent, ["ends with a period", "imperative"]),
        (positional, ["keyword-only"]),
        (bare, ["no annotation"]),
        (blind, ["names a column"]),
        (repeating, ["repeats that of its module"]),
        (whole, []),
    ],
)
def test_broken_rules_are_told(op, expected):
    found = faults(op)
    assert len(found) == len(expected)
    assert all(word in each for word, each in zip(expected, found, strict=True))


@pytest.mark.parametrize(
    ("hint", "words"),
    [
        (Reads, "column name"),
        (Writes | None, "column name, or none"),
        (Table, "table: files, or none"),
        (Connected, "databases: files and connections"),
        (int | None, "whole number, or none"),
        (Annotated[float, Field(ge=0, le=1)], "number at least 0 and at most 1"),
        (Annotated[int, Field(gt=0)], "whole number more than 0"),
        (Literal["a", "b"], "one of 'a', 'b'"),
        (Sequence[str], "list of text"),
        (list, "list"),
        (tuple[str, ...], "list of text"),
        (tuple[int, float], "(whole number, number)"),
        (dict[str, float | None], "mapping of text to number, or none"),
        (str | int, "text or whole number"),
        (Iterator[int], "Iterator"),
        (Any, "anything"),
        (Shards, "Shards"),
    ],
)
def test_types_are_said_in_words(hint, words):
    assert in_words(hint) == words
