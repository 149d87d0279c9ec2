"""Make questions of questions, and solve them in steps."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Annotated, Any, Literal

import pyarrow as pa
from pydantic import BaseModel, Field

from dataflow_ops.columns import get, put
from dataflow_ops.domain import Domain
from dataflow_ops.errors import BadArgument
from dataflow_ops.generate._children import Child, Columns, beside, in_turn, seeds, text_of
from dataflow_ops.generate._samples import together
from dataflow_ops.llm.asking import ask, with_values
from dataflow_ops.llm.chat import Answer, Llm
from dataflow_ops.llm.prompts import PromptName
from dataflow_ops.llm.schema import Passage
from dataflow_ops.op import Reads, Writes

Relation = Literal["sequential", "parallel", "conditional"]

CHANGES: Mapping[str, str] = MappingProxyType(
    {
        "numbers": "Other numbers and objects: replace the quantities, and the things they belong to where that helps, "
        "so that the result is another one.",
        "type": "Another kind of question: ask for something else than now, for instance for what was given when what "
        "was asked for is known, for a greatest or least value, for a number of ways, for a comparison.",
        "setting": "A setting in the real world: put the question into a concrete and believable situation, in which "
        "someone needs the answer; if it has a setting already, choose one far from it.",
        "premises": "More premises: add one or two conditions or facts that the answer depends on, so that more steps "
        "lead to it.",
        "cases": "A distinction of cases: shape the conditions so that the solution has to treat two or more cases "
        "apart and to put their results together into one answer.",
    }
)
"""What can be done to a question, in the words in which a model is asked for it."""

COMBINATIONS = (
    ("numbers", "type", "setting"),
    ("numbers", "type", "premises"),
    ("numbers", "type", "cases"),
    ("numbers", "premises", "cases"),
    ("numbers", "type", "setting", "premises", "cases"),
)
"""What is done together for one new question."""

RELATIONS: Mapping[str, str] = MappingProxyType(
    {
        "sequential": "Sequential: the answer to the first problem is a quantity or a fact that the second problem "
        "needs. Do not say that answer; whoever solves the new problem has to find it on the way.",
        "parallel": "Parallel: both problems stand side by side in one situation, and the final answer combines their "
        "two answers, for instance as a sum, a difference, a ratio or a product that means something there.",
        "conditional": "Conditional: the answer to one problem, or a comparison of both answers, decides which "
        "question about the situation the final answer is to; leave it to the solver to find out which.",
    }
)
"""How two questions can be fused, in the words in which a model is asked for it."""


class _New(BaseModel):
    question: Passage


def variations(
    table: pa.Table,
    llm: Llm,
    *,
    question: Reads = "question",
    count: Annotated[int, Field(ge=0, le=5)] = 1,
    domain: Domain = "math",
    synthetic: Writes = "synthetic",
    transformation: Writes = "transformation",
    carry: Sequence[str] = ("source", "source_row"),
    math: PromptName = "reasoning/math_variation",
    general: PromptName = "reasoning/general_variation",
    temperature: float = 0.7,
    max_tokens: int = 4096,
    seed: int = 0,
) -> pa.Table:
    """Write `count` new questions of each question, by changes of which each makes several at once.

    Changed are the numbers, the type of question, its setting, its premises, or the cases it has, in one of five
    combinations that `transformation` names, such as `numbers+type+setting`. No two new questions of a row have the same
    one; with which a row begins is drawn by `seed`, so that all five are about as frequent.

    The rows given stay first, `synthetic` false in them; new ones follow, with `parents` and the columns in `carry` of
    the row they come from, and nothing else of it: what was measured of a question does not hold for another. Rows that
    are synthetic already are not asked about. A question that could not be made is a rejected row of its own.
    """
    prompt = math if domain == "math" else general
    sampling: dict[str, Any] = {"temperature": temperature, "max_tokens": max_tokens, "seed": seed}
    columns = Columns(question, synthetic, transformation, carry)
    ids = table["id"].to_pylist()
    chosen = [(at, *each) for at in seeds(table, synthetic) for each in in_turn(COMBINATIONS, count, ids[at], seed)]
    wanted = [Child(at, number, "+".join(changes)) for at, number, changes in chosen]
    told = ["\n".join(f"- {CHANGES[each]}" for each in changes) for _, _, changes in chosen]
    holes: dict[str, str | Sequence[Any]] = {"question": question, "changes": told}
    answers = ask(_asked(table, wanted, question), llm, prompt, holes, schema=_New, **sampling)
    return beside(table, llm, wanted, answers, columns, made_by="generate.reasoning.variations")


def fusions(
    table: pa.Table,
    llm: Llm,
    *,
    question: Reads = "question",
    neighbour: Reads = "neighbour",
    neighbour_question: Reads = "neighbour_question",
    relations: Sequence[Relation] = ("sequential", "parallel", "conditional"),
    count: Annotated[int, Field(ge=0, le=3)] = 1,
    synthetic: Writes = "synthetic",
    transformation: Writes = "transformation",
    carry: Sequence[str] = ("source", "source_row"),
    prompt: PromptName = "reasoning/fusion",
    temperature: float = 0.7,
    max_tokens: int = 4096,
    seed: int = 0,
) -> pa.Table:
    """Fuse each question with its neighbour into `count` new ones, each in another one of `relations`.

    Sequential: the answer to one is needed by the other; parallel: both answers are combined; conditional: one answer
    decides what is asked. After MathFusion (Pei et al. 2025, arXiv:2503.16212), which takes as neighbour the question
    nearest in meaning, as `score.neighbours.nearest` finds it. With which relation a row begins is drawn by `seed`.

    Rows come as from `variations`: those given first, then new ones, whose `parents` are both questions and whose
    `transformation` is `sequential fusion`. Rows without a neighbour and rows that are synthetic already are not asked
    about; two rows of the table that are each other's neighbours are fused once, from the one with the smaller id.
    """
    if count > len(relations):
        raise BadArgument(f"count={count!r}: expected at most one for each of the relations {list(relations)!r}")
    sampling: dict[str, Any] = {"temperature": temperature, "max_tokens": max_tokens, "seed": seed}
    columns = Columns(question, synthetic, transformation, carry)
    pairs = _pairs(table, seeds(table, synthetic), neighbour, neighbour_question)
    ids = table["id"].to_pylist()
    chosen = [(at, *each) for at in pairs for each in in_turn(relations, count, ids[at], seed)]
    wanted = [Child(at, number, f"{relation} fusion", (pairs[at],)) for at, number, relation in chosen]
    told = [RELATIONS[relation] for _, _, relation in chosen]
    holes: dict[str, str | Sequence[Any]] = {"first": question, "second": neighbour_question, "relation": told}
    answers = ask(_asked(table, wanted, question, neighbour_question), llm, prompt, holes, schema=_New, **sampling)
    return beside(table, llm, wanted, answers, columns, made_by="generate.reasoning.fusions")


def _asked(table: pa.Table, wanted: Sequence[Child], *names: str) -> pa.Table:
    places = pa.array([each.parent for each in wanted], pa.int64())
    return pa.table({name: text_of(table, name).take(places) for name in names})


def _pairs(table: pa.Table, places: Sequence[int], neighbour: str, neighbour_question: str) -> dict[int, str]:
    """Return which rows to fuse with which others, by place and id; of two that name each other only the first by id."""
    ids, others = table["id"].to_pylist(), text_of(table, neighbour).to_pylist()
    texts = text_of(table, neighbour_question).to_pylist()
    known = [at for at in places if others[at] not in (None, ids[at]) and (texts[at] or "").strip()]
    of = {ids[at]: others[at] for at in known}
    return {at: others[at] for at in known if of.get(others[at]) != ids[at] or ids[at] < others[at]}


def solutions(
    table: pa.Table,
    llm: Llm,
    *,
    question: Reads = "question",
    gold: Reads = "gold",
    solutions: Writes = "solutions",
    with_gold: Annotated[int, Field(ge=1, le=64)] = 1,
    without_gold: Annotated[int, Field(ge=1, le=64)] = 4,
    domain: Domain = "math",
    math: PromptName = "reasoning/math_solution",
    general: PromptName = "reasoning/general_solution",
    temperature: float = 0.7,
    max_tokens: int = 8192,
    seed: int = 0,
) -> pa.Table:
    r"""Solve each question in steps, several times over, each time down to a final answer in a box.

    `solutions` is a list of texts that end in `\boxed{…}`: `with_gold` of them where the right answer is known, and
    `without_gold` where it is not and samples are to vote; the model never sees the right answer. A sample that failed
    is a null in the list, so that it counts as one that agrees with no other; a row of which every sample failed is
    rejected.
    """
    known = _known(table, gold)
    sampling: dict[str, Any] = {"temperature": temperature, "max_tokens": max_tokens, "seed": seed}
    samples: list[Sequence[Answer]] = [()] * table.num_rows
    for has_gold, n in ((True, with_gold), (False, without_gold)):
        places = [at for at, each in enumerate(known) if each is has_gold]
        rows = pa.table({question: text_of(table, question).take(pa.array(places, pa.int64()))})
        prompt = math if domain == "math" else general
        found = ask(rows, llm, prompt, {"question": question}, n=n, **sampling)
        for number, at in enumerate(places):
            samples[at] = found[number * n : (number + 1) * n]
    answers = [together(each) for each in samples]
    lists = pa.array([answer.value for answer in answers], pa.list_(pa.string()))
    return with_values(put(table, solutions, lists), llm, answers)


def _known(table: pa.Table, gold: str) -> list[bool]:
    return [value is not None and bool(str(value).strip()) for value in get(table, gold).to_pylist()]
