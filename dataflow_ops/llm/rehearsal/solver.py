"""A solver of school problems by plain rules, for rehearsals: it knows some wordings, and nothing of mathematics.

It stands in for a model that reasons, so that solutions can be verified without one. `solve` is right wherever it answers;
what a rehearsal makes of that, with mistakes on purpose, is in `reasoning`.
"""

from collections.abc import Callable, Mapping
from fractions import Fraction
from random import Random

from dataflow_ops.llm.rehearsal.solver_algebra import ALGEBRA
from dataflow_ops.llm.rehearsal.solver_arithmetic import ARITHMETIC
from dataflow_ops.llm.rehearsal.solver_chance import CHANCE
from dataflow_ops.llm.rehearsal.solver_general import FINANCE, LAW, MEDICINE
from dataflow_ops.llm.rehearsal.solver_geometry import GEOMETRY
from dataflow_ops.llm.rehearsal.solver_kinds import Kind
from dataflow_ops.llm.rehearsal.solver_values import Value
from dataflow_ops.llm.rehearsal.solver_words import WORDS

LONGEST = 2_000
"""Characters of a question that is looked at: what is longer is not understood."""
SUBJECTS: Mapping[str, tuple[Kind, ...]] = {
    "algebra": ALGEBRA,
    "geometry": GEOMETRY,
    "chance": CHANCE,
    "words": WORDS,
    "arithmetic": ARITHMETIC,
    "medicine": MEDICINE,
    "law": LAW,
    "finance": FINANCE,
}
RELATIONS: Mapping[str, tuple[str, str]] = {
    "parallel": ("Apart from that: ", "Add the two results; what is their sum?"),
    "sequential": ("Multiply this result by the result of: ", "Which product comes out at the end?"),
    "conditional": (
        "Compare this with the result of: ",
        "If the first is larger, subtract the second from it, else add both. What do you get?",
    ),
}
"""What stands between and behind two problems that are put together."""
_TOGETHER: Mapping[str, Callable[[Fraction, Fraction], Fraction]] = {
    "parallel": lambda first, second: first + second,
    "sequential": lambda first, second: first * second,
    "conditional": lambda first, second: first - second if first > second else first + second,
}


def solve(question: str) -> Value | None:
    """Return the right answer to a question that is understood, else None."""
    if len(question) > LONGEST:
        return None
    parts = taken_apart(question)
    if parts:
        relation, *both = parts
        first, second = map(solve, both)
        if first is None or second is None or isinstance(first, str) or isinstance(second, str):
            return None
        return _TOGETHER[relation](Fraction(first), Fraction(second))
    answers = (kind.answer(question) for kinds in SUBJECTS.values() for kind in kinds)
    return next((answer for answer in answers if answer is not None), None)


def subject_of(question: str) -> str | None:
    """Return which of `SUBJECTS` a question belongs to, None for one that is not understood."""
    found = kind_of(question)
    return next((subject for subject, kinds in SUBJECTS.items() if found in kinds), None) if found else None


def kind_of(question: str) -> Kind | None:
    """Return the kind of a question that can be solved, of the first one where two are put together."""
    parts = taken_apart(question)
    looked_at = parts[1] if parts else question[:LONGEST]
    every = (kind for kinds in SUBJECTS.values() for kind in kinds)
    return next((kind for kind in every if kind.answer(looked_at) is not None), None)


def put_together(relation: str, first: str, second: str) -> str:
    """Make one question of two, in one of `RELATIONS`."""
    between, end = RELATIONS[relation]
    return f"{first.strip()} {between}{second.strip()} {end}"


def taken_apart(question: str) -> tuple[str, str, str] | None:
    """Return relation and parts of a question that was put together of two, else None."""
    for relation, (between, end) in RELATIONS.items():
        head, found, rest = question.partition(between)
        if found and rest.endswith(end):
            return relation, head.strip(), rest.removesuffix(end).strip()
    return None


def varied(question: str, draw: Random) -> str | None:
    """Return a new question of the same kind, None for one that is not understood."""
    kind = kind_of(question)
    return kind.new(draw) if kind else None
