"""A sample database that can be searched by meaning: a catalogue of invented abstracts, with the vectors of their texts."""

from pathlib import Path
from random import Random

from dataflow_ops.databases import vectors
from dataflow_ops.samples import vocabulary
from dataflow_ops.samples.databases import make_file
from dataflow_ops.samples.databases_rows import Description
from dataflow_ops.samples.dealt import need_empty

ROWS = 300
KINDS = ("a field study", "ten years on", "a review", "a first look", "two views", "what we know")
TWICE = 25
"""One summary in so many is that of the row before, so that some rows are equally near to every question."""


def write(folder: Path) -> None:
    """Write `abstracts.sqlite` into `folder`: tables journals, abstracts and citations, and `abstracts_summary_vec`.

    The vectors are those of all-MiniLM-L6-v2; see `databases.vectors`. BadArgument for a folder that holds files.
    """
    need_empty(folder)
    path = make_file(description(), folder / "abstracts.sqlite", "abstracts")
    vectors.add(path, "abstracts", "summary")


def description() -> Description:
    """Return what the database is made from, with the texts of its rows among the words."""
    given = vocabulary.read("databases/abstracts")
    rng = Random("abstracts")  # noqa: S311 - to be repeatable
    studies = [(study["field"], *study["of"][at]) for study in given["study"] for at in range(len(study["of"]))]
    drawn = [studies[number % len(studies)] for number in range(ROWS)]
    rng.shuffle(drawn)
    summaries = [f"{about} {_found(rng, given)}" for _, _, about in drawn]
    for number in range(TWICE, ROWS, TWICE):
        drawn[number], summaries[number] = drawn[number - 1], summaries[number - 1]
    titles = [f"{title}: {rng.choice(KINDS)}" for _, title, _ in drawn]
    words = {"fields": [field for field, *_ in drawn], "titles": titles, "summaries": summaries}
    return {**given, "words": words}


def _found(rng: Random, given: Description) -> str:
    method, outcome = rng.choice(given["method"]), rng.choice(given["outcome"])
    return f"{method.format(years=rng.randint(2, 30), sites=rng.randint(5, 90))} {outcome}"
