"""The words that sample documents are made of, read from the data files of this package."""

import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any

Words = Mapping[str, Sequence[str]]


def _data() -> Traversable:
    return resources.files("dataflow_ops.samples") / "data"


@cache
def read(name: str) -> Mapping[str, Any]:
    """Return the data file `name`, without its ending."""
    return tomllib.loads((_data() / f"{name}.toml").read_text("utf-8"))


@cache
def topics() -> Sequence[Mapping[str, Any]]:
    """Return what articles can be about, in the order of their names."""
    files = sorted((_data() / "topics").iterdir(), key=lambda file: file.name)
    return tuple(tomllib.loads(file.read_text("utf-8")) for file in files)


@cache
def languages() -> Mapping[str, Words]:
    """Return the sentences of each language other than English, by its ISO 639-1 code."""
    files = sorted((_data() / "languages").iterdir(), key=lambda file: file.name)
    return {file.name.removesuffix(".toml"): tomllib.loads(file.read_text("utf-8")) for file in files}
