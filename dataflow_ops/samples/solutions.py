"""Problems with solutions of which some are wrong, lack a box or lead nowhere, and the truth about every one."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import cycle
from pathlib import Path
from random import Random
from typing import Any

import orjson

from dataflow_ops.samples import problems
from dataflow_ops.samples.dealt import need_empty
from dataflow_ops.samples.problems_dealt import Problem, key

FILE = "solutions.jsonl"
TRUTH = "_truth.jsonl"
SPOILED = 3
"""One solution in so many is not right."""

Solve = Callable[[Random, Problem], str | None]


def write(folder: Path, *, seed: int = 0) -> None:
    """Write `solutions.jsonl` into `folder`, which must be empty or new: the same bytes for the same `seed`.

    It has key, instruction, generated_cot and golden_answer. `_truth.jsonl`: key, kind (right, wrong, no_box, circular,
    too_long, null). BadArgument for a folder that holds anything.
    """
    need_empty(folder)
    made = list(_solved(Random(seed)))  # noqa: S311 - to be repeatable
    folder.mkdir(parents=True, exist_ok=True)
    (folder / FILE).write_bytes(_lines(row for _, row in made))
    (folder / TRUTH).write_bytes(_lines({"key": row["key"], "kind": kind} for kind, row in made))


def _solved(rng: Random) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield each problem that has an answer with a solution, and of which kind that is."""
    known = [each for each in problems.compose() if each.kind == "sound" and each.gold]
    spoiled = cycle(name for name in KINDS if name != "right")
    for number, problem in enumerate(known):
        kind = next(spoiled) if number % SPOILED == 0 else "right"
        row = {"key": key(number), "instruction": problem.question, "generated_cot": KINDS[kind](rng, problem)}
        yield kind, row | {"golden_answer": problem.gold}


def _steps(rng: Random, problem: Problem) -> str:
    opening = rng.choice(("Let us see what is given.", "First, what do we know?", "Here is one way to do it."))
    closing = rng.choice(("That fits what was asked.", "The size of the result is plausible.", "Nothing is left over."))
    return f"{opening} The task reads: {problem.question} We work through it in order, one step at a time. {closing}"


def _right(rng: Random, problem: Problem) -> str:
    answer = problem.accepted[0].replace("%", "\\%")
    return f"{_steps(rng, problem)}\n\nSo the answer is $\\boxed{{{answer}}}$."


def _wrong(rng: Random, problem: Problem) -> str:
    return f"{_steps(rng, problem)}\n\nSo the answer is $\\boxed{{{rng.randint(100_003, 999_999)}}}$."


def _no_box(rng: Random, problem: Problem) -> str:
    return f"{_steps(rng, problem)}\n\nSo the answer is {problem.accepted[0]}."


def _circular(rng: Random, problem: Problem) -> str:
    return f"{'But wait, let us look at this once more from the start. ' * 60}{_right(rng, problem)}"


def _too_long(rng: Random, problem: Problem) -> str:
    tried = (f"We try {number}, which gives {number * rng.randint(3, 99)}, and go on." for number in range(1_500))
    return f"{' '.join(tried)} {_right(rng, problem)}"


KINDS: Mapping[str, Solve] = {
    "right": _right,
    "wrong": _wrong,
    "no_box": _no_box,
    "circular": _circular,
    "too_long": _too_long,
    "null": lambda _rng, _problem: None,
}


def _lines(records: Iterable[Mapping[str, Any]]) -> bytes:
    return b"".join(orjson.dumps(record) + b"\n" for record in records)
