"""Programming instructions as people write them, some that nobody can follow, with the truth about every one."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any

import orjson

from dataflow_ops.samples import vocabulary
from dataflow_ops.samples.dealt import need_empty

FILE, TABLE = "instructions.jsonl", "instructions.csv"
TRUTH = "_truth.jsonl"
COPIED = ("is_prime", "to_base", "spiral_order")
"""The functions whose instructions are there twice, word for word."""

Row = dict[str, Any]


def write(folder: Path, *, seed: int = 0) -> None:
    """Write `instructions.jsonl` (key, instruction), `instructions.csv` (key, prompt) and the truth into `folder`.

    The same instructions in an order that `seed` decides. `_truth.jsonl`: key, kind (sound, exact_duplicate,
    near_duplicate, bad, hostile), function (which one is asked for), fault, of (the key of the original).
    BadArgument for a folder that holds anything.
    """
    need_empty(folder)
    rng = Random(seed)  # noqa: S311 - to be repeatable
    rows = compose()
    order = rng.sample(rows, len(rows))
    in_table = [row for row in order if row["kind"] != "hostile" and rng.random() < 0.3]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / FILE).write_bytes(_lines(_given(row) for row in order if row not in in_table))
    (folder / TABLE).write_bytes(_csv(in_table))
    (folder / TRUTH).write_bytes(_lines({k: v for k, v in row.items() if k != "instruction"} for row in rows))


def compose() -> list[Row]:
    """Return all instructions with what is known about them, originals before their copies."""
    read = vocabulary.read("code_instructions")
    sound = {name: _row(name, text, "sound", name) for name, text in read["sound"].items()}
    copies = (_row(f"{name}-again", read["sound"][name], "exact_duplicate", name, of=f"task-{name}") for name in COPIED)
    near = (
        _row(f"{name}-near", text, "near_duplicate", name, of=f"task-{name}") for name, text in read["near"].items()
    )
    return [*sound.values(), *copies, *near, *_bad(read["bad"]), *_hostile()]


def _row(name: str, text: Any, kind: str, function: str | None = None, **more: str | None) -> Row:
    known = {"key": f"task-{name}", "instruction": text, "kind": kind, "function": function}
    return known | {"fault": None, "of": None} | more


def _bad(faults: Mapping[str, Sequence[str]]) -> Iterator[Row]:
    """Yield instructions to which no program can be proven right."""
    for fault, texts in faults.items():
        for number, text in enumerate(texts):
            yield _row(f"{fault}-{number}", text, "bad", fault=fault)


def _hostile() -> Iterator[Row]:
    """Yield rows that are no instructions: blank, endless, or no text."""
    endless = "Write a function that adds up " + " and ".join(["12"] * 40_000) + "."
    for number, text in enumerate(("", " \n", None, 12, ["is_prime(n)"], {"text": "is_prime(n)"}, endless, "\0" * 50)):
        yield _row(f"hostile-{number}", text, "hostile")


def _given(row: Row) -> Row:
    return {name: row[name] for name in ("key", "instruction") if row[name] is not None}


def _lines(rows: Iterable[Row]) -> bytes:
    return b"".join(orjson.dumps(row) + b"\n" for row in rows)


def _csv(rows: Iterable[Row]) -> bytes:
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(["key", "prompt"])
    writer.writerows([row["key"], row["instruction"]] for row in rows)
    return table.getvalue().encode()
