"""What a model says of final answers that rules could not tell equal."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any

import numpy as np
import pyarrow as pa
from pydantic import BaseModel, Field

from dataflow_ops.columns import put, strings
from dataflow_ops.domain import Domain
from dataflow_ops.llm.asking import ask, with_values
from dataflow_ops.llm.chat import Answer, Failure, Llm
from dataflow_ops.llm.prompts import PromptName
from dataflow_ops.llm.schema import Sentences
from dataflow_ops.maths.boxed import last_boxed
from dataflow_ops.op import ANSWERED_BY, REJECTED, Changes, Reads
from dataflow_ops.score._samples import samples_of, texts_of


class _Same(BaseModel):
    reason: Sentences
    same: bool


def judged(
    table: pa.Table,
    llm: Llm,
    *,
    question: Reads = "question",
    gold: Reads = "gold",
    solutions: Reads = "solutions",
    answer: Changes = "answer",
    solution: Changes = "solution",
    agreement: Changes = "agreement",
    verified_by: Changes = "verified_by",
    unverified: Changes = "unverified",
    domain: Domain = "general",
    at_least: Annotated[float, Field(ge=0, le=1)] = 0.5,
    prompt: PromptName = "answers/same",
    temperature: float = 0.0,
    max_tokens: int = 512,
    seed: int = 0,
) -> pa.Table:
    """Verify by a model what `score.math.verified` left unverified: whether answers say the same in other words.

    The final answer of each sample in `solutions` is compared with `gold`; where there is none, with `answer`, the one
    that most samples gave. With `gold` one sample that says the same is enough, and is the `solution`. Without it, at
    least two samples and a share of `at_least` of all must say the same, and more samples than give other answers,
    since nobody compares those with each other. What is verified has `judge` in `verified_by` and the share in
    `agreement`; of the rest `unverified` says why, in the words of the judge. Answers that are alike are asked about once.

    A comparison that the model failed on is none that says yes: a row that would need it is rejected with the reason.
    Nobody is asked about rows that are verified already, nor in the domain `math`, where equality has decided.
    """
    names = {"answer": answer, "solution": solution, "agreement": agreement}
    names |= {"verified_by": verified_by, "unverified": unverified}
    unsure = [] if domain == "math" else _cases(table, gold, solutions, answer, verified_by)
    cases = [case for case in unsure if case.to_ask and _could_pass(case, at_least)]
    sampling: dict[str, Any] = {"temperature": temperature, "max_tokens": max_tokens, "seed": seed}
    pairs = [(case, said) for case in cases for said in case.to_ask]
    asked = table.select([question]).take(pa.array([case.row for case, _ in pairs], pa.int64()))
    holes: dict[str, str | Sequence[Any]] = {"question": question}
    holes |= {"reference": [case.reference for case, _ in pairs]}
    holes |= {"answer": [case.to_ask[said] for case, said in pairs]}
    found = iter(ask(asked, llm, prompt, holes, schema=_Same, **sampling))
    verdicts = [_verdict(case, {said: next(found) for said in case.to_ask}, at_least) for case in cases]
    return _told(table, llm, cases, verdicts, names)


@dataclass(frozen=True)
class _Case:
    """A row to be judged: its samples, the final answer of each, and what they are compared with."""

    row: int
    samples: Sequence[str | None]
    finals: Sequence[str | None]
    reference: str
    votes: bool
    """Whether the reference is no known answer but what most samples gave."""

    @cached_property
    def to_ask(self) -> dict[str, str]:
        """The answers to ask about, the most frequent first, by what answers that are alike have in common."""
        counts = Counter(_alike(final) for final in self.finals if final is not None)
        if self.votes:
            counts.pop(_alike(self.reference), None)
        spelled = {_alike(final): final for final in reversed(self.finals) if final is not None}
        return {said: spelled[said] for said, _ in counts.most_common()}

    def places(self, said: set[str]) -> list[int]:
        """Return which samples give one of these answers."""
        return [at for at, final in enumerate(self.finals) if final is not None and _alike(final) in said]


def _alike(answer: str) -> str:
    """Return what spellings have in common that a judge need not tell apart: not case, which tells mW from MW."""
    return " ".join(answer.split())


def _cases(table: pa.Table, gold: str, solutions: str, answer: str, verified_by: str) -> list[_Case]:
    """Return the rows that are not verified and that a judge could verify."""
    columns = [strings(table, verified_by).to_pylist(), texts_of(table, gold), texts_of(table, answer)]
    cases = []
    for row, (done, known, guess, samples) in enumerate(zip(*columns, samples_of(table, solutions), strict=True)):
        if done is None and samples and (known or guess):
            finals = [last_boxed(sample) if sample else None for sample in samples]
            cases.append(_Case(row, samples, finals, known or guess or "", votes=not known))
    return cases


def _could_pass(case: _Case, at_least: float) -> bool:
    boxed = sum(final is not None for final in case.finals)
    return not case.votes or (boxed >= 2 and boxed / len(case.finals) >= at_least)


@dataclass(frozen=True)
class _Verdict:
    """What came of a case: values for columns, by their part in it; or why there is no verdict."""

    values: Mapping[str, Any]
    failure: Failure | None = None


def _verdict(case: _Case, found: Mapping[str, Answer], at_least: float) -> _Verdict:
    same = {said for said, answer in found.items() if answer.failure is None and answer.value.same}
    places = case.places({*same, _alike(case.reference)} if case.votes else same)
    share = len(places) / len(case.samples)
    why = _not_enough(case, places, share, at_least)
    failure = next((answer.failure for answer in found.values() if answer.failure), None)
    if why is None:
        literal = case.places({_alike(case.reference)}) if case.votes else []
        chosen = (literal or places)[0]
        values = {"answer": case.finals[chosen], "solution": case.samples[chosen], "agreement": share}
        return _Verdict({**values, "verified_by": "judge", "unverified": None})
    if failure is not None:
        return _Verdict({}, failure)
    reason = next(answer.value.reason for answer in found.values() if not answer.value.same)
    if case.votes:
        return _Verdict({"unverified": f"{why}; {reason}", "agreement": share})
    return _Verdict({"unverified": f"{why}: {reason}"})


def _not_enough(case: _Case, places: Sequence[int], share: float, at_least: float) -> str | None:
    """Say why these samples do not verify an answer; None if they do."""
    if not case.votes:
        return None if places else "no sample gives the reference answer"
    others = sum(final is not None for final in case.finals) - len(places)
    if len(places) < 2 or share < at_least:
        return f"too few samples agree: {len(places)} of {len(case.samples)}, a share of {at_least:g} expected"
    return f"no majority: {len(places)} samples agree, {others} give other answers" if len(places) <= others else None


def _told(
    table: pa.Table, llm: Llm, cases: Sequence[_Case], verdicts: Sequence[_Verdict], names: Mapping[str, str]
) -> pa.Table:
    """Put verdicts in their rows, and stamp those rows alone: the others have nothing from this model."""
    for part, name in names.items():
        values = table[name].to_pylist()
        for case, verdict in zip(cases, verdicts, strict=True):
            values[case.row] = verdict.values.get(part, values[case.row])
        table = put(table, name, pa.array(values, _kind(table[name].type, part)))
    return _stamped(table, llm, [case.row for case in cases], [verdict.failure for verdict in verdicts])


def _stamped(table: pa.Table, llm: Llm, rows: Sequence[int], failures: Sequence[Failure | None]) -> pa.Table:
    marks = table.select([name for name in ("id", ANSWERED_BY, REJECTED) if name in table.column_names])
    done = with_values(marks.take(pa.array(rows, pa.int64())), llm, [Answer(failure=each) for each in failures])
    others = sorted(set(range(table.num_rows)).difference(rows))
    joined = pa.concat_tables([done, marks.take(pa.array(others, pa.int64()))], promote_options="default")
    joined = joined.take(pa.array(np.argsort([*rows, *others], kind="stable"), pa.int64()))
    for name in joined.column_names[1:]:
        table = put(table, name, joined[name])
    return table


def _kind(there: pa.DataType, part: str) -> pa.DataType:
    if part == "agreement":
        return pa.float64()
    return there if pa.types.is_large_string(there) else pa.string()
