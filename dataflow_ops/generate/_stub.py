"""A task in programming as a function that is described and not written: signature, docstring, examples."""

import ast
from collections.abc import Sequence
from textwrap import dedent, indent

from dataflow_ops.fences import fenced
from dataflow_ops.generate._python import parsed

QUOTES = ('"""', "'''")
TASK = "Write the Python function `{name}` so that it does what its docstring says."


def signature_line(text: str) -> str:
    """Return the first line of a function, without its colon; ValueError when `text` is not that of exactly one.

    A missing `def`, a colon at the end, and backticks around it are mended.
    """
    line = text.strip().strip("`").strip().removesuffix(":").rstrip()
    line = line if line.startswith(("def ", "async def ")) else f"def {line}"
    _function(line)
    return line


def _function(line: str) -> ast.FunctionDef | ast.AsyncFunctionDef:
    tree = parsed(f"{line}:\n    ...")
    only = tree.body[0] if tree and len(tree.body) == 1 else None
    if not isinstance(only, (ast.FunctionDef, ast.AsyncFunctionDef)) or "#" in line.rpartition(")")[2]:
        raise ValueError(f"expected one line such as 'def area(width: float) -> float', there is {line[:100]!r}")
    return only


def task(line: str, docstring: str, examples: Sequence[str]) -> str:
    """Return the text of a task: a sentence, then the function with its docstring in a fenced block.

    `line` is a signature as `signature_line` returns it.
    """
    said = "\n\n".join(part for part in (_plain(docstring), _examples(examples)) if part)
    body = _body(f"{said}\n" if "\n" in said else said)
    block = fenced(f"{line}:\n{body}", "python")
    return f"{TASK.format(name=_function(line).name)}\n\n{block}"


def _body(docstring: str) -> str:
    """Write a docstring into the body of a function: Python knows which quotation marks and escapes it needs."""
    text = indent(docstring, "    ").removeprefix("    ") + ("    " if docstring.endswith("\n") else "")
    function = _function("def _()")
    function.body = [ast.Expr(ast.Constant(text))]
    return ast.unparse(function).partition("\n")[2]


def _plain(docstring: str) -> str:
    """Take off quotation marks and indentation that a model put around a docstring all the same."""
    text = docstring.strip()
    for mark in QUOTES:
        if len(text) >= 2 * len(mark) and text.startswith(mark) and text.endswith(mark):
            text = text[len(mark) : -len(mark)]
    first, _, rest = text.strip("\r\n").partition("\n")
    return f"{first.strip()}\n{dedent(rest)}".strip()


def _examples(examples: Sequence[str]) -> str:
    shown = [dedent(each).strip() for each in examples]
    return "\n".join(["Examples:", *(each for each in shown if each)]) if any(shown) else ""
