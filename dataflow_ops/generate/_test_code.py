"""Tests as text: taken apart into single ones, of which those are kept that are fit to be run."""

import ast
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from textwrap import dedent

from dataflow_ops.fences import last_block
from dataflow_ops.generate._assertions import fault, is_test
from dataflow_ops.generate._python import parsed, tags_of

SOLUTION = frozenset(
    {"__main__", "answer", "candidate", "implementation", "main", "module", "my_module", "mymodule", "program",
     "solution", "solutions", "submission", "task", "your_module", "your_solution", "yourmodule"}
)  # fmt: skip
"""Modules that tests import the solution from, whatever they were told; its names are there without that."""
DEFINED = re.compile(r"\b(?:def|class)[ \t]+(\w+)")
SHARED = (
    ast.Import, ast.ImportFrom, ast.Assign, ast.AnnAssign, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef
)  # fmt: skip
"""Statements that prepare something, so that each of several tests in one text needs them."""


def usable(texts: Sequence[str], instruction: str) -> tuple[list[str], Counter[str]]:
    """Return the single tests in `texts` that are fit to be run, each once, and what is wrong with the others.

    A test is fit that parses, imports nothing but the standard library, calls something that it does not define itself,
    and can fail: it comes to an `assert` that is not true whatever the solution does. Functions called like built-in
    ones count as the solution's where `instruction` defines them. Tests are the same if they differ only in layout,
    comments, messages, or the name of a function `test…`.
    """
    wanted = frozenset(DEFINED.findall(instruction))
    kept: dict[str, str] = {}
    wrong: Counter[str] = Counter()
    for text in texts:
        for test, key, fault_found in _examined(text, wanted):
            why = fault_found or ("repeat others" if key in kept else None)
            wrong.update([why] if why else [])
            kept |= {} if why else {key: test}
    return list(kept.values()), wrong


def _examined(text: str, wanted: frozenset[str]) -> Iterator[tuple[str, str, str | None]]:
    """Yield each test in a text, what it is the same by, and its fault."""
    code = _code(text)
    try:
        found = [(test, *_read(test, wanted)) for test in _taken_apart(code)]
    except (RecursionError, ValueError):  # nested too deep, or a number too long to write
        found = []
    yield from found or [(code, "", "do not parse")]


def _code(text: str) -> str:
    """Take off what models put around code: a fence, indentation, empty lines."""
    code = dedent(text).strip("\r\n")
    block = last_block(code, tags_of("Python")) if parsed(code) is None else None
    return code if block is None else dedent(block).strip("\r\n")


def _read(test: str, wanted: frozenset[str]) -> tuple[str, str | None]:
    tree = parsed(test)
    if tree is None:
        return "", "do not parse"
    why = fault(tree, wanted)
    return ast.unparse(_Plain().visit(tree)), why


class _Plain(ast.NodeTransformer):
    """Takes away what makes two tests look different that test the same."""

    def visit_Assert(self, node: ast.Assert) -> ast.Assert:
        node.msg = None
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        return self._nameless(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST:
        return self._nameless(node)

    def _nameless(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> ast.AST:
        node.name = "test" if is_test(node) else node.name
        return self.generic_visit(node)


def _taken_apart(code: str) -> list[str]:
    """Return the tests in `code`: as it stands where it is one, else one for each function `test…`."""
    tree = parsed(code)
    if tree is None:
        return [code]
    plain = _Alone()
    body = plain.visit(tree).body
    tests = [each for each in body if is_test(each)]
    if len(tests) < 2:
        return [ast.unparse(tree) if plain.changed else code]
    shared = [each for each in body if isinstance(each, SHARED) and each not in tests]
    rest = [each for each in body if each not in tests and each not in shared]
    alone = [rest] if any(isinstance(each, ast.Assert) for each in rest) else []
    return [ast.unparse(ast.Module([*shared, *part], [])) for part in [*([each] for each in tests), *alone]]


class _Alone(ast.NodeTransformer):
    """Takes away imports of the solution."""

    changed = False

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.ImportFrom | None:
        if node.module not in SOLUTION or node.level or any(each.asname for each in node.names):
            return node
        self.changed = True
        return None
