"""Answers to the prompts of `reasoning` by plain rules. This is no model: problems are recognised by their wording.

Solutions are wrong on purpose now and then, so that there is something to find out: one in seven makes a mistake, one
in twenty has no box. What is not understood is guessed, differently each time.
"""

import random
from collections.abc import Mapping
from typing import Any

from dataflow_ops.llm.rehearsal.solver import RELATIONS, put_together, solve, subject_of, varied
from dataflow_ops.llm.rehearsal.solver_values import near_miss, shown
from dataflow_ops.llm.rehearsal.wording import gist, topic_of

Values = Mapping[str, Any]

WRONG, BOXLESS, NONSENSE = 0.15, 0.05, 0.1
"""Shares of what goes wrong on purpose: solutions, solutions without a box, new questions."""

IDEAS: Mapping[str | None, str] = {
    "algebra": "Bring what is unknown to one side and what is known to the other, then read off the value.",
    "geometry": "Choose the formula for this shape, put the given lengths into it, and simplify.",
    "chance": "Count the cases that fit and all cases that are possible, then compare the two counts.",
    "words": "Translate the story into one relation between its quantities, then solve that for what is asked.",
    "arithmetic": "Carry out the operations one after the other, and keep the intermediate results exact.",
    "medicine": "Find the amounts that the case gives, and apply the stated rule to them with their units.",
    "law": "Find the rule that the case states, and hold its facts against that rule, one by one.",
    "finance": "Write down the amounts with their periods, and combine them as the question says.",
    None: "No rule fits this wording, so the value below is a guess and will differ from one attempt to the next.",
}


def math_solution(values: Values, draw: random.Random) -> str:
    """Solve what is understood, mostly right; guess the rest."""
    question = str(values["question"])
    right = solve(question)
    if right is None:
        final = str(draw.randint(2, 99_999))
    else:
        final = near_miss(right, draw) if draw.random() < WRONG else shown(right)
    return f"{_steps(question, draw)}\n\n{_last_line(final, draw)}"


def general_solution(values: Values, draw: random.Random) -> str:
    """Answer like a problem of mathematics: all the facts are in the question, or it is a guess."""
    return math_solution(values, draw)


def _steps(question: str, draw: random.Random) -> str:
    subject = subject_of(question)
    opening = draw.choice(("We are asked about this:", "The question, in short:", "Let us look at what is given:"))
    check = draw.choice(("Putting it back agrees with what was given.", "Its size and unit fit what was asked."))
    return (
        f"Rehearsed, by rule. {opening} {gist(question, 15)}.\n"
        f"First, mark what matters here; the word that says most is “{topic_of(question[:500])}”.\n"
        f"Then: {IDEAS[subject]}\n"
        f"Last, look at the result once more. {check}"
    )


def _last_line(final: str, draw: random.Random) -> str:
    boxed = final if "\\" in final or not any(map(str.isalpha, final)) or "x" in final else f"\\text{{{final}}}"
    return f"The answer is {final}." if draw.random() < BOXLESS else f"The answer is $\\boxed{{{boxed}}}$."


def math_variation(values: Values, draw: random.Random) -> dict[str, Any]:
    """Ask something of the same kind with other numbers and in another setting, at times what nobody can answer."""
    question = str(values["question"])
    new = None if draw.random() < NONSENSE else varied(question, draw)
    return {"question": new or _nonsense(question, draw)}


def general_variation(values: Values, draw: random.Random) -> dict[str, Any]:
    """Vary the question as one of mathematics is varied."""
    return math_variation(values, draw)


def fusion(values: Values, draw: random.Random) -> dict[str, Any]:
    """Put two questions into one that asks for something of both results."""
    told = str(values["relation"]).lower()
    relation = min(RELATIONS, key=lambda name: told.find(name) if name in told else len(told) + 1)
    first, second = (str(values[hole]).strip() for hole in ("first", "second"))
    if min(len(first), len(second)) == 0 or len(first) + len(second) > 1_500:
        return {"question": _nonsense(f"{first} {second}", draw)}
    return {"question": put_together(relation, first, second)}


def _nonsense(question: str, draw: random.Random) -> str:
    """Return a question without an answer that several attempts would agree on."""
    thing, number = topic_of(question[:500]), draw.randint(3, 97)
    asked = (
        f"Along a shore lie {number} of these: {thing}. Which weight does the wind carry from one of them to the next?",
        f"After {number} turns nobody remembers the {thing}. How far away would it have been, seen from the last turn?",
        f"Of {number} letters about “{thing}” each is read by someone else. How late is it when the last one sleeps?",
    )
    return draw.choice(asked)
