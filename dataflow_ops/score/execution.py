"""What programs do when they are run: in a sandbox, against tests."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import pyarrow as pa
from pydantic import Field

from dataflow_ops.columns import put, strings
from dataflow_ops.op import Reads, Writes
from dataflow_ops.sandbox.harness import Report, Trial, run_all
from dataflow_ops.sandbox.limits import Limits
from dataflow_ops.sandbox.run import Sandbox
from dataflow_ops.score._agreement import Case, Choice, choose
from dataflow_ops.score._samples import samples_of

Share = Annotated[float, Field(ge=0, le=1)]
Seconds = Annotated[float, Field(gt=0, le=3600)]
MiB = Annotated[int, Field(ge=64, le=65_536)]
Processes = Annotated[int, Field(ge=4, le=1024)]
AtOnce = Annotated[int, Field(ge=1, le=64)]

OUTPUT_KIB = 8192
"""What the harness may write: a few hundred bytes for each test."""
NO_CODE = "no code"
RUN = pa.struct(
    {
        "candidate": pa.int32(),
        "passed": pa.list_(pa.bool_()),
        "failure": pa.string(),
        "seconds": pa.float64(),
        "peak_mib": pa.float64(),
    }
)


def verified(
    table: pa.Table,
    *,
    candidates: Reads = "candidates",
    tests: Reads = "tests",
    solution: Writes = "solution",
    tests_kept: Writes = "tests_kept",
    tests_passed: Writes = "tests_passed",
    tests_run: Writes = "tests_run",
    agreement: Writes = "agreement",
    runs: Writes = "runs",
    unproven: Writes = "unproven",
    at_least: Share = 0.6,
    min_passed: Annotated[int, Field(ge=1)] = 3,
    seconds_per_test: Seconds = 2.0,
    wall_seconds: Seconds = 10.0,
    memory_mib: MiB = 512,
    processes: Processes = 32,
    at_once: AtOnce = 1,
) -> pa.Table:
    """Run every candidate program against every test, in a sandbox, and choose one by dual agreement.

    Candidates that pass exactly the same tests, at least one, form a set; its score is √(candidates) · tests, as in the
    published implementation of CodeT (Chen et al. 2022, arXiv:2207.10397). Of the best set, on a tie the one that passes
    more tests, the first candidate is the `solution`; `tests_kept` are the tests it passes, `tests_passed` of
    `tests_run` different ones; `agreement` is the share of all candidates, failed samples included, that are in its set.
    It is proven when it passes at least `min_passed` tests and a share of `at_least`; else `unproven` says why, and the
    other columns hold the best guess.

    A test is Python that sees the names of the candidate, such as `assert add(1, 2) == 3`; functions whose name starts
    with `test` are called. One that comes to no end within `seconds_per_test` fails, and so does one that uses nothing
    of the candidate. Programs have the standard library alone, no network, no files; the limits hold for one candidate
    with all of its tests. `runs` has an item for each candidate: `passed` for each item of `tests`, the first `failure`
    with the assertion and its values, wall seconds and the most MiB held. Raises Permanent where no sandbox works.
    """
    cases = _cases(table, candidates, tests)
    limits = _limits(wall_seconds, memory_mib, processes)
    reports = _reports([(case.programs, case.checks) for case in cases], limits, at_once, seconds_per_test)
    found = [
        choose(case, {program: report.passed for program, report in each.items()}, at_least, min_passed)
        for case, each in zip(cases, reports, strict=True)
    ]
    names = {"solution": solution, "tests_kept": tests_kept, "tests_run": tests_run, "agreement": agreement}
    table = _told(table, found, names | {"unproven": unproven})
    table = put(table, tests_passed, pa.array([len(each.tests_kept) for each in found], pa.int64()))
    told = [_runs(case, each) for case, each in zip(cases, reports, strict=True)]
    return put(table, runs, pa.array(told, pa.list_(RUN)))


def passes(
    table: pa.Table,
    *,
    code: Reads = "solution",
    tests: Reads = "tests_kept",
    passes: Writes = "passes",
    failure: Writes = "failure",
    seconds_per_test: Seconds = 2.0,
    wall_seconds: Seconds = 10.0,
    memory_mib: MiB = 512,
    processes: Processes = 32,
    at_once: AtOnce = 1,
) -> pa.Table:
    """Run a program against its tests, in a sandbox, and say whether it passes all of them.

    `passes` is null where there are no tests, and false where there is no code; `failure` is the first thing that went
    wrong. What a test is, and what the limits mean, is told in `verified`. Raises Permanent where no sandbox works.
    """
    codes = strings(table, code).to_pylist()
    cases = [Case([text], given or ()) for text, given in zip(codes, samples_of(table, tests), strict=True)]
    limits = _limits(wall_seconds, memory_mib, processes)
    reports = _reports([(case.programs, case.checks) for case in cases], limits, at_once, seconds_per_test)
    found = [_verdict(case, each) for case, each in zip(cases, reports, strict=True)]
    table = put(table, passes, pa.array([right for right, _ in found], pa.bool_()))
    return put(table, failure, pa.array([why for _, why in found], pa.string()))


def _cases(table: pa.Table, candidates: str, tests: str) -> list[Case]:
    columns = zip(samples_of(table, candidates), samples_of(table, tests), strict=True)
    return [Case(programs or (), checks or ()) for programs, checks in columns]


def _limits(wall_seconds: float, memory_mib: int, processes: int) -> Limits:
    return Limits(wall_seconds, wall_seconds, memory_mib, processes, output_kib=OUTPUT_KIB)


def _reports(
    rows: Sequence[tuple[Sequence[str], Sequence[str]]], limits: Limits, at_once: int, seconds: float
) -> list[dict[str, Report]]:
    """Return the report of each program of each row; a row without tests has none."""
    trials = [[Trial(program, checks) for program in programs] if checks else [] for programs, checks in rows]
    if not any(trials):
        return [{} for _ in rows]
    with Sandbox(limits, at_once=at_once) as sandbox:
        reports = run_all(sandbox, [trial for each in trials for trial in each], seconds)
        return [{trial.candidate: next(reports) for trial in each} for each in trials]


def _told(table: pa.Table, found: Sequence[Choice], names: Mapping[str, str]) -> pa.Table:
    kinds = {"tests_kept": pa.list_(pa.string()), "tests_run": pa.int64(), "agreement": pa.float64()}
    for part, name in names.items():
        table = put(table, name, pa.array([getattr(each, part) for each in found], kinds.get(part, pa.string())))
    return table


def _runs(case: Case, reports: Mapping[str, Report]) -> list[dict[str, Any]]:
    """Return what `runs` says of a row: all candidates, all tests, also those that are null."""
    return [_run(case, number, reports.get(text or "")) for number, text in enumerate(case.candidates)]


def _run(case: Case, number: int, report: Report | None) -> dict[str, Any]:
    if report is None:
        failure = NO_CODE if not (case.candidates[number] or "").strip() else None
        return {"candidate": number, "passed": [False] * len(case.tests), "failure": failure}
    right = dict(zip(case.checks, report.passed, strict=True))
    return {
        "candidate": number,
        "passed": [right.get(test or "", False) for test in case.tests],
        "failure": _first_failure(case, report),
        "seconds": report.seconds,
        "peak_mib": report.peak_mib,
    }


def _first_failure(case: Case, report: Report) -> str | None:
    """Say what went wrong first, and in which test unless in all of them alike."""
    if len(report.failures) > 1 and len(set(report.failures)) == 1:
        return report.failures[0]
    places = {check: case.tests.index(check) + 1 for check in case.checks}
    told = zip(case.checks, report.failures, strict=True)
    return next((f"test {places[check]}: {why}" for check, why in told if why is not None), None)


def _verdict(case: Case, reports: Mapping[str, Report]) -> tuple[bool | None, str | None]:
    if not case.checks:
        return None, "no tests"
    if not reports:
        return False, NO_CODE
    (report,) = reports.values()
    return all(report.passed), _first_failure(case, report)
