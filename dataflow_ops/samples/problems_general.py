"""Questions of medicine, law and finance, with references that say the answer in other words, and the truth beside."""

from pathlib import Path

from dataflow_ops.samples import problems_dealt, vocabulary
from dataflow_ops.samples.problems import broken_one, sound_one
from dataflow_ops.samples.problems_dealt import Problem

TRUTH = problems_dealt.TRUTH


def write(folder: Path, *, seed: int = 0) -> None:
    """Write the sample into `folder`, which must be empty or new; files and truth are those of `problems.write`."""
    problems_dealt.write(folder, compose(), seed)


def compose() -> list[Problem]:
    """Return all questions: each gives the facts that its answer needs, or is broken."""
    read = vocabulary.read("problems_general")
    return [*map(sound_one, read["problem"]), *map(broken_one, read["broken"])]
