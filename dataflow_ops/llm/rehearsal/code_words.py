"""What a rehearsal says about programs: instructions of tasks, names found in foreign code, prose around a solution."""

import ast
import re
import warnings
from collections.abc import Callable, Sequence
from keyword import iskeyword
from random import Random

from dataflow_ops.llm.rehearsal.code_bank import READ, Task
from dataflow_ops.llm.rehearsal.wording import gist, topic_of

_DEFINED = re.compile(
    r"^[ \t]{0,8}(?:(?:pub|export|public|private|static|async|default|final|override)[ \t]+){0,4}"
    r"(?:def|fn|func|fun|function|class|struct|interface|trait|module)[ \t]+([A-Za-z_]\w{0,60})",
    re.MULTILINE,
)
_NAMED = re.compile(r"`([A-Za-z_]\w{1,60})`|\b([A-Za-z_]\w{1,60})\(")
_WORD = re.compile(r"[a-z]{3,20}")

ASKED = (
    "Write a Python function `def {signature}`.\n\n{does}",
    "I need this in Python: `def {signature}`. {does}",
    "Implement `def {signature}` in Python, with nothing but the standard library. {does}",
    "Our program needs a helper, `def {signature}`.\n\nWhat it has to do: {does}",
)
"""Ways to ask for a function."""


def asked(task: Task, draw: Random) -> str:
    """Return an instruction that asks for the function of a task."""
    return draw.choice(ASKED).format(signature=task.signature, does=task.does)


def defined(code: str) -> list[str]:
    """Return the names that a piece of code defines, at most five; of Python those of its functions and classes."""
    tree = parsed(code[:READ])
    if tree is None:
        return list(dict.fromkeys(_DEFINED.findall(code[:READ])))[:5]
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    return [each.name for each in tree.body if isinstance(each, kinds)][:5]


def parsed(code: str) -> ast.Module | None:
    """Return the tree of a Python program; None for what is not one, or is nested too deeply to be read."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def asked_for_unknown(code: str, language: str) -> str:
    """Return an instruction for code that no rule knows: it names what the code defines, or its first line."""
    names = defined(code)
    if names:
        listed = ", ".join(f"`{name}`" for name in names)
        return (
            f"Rehearsed, by rule. Write code in {language} that defines {listed}; it should be about {_subject(names)}."
        )
    return f"Rehearsed, by rule. Write something in {language} that begins like this: {gist(code, 8)}."


def _subject(names: Sequence[str]) -> str:
    words = _WORD.findall(" ".join(names).lower().replace("_", " "))
    return topic_of(" ".join(words))


def name_in(text: str) -> str:
    """Return a name for the function that a text asks for: one that it names itself, or one made of a word of it."""
    named = (match[1] or match[2] for match in _NAMED.finditer(text[:READ]))
    names = (name for name in named if name.isidentifier() and not iskeyword(name))
    words = _WORD.findall(gist(text, 12).lower())
    return next(names, f"about_{max(words, key=len)}" if words else "about_nothing")


def described(program: str, task: Task) -> str:
    """Put the first sentence of what a task is about into its function, as a docstring."""
    head, line, rest = program.partition(f"def {task.name}(")
    signature, end, body = rest.partition(":\n")
    return f'{head}{line}{signature}{end}    """{first_sentence(task)}"""\n{body}'


def first_sentence(task: Task) -> str:
    """Return what a task is about in one sentence."""
    return re.split(r"(?<=[.:;])\s", task.does, maxsplit=1)[0].rstrip(".:;") + "."


def replies() -> Sequence[Callable[[str, str, str], str]]:
    """Return ways to answer with a program, given an opening sentence, the program, and a worse one."""
    return (_plain, _draft_first, _output_behind, _other_tag, _tildes, _bare, _unclosed)


REPLIED = (0.68, 0.09, 0.08, 0.04, 0.03, 0.04, 0.04)
"""How often an answer takes each of the forms of `replies`."""


def _plain(opening: str, program: str, _: str) -> str:
    return f"{opening}\n\n```python\n{program}\n```"


def _draft_first(opening: str, program: str, worse: str) -> str:
    draft = f"{opening} A first draft:\n\n```python\n{worse}\n```\n\nThat misses a case, so the whole again:"
    return _plain(draft, program, worse)


def _output_behind(opening: str, program: str, worse: str) -> str:
    return f"{_plain(opening, program, worse)}\n\nA session would show no output:\n\n```text\n>>>\n```\n"


def _other_tag(opening: str, program: str, _: str) -> str:
    return f"{opening}\n\n```py\n{program}\n```\n"


def _tildes(opening: str, program: str, _: str) -> str:
    return f"{opening}\n\n~~~~python\n{program}\n~~~~\n"


def _bare(_: str, program: str, __: str) -> str:
    return program


def _unclosed(opening: str, program: str, _: str) -> str:
    return f"{opening}\n\n```python\n{program[: len(program) * 2 // 3]}"
