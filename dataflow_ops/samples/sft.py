"""Instructions with replies, some of them bad in known ways, with the truth about every pair beside them."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import cycle, islice
from pathlib import Path
from random import Random

from dataflow_ops.errors import BadArgument
from dataflow_ops.samples import instructions, vocabulary
from dataflow_ops.samples.dealt import need_empty

FILE = "pairs.jsonl"
TRUTH = "_truth.jsonl"
SHARE = 0.25
"""Of pairs that are bad."""


@dataclass(frozen=True)
class Pair:
    """An instruction, its reply, and the truth about them; `task` is the kind of instruction, `defect` what is bad."""

    task: str
    instruction: str
    output: str | None
    defect: str | None = None


def write(folder: Path, *, pairs: int = 300, seed: int = 0) -> None:
    """Write a sample of pairs into `folder`, which must be empty or new: the same bytes for the same `seed`.

    `pairs.jsonl` has key, instruction and output; `_truth.jsonl` comes last: key, kind (good, bad), defect (empty, null,
    one_word, other_reply, refusal, cut, repetition, echo), task. A quarter is bad, every defect as often. BadArgument
    for a folder that holds anything, or for less than one pair.
    """
    need_empty(folder)
    made = list(enumerate(compose(Random(seed), pairs)))  # noqa: S311 - to be repeatable
    folder.mkdir(parents=True, exist_ok=True)
    records = ({"key": _key(at), "instruction": pair.instruction, "output": pair.output} for at, pair in made)
    (folder / FILE).write_bytes(_lines(records))
    (folder / TRUTH).write_bytes(_lines(_truth(at, pair) for at, pair in made))


def compose(rng: Random, pairs: int) -> list[Pair]:
    """Make so many pairs, good and bad, in random order, no instruction twice; BadArgument for less than one."""
    if pairs < 1:
        raise BadArgument(f"pairs={pairs!r}: expected at least 1")
    good = list(_different(rng, pairs))
    bad = round(pairs * SHARE)
    spoiled = [
        replace(pair, output=spoil(rng, pair, good), defect=defect)
        for pair, (defect, spoil) in zip(good[:bad], islice(cycle(DEFECTS.items()), bad), strict=True)
    ]
    made = [*spoiled, *good[bad:]]
    rng.shuffle(made)
    return made


def _different(rng: Random, count: int) -> Iterator[Pair]:
    """Yield pairs of all kinds in random order, each with an instruction of its own."""
    seen: set[str] = set()
    while len(seen) < count:
        task = rng.choice(list(instructions.KINDS))
        asked, replied = instructions.compose(rng, task)
        if asked not in seen:
            seen.add(asked)
            yield Pair(task, asked, replied)


def _other_reply(rng: Random, pair: Pair, good: Sequence[Pair]) -> str | None:
    """Return the reply to an instruction of another kind; to a lone one, what fits none."""
    others = [each.output for each in good if each.task != pair.task]
    return rng.choice(others) if others else _repetition(rng, pair, good)


def _cut(rng: Random, pair: Pair, _: Sequence[Pair]) -> str:
    """Stop in the middle of a word, after half of the reply or more."""
    text = str(pair.output)
    within = [at for at in range(len(text) // 2, len(text) * 3 // 4) if text[at - 1 : at + 1].isalpha()]
    return text[: rng.choice(within)]


def _repetition(rng: Random, _pair: Pair, _: Sequence[Pair]) -> str:
    return " ".join([rng.choice(_read("filler"))] * rng.randint(6, 12))


def _read(name: str) -> Sequence[str]:
    found: Sequence[str] = vocabulary.read("instructions")[name]
    return found


DEFECTS: Mapping[str, Callable[[Random, Pair, Sequence[Pair]], str | None]] = {
    "empty": lambda rng, _pair, _: rng.choice(("", " ", "\n\n")),
    "null": lambda _rng, _pair, _: None,
    "one_word": lambda rng, _pair, _: rng.choice(_read("one_word")),
    "other_reply": _other_reply,
    "refusal": lambda rng, _pair, _: rng.choice(_read("refusals")),
    "cut": _cut,
    "repetition": _repetition,
    "echo": lambda _rng, pair, _: pair.instruction,
}


def _key(number: int) -> str:
    return f"pair-{number:05}"


def _truth(number: int, pair: Pair) -> Mapping[str, str | None]:
    kind = "bad" if pair.defect else "good"
    return {"key": _key(number), "kind": kind, "defect": pair.defect, "task": pair.task}


def _lines(records: Iterator[Mapping[str, str | None]]) -> bytes:
    return "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records).encode()
