"""How complex queries can be: four levels, each with what it asks of a query and which functions fit it."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Literal, get_args

from dataflow_ops.databases.schema import Dialect

Level = Literal["simple", "moderate", "complex", "highly complex"]
LEVELS: tuple[Level, ...] = get_args(Level)


@dataclass(frozen=True)
class Criterion:
    """What one level asks of a query."""

    text: str
    focus: tuple[int, int]
    """How many tables a query is about, from and to."""
    functions: Mapping[Dialect, tuple[str, ...]]
    """What a query may be asked to try."""
    dates: Mapping[Dialect, tuple[str, ...]]
    """What it may be asked to try where there are dates."""


@cache
def criteria() -> Mapping[Level, Criterion]:
    """Return what the levels ask for, the simplest first."""
    file = resources.files("dataflow_ops.generate") / "_sql_levels.toml"
    told = tomllib.loads(file.read_text(encoding="utf-8"))
    return MappingProxyType({level: _criterion(told["levels"][level], told["functions"]) for level in LEVELS})


def _criterion(level: Mapping[str, list[str]], known: Mapping[Dialect, Mapping[str, list[str]]]) -> Criterion:
    others, least, most = [use for use in level["uses"] if use != "date"], *map(int, level["focus"])
    return Criterion(
        text="".join(level["criterion"]).strip(),
        focus=(least, most),
        functions=MappingProxyType({dialect: _each(others, groups) for dialect, groups in known.items()}),
        dates=MappingProxyType({dialect: tuple(groups["date"]) for dialect, groups in known.items()}),
    )


def _each(uses: list[str], groups: Mapping[str, list[str]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for group in uses for name in groups[group]))
