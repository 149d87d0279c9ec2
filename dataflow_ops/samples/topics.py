"""What instructions can be about: combinations of topic, domain, theme and type of task."""

from collections.abc import Sequence
from pathlib import Path

from dataflow_ops.samples import combinations, vocabulary

FILE = "topics.jsonl"


def write(folder: Path, *, rows: int = 400, seed: int = 0) -> None:
    """Write `topics.jsonl` into `folder`: topic, domain, theme and task_type, no combination twice.

    The same `seed` gives the same rows in the same order, however many: a longer file begins with a shorter one.
    BadArgument for more rows than there are combinations, about 47,000.
    """
    combinations.write(folder, FILE, combinations.draw(_kinds(), rows, seed))


def _kinds() -> list[dict[str, Sequence[str]]]:
    """Return what goes together: a domain belongs to its topic, themes and types of task to all."""
    read = vocabulary.read("subjects")
    general = {"theme": read["themes"], "task_type": read["task_types"]}
    return [{"topic": [topic], "domain": domains} | general for topic, domains in read["topics"].items()]
