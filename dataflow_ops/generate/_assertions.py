"""What is wrong with a test, read off its syntax tree: nothing is run here."""

import ast
import builtins
import sys
from collections.abc import Iterator, Sequence

BUILT_IN = frozenset({*dir(builtins), "__name__", "__file__", "__doc__"})
CATCHES_ALL = frozenset({"AssertionError", "BaseException", "Exception"})
ALWAYS_TRUE = (ast.Lambda, ast.GeneratorExp)
"""Objects that are true whatever they hold: a test that asserts one forgot a call or a bracket."""
REFLEXIVE = (ast.Eq, ast.Is, ast.LtE, ast.GtE)
Function = ast.FunctionDef | ast.AsyncFunctionDef


def fault(tree: ast.Module, wanted: frozenset[str]) -> str | None:
    """Say what is wrong with a test, in words that follow "3 of them"; None for nothing.

    `wanted` names what counts as the solution's although Python has something of that name. Raises RecursionError for
    a tree too deep to compare.
    """
    nodes = list(ast.walk(tree))
    if not all(_is_standard(each) for each in nodes):
        return "import more than the standard library"
    if not _foreign(nodes) - (BUILT_IN - wanted) or not any(isinstance(each, ast.Call) for each in nodes):
        return "call nothing of the solution"
    return None if any(_can_fail(each) for each in _reached(tree, _loaded(nodes))) else "assert nothing that can fail"


def is_test(node: ast.stmt) -> bool:
    """Return whether a statement is a function that is called by itself when tests are run."""
    return isinstance(node, Function) and node.name.startswith("test")


def _is_standard(node: ast.AST) -> bool:
    if isinstance(node, ast.Import):
        return all(each.name.partition(".")[0] in sys.stdlib_module_names for each in node.names)
    if isinstance(node, ast.ImportFrom):
        return node.level == 0 and (node.module or "").partition(".")[0] in sys.stdlib_module_names
    return True


def _loaded(nodes: Sequence[ast.AST]) -> set[str]:
    return {each.id for each in nodes if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Load)}


def _foreign(nodes: Sequence[ast.AST]) -> set[str]:
    """Return the names that a test uses and does not bind: what the solution has to bring."""
    return _loaded(nodes) - {name for each in nodes for name in _bound(each)}


def _bound(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
        yield node.id
    elif isinstance(node, ast.alias):
        yield node.asname or node.name.partition(".")[0]
    elif isinstance(node, ast.arg):
        yield node.arg
    elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.ExceptHandler, ast.MatchAs)):
        yield from [node.name] if node.name else []


def _reached(tree: ast.Module, loaded: set[str]) -> Iterator[ast.Assert | ast.Raise]:
    """Yield what can make a test fail, where it is run and nothing catches it."""
    waiting: list[ast.AST] = list(tree.body)
    while waiting:  # a chain of `elif` is as deep as it is long
        node = waiting.pop()
        if isinstance(node, (ast.Assert, ast.Raise)):
            yield node
        else:
            waiting.extend(_run_by(node, loaded))


def _run_by(node: ast.AST, loaded: set[str]) -> Sequence[ast.AST]:
    """Return the statements that are run, or may be, when `node` is."""
    if isinstance(node, Function):
        return node.body if node.name in loaded or (is_test(node) and _runs_when_called(node)) else []
    if isinstance(node, ast.ClassDef):
        return []
    if isinstance(node, ast.If) and any(
        isinstance(each, ast.Name) and each.id == "__name__" for each in ast.walk(node.test)
    ):
        return node.orelse
    if isinstance(node, (ast.Try, ast.TryStar)) and any(_swallows(each) for each in node.handlers):
        return [*node.handlers, *node.orelse, *node.finalbody]
    return [
        each for each in ast.iter_child_nodes(node) if isinstance(each, (ast.stmt, ast.ExceptHandler, ast.match_case))
    ]


def _runs_when_called(node: Function) -> bool:
    """Return whether calling a function without arguments runs its body."""
    wants = len(node.args.posonlyargs) + len(node.args.args) > len(node.args.defaults) or None in node.args.kw_defaults
    return not wants and not _yields(node)


def _yields(function: Function) -> bool:
    """Return whether calling a function only makes a generator, which nobody runs."""
    waiting: list[ast.AST] = list(function.body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, (ast.Yield, ast.YieldFrom)):
            return True
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)):
            waiting.extend(ast.iter_child_nodes(node))
    return False


def _swallows(handler: ast.ExceptHandler) -> bool:
    """Return whether a failed assertion ends here, so that the test goes on as if nothing had been."""
    caught = {each.id for each in ast.walk(handler.type) if isinstance(each, ast.Name)} if handler.type else CATCHES_ALL
    ends = any(isinstance(each, (ast.Assert, ast.Raise)) for part in handler.body for each in ast.walk(part))
    return bool(caught & CATCHES_ALL) and not ends


def _can_fail(node: ast.Assert | ast.Raise) -> bool:
    if isinstance(node, ast.Raise):
        raised = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
        return isinstance(raised, ast.Name) and raised.id == "AssertionError"
    return not _is_true_anyway(node.test)


def _is_true_anyway(test: ast.expr) -> bool:
    """Return whether an asserted expression says nothing; one that is plainly false marks a place not to be reached."""
    if isinstance(test, ast.Constant):
        return bool(test.value)
    if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.Or):
        return any(_is_true_anyway(each) for each in test.values)
    if isinstance(test, ast.BoolOp):
        return all(_is_true_anyway(each) for each in test.values)
    if isinstance(test, ast.Compare) and len(test.ops) == 1 and isinstance(test.ops[0], REFLEXIVE):
        same = ast.dump(test.left) == ast.dump(test.comparators[0])
        return same or _names_nothing(test)
    return isinstance(test, ALWAYS_TRUE) or _is_filled(test) or _names_nothing(test)


def _is_filled(test: ast.expr) -> bool:
    """Recognize `assert (f(1), 1)`, which asserts that a pair is not empty."""
    if isinstance(test, (ast.Tuple, ast.List, ast.Set)):
        return bool(test.elts)
    return isinstance(test, ast.Dict) and bool(test.keys)


def _names_nothing(test: ast.expr) -> bool:
    return not any(isinstance(each, ast.Name) for each in ast.walk(test))
