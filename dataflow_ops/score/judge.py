"""What a model says of instructions, answers and documents: it gives its reasons first, then numbers within bounds."""

from typing import Annotated

import pyarrow as pa
import pyarrow.compute as pc
from pydantic import BaseModel, Field, StringConstraints

from dataflow_ops.columns import put
from dataflow_ops.llm.asking import ask, with_columns
from dataflow_ops.llm.chat import Llm
from dataflow_ops.llm.prompts import PromptName
from dataflow_ops.llm.schema import Sentences, Words
from dataflow_ops.op import Reads, Writes

ToFive = Annotated[int, Field(ge=1, le=5)]
ToTen = Annotated[int, Field(ge=1, le=10)]
Code = Annotated[str, StringConstraints(min_length=2, max_length=3, pattern="^[a-z]{2,3}$")]
"""A code of ISO 639: two letters where there are such, else three; `und` for no language or several."""


class _Worth(BaseModel):
    reason: Sentences
    score: Annotated[int, Field(ge=0, le=5)]


def sft(
    table: pa.Table,
    llm: Llm,
    *,
    instruction: Reads = "instruction",
    output: Reads = "output",
    context: Reads | None = None,
    score: Writes = "sft_score",
    reason: Writes = "sft_reason",
    prompt: PromptName = "judge/sft",
    temperature: float = 0.0,
    max_tokens: int = 1024,
    seed: int = 0,
) -> pa.Table:
    """Rate how good an answer to an instruction is to learn from, 0 to 5, and say why.

    `context` is the column of what the instruction is about, where there is one; null and blank count as none. After
    AlpaGasus (Chen et al. 2024, arXiv:2307.08701), which kept answers rated 4.5 and more.
    """
    given = [None] * table.num_rows if context is None else table[context].to_pylist()
    shown = [each if each and each.strip() else "(none)" for each in given]
    holes = {"instruction": instruction, "output": output, "context": shown}
    answers = ask(table, llm, prompt, holes, schema=_Worth, temperature=temperature, max_tokens=max_tokens, seed=seed)
    return with_columns(table, llm, answers, {score: "score", reason: "reason"}, schema=_Worth)


class _Pair(BaseModel):
    question_feedback: Sentences
    question_quality: ToFive
    alignment_feedback: Sentences
    answer_alignment: ToFive
    verifiability_feedback: Sentences
    answer_verifiability: ToFive
    value_feedback: Sentences
    downstream_value: ToFive


def qa(
    table: pa.Table,
    llm: Llm,
    *,
    text: Reads = "text",
    question: Reads = "question",
    answer: Reads = "answer",
    question_quality: Writes = "question_quality",
    question_feedback: Writes = "question_feedback",
    answer_alignment: Writes = "answer_alignment",
    alignment_feedback: Writes = "alignment_feedback",
    answer_verifiability: Writes = "answer_verifiability",
    verifiability_feedback: Writes = "verifiability_feedback",
    downstream_value: Writes = "downstream_value",
    value_feedback: Writes = "value_feedback",
    prompt: PromptName = "judge/qa",
    temperature: float = 0.0,
    max_tokens: int = 2048,
    seed: int = 0,
) -> pa.Table:
    """Rate a question and its answer, made from `text`, by four criteria, 1 to 5 each, with feedback on each.

    Question quality: clear and answerable; answer alignment: it answers that question; answer verifiability: `text`
    bears it out; downstream value: worth learning from. All four come of one answer.
    """
    holes = {"text": text, "question": question, "answer": answer}
    answers = ask(table, llm, prompt, holes, schema=_Pair, temperature=temperature, max_tokens=max_tokens, seed=seed)
    columns = {
        question_quality: "question_quality", question_feedback: "question_feedback",
        answer_alignment: "answer_alignment", alignment_feedback: "alignment_feedback",
        answer_verifiability: "answer_verifiability", verifiability_feedback: "verifiability_feedback",
        downstream_value: "downstream_value", value_feedback: "value_feedback",
    }  # fmt: skip
    return with_columns(table, llm, answers, columns, schema=_Pair)


class _Document(BaseModel):
    reason: Sentences
    structure: ToFive
    diversity: ToFive
    fluency: ToFive
    safety: ToFive
    educational_value: ToFive
    accuracy: ToFive


def document(
    table: pa.Table,
    llm: Llm,
    *,
    text: Reads = "text",
    structure: Writes = "structure",
    diversity: Writes = "diversity",
    fluency: Writes = "fluency",
    safety: Writes = "safety",
    educational_value: Writes = "educational_value",
    accuracy: Writes = "accuracy",
    reason: Writes = "document_reason",
    prompt: PromptName = "judge/document",
    temperature: float = 0.0,
    max_tokens: int = 1024,
    seed: int = 0,
) -> pa.Table:
    """Rate a document in six respects, 1 to 5 each, and say why.

    Structure; diversity and complexity of what it says; fluency; safety; educational value; accuracy and usefulness of
    its content. All six come of one answer.
    """
    answers = ask(
        table, llm, prompt, {"text": text}, schema=_Document, temperature=temperature, max_tokens=max_tokens, seed=seed
    )
    columns = {
        structure: "structure", diversity: "diversity", fluency: "fluency", safety: "safety",
        educational_value: "educational_value", accuracy: "accuracy", reason: "reason",
    }  # fmt: skip
    return with_columns(table, llm, answers, columns, schema=_Document)


class _Language(BaseModel):
    language: Code


def language(
    table: pa.Table,
    llm: Llm,
    *,
    text: Reads = "text",
    language: Writes = "language",
    prompt: PromptName = "judge/language",
    temperature: float = 0.0,
    max_tokens: int = 64,
    seed: int = 0,
) -> pa.Table:
    """Name the language of a text by its code of ISO 639, `en`; `und` where there is none or no single one.

    For what `score.language` does not know or cannot tell; that one asks no model and takes a fraction of a millisecond.
    """
    answers = ask(
        table, llm, prompt, {"text": text}, schema=_Language, temperature=temperature, max_tokens=max_tokens, seed=seed
    )
    return with_columns(table, llm, answers, {language: "language"}, schema=_Language)


class _Tags(BaseModel):
    tags: Annotated[list[Words], Field(min_length=1, max_length=20)]


def instruction_tags(
    table: pa.Table,
    llm: Llm,
    *,
    instruction: Reads = "instruction",
    tags: Writes = "intention_tags",
    count: Writes = "intention_tag_count",
    prompt: PromptName = "judge/instruction_tags",
    temperature: float = 0.0,
    max_tokens: int = 1024,
    seed: int = 0,
) -> pa.Table:
    """Name what an instruction wants, as a list of tags in lower case, and count them: more tags, more complex.

    After InsTag (Lu et al. 2024, arXiv:2308.07074). Tags that repeat each other are one; they are counted here, not by
    the model.
    """
    holes = {"instruction": instruction}
    answers = ask(table, llm, prompt, holes, schema=_Tags, temperature=temperature, max_tokens=max_tokens, seed=seed)
    tagged = with_columns(table, llm, answers, {tags: "tags"}, schema=_Tags)
    found = [None if each is None else _distinct(each) for each in tagged[tags].to_pylist()]
    tagged = put(tagged, tags, pa.array(found, pa.list_(pa.string())))
    return put(tagged, count, pc.cast(pc.list_value_length(tagged[tags]), pa.int64()))


def _distinct(tags: list[str]) -> list[str]:
    return list(dict.fromkeys(" ".join(tag.lower().split()) for tag in tags))


class _Complexity(BaseModel):
    reason: Sentences
    complexity: Annotated[int, Field(ge=1, le=10)]


def instruction_complexity(
    table: pa.Table,
    llm: Llm,
    *,
    instruction: Reads = "instruction",
    complexity: Writes = "instruction_complexity",
    reason: Writes = "complexity_reason",
    prompt: PromptName = "judge/instruction_complexity",
    temperature: float = 0.0,
    max_tokens: int = 1024,
    seed: int = 0,
) -> pa.Table:
    """Rate how much an instruction asks for, 1 to 10, by the constraints and steps it has, and say which.

    Tree-Instruct (Zhao et al. 2024, arXiv:2308.05696) measures the same by the nodes of the instruction's semantic
    tree. A model that is asked for that number guesses it; what it can do is name the requirements and place them on a
    scale.
    """
    holes, form = {"instruction": instruction}, _Complexity
    answers = ask(table, llm, prompt, holes, schema=form, temperature=temperature, max_tokens=max_tokens, seed=seed)
    return with_columns(table, llm, answers, {complexity: "complexity", reason: "reason"}, schema=form)


class _Program(BaseModel):
    feedback: Sentences
    correctness: ToTen
    completeness: ToTen
    clarity: ToTen
    best_practice: ToTen
    efficiency: ToTen


CRITERIA = ("correctness", "completeness", "clarity", "best_practice", "efficiency")


def code(
    table: pa.Table,
    llm: Llm,
    *,
    instruction: Reads = "instruction",
    code: Reads = "solution",
    correctness: Writes = "correctness",
    completeness: Writes = "completeness",
    clarity: Writes = "clarity",
    best_practice: Writes = "best_practice",
    efficiency: Writes = "efficiency",
    quality: Writes = "code_quality",
    feedback: Writes = "code_feedback",
    prompt: PromptName = "judge/code",
    temperature: float = 0.0,
    max_tokens: int = 1024,
    seed: int = 0,
) -> pa.Table:
    """Rate the code written for an instruction by five criteria, 1 to 10 each, with feedback.

    Correctness; completeness; clarity; best practice; efficiency. `quality` is their mean, reckoned here and not by the
    model; all of it comes of one answer.
    """
    holes = {"instruction": instruction, "code": code}
    answers = ask(table, llm, prompt, holes, schema=_Program, temperature=temperature, max_tokens=max_tokens, seed=seed)
    columns = {
        correctness: "correctness", completeness: "completeness", clarity: "clarity",
        best_practice: "best_practice", efficiency: "efficiency", feedback: "feedback",
    }  # fmt: skip
    rated = with_columns(table, llm, answers, columns, schema=_Program)
    means = [each.value and sum(getattr(each.value, name) for name in CRITERIA) / len(CRITERIA) for each in answers]
    return put(rated, quality, pa.array(means, pa.float64()))
