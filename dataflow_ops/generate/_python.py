"""Programs as text: taken out of replies, parsed without being run, and what they define for others to call."""

import ast
import re
import warnings
from collections.abc import Mapping
from types import MappingProxyType

from dataflow_ops.fences import last_block

LONGEST = 200_000
"""Characters of Python that are parsed; what is longer was not written as one answer."""
TAGS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "Python": frozenset({"python", "py", "python3", "py3"}),
        "JavaScript": frozenset({"javascript", "js", "jsx", "mjs", "node"}),
        "TypeScript": frozenset({"typescript", "ts", "tsx"}),
        "C": frozenset({"c", "h"}),
        "C++": frozenset({"c++", "cpp", "cc", "cxx", "hpp"}),
        "C#": frozenset({"c#", "csharp", "cs"}),
        "Go": frozenset({"go", "golang"}),
        "Rust": frozenset({"rust", "rs"}),
        "Ruby": frozenset({"ruby", "rb"}),
        "Bash": frozenset({"bash", "sh", "shell", "zsh"}),
        "Kotlin": frozenset({"kotlin", "kt"}),
        "Julia": frozenset({"julia", "jl"}),
        "YAML": frozenset({"yaml", "yml"}),
        "Markdown": frozenset({"markdown", "md"}),
        "Text": frozenset({"text", "txt", "plain", "plaintext"}),
        "TeX": frozenset({"tex", "latex"}),
        "Perl": frozenset({"perl", "pl"}),
        "Haskell": frozenset({"haskell", "hs"}),
        "Makefile": frozenset({"makefile", "make"}),
        "Dockerfile": frozenset({"dockerfile", "docker"}),
    }
)
"""By which tags of fences a language goes, where there is more than its name in lower case."""
SHOWN = 8
"""Names that an instruction lists."""


def is_python(language: str | None) -> bool:
    """Return whether a language is Python, or may be as nothing says which it is."""
    return language is None or not language.strip() or language.strip().lower() == "python"


def tags_of(language: str) -> frozenset[str]:
    """Return the tags, in lower case, of fenced blocks that hold `language`."""
    name = language.strip().lower()
    return next((tags for known, tags in TAGS.items() if known.lower() == name), frozenset({name}))


def parsed(text: str) -> ast.Module | None:
    """Return the syntax tree of Python; None where there is none: broken, nested too deep, too long."""
    if len(text) > LONGEST:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # doubtful escapes in a text that is read are no concern of who reads it
            return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def program(reply: str, language: str) -> str | None:
    """Return the program in a reply, or None: the last complete block of `language`, see `fences.last_block`.

    A reply without any block that is Python as a whole, and defines something, is a program as well.
    """
    found = last_block(reply, tags_of(language))
    if found is not None:
        return found if found.strip() else None
    tree = parsed(reply) if is_python(language) else None
    return reply if tree is not None and any(isinstance(each, DEFINITIONS) for each in tree.body) else None


DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def interface(code: str) -> dict[str, str]:
    r"""Return what Python code defines for others: names of functions and classes, each with its first line.

    Names that begin with an underscore, and what is defined inside of something else, are left out.

    >>> interface("def area(width: float, height=1.0) -> float:\n    return width * height")
    {'area': 'def area(width: float, height=1.0) -> float'}
    """
    tree = parsed(code)
    found = [each for each in tree.body if isinstance(each, DEFINITIONS)] if tree else []
    return {each.name: _first_line(each) for each in found if not each.name.startswith("_")}


def _first_line(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> str:
    """Write a definition without what is in it; the node is spent."""
    node.body, node.decorator_list = [], []
    try:
        return ast.unparse(node).strip().removesuffix(":")
    except (RecursionError, ValueError):  # a default nested too deep, or a number too long to write
        return f"class {node.name}" if isinstance(node, ast.ClassDef) else f"def {node.name}(...)"


def with_interface(instruction: str, code: str) -> str:
    """Return an instruction with the first lines of what `code` defines, unless it names any of it already."""
    lines = interface(code)
    if not lines or any(re.search(rf"\b{re.escape(name)}\b", instruction) for name in lines):
        return instruction
    shown = list(lines.values())[:SHOWN]
    if len(shown) == 1:
        return f"{instruction}\n\nUse this signature: `{shown[0]}`."
    return "\n".join([f"{instruction}\n\nUse these signatures:\n", *(f"- `{line}`" for line in shown)])
