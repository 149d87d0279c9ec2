"""Rules, no model, that stand in for judges: they count words, and compare those of one text with those of another."""

import ast
import random
from collections.abc import Mapping
from typing import Any

from dataflow_ops.llm.rehearsal.code_words import parsed
from dataflow_ops.llm.rehearsal.wording import READ, gist, sentences

Values = Mapping[str, Any]


def sft(values: Values, _: random.Random) -> dict[str, Any]:
    """Rate an answer by its length, up to 40 words, and lower when it says nothing of what was asked."""
    words, shared = _words(values, "output"), _shared(values, "instruction", "output")
    score = min(len(words) // 8, 5)
    return {
        "reason": f"Rehearsed: {len(words)} words, {shared:.0%} of those of the instruction among them.",
        "score": score if shared or not score else score - 1,
    }


def qa(values: Values, _: random.Random) -> dict[str, Any]:
    """Rate a question by its mark and length, an answer by the words it shares with question and document."""
    question = str(values.get("question", "")).strip()
    marked, long = question.endswith(("?", "？", "؟")), len(_words(values, "question")) >= 4
    aligned, borne_out = _shared(values, "question", "answer"), _shared(values, "answer", "text")
    length = len(_words(values, "answer"))
    return {
        "question_feedback": f"Rehearsed: it {'ends' if marked else 'does not end'} with a question mark.",
        "question_quality": 1 + 2 * marked + 2 * long,
        "alignment_feedback": f"Rehearsed: {aligned:.0%} of the words of the question are in the answer.",
        "answer_alignment": _to_five(0.5 + aligned),
        "verifiability_feedback": f"Rehearsed: {borne_out:.0%} of the words of the answer are in the document.",
        "answer_verifiability": _to_five(borne_out),
        "value_feedback": f"Rehearsed: the answer has {length} words.",
        "downstream_value": _to_five(length / 12),
    }


def document(values: Values, _: random.Random) -> dict[str, Any]:
    """Rate a document by its length, its sentences and how many of its words differ."""
    words = _words(values, "text")
    found, varied = sentences(str(values.get("text", "")), 40), len(set(words)) / max(len(words), 1)
    return {
        "reason": f"Rehearsed: {len(words)} words, {varied:.0%} of them different, in {len(found)} sentences.",
        "structure": _to_five(len(found) / 8),
        "diversity": _to_five(varied),
        "fluency": _to_five(len(words) / 60),
        "safety": 5,
        "educational_value": _to_five(len(words) / 120),
        "accuracy": 3,
    }


def language(values: Values, _: random.Random) -> dict[str, Any]:
    """Say `en` of text in Latin letters, `und` of anything else: a rehearsal knows no languages."""
    letters = [each for each in str(values.get("text", ""))[:READ] if each.isalpha()]
    latin = sum(each < "\u0250" for each in letters)
    return {"language": "en" if letters and 2 * latin > len(letters) else "und"}


def instruction_tags(values: Values, _: random.Random) -> dict[str, Any]:
    """Take the longest words of an instruction for tags, one for every six words."""
    words = [word.strip(".,;:!?") for word in _words(values, "instruction")]
    longest = sorted({word for word in words if word}, key=lambda word: (-len(word), word))
    return {"tags": [word[:100] for word in longest[: min(1 + len(words) // 6, 20)]] or ["nothing"]}


def instruction_complexity(values: Values, _: random.Random) -> dict[str, Any]:
    """Rate by length: one more for every eight words."""
    words = _words(values, "instruction")
    about = gist(str(values.get("instruction", "")))
    return {
        "reason": f"Rehearsed: {len(words)} words about {about!r}.",
        "complexity": min(1 + len(words) // 8, 10),
    }


def code(values: Values, _: random.Random) -> dict[str, Any]:
    """Rate a program by its docstring, annotations, line lengths and loops; what is no Python fails."""
    program = str(values.get("code", ""))[:READ]
    tree = parsed(program)
    if tree is None or not program.strip():
        poor = dict.fromkeys(("correctness", "completeness", "clarity", "best_practice", "efficiency"), 2)
        return {"feedback": "Rehearsed: this is no program in Python.", **poor}
    functions = [each for each in ast.walk(tree) if isinstance(each, ast.FunctionDef)]
    asked_for = any(each.name in str(values.get("instruction", ""))[:READ] for each in functions)
    told = any(ast.get_docstring(each) for each in functions)
    annotated = any(each.returns for each in functions)
    loops = sum(isinstance(each, (ast.For, ast.While)) for each in ast.walk(tree))
    widest = max(map(len, program.splitlines()))
    return {
        "feedback": f"Rehearsed: {'a' if told else 'no'} docstring, {loops} loops, lines up to {widest} characters.",
        "correctness": 8 if asked_for else 3,
        "completeness": 6 + 3 * told,
        "clarity": 8 - 2 * (widest > 120) + told,
        "best_practice": 5 + 2 * told + 2 * annotated,
        "efficiency": max(9 - loops, 4),
    }


def _words(values: Values, hole: str) -> list[str]:
    return str(values.get(hole, ""))[:READ].lower().split()


def _shared(values: Values, one: str, other: str) -> float:
    """Return which part of the longer words of `one` are in `other`."""
    looked_for = {word.strip(".,;:!?") for word in _words(values, one) if len(word) > 3}
    found = {word.strip(".,;:!?") for word in _words(values, other)}
    return len(looked_for & found) / max(len(looked_for), 1)


def _to_five(part: float) -> int:
    return 1 + round(4 * min(max(part, 0.0), 1.0))
