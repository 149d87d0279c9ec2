"""What conversations can be about: combinations of intent, topic, course and person."""

from collections.abc import Sequence
from pathlib import Path

from dataflow_ops.samples import combinations, vocabulary

FILE = "intents.jsonl"


def write(folder: Path, *, rows: int = 200, seed: int = 0) -> None:
    """Write `intents.jsonl` into `folder`: category, topic, flow and persona, no combination twice.

    The same `seed` gives the same rows in the same order, however many: a longer file begins with a shorter one.
    BadArgument for more rows than there are combinations, about 2,300.
    """
    combinations.write(folder, FILE, combinations.draw(_kinds(), rows, seed))


def _kinds() -> list[dict[str, Sequence[str]]]:
    read = vocabulary.read("intents")
    return [
        {"category": [category], "topic": kind["topics"], "flow": kind["flows"], "persona": read["personas"]}
        for category, kind in read["intents"].items()
    ]
