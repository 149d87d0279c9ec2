"""Write instructions for code, code for instructions, and tests for both."""
# ruff: noqa: PT028  # `tests` is an op, not a test

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Any

import pyarrow as pa
from pydantic import AfterValidator, BaseModel, Field, StringConstraints

from dataflow_ops.columns import put, strings
from dataflow_ops.generate._children import STRINGS, Child, Columns, beside, seeds
from dataflow_ops.generate._leaks import leaks
from dataflow_ops.generate._python import is_python, program, with_interface
from dataflow_ops.generate._samples import together
from dataflow_ops.generate._shots import draws, shown
from dataflow_ops.generate._stub import signature_line, task
from dataflow_ops.generate._test_code import usable
from dataflow_ops.llm.asking import ask, with_columns, with_values
from dataflow_ops.llm.chat import Answer, Failure, Kind, Llm
from dataflow_ops.llm.prompts import PromptName
from dataflow_ops.llm.schema import Passage, Sentences
from dataflow_ops.op import Changes, Reads, Writes

UNKNOWN = "not known"
"""What a prompt says of a language that no column names."""
LEAKS = 3
"""Lines of the body of a program in its instruction from which on it is no instruction but a copy."""
TestCode = Annotated[str, StringConstraints(min_length=1, max_length=6_000)]
"""A test; blanks at its beginning are part of the code."""


class _Instruction(BaseModel):
    instruction: Passage


def instructions(
    table: pa.Table,
    llm: Llm,
    *,
    code: Reads = "code",
    language: Reads | None = "language",
    instruction: Writes = "instruction",
    prompt: PromptName = "code/instruction",
    temperature: float = 0.3,
    max_tokens: int = 2048,
    seed: int = 0,
) -> pa.Table:
    """Write the instruction that would have led to each piece of code, without telling how the code does it.

    `language` is a column as well, or None; nulls in it are languages nobody knows. An instruction for Python that
    names none of the functions and classes that the code defines gets their first lines added, as tests will call them
    by these names. One that repeats three or more lines of the code's body gives the answer away: its row is rejected.
    After OSS-Instruct (Wei et al. 2024, arXiv:2312.02120) and instruction backtranslation (Li et al.
    2024, arXiv:2308.06259).
    """
    codes = strings(table, code).to_pylist()
    known = [None] * table.num_rows if language is None else strings(table, language).to_pylist()
    holes: dict[str, str | Sequence[Any]] = {"code": code, "language": [_named(each) for each in known]}
    sampling: dict[str, Any] = {"temperature": temperature, "max_tokens": max_tokens, "seed": seed}
    answers = ask(table, llm, prompt, holes, schema=_Instruction, **sampling)
    complete = [_complete(*each) for each in zip(answers, codes, known, strict=True)]
    return with_columns(table, llm, complete, {instruction: ""})


def _named(language: str | None) -> str:
    return language if language and language.strip() else UNKNOWN


def _complete(answer: Answer, code: str, language: str | None) -> Answer:
    """Return the instruction of an answer with the names it lacks; a failure where it gives the code away."""
    if answer.failure:
        return answer
    text = answer.value.instruction
    told = leaks(text, code)
    if len(told) < LEAKS:
        return replace(answer, value=with_interface(text, code) if is_python(language) else text)
    why = f"the instruction gives away {len(told)} lines of the code, such as {told[0][:80]!r}"
    return Answer(failure=Failure(Kind.UNPARSABLE, why), usage=answer.usage)


class _Task(BaseModel):
    signature: Annotated[Sentences, AfterValidator(signature_line)]
    docstring: Passage
    examples: Annotated[list[Sentences], Field(min_length=1, max_length=10)]


def enhanced(
    table: pa.Table,
    llm: Llm,
    *,
    instruction: Changes = "instruction",
    before: Writes = "instruction_before",
    prompt: PromptName = "code/enhanced",
    temperature: float = 0.3,
    max_tokens: int = 2048,
    seed: int = 0,
) -> pa.Table:
    """Turn each instruction into a Python function with signature, docstring and examples, to be written.

    The new instruction is one sentence and the function, without its body, in a fenced block; the old one is kept in
    `before`. A signature that is not Python is sent back to the model once. A row that fails keeps its instruction.
    """
    given = strings(table, instruction)
    sampling: dict[str, Any] = {"temperature": temperature, "max_tokens": max_tokens, "seed": seed}
    answers = ask(table, llm, prompt, {"instruction": instruction}, schema=_Task, **sampling)
    made = [
        task(found.signature, found.docstring, found.examples) if (found := answer.value) else old
        for answer, old in zip(answers, given.to_pylist(), strict=True)
    ]
    rewritten = put(put(table, before, given), instruction, pa.array(made, given.type))
    return with_values(rewritten, llm, answers)


def new_instructions(
    table: pa.Table,
    llm: Llm,
    *,
    instruction: Reads = "instruction",
    count: Annotated[int, Field(ge=0, le=20)] = 1,
    shots: Annotated[int, Field(ge=1, le=10)] = 3,
    synthetic: Writes = "synthetic",
    transformation: Writes = "transformation",
    carry: Sequence[str] = ("source", "source_row"),
    prompt: PromptName = "code/new_instruction",
    temperature: float = 0.9,
    max_tokens: int = 2048,
    seed: int = 0,
) -> pa.Table:
    """Write `count` new instructions for each one, which is shown with `shots` - 1 others of the table as examples.

    Which others is drawn by `seed` and the row's id, whatever the order of rows; no text is shown twice, and where the
    table has fewer texts all of them are shown. After Self-Instruct (Wang et al. 2023, arXiv:2212.10560).

    The rows given stay first, `synthetic` false in them; new ones follow, with the examples as `parents` and the columns
    in `carry` of the first of them. Rows that are synthetic already, or have no instruction, are neither examples nor
    asked about. An instruction that could not be made is a rejected row of its own.
    """
    sampling: dict[str, Any] = {"temperature": temperature, "max_tokens": max_tokens, "schema": _Instruction}
    texts, ids = strings(table, instruction).to_pylist(), table["id"].to_pylist()
    wanted: list[Child] = []
    answers: list[Answer] = []
    drawn = draws(seeds(table, synthetic), texts, ids, count=count, others=shots - 1, seed=seed)
    for number, draw in enumerate(drawn):
        wanted += [Child(at, number, "few shots", tuple(ids[each] for each in draw[at])) for at in draw]
        examples = [shown(texts, (at, *draw[at])) for at in draw]
        asked = pa.table({"id": table["id"].take(pa.array(list(draw), pa.int64()))})
        # In a small table the same examples may be drawn again: with another seed they lead to something else.
        answers += ask(asked, llm, prompt, {"examples": examples}, seed=seed + number, **sampling)
    columns = Columns(instruction, synthetic, transformation, carry, field="instruction")
    return beside(table, llm, wanted, answers, columns, made_by="generate.code.new_instructions")


def solutions(
    table: pa.Table,
    llm: Llm,
    *,
    instruction: Reads = "instruction",
    candidates: Writes = "candidates",
    count: Annotated[int, Field(ge=1, le=64)] = 4,
    language: Annotated[str, Field(min_length=1)] = "Python",
    language_column: Reads | None = None,
    prompt: PromptName = "code/solution",
    temperature: float = 0.8,
    max_tokens: int = 4096,
    seed: int = 0,
) -> pa.Table:
    """Write `count` programs for each instruction, in `language` or in the one that `language_column` names.

    `candidates` is a list of texts: of each reply its last complete fenced block in that language, or else the last
    that names none; a Python reply without any block is taken if it is a program as a whole. A sample that failed or
    holds no program is a null in the list, so that it counts as one that agrees with no other; a row of which every
    sample is null is rejected. The model sees neither tests nor the code that an instruction may come from.
    """
    named = [None] * table.num_rows if language_column is None else strings(table, language_column).to_pylist()
    asked = [each if each and each.strip() else language for each in named]
    sampling: dict[str, Any] = {"temperature": temperature, "max_tokens": max_tokens, "seed": seed}
    strings(table, instruction)
    answers = ask(table, llm, prompt, {"instruction": instruction, "language": asked}, n=count, **sampling)
    programs = [_program(answer, asked[at // count]) for at, answer in enumerate(answers)]
    found = [together(programs[at * count : (at + 1) * count]) for at in range(table.num_rows)]
    lists = pa.array([answer.value for answer in found], STRINGS)
    return with_values(put(table, candidates, lists), llm, found)


def _program(answer: Answer, language: str) -> Answer:
    if answer.failure:
        return answer
    found = program(answer.value, language)
    if found is not None:
        return replace(answer, value=found)
    why = f"no complete fenced block of {language}; the reply ended {answer.value[-60:]!r}"
    return Answer(failure=Failure(Kind.UNPARSABLE, why), usage=answer.usage)


class _Tests(BaseModel):
    tests: Annotated[list[TestCode], Field(min_length=1, max_length=64)]


def tests(
    table: pa.Table,
    llm: Llm,
    *,
    instruction: Reads = "instruction",
    tests: Writes = "tests",
    count: Annotated[int, Field(ge=1, le=64)] = 8,
    prompt: PromptName = "code/tests",
    temperature: float = 0.3,
    max_tokens: int = 4096,
    seed: int = 0,
) -> pa.Table:
    """Write up to `count` tests in Python for what each instruction asks for; no code is seen.

    `tests` is a list of texts, each a test of its own: assertions, or one function `test_…` with assertions in it.
    Left out are tests that do not parse, import more than the standard library, call nothing of the solution, cannot
    fail, or repeat another; a row of which no test is left is rejected. After CodeT (Chen et al. 2022,
    arXiv:2207.10397), whose tests come of the same model as its code and decide by agreement.
    """
    given = strings(table, instruction).to_pylist()
    holes: dict[str, str | Sequence[Any]] = {"instruction": instruction, "count": [str(count)] * table.num_rows}
    sampling: dict[str, Any] = {"temperature": temperature, "max_tokens": max_tokens, "seed": seed}
    answers = ask(table, llm, prompt, holes, schema=_Tests, **sampling)
    fit = [_fit(answer, text, count) for answer, text in zip(answers, given, strict=True)]
    return with_values(put(table, tests, pa.array([each.value for each in fit], STRINGS)), llm, fit)


def _fit(answer: Answer, instruction: str, count: int) -> Answer:
    if answer.failure:
        return answer
    kept, wrong = usable(answer.value.tests, instruction)
    if kept:
        return replace(answer, value=kept[:count])
    why = ", ".join(f"{number} {fault}" for fault, number in wrong.most_common())
    return Answer(
        failure=Failure(Kind.UNPARSABLE, f"none of {wrong.total()} tests can be used: {why}"), usage=answer.usage
    )
