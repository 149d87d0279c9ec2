"""What a model says of questions before they are answered: whether they are sound, how hard, and what about."""

from typing import Annotated, Any, Literal

import pyarrow as pa
from pydantic import AfterValidator, BaseModel, Field

from dataflow_ops import taxonomy
from dataflow_ops.columns import put
from dataflow_ops.domain import Domain
from dataflow_ops.llm.asking import ask, with_columns
from dataflow_ops.llm.chat import Answer, Llm
from dataflow_ops.llm.prompts import PromptName
from dataflow_ops.llm.schema import Sentences
from dataflow_ops.op import Reads, Writes

SOUND = "none"
"""The fault of a question without one."""


class _Check(BaseModel):
    reason: Sentences
    fault: Literal["none", "not_a_question", "language", "condition", "contradiction", "insufficient"]


def check(
    table: pa.Table,
    llm: Llm,
    *,
    question: Reads = "question",
    question_valid: Writes = "question_valid",
    question_fault: Writes = "question_fault",
    question_reason: Writes = "question_reason",
    domain: Domain = "math",
    math: PromptName = "questions/math_check",
    general: PromptName = "questions/general_check",
    temperature: float = 0.0,
    max_tokens: int = 1024,
    seed: int = 0,
) -> pa.Table:
    """Find the first fault of a question, in five checks, and say why it is one.

    In order: it is a question and nothing else (`not_a_question`), its `language` and notation are sound, each
    `condition` is possible alone, no `contradiction` lies in them together, and they suffice for one answer
    (`insufficient`). `question_fault` is `none` where all pass, and `question_valid` is true there alone. After
    MathQ-Verify (Shen et al. 2025, arXiv:2505.13903).
    """
    prompt = math if domain == "math" else general
    sampling: dict[str, Any] = {"temperature": temperature, "max_tokens": max_tokens, "seed": seed}
    answers = ask(table, llm, prompt, {"question": question}, schema=_Check, **sampling)
    checked = put(table, question_valid, pa.array([_valid(answer) for answer in answers], pa.bool_()))
    return with_columns(checked, llm, answers, {question_fault: "fault", question_reason: "reason"}, schema=_Check)


def _valid(answer: Answer) -> bool | None:
    return None if answer.failure else answer.value.fault == SOUND


def _half_steps(value: float) -> float:
    if value * 2 != int(value * 2):
        raise ValueError("expected a multiple of 0.5")
    return value


class _Difficulty(BaseModel):
    reason: Sentences
    # Checked here and not by the schema: not every server that decodes by a schema knows `multipleOf`.
    difficulty: Annotated[float, Field(ge=1, le=10), AfterValidator(_half_steps)]


def difficulty(
    table: pa.Table,
    llm: Llm,
    *,
    question: Reads = "question",
    difficulty: Writes = "difficulty",
    reason: Writes = "difficulty_reason",
    prompt: PromptName = "questions/difficulty",
    temperature: float = 0.0,
    max_tokens: int = 1024,
    seed: int = 0,
) -> pa.Table:
    """Rate how hard a question is, 1 to 10 in half steps, and say why.

    1 is one operation, 3 a school contest for beginners, 5 an invitational contest, 7 to 9 the problems of olympiads
    from the easiest to the hardest. The scale is that of the Art of Problem Solving wiki.
    """
    holes, form = {"question": question}, _Difficulty
    answers = ask(table, llm, prompt, holes, schema=form, temperature=temperature, max_tokens=max_tokens, seed=seed)
    return with_columns(table, llm, answers, {difficulty: "difficulty", reason: "reason"}, schema=form)


class _Field(BaseModel):
    reason: Sentences
    subcategory: taxonomy.Field


class _Subject(BaseModel):
    reason: Sentences
    subject: taxonomy.Subject


def category(
    table: pa.Table,
    llm: Llm,
    *,
    question: Reads = "question",
    category: Writes = "category",
    subcategory: Writes = "subcategory",
    domain: Domain = "math",
    math: PromptName = "questions/category",
    general: PromptName = "questions/subject",
    temperature: float = 0.0,
    max_tokens: int = 512,
    seed: int = 0,
) -> pa.Table:
    """File a question under one of 28 fields of mathematics, or one of 23 other subjects, and under the area of that.

    The model chooses `subcategory` out of names that the form of its answer lists; `category`, one of seven areas,
    follows from it. A name that is not listed is no answer.
    """
    in_math = domain == "math"
    form: type[BaseModel] = _Field if in_math else _Subject
    field, areas = ("subcategory", taxonomy.AREA_OF_FIELD) if in_math else ("subject", taxonomy.AREA_OF_SUBJECT)
    sampling: dict[str, Any] = {"temperature": temperature, "max_tokens": max_tokens, "seed": seed}
    answers = ask(table, llm, math if in_math else general, {"question": question}, schema=form, **sampling)
    found = [None if answer.failure else areas[getattr(answer.value, field)] for answer in answers]
    filed = put(table, category, pa.array(found, pa.string()))
    return with_columns(filed, llm, answers, {subcategory: field}, schema=form)
