"""What the content of a file says of its programming language, where its name says nothing or too little."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

HEAD = 4_000
"""Characters that are looked at."""
ENOUGH = 3
"""Points that a language needs; a keyword that others hardly have gives two, one of several languages gives one."""
LEAD = 2
"""Points that it must be ahead of every other language."""

_INTERPRETERS = {
    "Awk": "awk gawk mawk",
    "Bash": "sh bash dash zsh ksh ash",
    "Fish": "fish",
    "Groovy": "groovy",
    "Haskell": "runhaskell runghc",
    "JavaScript": "node nodejs qjs",
    "Julia": "julia",
    "Kotlin": "kotlin kotlinc",
    "Lua": "lua luajit",
    "Makefile": "make gmake",
    "PHP": "php",
    "Perl": "perl",
    "PowerShell": "pwsh",
    "Python": "python pypy",
    "R": "rscript",
    "Ruby": "ruby jruby",
    "Scala": "scala",
    "Swift": "swift",
    "Tcl": "tclsh wish expect",
    "TypeScript": "deno bun ts-node tsx",
}
INTERPRETERS = {name: language for language, names in _INTERPRETERS.items() for name in names.split()}
_MODES_OF = {
    "Awk": "awk",
    "Bash": "bash sh shell-script zsh",
    "C": "c",
    "C#": "cs csharp",
    "C++": "c++ cpp",
    "CMake": "cmake",
    "Common Lisp": "lisp",
    "Coq": "coq",
    "CSS": "css",
    "D": "d",
    "Dart": "dart",
    "Dockerfile": "dockerfile",
    "Emacs Lisp": "elisp emacs-lisp",
    "Fortran": "fortran f90",
    "Go": "go",
    "Haskell": "haskell",
    "HTML": "html",
    "Java": "java",
    "JavaScript": "javascript js",
    "JSON": "json",
    "Julia": "julia",
    "Kotlin": "kotlin",
    "Lua": "lua",
    "Makefile": "make makefile makefile-gmake",
    "Markdown": "markdown",
    "MATLAB": "matlab octave",
    "Objective-C": "objc",
    "OCaml": "ocaml",
    "Perl": "perl",
    "PHP": "php",
    "Prolog": "prolog",
    "Python": "python",
    "R": "r",
    "reStructuredText": "rst",
    "Roff": "nroff",
    "Ruby": "ruby",
    "Rust": "rust",
    "Scala": "scala",
    "Scheme": "scheme",
    "SQL": "sql",
    "Swift": "swift",
    "Tcl": "tcl",
    "TeX": "latex tex",
    "TOML": "toml",
    "TypeScript": "typescript",
    "Verilog": "verilog",
    "VHDL": "vhdl",
    "Vim Script": "vim",
    "XML": "xml",
    "YAML": "yaml",
}
MODES = {mode: language for language, modes in _MODES_OF.items() for mode in modes.split()}

_PROGRAM = r"(?:\S{0,200}/)?(\S{1,80})"
_ENV = r"env(?:[ \t]+(?:-\S{1,20}|\w{1,40}=\S{0,80})){0,4}[ \t]+"
_SHEBANG = re.compile(rf"#![ \t]*(?:\S{{0,200}}/)?{_ENV}{_PROGRAM}|#![ \t]*{_PROGRAM}")
_VERSION = re.compile(r"[\d.]+$")
_MODELINE = re.compile(
    r"-\*-[ \t]{0,9}(?:[^\n]{0,80}?mode:[ \t]{0,9})?([\w+-]{1,20}?)[ \t]{0,9}(?:;[^\n]{0,120}?)?-\*-"
    r"|\b(?:vim?|ex):[^\n]{0,80}?\b(?:ft|filetype|syntax)=([\w+-]{1,20})",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class _Evidence:
    """How a language is recognized: how its files begin, and expressions with what each is worth."""

    begins: re.Pattern[str] | None
    signs: tuple[tuple[int, re.Pattern[str]], ...]

    def points(self, head: str) -> int:
        """Return what the expressions found are worth together."""
        return sum(points for points, sign in self.signs if sign.search(head))


def by_first_line(code: str) -> str | None:
    """Return the language of the interpreter that a `#!` line calls."""
    called = _SHEBANG.match(code[:500])
    if not called:
        return None
    program = (called[1] or called[2]).rpartition("/")[2].lower()
    return INTERPRETERS.get(program) or INTERPRETERS.get(_VERSION.sub("", program))


def by_modeline(code: str) -> str | None:
    """Return the language of the mode that Emacs or Vim is told, in the first or the last five lines."""
    lines = [*code[:2000].split("\n")[:5], *code[-1000:].split("\n")[-5:]]
    said = _MODELINE.search("\n".join(lines))
    return MODES.get((said[1] or said[2]).lower()) if said else None


def by_evidence(code: str, among: Sequence[str] | None = None) -> str | None:
    """Return the language that the content speaks for clearly, of all or of `among`; None in doubt."""
    head = code[:HEAD].lstrip("\ufeff \t\r\n").replace("\r\n", "\n")
    known = _evidence()
    tried = [name for name in (among or known) if name in known]
    for name in tried:
        begins = known[name].begins
        if begins and begins.match(head):
            return name
    scores = sorted(((known[name].points(head), name) for name in tried), reverse=True)
    (best, name), second = scores[0], scores[1][0] if len(scores) > 1 else 0
    return name if best >= ENOUGH and best >= second + LEAD else None


@lru_cache(maxsize=1)
def _evidence() -> dict[str, _Evidence]:
    listed = tomllib.loads(resources.files("dataflow_ops").joinpath("language_evidence.toml").read_text("utf-8"))
    return {name: _read(said) for name, said in listed.items()}


def _read(said: Mapping[str, Any]) -> _Evidence:
    begins = re.compile(said["begins"], re.IGNORECASE) if "begins" in said else None
    rest = [(int(worth), expressions) for worth, expressions in said.items() if worth != "begins"]
    return _Evidence(begins, tuple((worth, re.compile(each, re.M)) for worth, several in rest for each in several))
