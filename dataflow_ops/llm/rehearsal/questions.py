"""Answers to the prompts of `questions` by plain rules. This is no model: it looks for a few words and signs."""

import random
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from dataflow_ops.llm.rehearsal.solver import LONGEST, subject_of, taken_apart
from dataflow_ops.llm.rehearsal.wording import gist

Values = Mapping[str, Any]
Fault = Callable[[str], bool]

_TASK = re.compile(
    r"\?|\b(add|answer|calculate|compute|convert|describe|determine|divide|evaluate|expand|factor|find|give|multiply|name"
    r"|round|show|simplify|solve|sort|state|which|work out|write)\b",
    re.IGNORECASE,
)
_OTHER_TASK = re.compile(
    r"^\s*(translate|rewrite|summari[sz]e|continue|prove|draw|tell me a)\b|^\s*write an? (\w+ )?(poem|letter|story|essay)",
    re.IGNORECASE,
)
_GARBLED = re.compile(r"#{2,}|\?{3,}|\\frac\{\}|\{\{|\b(\w+) \1 \1\b|\b(\w{2,}) \2\b|\$\$ ?\^", re.IGNORECASE)
_NEGATIVE = re.compile(r"\s-\d+(\.\d+)? [a-z]{3,}")
_SIDES = re.compile(r"triangle has sides of (?:length )?(\d+), (\d+),? and (\d+)", re.IGNORECASE)
_PROBABILITY = re.compile(r"probability (?:of )?(\d+(?:\.\d+)?)\b(?! ?%)", re.IGNORECASE)
_YEARS = re.compile(r"(?:patient|person|woman|man|child) of (\d+) years", re.IGNORECASE)
_TWICE = re.compile(r"\b([a-z]) = (-?\d+)\$? and \$?\1 = (-?\d+)", re.IGNORECASE)
_AND_NOT = re.compile(r"both even and odd|\bwas (\w+ on \w+) and was not \1", re.IGNORECASE)
_MISSING = re.compile(
    r"\b(figure|table|diagram|picture) (above|below)|as shown|\bsome \w+ .*\bsome \w+ ", re.IGNORECASE
)
_ARRIVAL = re.compile(r"at what time .*(arrive|end)", re.IGNORECASE)
_AMOUNT = re.compile(r"\d+(?::\d+)?|\bone half\b|\btwice\b")


def _other_than_a_question(text: str) -> bool:
    return bool(_OTHER_TASK.search(text)) or not _TASK.search(text)


def _unreadable(text: str) -> bool:
    open_braces = text.count("{") != text.count("}")
    return open_braces or text.count("$") % 2 == 1 or bool(_GARBLED.search(text))


def _impossible(text: str) -> bool:
    sides = _SIDES.search(text)
    lengths = sorted(map(int, sides.groups())) if sides else [1, 1, 1]
    chances = [float(each) for each in _PROBABILITY.findall(text)]
    years = [int(each) for each in _YEARS.findall(text)]
    flat = lengths[0] + lengths[1] <= lengths[2]
    return flat or bool(_NEGATIVE.search(text)) or max(chances, default=0) > 1 or max(years, default=0) > 130


def _contradicted(text: str) -> bool:
    twice = _TWICE.search(text)
    return bool(_AND_NOT.search(text)) or bool(twice and twice[2] != twice[3])


def _incomplete(text: str) -> bool:
    amounts = _AMOUNT.findall(text)
    return bool(_MISSING.search(text)) or not amounts or (bool(_ARRIVAL.search(text)) and len(amounts) < 2)


FAULTS: Sequence[tuple[str, Fault]] = (
    ("not_a_question", _other_than_a_question),
    ("language", _unreadable),
    ("condition", _impossible),
    ("contradiction", _contradicted),
    ("insufficient", _incomplete),
)
"""What is looked for, in this order."""

_FIELDS = (
    (r"probab|likely|chance|dice|\bdie\b|coin is", "Probability Theory and Stochastic Processes"),
    (r"median|average|mean\b|range of", "Mathematical Statistics"),
    (r"how many (ways|orders|different|committees|handshakes)|in how many", "Combinatorics and Graph Theory"),
    (
        r"triangle|circle|rectangle|cube|polygon|volume|radius|area|angle",
        "Euclidean, Analytic, and Convex/Discrete Geometry",
    ),
    (r"divisor|divided by|prime|multiple|remainder|digit", "Number Theory"),
    (r"\$x|x\^|f\(x\)|equation|inequality|polynomial", "Ring Theory, Field Theory, and Polynomial Algebra"),
    (r"^(what is|compute|evaluate|simplify|write|round|work out)", "Basic Arithmetic and Number Operations"),
)
_SUBJECTS = (
    (r"\bdrug|\bdose|\bmg\b|tablet", "Pharmacology"),
    (r"patient|fever|pulse|infusion|body", "Medicine"),
    (r"contract|court|appeal|claim|heir|statute|sign|fine is|motion", "Law"),
    (r"profit|written off|costs of", "Accounting"),
    (r"interest|loan|bond|fund|share|offer|euros|dollars", "Finance"),
    (r"equation|triangle|probability|\$", "Mathematics"),
)


def math_check(values: Values, _: random.Random) -> dict[str, Any]:
    """Find what a few rules find: unbalanced braces, negative counts, a probability above 1, no number at all."""
    text = str(values["question"])[:LONGEST]
    fault = next((name for name, has in FAULTS if has(text)), "none")
    return {"reason": f"Rehearsed: by rule, {fault.replace('_', ' ')} in {gist(text)!r}.", "fault": fault}


def general_check(values: Values, draw: random.Random) -> dict[str, Any]:
    """Find the same as for mathematics: a rehearsal knows no subject."""
    return math_check(values, draw)


def difficulty(values: Values, _: random.Random) -> dict[str, Any]:
    """Rate by length, half a step for every ten words, and a step more for a formula, two for two problems in one."""
    text = str(values["question"])[:LONGEST]
    words, fused = len(text.split()), taken_apart(text) is not None
    rated = 1 + words // 10 / 2 + ("$" in text) + 2 * fused
    return {"reason": f"Rehearsed: it has {words} words.", "difficulty": min(rated, 10.0)}


def category(values: Values, _: random.Random) -> dict[str, Any]:
    """File by the first word that is known, else as a word problem."""
    field = _first(_FIELDS, str(values["question"]), "Word Problems and Real-Life Applications")
    return {"reason": f"Rehearsed: by its words, {_known(values)}.", "subcategory": field}


def subject(values: Values, _: random.Random) -> dict[str, Any]:
    """File by the first word that is known, else under everyday life."""
    found = _first(_SUBJECTS, str(values["question"]), "Everyday Life")
    return {"reason": f"Rehearsed: by its words, {_known(values)}.", "subject": found}


def _first(names: Sequence[tuple[str, str]], text: str, otherwise: str) -> str:
    return next((name for words, name in names if re.search(words, text[:LONGEST], re.IGNORECASE)), otherwise)


def _known(values: Values) -> str:
    return f"a question of the kind {subject_of(str(values['question'])) or 'unknown'}"
