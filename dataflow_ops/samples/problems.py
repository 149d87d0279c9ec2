"""Mathematical problems, some without an answer, some broken on purpose, with the truth about every one beside them."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from dataflow_ops.samples import problems_dealt, vocabulary
from dataflow_ops.samples.problems_dealt import Problem

TRUTH = problems_dealt.TRUTH
FIELDS = ("arithmetic", "algebra", "geometry", "chance", "words")
COPIED = 4
"""How many of the problems are there twice, word for word."""


def write(folder: Path, *, seed: int = 0) -> None:
    """Write the sample into `folder`, which must be empty or new: the same problems in an order that `seed` decides.

    Question and answer are called `question` and `answer` in `problems.jsonl`, `problem` and `golden_answer` in
    `contest.csv`, `instruction` and `answer` in `exam.parquet`. `_truth.jsonl`: key, kind (sound, exact_duplicate,
    near_duplicate, broken, hostile), accepted (ways to write the right answer), gold (whether the file gives one),
    publish (yes, no, either), fault, of (the key of the original), subject. BadArgument for a folder with files.
    """
    problems_dealt.write(folder, compose(), seed)


def compose() -> list[Problem]:
    """Return all problems, originals before their copies."""
    sound = [sound_one(row) for field in FIELDS for row in vocabulary.read(f"problems_{field}")["problem"]]
    planted = vocabulary.read("problems_faults")
    return [
        *sound,
        *(_copy(sound, number) for number in range(0, COPIED * 7, 7)),
        *(_near(sound, row) for row in planted["near"]),
        *(broken_one(row) for row in planted["broken"]),
        *(_hostile(row) for row in planted["hostile"]),
        *_unreadable(),
    ]


def sound_one(row: Mapping[str, Any]) -> Problem:
    """Return a problem that can be solved, with the answer that its file gives."""
    accepted = (row["answer"], *row.get("also", ()))
    subject = row.get("subject", "mathematics")
    return Problem(row["question"], row.get("gold", row["answer"]) or None, accepted=accepted, subject=subject)


def broken_one(row: Mapping[str, Any]) -> Problem:
    """Return a problem that is broken, with an answer that looks like one."""
    return Problem(row["question"], "7", "broken", publish="no", fault=row["fault"])


def _copy(sound: Sequence[Problem], number: int) -> Problem:
    original = sound[number]
    return Problem(original.question, original.gold, "exact_duplicate", original.accepted, of=number)


def _near(sound: Sequence[Problem], row: Mapping[str, str]) -> Problem:
    number = next(at for at, each in enumerate(sound) if each.question.startswith(row["of"]))
    return Problem(row["question"], sound[number].gold, "near_duplicate", sound[number].accepted, of=number)


def _hostile(row: Mapping[str, Any]) -> Problem:
    """Return a problem that is right and hard to read: whether it is published, nobody promises."""
    return Problem(row["question"], row.get("gold", row["answer"]), "hostile", (row["answer"],), "either")


def _unreadable() -> Iterator[Problem]:
    """Yield rows that are no problems at all: too long, blank, without a question or with one that is no text."""
    endless = "Add up: " + " + ".join(["12"] * 40_000) + ". What is the sum?"
    for question in (endless, "", " \n ", None, 12, ["What is 1 + 1?"], {"text": "What is 1 + 1?"}):
        yield Problem(question, "2", "hostile", publish="no")
