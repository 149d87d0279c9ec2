"""Problems dealt to files of several formats, with the truth about every one beside them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from dataflow_ops.samples.dealt import TRUTH, Hand, deal

__all__ = ["NAMES", "TRUTH", "Problem", "key", "write"]

NAMES = {
    "problems.jsonl": ("question", "answer"),
    "contest.csv": ("problem", "golden_answer"),
    "exam.parquet": ("instruction", "answer"),
}
"""What question and known answer are called in each file."""

Publish = Literal["yes", "no", "either"]


@dataclass(frozen=True)
class Problem:
    """A problem and the truth about it: `accepted` are ways to write the right answer, `gold` what the file says."""

    question: Any
    gold: Any = None
    kind: str = "sound"
    accepted: tuple[str, ...] = ()
    publish: Publish = "yes"
    fault: str | None = None
    of: int | None = None
    subject: str = "mathematics"


def write(folder: Path, problems: Sequence[Problem], seed: int) -> None:
    """Write `problems.jsonl`, `contest.csv`, `exam.parquet` and the truth into `folder`, in random order.

    What is hard to read is a line of the first file. BadArgument for a folder that holds anything.
    """
    deal(folder, problems, Hand(NAMES, (2, 1, 1), _record, _truth, lambda problem: problem.kind == "hostile"), seed)


def _record(number: int, problem: Problem, names: tuple[str, ...]) -> Mapping[str, Any]:
    """Return the fields of a row: one without a question lacks the field, as one without an answer does."""
    question, gold = names
    return {"key": key(number), question: problem.question, gold: problem.gold, "source": f"book {number % 7 + 1}"}


def key(number: int) -> str:
    """Return what tells a problem from others."""
    return f"problem-{number:03}"


def _truth(number: int, problem: Problem) -> Mapping[str, Any]:
    return {
        "key": key(number),
        "kind": problem.kind,
        "subject": problem.subject,
        "accepted": list(problem.accepted),
        "gold": bool(str(problem.gold or "").strip()),
        "publish": problem.publish,
        "fault": problem.fault,
        "of": None if problem.of is None else key(problem.of),
    }
