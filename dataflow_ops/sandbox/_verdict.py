"""What a child inside the sandbox does: load a candidate, run one test on it, say what came of it.

Sent as data together with `_inside.py`. From here on the candidate shares the process: what it can still do to be
taken for right is told in `harness`.
"""

import _ast
import sys
from _collections_abc import Callable  # the public module takes longer to load
from os import _exit, read, write
from types import CodeType, CoroutineType, FunctionType, ModuleType, TracebackType

NAME = "candidate"
SHOWN = 200
"""Characters of a value, a line of source or a message that are shown."""
TREE_ONLY = 0x400
"""ast.PyCF_ONLY_AST, without loading `ast`."""

MESSAGE = 900
"""Bytes of a message, so that it fits into a pipe in one piece."""
NO_USE = "the test uses nothing that the program defines"

TRACERS = ("sys.settrace", "sys.setprofile", "sys.monitoring.register_callback")


def serve(candidate: str, compiled: CodeType | None, test: str, said: int, told: int) -> None:
    """Run `test` on `candidate`; write what came of it, behind the token that is read first; end the process."""
    sys.addaudithook(_untraced)
    kind, text = _outcome(candidate, compiled, test)
    message = text.encode("utf-8", "backslashreplace").replace(b"\n", b" ")[:MESSAGE]
    write(said, read(told, 32) + kind.encode() + message + b"\n")
    _exit(0)


def _untraced(event: str, _: object) -> None:
    if event in TRACERS:  # with one, a program could jump over the assertions of a test
        raise RuntimeError(f"{event} is not allowed here")


def _outcome(candidate: str, compiled: CodeType | None, test: str) -> tuple[str, str]:
    builtins = dict(vars(sys.modules["builtins"]))  # before the candidate can change them
    try:
        module = _loaded(candidate, compiled)
    except BaseException as error:  # noqa: BLE001 - whatever it raises is its verdict
        return "load", _told(error, {NAME: candidate.split("\n")}, {})
    sides: dict = {}
    try:
        names = Names(module, builtins)
        _run(test, names, sides)
    except BaseException as error:  # noqa: BLE001
        return "fail", _told(error, {"test": test.split("\n"), NAME: candidate.split("\n")}, sides)
    return ("pass", "") if names.used else ("fail", NO_USE)


def _loaded(text: str, compiled: CodeType | None) -> ModuleType:
    module = ModuleType(NAME)
    module.__file__ = f"{NAME}.py"
    # Under these names pickling, dataclasses and `from solution import …` find it.
    for name in (NAME, "solution", "__main__"):
        sys.modules[name] = module
    sys.argv = [f"{NAME}.py"]
    code = compiled or compile(text, NAME, "exec", dont_inherit=True)
    exec(code, module.__dict__)  # noqa: S102 - what this is for
    return module


class Names(dict):
    """What a test sees: the names of the candidate, and builtins as they were; it notes whether any is looked up."""

    def __init__(self, module: ModuleType, builtins: dict) -> None:
        found = vars(module)
        super().__init__(found)
        self.update(__name__="test", __builtins__=builtins)
        self.used = False
        self._own = {name: value for name, value in found.items() if _defined(name, value)}
        self._made = {id(value) for value in self._own.values() if callable(value)}  # whatever a test calls them
        self._module = module

    def __getitem__(self, name: str) -> object:
        value = super().__getitem__(name)
        if value is self._module or id(value) in self._made or (name in self._own and self._own[name] is value):
            self.used = True
        return value


def _defined(name: str, value: object) -> bool:
    """Whether the candidate made `value`, rather than import it."""
    if name.startswith("__") or isinstance(value, ModuleType) or type(value).__module__ == "typing":
        return False
    return not isinstance(value, (FunctionType, type, type(len))) or value.__module__ == NAME


def _run(text: str, names: Names, sides: dict) -> None:
    exec(_compiled(text, sides), names)  # noqa: S102 - what this is for
    for name, value in list(names.items()):
        if name.startswith("test") and isinstance(value, FunctionType) and value.__globals__ is names:
            came = value()
            if isinstance(came, CoroutineType):
                import asyncio  # noqa: PLC0415 - for few tests

                asyncio.run(came)


def _compiled(text: str, sides: dict) -> CodeType:
    try:
        tree = compile(text, "test", "exec", TREE_ONLY, dont_inherit=True)
        sides.update(_named_sides(tree))
        return compile(tree, "test", "exec", dont_inherit=True)
    except RecursionError:
        sides.clear()
        return compile(text, "test", "exec", dont_inherit=True)


def _named_sides(tree: _ast.AST) -> dict:
    """Give names to both sides of each `assert a == b`, so that a failure can show them.

    Returns the last line of each assertion by its first one, and whether its sides are named.
    """
    found: dict[int, tuple[int, bool]] = {}
    pending = [tree]
    while pending:
        node = pending.pop()
        if isinstance(node, _ast.Assert):
            plain = isinstance(node.test, _ast.Compare) and len(node.test.ops) == 1
            alone = found.get(node.lineno, (0, True))[1]
            found[node.lineno] = (node.end_lineno or node.lineno, plain and alone)
            if isinstance(node.test, _ast.Compare) and plain:
                node.test.left = _kept("_left_", node.test.left)
                node.test.comparators = [_kept("_right_", node.test.comparators[0])]
        for field in node._fields:
            value = getattr(node, field, None)
            pending += [each for each in (value if isinstance(value, list) else [value]) if isinstance(each, _ast.AST)]
    return found


def _kept(name: str, value: _ast.expr) -> _ast.expr:
    place = {key: getattr(value, key) for key in value._attributes}
    return _ast.NamedExpr(target=_ast.Name(id=name, ctx=_ast.Store(), **place), value=value, **place)


def _told(error: BaseException, texts: dict, sides: dict) -> str:
    """Say what was raised, by which lines, and the values of both sides where it is an assertion."""
    frames, trace = [], error.__traceback__
    while trace:
        if trace.tb_frame.f_code.co_filename in texts:
            frames.append(trace)
        trace = trace.tb_next
    said = f"{type(error).__name__}: {_shown(error, str)}".removesuffix(": ")
    if isinstance(error, SyntaxError) and not frames:
        where = "test" if error.filename == "test" else "program"
        return f"{type(error).__name__}: {error.msg}; in the {where}: line {error.lineno or 1}"
    shown = {each.tb_frame.f_code.co_filename: _source(each, texts, sides) for each in frames}
    said += "".join(f"; in the {'test' if name == 'test' else 'program'}: {line}" for name, line in shown.items())
    return said + (_values(frames[-1], sides) if frames and type(error) is AssertionError else "")


def _source(trace: TracebackType, texts: dict, sides: dict) -> str:
    lines, at = texts[trace.tb_frame.f_code.co_filename], trace.tb_lineno
    end = sides.get(at, (at, False))[0] if trace.tb_frame.f_code.co_filename == "test" else at
    return _cut(" ".join(line.strip() for line in lines[at - 1 : end]))


def _values(trace: TracebackType, sides: dict) -> str:
    names = trace.tb_frame.f_locals
    plain = trace.tb_frame.f_code.co_filename == "test" and sides.get(trace.tb_lineno, (0, False))[1]
    if not plain or not {"_left_", "_right_"} <= names.keys():
        return ""
    return f"; left: {_shown(names['_left_'], repr)}, right: {_shown(names['_right_'], repr)}"


def _shown(value: object, text: Callable[[object], str]) -> str:
    try:
        return _cut(text(value))
    except BaseException:  # noqa: BLE001 - a value that cannot be shown is named by its type
        return f"<{type(value).__name__}>"


def _cut(text: str) -> str:
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"
