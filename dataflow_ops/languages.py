"""The programming language of a file: by its name, by the program its first line asks for, then by its content."""

from collections.abc import Mapping
from typing import Literal

from dataflow_ops._language_evidence import by_evidence, by_first_line, by_modeline

By = Literal["name", "shebang", "content"]

_SUFFIXES = {
    "Ada": "adb ads",
    "Assembly": "asm s nasm",
    "Astro": "astro",
    "Awk": "awk gawk",
    "Bash": "sh bash zsh ksh bats ebuild",
    "Batch": "bat cmd",
    "C": "c",
    "C#": "cs csx",
    "C++": "cpp cc cxx c++ hpp hh hxx h++ ipp tpp inl ino ixx cppm",
    "CMake": "cmake",
    "COBOL": "cob cbl cpy",
    "CSS": "css",
    "CSV": "csv",
    "Clojure": "clj cljs cljc edn",
    "CoffeeScript": "coffee",
    "Common Lisp": "lisp lsp cl asd",
    "Crystal": "cr",
    "CUDA": "cu cuh",
    "D": "d di",
    "Dart": "dart",
    "Diff": "diff patch",
    "Dockerfile": "dockerfile containerfile",
    "Elixir": "ex exs",
    "Elm": "elm",
    "Emacs Lisp": "el",
    "Erlang": "erl hrl",
    "F#": "fs fsi fsx",
    "Fish": "fish",
    "Fortran": "f f77 f90 f95 f03 f08 for",
    "GLSL": "glsl vert frag geom comp",
    "Go": "go",
    "GraphQL": "graphql gql",
    "Graphviz": "dot gv",
    "Groovy": "groovy gradle gvy",
    "HCL": "tf tfvars hcl",
    "HTML": "html htm xhtml",
    "Haskell": "hs lhs",
    "INI": "ini cfg properties editorconfig",
    "JSON": "json jsonl ndjson geojson webmanifest ipynb",
    "JSON5": "json5 jsonc",
    "Java": "java",
    "JavaScript": "js mjs cjs jsx",
    "Julia": "jl",
    "Kotlin": "kt kts",
    "Less": "less",
    "Lua": "lua rockspec",
    "Makefile": "mk mak make",
    "Markdown": "md markdown mdown mkd mdx",
    "Motorola 68K Assembly": "x68",
    "Nim": "nim nims",
    "Nix": "nix",
    "OCaml": "ml mli",
    "OWL": "owl",
    "Objective-C++": "mm",
    "PHP": "php phtml php3 php4 php5 php7 phps",
    "Pascal": "pas pp dpr lpr",
    "Perl": "pm t pod",
    "PowerShell": "ps1 psm1 psd1",
    "Protocol Buffers": "proto",
    "Python": "py pyw pyi pyx pxd wsgi",
    "R": "r rmd",
    "Racket": "rkt",
    "Roff": "roff man 1 2 3 4 5 6 7 8",
    "Ruby": "rb rake gemspec ru podspec",
    "Rust": "rs",
    "SCSS": "scss",
    "SMT": "smt smt2",
    "SQL": "sql ddl dml pgsql",
    "Sass": "sass",
    "Scala": "scala sbt sc",
    "Scheme": "scm ss",
    "Solidity": "sol",
    "Starlark": "bzl star",
    "Svelte": "svelte",
    "Swift": "swift",
    "SystemVerilog": "sv svh",
    "TOML": "toml",
    "TSV": "tsv",
    "Tcl": "tcl tk",
    "TeX": "tex sty cls ltx dtx bib",
    "Text": "txt text",
    "TypeScript": "tsx mts cts",
    "VHDL": "vhd vhdl",
    "Vim Script": "vim",
    "Visual Basic": "vb vbs bas",
    "Vue": "vue",
    "WebAssembly": "wat wast",
    "XML": "xml xsd xsl xslt svg rss atom wsdl plist csproj vcxproj pom xaml rdf",
    "YAML": "yml yaml",
    "Zig": "zig",
    "reStructuredText": "rst rest",
}

_NAMES = {
    "Bash": ".bashrc .bash_profile .bash_aliases .profile .zshrc .zprofile pkgbuild configure gradlew",
    "CMake": "cmakelists.txt",
    "Dockerfile": "dockerfile containerfile",
    "Go": "go.mod go.sum",
    "Groovy": "jenkinsfile",
    "INI": ".gitconfig .npmrc .pylintrc pylintrc .flake8",
    "JSON": ".babelrc .eslintrc .prettierrc composer.lock pipfile.lock",
    "Makefile": "makefile gnumakefile kbuild",
    "Perl": "cpanfile makefile.pl",
    "Python": "sconstruct sconscript wscript",
    "R": ".rprofile",
    "Ruby": "gemfile rakefile vagrantfile podfile fastfile brewfile guardfile",
    "Starlark": "build.bazel workspace.bazel",
    "TOML": "pipfile cargo.lock poetry.lock",
    "Text": "readme notes todo description license copying authors changes news requirements.txt read.me",
    "Vim Script": ".vimrc vimrc",
    "YAML": ".clang-format .clang-tidy .gemrc",
}

AMBIGUOUS: Mapping[str, tuple[str, ...]] = {
    "h": ("C", "C++", "Objective-C"),
    "m": ("MATLAB", "Objective-C", "Mathematica"),
    "pl": ("Perl", "Prolog"),
    "ts": ("TypeScript", "XML"),
    "v": ("Verilog", "Coq"),
    "inc": ("PHP", "C++", "C", "Assembly", "Pascal", "SQL", "HTML"),
    "cls": ("TeX", "Visual Basic"),
    "d": ("D", "Makefile"),
    "fs": ("F#", "GLSL"),
    "pp": ("Pascal", "Puppet"),
    "pro": ("Prolog", "QMake"),
    "r": ("R", "Rebol"),
    "s": ("Assembly", "R"),
    "t": ("Perl", "Text"),
    "1": ("Roff", "Text"), "2": ("Roff", "Text"), "3": ("Roff", "Text"), "4": ("Roff", "Text"),
    "5": ("Roff", "Text"), "6": ("Roff", "Text"), "7": ("Roff", "Text"), "8": ("Roff", "Text"),
}  # fmt: skip
"""What an ending may stand for: the first is the usual one, unless the content speaks for another."""

_UNSURE = frozenset(("inc", *"12345678"))
"""Endings that say nothing by themselves: without evidence the language is unknown."""

BY_SUFFIX: Mapping[str, str] = {end: language for language, ends in _SUFFIXES.items() for end in ends.split()}
BY_FILE: Mapping[str, str] = {name: language for language, names in _NAMES.items() for name in names.split()}

LONG_LINES = ("HTML", "JSON", "Markdown", "Roff", "SMT", "TeX", "Text", "XML")
"""Languages whose lines are paragraphs or whole documents."""
DATA = ("Text", "JSON", "YAML", "OWL", "Graphviz")
"""Languages whose long files are data, not code."""
ASSEMBLY = ("Assembly", "Motorola 68K Assembly", "WebAssembly")
"""Languages written with numbers as much as with letters."""
DOCUMENTATION = ("readme", "notes", "todo", "description", "cmakelists", "read.me")
"""Names, up to the first full stop, of plain texts that say something about code; `requirement` anywhere counts too."""


def language_of(path: str | None, code: str | None) -> tuple[str | None, By | None]:
    """Return the language of a file and what told it; (None, None) where nothing does, rather than a guess.

    The name decides; an ending of several languages (`.h`, `.m`, `.pl`) is settled by the content, and is the usual
    one where that is silent. Without a name that says something: the interpreter that the first line calls, the mode
    that an editor is told, then marks and keywords of the content.
    """
    named = decided_by_name(path)
    if named:
        return named, "name"
    suffix = _ending(file_name(path))
    if suffix in AMBIGUOUS:
        return _settled(suffix, code or "")
    asked = by_first_line(code or "")
    if asked:
        return asked, "shebang"
    told = by_modeline(code or "") or by_evidence(code or "")
    return (told, "content") if told else (None, None)


def decided_by_name(path: str | None) -> str | None:
    """Return the language that the name of a file tells without a look at its content; None where one is needed."""
    name = file_name(path)
    return None if name not in BY_FILE and _ending(name) in AMBIGUOUS else by_name(name)


def file_name(path: str | None) -> str:
    r"""Return the last part of a path, behind `/` or `\`, in lower case."""
    return (path or "").replace("\\", "/").rpartition("/")[2].strip().lower()


def by_name(name: str) -> str | None:
    """Return the language that a file name in lower case stands for, whatever the content."""
    if name in BY_FILE:
        return BY_FILE[name]
    if name.startswith(("dockerfile.", "containerfile.")):
        return "Dockerfile"
    if name.startswith(("makefile.", "gnumakefile.")):
        return "Makefile"
    return BY_SUFFIX.get(_ending(name))


def _ending(name: str) -> str:
    """Return what stands behind the last full stop; a file called `.js` has no ending, it is hidden."""
    stem, _, suffix = name.rpartition(".")
    return suffix if stem else ""


def is_documentation(path: str | None) -> bool:
    """Whether a plain text has a name such as readme, notes, todo, description, cmakelists or requirements."""
    name = file_name(path)
    return name.partition(".")[0] in DOCUMENTATION or name in DOCUMENTATION or "requirement" in name


def _settled(suffix: str, code: str) -> tuple[str | None, By | None]:
    asked = by_first_line(code)
    if asked in AMBIGUOUS[suffix]:
        return asked, "shebang"
    told = by_modeline(code)
    told = told if told in AMBIGUOUS[suffix] else by_evidence(code, AMBIGUOUS[suffix])
    if told:
        return told, "content"
    return (None, None) if suffix in _UNSURE else (AMBIGUOUS[suffix][0], "name")
