"""Final answers of mathematical problems: found, compared, and verified by a reference or by vote."""

from collections.abc import Sequence
from typing import Annotated

import pyarrow as pa
from pydantic import Field

from dataflow_ops.columns import put, strings
from dataflow_ops.domain import Domain
from dataflow_ops.maths import boxed
from dataflow_ops.maths.compare import Comparer
from dataflow_ops.op import Reads, Writes
from dataflow_ops.score._samples import Case, Outcome, outcome, samples_of, texts_of

Seconds = Annotated[float, Field(gt=0, le=3600)]
"""Seconds that algebra on one pair of answers may take."""
Share = Annotated[float, Field(ge=0, le=1)]


def final_answer(
    table: pa.Table, *, text: Reads = "solution", answer: Writes = "answer", boxed_only: bool = True
) -> pa.Table:
    r"""Find the final answer of a solution: what its last `\boxed` or `\fbox` holds, null where there is none.

    Without `boxed_only`, a solution without a box may also name it behind `####`, in its last sentence "the answer is …"
    or in its last formula between dollars.
    """
    texts = strings(table, text).to_pylist()
    found = [boxed.final_answer(each, boxed_only=boxed_only) if each else None for each in texts]
    return put(table, answer, pa.array(found, pa.string()))


def equal(
    table: pa.Table,
    *,
    answer: Reads = "answer",
    gold: Reads = "gold",
    equal: Writes = "equals_gold",
    domain: Domain = "math",
    seconds: Seconds = 5.0,
) -> pa.Table:
    """Say whether an answer equals the reference: null where there is no reference, false where there is no answer.

    Mathematics decides: fractions, decimals, thousands, roots, polynomials, sets, tuples, intervals, equations, units.
    Decimals are exact (0.333 is not 1/3); a unit or a currency that one side lacks counts for nothing, two different
    ones tell them apart; 50 % equals 0.5 and 50; brackets count. In doubt, and when algebra takes longer than `seconds`,
    the verdict is false. In the domain `general` the words must be the same, but for case, spaces and stops.
    """
    answers, golds = texts_of(table, answer), texts_of(table, gold)
    pairs = [(said, known) for said, known in zip(answers, golds, strict=True) if said and known]
    with Comparer(domain=domain, seconds=seconds) as comparer:
        verdicts = iter(comparer.compare(pairs))
    found = [
        None if not known else bool(said) and next(verdicts).equal for said, known in zip(answers, golds, strict=True)
    ]
    return put(table, equal, pa.array(found, pa.bool_()))


def verified(
    table: pa.Table,
    *,
    solutions: Reads = "solutions",
    gold: Reads = "gold",
    answer: Writes = "answer",
    solution: Writes = "solution",
    agreement: Writes = "agreement",
    verified_by: Writes = "verified_by",
    unverified: Writes = "unverified",
    domain: Domain = "math",
    at_least: Share = 0.5,
    seconds: Seconds = 5.0,
) -> pa.Table:
    """Verify the samples of a solution by the reference answer, or by majority vote where there is none.

    With a reference, one sample that gives it is enough: `verified_by` is `gold`. Without one, at least two samples and
    a share of `at_least` of all must agree, and no other answer may have as many: `verified_by` is `vote` (majority
    voting after Wang et al. 2022, arXiv:2203.11171). `answer` and `solution` are those of the first sample that agrees,
    `agreement` the share of all samples, failed ones included. Where nothing is verified `unverified` says why, and the
    three hold the best guess. Answers are compared as in `equal`.
    """
    cases = [Case.of(*each) for each in zip(samples_of(table, solutions), texts_of(table, gold), strict=True)]
    pairs = list(dict.fromkeys(pair for case in cases for pair in case.pairs))
    with Comparer(domain=domain, seconds=seconds) as comparer:
        verdicts = dict(zip(pairs, comparer.compare(pairs), strict=True))
    found = [outcome(case, verdicts.__getitem__, at_least) for case in cases]
    names = (answer, solution, agreement, verified_by, unverified)
    return _told(table, found, names)


def _told(table: pa.Table, found: Sequence[Outcome], names: Sequence[str]) -> pa.Table:
    fields = ("answer", "solution", "agreement", "verified_by", "unverified")
    for field, name in zip(fields, names, strict=True):
        kind = pa.float64() if field == "agreement" else pa.string()
        table = put(table, name, pa.array([getattr(each, field) for each in found], kind))
    return table
