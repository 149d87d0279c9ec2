"""What of a code file its language cannot read, by Python's own parser or a grammar of tree-sitter.

Runs in a child process: hostile files may crash, block or exhaust it, and nothing else.
"""

import ast
import json
import sys
import warnings
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, BinaryIO

from dataflow_ops.child import hold

if TYPE_CHECKING:
    from tree_sitter import Node, Parser

GRAMMARS = {
    "Bash": ["tree_sitter_bash"],
    "C": ["tree_sitter_c"],
    "C#": ["tree_sitter_c_sharp"],
    "C++": ["tree_sitter_cpp"],
    "CSS": ["tree_sitter_css"],
    "Go": ["tree_sitter_go"],
    "HTML": ["tree_sitter_html"],
    "JSON": ["tree_sitter_json"],
    "Java": ["tree_sitter_java"],
    "JavaScript": ["tree_sitter_javascript"],
    "Julia": ["tree_sitter_julia"],
    "Kotlin": ["tree_sitter_kotlin"],
    "Lua": ["tree_sitter_lua"],
    "PHP": ["tree_sitter_php:language_php"],
    "Ruby": ["tree_sitter_ruby"],
    "Rust": ["tree_sitter_rust"],
    "Scala": ["tree_sitter_scala"],
    "Swift": ["tree_sitter_swift"],
    "TOML": ["tree_sitter_toml"],
    "TypeScript": ["tree_sitter_typescript:language_typescript", "tree_sitter_typescript:language_tsx"],
    "YAML": ["tree_sitter_yaml"],
}
"""Where the grammars of a language are: the file is read by the one that reads more of it."""
LANGUAGES = frozenset((*GRAMMARS, "Python"))

Verdict = tuple[float, str | None]
"""The share of a file that could not be read, 0 to 1, and what is wrong, and where."""


def serve(memory: int) -> None:
    """Answer until the input ends: a line of JSON with language and size, then the file; out goes a line of JSON."""
    hold(memory)
    warnings.simplefilter("ignore")
    _answer(None)
    for line in sys.stdin.buffer:
        language, size = json.loads(line)
        _answer(verdict(language, _exactly(sys.stdin.buffer, size)))


def _answer(value: object) -> None:
    sys.stdout.buffer.write(json.dumps(value).encode() + b"\n")
    sys.stdout.buffer.flush()


def _exactly(stream: BinaryIO, size: int) -> bytes:
    found = stream.read(size)
    if len(found) < size:
        raise EOFError
    return found


def verdict(language: str, code: bytes) -> Verdict:
    """Parse a file in one of `LANGUAGES`."""
    if language == "Python":
        return _python(code)
    first, *others = (_tree(grammar, code) for grammar in GRAMMARS[language])
    return min((first, *others)) if first[0] else first


def _python(code: bytes) -> Verdict:
    """Read Python as Python does: all of it or nothing."""
    try:
        ast.parse(code.decode(errors="replace").removeprefix("\ufeff"))
    except SyntaxError as error:
        return 1.0, f"line {error.lineno or 1}, column {error.offset or 1}: {error.msg}"
    except (RecursionError, MemoryError):
        return 1.0, "nested too deeply, or too long"
    except ValueError as error:  # a zero byte, in older versions
        return 1.0, str(error)
    return 0.0, None


@cache
def _parser(grammar: str) -> "Parser":
    from tree_sitter import Language, Parser  # noqa: PLC0415 - only where a grammar is used

    module, _, function = grammar.partition(":")
    return Parser(Language(getattr(import_module(module), function or "language")()))


def _tree(grammar: str, code: bytes) -> Verdict:
    """Read a file by its grammar, which goes on behind what it cannot read: bytes in such places are counted."""
    root = _parser(grammar).parse(code).root_node
    first, unread, reach = None, 0, 0
    for node in _errors(root):
        first = first or _place(node)
        unread += max(node.end_byte - max(node.start_byte, reach), 0) + node.is_missing
        reach = max(node.end_byte, reach)
    return min(1.0, unread / max(len(code), 1)) if first else 0.0, first


def _errors(root: "Node") -> Iterator["Node"]:
    """Yield the outermost places that could not be read and those where something is missing, in order."""
    cursor, going_down = root.walk(), True
    while True:
        node = cursor.node
        if going_down and node is not None and node.has_error:
            if node.is_error or node.is_missing:
                yield node
            elif cursor.goto_first_child():
                continue
        if cursor.goto_next_sibling():
            going_down = True
        elif cursor.goto_parent():
            going_down = False
        else:
            return


def _place(node: "Node") -> str:
    row, column = node.start_point
    what = f"missing {node.type!r}" if node.is_missing else "not understood"
    return f"line {row + 1}, column {column + 1}: {what}"
