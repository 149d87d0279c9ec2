"""Published pairs of instruction and program, held against what is known of the files they come from, and run again."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from dataflow_ops import dataset
from dataflow_ops.llm.rehearsal.code_bank import task_in, tasks
from dataflow_ops.samples.evaluate import Measure, Report, check, groups, of_kind, share
from dataflow_ops.samples.planted import keys, truth
from dataflow_ops.samples.snippets_known import CODE, Row, left_out
from dataflow_ops.samples.tested import passed_again
from dataflow_ops.store import Store

PUBLISHED = ("id", "instruction", "solution", "tests_kept")


def judge(store: Store, version: Mapping[str, Any], source: str) -> Report:
    """Compare what a version publishes with the truth in the folder `source`, and run its programs once more.

    Raises Permanent where there is no sandbox that works.
    """
    known, named = truth(store, source), keys(store, source, CODE)
    rows = dataset.read(store, version, list(PUBLISHED)).to_pylist()
    return evaluate(known, [row | {"key": named.get(row["id"])} for row in rows])


def evaluate(known: Mapping[str, Row], published: Sequence[Row]) -> Report:
    """Measure how good published pairs are.

    `published` has key (null in rows that were made), instruction, solution and tests_kept. BadArgument where it has a
    key that the truth does not know.
    """
    given = {row["key"] for row in published if row["key"] is not None}
    check(known, given, "published files")
    secrets = [secret for row in known.values() for secret in row["secrets"]]
    clean = sum(not any(secret in row["instruction"] + row["solution"] for secret in secrets) for row in published)
    return Report(
        [
            *tested(published),
            Measure("published pairs without a planted secret", clean, len(published), 1.0),
            *left_out(known, given),
            *_reached(known, given),
            Measure("new pairs among the published", len(published) - len(given), len(published)),
        ]
    )


def tested(published: Sequence[Row]) -> Iterator[Measure]:
    """Measure which programs pass the tests they came with in another run, and which those of the task they are for.

    The second set of tests is that of the sample, which no model has seen; programs for other tasks are not counted.
    """
    again = passed_again((row["solution"] or "", row["tests_kept"] or []) for row in published)
    yield Measure("published programs that pass their tests again", sum(again), len(published), 1.0)
    of_tasks = [(row["solution"] or "", task) for row in published if (task := task_in(row["instruction"] or ""))]
    right = passed_again((program, task.tests) for program, task in of_tasks)
    yield Measure("published programs right by all tests of their task", sum(right), len(of_tasks), 0.9)


def _reached(known: Mapping[str, Row], given: set[str]) -> Iterator[Measure]:
    together = groups(known)
    sound = of_kind(known, "sound", "licensed")

    def reached(key: str) -> bool:
        return not given.isdisjoint(together[key])

    testable = [key for key in sound if known[key]["function"] in tasks()]
    yield share("sound files with a function to test that reached the output", testable, reached, 0.7)
    yield share("other sound files that reached it", [key for key in sound if key not in testable], reached)
