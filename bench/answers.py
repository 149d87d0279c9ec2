"""A million answers in one space, and 20,000 of them looked up: `python -m bench.answers [rows] [lookups] [characters]`.

Prints seconds and the memory that each step takes on top of what its process needs anyway; each is a process of its own.
"""

import multiprocessing
import random
import resource
import shutil
import string
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.report import table
from dataflow_ops.llm.answers import Answers
from dataflow_ops.llm.chat import Chat, Completion, Request, Usage
from dataflow_ops.store import Folder

WORDS = ["".join(random.Random(n).choices(string.ascii_lowercase, k=n % 9 + 2)) for n in range(5_000)]


def request(number: int) -> Request:
    """Return one of many questions."""
    return Request("openai:bench", Chat(({"role": "user", "content": f"Question {number}"},), prompt="bench/question"))


def fill(root: Path, rows: int, characters: int) -> None:
    """Put answers of about so many characters, as a task does."""
    with Answers(Folder(), f"{root}/shared", local=root / "local") as keeper:
        for number in range(rows):
            text = " ".join(random.choices(WORDS, k=characters // 7))
            keeper.put(request(number), Completion(text, "stop", Usage(1, 0, 100, 50, 0.001)))


def look_up(root: Path, rows: int, lookups: int, times: int) -> None:
    """Look up answers from all over the space; half of the questions are new."""
    asked = [request(number) for number in random.Random(1).sample(range(2 * rows), lookups)]
    with Answers(Folder(), f"{root}/shared", local=root / "local") as keeper:
        for _ in range(times):
            found = keeper.find(asked)
    assert abs(len(found) / lookups - 0.5) < 0.05


def look_up_neighbours(root: Path, rows: int, lookups: int) -> None:
    """Look up answers that were asked for one after the other, as a retried shard does."""
    with Answers(Folder(), f"{root}/shared", local=root / "local") as keeper:
        assert len(keeper.find([request(number) for number in range(rows // 2, rows // 2 + lookups)])) == lookups


def measured(step: Callable[..., None], *given: Any) -> tuple[float, float, float]:
    """Return seconds, CPU seconds and MiB that a step takes in a process of its own."""
    context = multiprocessing.get_context("spawn")
    queue = context.Queue()
    process = context.Process(target=_run, args=(queue, step, given))
    process.start()
    result: tuple[float, float, float] = queue.get()
    process.join()
    return result


def _run(queue: Any, step: Callable[..., None], given: tuple[Any, ...]) -> None:
    import pyarrow.parquet as pq  # noqa: F401

    before, start, cpu = _peak(), time.perf_counter(), time.process_time()
    step(*given)
    queue.put((time.perf_counter() - start, time.process_time() - cpu, _peak() - before))


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    """Print the table."""
    rows, lookups, characters = [*map(int, sys.argv[1:]), *(1_000_000, 20_000, 400)[len(sys.argv) - 1 :]]
    root = Path(tempfile.mkdtemp())
    steps = {
        f"put {rows:,} answers of {characters} characters": (fill, root, rows, characters),
        f"find {lookups:,} from all over": (look_up, root, rows, lookups, 1),
        "the same, five times": (look_up, root, rows, lookups, 5),
        f"find {lookups:,} next to each other": (look_up_neighbours, root, rows, lookups),
    }
    try:
        lines = [[name, *(f"{each:,.1f}" for each in measured(*step))] for name, step in steps.items()]
        parts = [path.stat().st_size for path in root.rglob("*.parquet")]
        print(table(["step", "seconds", "CPU seconds", "MiB more"], lines))
        print(f"\n{len(parts)} parts, {sum(parts) / 2**20:,.0f} MiB")
    finally:
        shutil.rmtree(root)


if __name__ == "__main__":
    main()
