"""Small tasks for programmers, each with right and wrong programs and with tests: what a rehearsal knows of code.

Each file of `code_tasks` is about one subject. A task gives `signature` and what its function `does`; `right` programs;
`wrong` ones, each as a text of a right program and what stands in its place; `harmful` ones, which never end, or reach
for what is none of their business; `tests`, and `misled` ones, which expect what the task does not say.
"""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

READ = 20_000
"""Characters of a text in which the name of a task is looked for."""
_CALLED = re.compile(r"\b([a-z]{1,40}(?:_[a-z]{1,40}){0,5})\(")


@dataclass(frozen=True)
class Task:
    """A function to write: programs, and tests that tell which of them are right."""

    name: str
    signature: str
    does: str
    subject: str
    right: tuple[str, ...]
    wrong: tuple[str, ...]
    harmful: tuple[str, ...]
    tests: tuple[str, ...]
    misled: tuple[str, ...]


@cache
def tasks() -> Mapping[str, Task]:
    """Return all tasks by the names of their functions."""
    files = sorted((resources.files(__package__) / "code_tasks").iterdir(), key=lambda file: file.name)
    found = ((file.name.removesuffix(".toml"), tomllib.loads(file.read_text("utf-8"))) for file in files)
    made = (_task(subject, row) for subject, table in found for row in table["task"])
    return {task.name: task for task in made}


def task_in(text: str) -> Task | None:
    """Return the task whose function a text names first, with a parenthesis behind; None for a text that names none."""
    known = tasks()
    named = (match[1] for match in _CALLED.finditer(text[:READ]))
    return next((known[name] for name in named if name in known), None)


def _task(subject: str, row: Mapping[str, Any]) -> Task:
    right = tuple(_stripped(row["right"]))
    return Task(
        row["signature"].partition("(")[0],
        row["signature"],
        row["does"],
        subject,
        right,
        tuple(_mistaken(right, was, becomes) for was, becomes in row["wrong"]),
        tuple(_stripped(row.get("harmful", ()))),
        tuple(_stripped(row["tests"])),
        tuple(_stripped(row.get("misled", ()))),
    )


def _stripped(programs: Iterable[str]) -> Iterator[str]:
    return (program.strip("\n") for program in programs)


def _mistaken(right: Iterable[str], was: str, becomes: str) -> str:
    """Put a mistake into the first program that has the place for it."""
    return next(program for program in right if was in program).replace(was, becomes)
