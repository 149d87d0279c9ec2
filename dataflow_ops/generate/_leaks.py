"""How much of a program an instruction for it gives away."""

import ast
import re

from dataflow_ops.generate._python import parsed

SHORTEST = 10
"""Characters of a line that says something: `else:` and `return x` are written by anybody."""
TOLD = (
    "#",
    "//",
    "/*",
    "*",
    "--",
    ">>>",
    "@",
    "def ",
    "async def ",
    "class ",
    "import ",
    "from ",
    "#include",
    "package ",
)
"""How lines begin that an instruction may well show: comments, examples, and what others see of a program."""

LINE_END = re.compile(r"\r\n|\r|\n")
"""Where Python counts a line: a form feed ends none."""


def leaks(instruction: str, code: str) -> list[str]:
    """Return the lines of the body of a program that stand in an instruction as they are, each once."""
    shown = {line.strip() for line in instruction.splitlines()}
    lines = [line.strip() for line in _without_docstrings(code).splitlines()]
    telling = (line for line in lines if len(line) >= SHORTEST and not line.startswith(TOLD))
    return list(dict.fromkeys(line for line in telling if line in shown))


def _without_docstrings(code: str) -> str:
    tree = parsed(code)
    lines = LINE_END.split(code)
    for node in ast.walk(tree) if tree else ():
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            lines[node.lineno - 1 : node.end_lineno] = [""] * ((node.end_lineno or node.lineno) - node.lineno + 1)
    return "\n".join(lines)
