"""Answers to the prompts of `code` by plain rules. This is no model: tasks are recognised by the names of functions.

Programs are wrong on purpose now and then, so that there is something to find out: one in five makes a mistake, of
some tasks one in ten never ends or reaches for what is not its own, and one answer in 25 breaks off. Tests are wrong at
times as well. For what is not known there are a stub and tests that it fails, so that nothing unproven looks proven.
"""

import ast
from collections.abc import Iterator, Mapping
from random import Random
from typing import Any

from dataflow_ops.llm.rehearsal import code_words
from dataflow_ops.llm.rehearsal.code_bank import Task, task_in, tasks
from dataflow_ops.llm.rehearsal.wording import gist, topic_of

Values = Mapping[str, Any]

WRONG, HARMFUL, MISLED, BARE_OF_WORDS, NONSENSE = 0.2, 0.1, 0.6, 0.1, 0.05
"""Shares of what goes wrong on purpose: programs, tests that expect something else, no docstring, new instructions."""

OPENINGS = (
    "Rehearsed, by rule. The cases are few, and the empty one is among them.",
    "Rehearsed, by rule. One pass over what is given is enough here.",
    "Rehearsed, by rule. This follows the description, word for word.",
)


def instruction(values: Values, draw: Random) -> dict[str, Any]:
    """Ask for the function of a task where the code defines one, else for what the code seems to define."""
    code, language = str(values["code"]), str(values.get("language") or "an unknown language")
    known = tasks().keys() & set(code_words.defined(code)) if language == "Python" else set()
    if known:
        return {"instruction": code_words.asked(tasks()[min(known, key=code.find)], draw)}
    return {"instruction": code_words.asked_for_unknown(code, language)}


def enhanced(values: Values, _: Random) -> dict[str, Any]:
    """Give signature, docstring and examples of a task; of what is not known only the form."""
    text = str(values["instruction"])
    task = task_in(text)
    if task is None:
        name = code_words.name_in(text)
        told = f"Do what is asked. {gist(text, 30)}."
        return {"signature": f"def {name}(*given)", "docstring": told, "examples": [f">>> {name}()\nNone"]}
    examples = [f">>> {call}\n{result}" for call, result in _examples(task)]
    return {"signature": f"def {task.signature}", "docstring": task.does, "examples": examples[:3]}


def _examples(task: Task) -> Iterator[tuple[str, str]]:
    """Yield the calls that the tests of a task compare with a value, and the values."""
    for test in task.tests:
        match ast.parse(test).body:
            case [ast.Assert(ast.Compare(ast.Call() as call, [ast.Eq()], [result]))]:
                yield ast.unparse(call), ast.unparse(result)
            case [ast.Assert(ast.Call() as call)]:
                yield ast.unparse(call), "True"
            case [ast.Assert(ast.UnaryOp(ast.Not(), ast.Call() as call))]:
                yield ast.unparse(call), "False"


def new_instruction(values: Values, draw: Random) -> dict[str, Any]:
    """Ask for a task that the examples do not name; at times for something that nobody knows."""
    if draw.random() < NONSENSE:
        thing = topic_of(str(values["examples"])[:500]).lower()
        return {"instruction": f"Write a Python function `def sound_of(item)` that returns what a {thing} sounds like."}
    shown = str(values["examples"])
    fresh = [task for name, task in tasks().items() if f"{name}(" not in shown]
    return {"instruction": code_words.asked(draw.choice(fresh or list(tasks().values())), draw)}


def solution(values: Values, draw: Random) -> str:
    """Write a program for a task, mostly a right one, in one of the forms that answers of models have."""
    text, language = str(values["instruction"]), str(values.get("language") or "Python")
    task = task_in(text)
    if task is None or language.lower() not in ("python", "py", "python3"):
        return _stub(text, language)
    program = _program(task, draw)
    if draw.random() >= BARE_OF_WORDS:
        program = code_words.described(program, task)
    form = draw.choices(code_words.replies(), code_words.REPLIED)[0]
    return form(draw.choice(OPENINGS), program, draw.choice(task.wrong))


def _program(task: Task, draw: Random) -> str:
    if task.harmful and draw.random() < HARMFUL:
        return draw.choice(task.harmful)
    return draw.choice(task.wrong if draw.random() < WRONG else task.right)


def _stub(text: str, language: str) -> str:
    """Return something of the right shape that does nothing of what is asked."""
    opening = "Rehearsed, by rule. No rule knows this task, so this is a form without content."
    if language.lower() != "python":
        return f"{opening}\n\n```{language.lower()}\n{gist(text, 12)}\n```"
    name = code_words.name_in(text)
    stub = (
        f'def {name}(*given, **named):\n    """Rehearse."""\n    raise NotImplementedError("no rule knows this task")'
    )
    return f"{opening}\n\n```python\n{stub}\n```"


def tests(values: Values, draw: Random) -> dict[str, Any]:
    """Write tests of a task, at times one that expects what it does not say; of what is not known, tests that fail."""
    text, count = str(values["instruction"]), max(int(values["count"]), 1)
    task = task_in(text)
    if task is None:
        name = code_words.name_in(text)
        guessed = ("(1) == 2", '("a") == "b"', "([3, 1]) == [1, 3]", "([]) == 0", "() is not None")
        return {"tests": [f"assert {name}{guess}" for guess in guessed][:count]}
    wrong = task.misled if draw.random() < MISLED else ()
    right = draw.sample(task.tests, min(max(count - len(wrong), 1), len(task.tests)))
    written = [*right, *wrong]
    draw.shuffle(written)
    return {"tests": written[:count]}
