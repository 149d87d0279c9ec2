"""The comments at the top of a file, whatever its language: known by their marks, up to the first line of code."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

MOST_LINES = 1500
"""Lines looked at; the longest licence text there is has fewer than 700."""
WIDEST = 500
"""Characters of a line of comment that are looked at."""

# What may stand before and between such comments, and has to stay: interpreter, encoding, include guard, and what the
# TypeScript compiler writes.
_PROLOGUE = re.compile(
    r"""\ufeff?(?: \#! | <\?(?:php|hh|xml\b.*\?>)?\s*$ | <!doctype\b[^>]*>\s*$ | @echo\ off | ['"]use\ strict['"]
    | ---\s*$ | \{-\#.*\#-\}\s*$ | \#\s*pragma\ once | \#\s*if | \#\s*define\ \w+\s*$
    | Object\.defineProperty\(exports,\ "__esModule" | exports\.\w+\ =\ void\ 0; )""",
    re.IGNORECASE | re.VERBOSE,
)
_TOLD_TO_TOOLS = re.compile(
    r"coding[:=]\s*[-\w.]+|-\*-|\b(?:vim?|ex):\s|^\s*(?:go:build|\+build|@ts-)|frozen_string_literal"
    r"|^\s*(?:pylint|mypy|ruff|flake8|type|yapf|fmt|isort|shellcheck|syntax|cython):|eslint-|@jsx|@flow",
    re.IGNORECASE,
)
_PAIRS = (
    ("/*", "*/"), ("<!--", "-->"), ("<%--", "--%>"), ("(*", "*)"), ("{-", "-}"), ("{#", "#}"), ("#|", "|#"), ("<#", "#>"),
    ("#=", "=#"), ("--[[", "]]"), ("%{", "%}"), ("=begin", "=end"), ("=pod", "=cut"), ('"""', '"""'), ("'''", "'''"),
    ('r"""', '"""'), ("r'''", "'''"), ('u"""', '"""'),
)  # fmt: skip
_NOT_AN_OPENING = re.compile(r"#==|\{-#|#\|\|")
_LINE = re.compile(
    r"""\ufeff?[ \t]*(?: (?P<slash>//+) | (?P<dash>--(?!\[\[|>)-*) | (?P<semicolon>;+) | (?P<percent>%+(?![{\w])) | (?P<colon>::)
    | (?P<hash>\#+)(?!\s*(?:include|define|undef|if|ifdef|ifndef|elif|else|endif|pragma|error|import|line|region)\b|[\[!{])
    | (?P<word>dnl|@?rem)\b | (?P<roff>[.']\\") | (?P<bang>!(?=\s|$)) | (?P<quote>"(?=\ )(?!.*"\s*[;,)]?\s*$))
    | (?P<basic>'(?=[\ \t\w]|$)(?!.*'\s*[;,)]?\s*$)) )""",
    re.IGNORECASE | re.VERBOSE,
)
_DECORATION = re.compile(r"^[\s*#;|!/%=~_+-]+|[\s*#|/%=~_-]+$")


@dataclass(frozen=True)
class Comment:
    """Lines `first` to `last` (exclusive) of a file: each without its marks in `words`, "" where it holds none.

    A comment between an opening and a closing mark has both; `tail` is the code behind the closing one.
    """

    first: int
    last: int
    words: Sequence[str]
    opening: str = ""
    closing: str = ""
    tail: str = ""
    kept: frozenset[int] = frozenset()
    """Places in `words` of what is told to tools and has to stay."""


def leading_comments(lines: Sequence[str]) -> Iterator[Comment]:
    """Yield the comments above the first line of code."""
    at, end = 0, min(len(lines), MOST_LINES)
    while at < end:
        line = lines[at][:WIDEST]
        if not line.strip("\ufeff \t\r\f") or _PROLOGUE.match(line) or _is_encoding(lines, at):
            at += 1
            continue
        found = _between_marks(lines, at, end) or _of_lines(lines, at, end)
        if found is None:
            return
        yield found
        if found.tail:
            return
        at = found.last


def _is_encoding(lines: Sequence[str], at: int) -> bool:
    return at < 2 and lines[at].startswith("#") and _TOLD_TO_TOOLS.search(lines[at][:WIDEST]) is not None


def _between_marks(lines: Sequence[str], at: int, end: int) -> Comment | None:
    line = lines[at].lstrip("\ufeff \t")
    opening, closing = next((pair for pair in _PAIRS if line.startswith(pair[0])), ("", ""))
    if not opening or _NOT_AN_OPENING.match(line):
        return None
    place = lines[at].find(opening) + len(opening)
    for row in range(at, end):
        stop = lines[row].find(closing, place if row == at else 0)
        if stop < 0:
            continue
        bodies = [*lines[at:row], lines[row][:stop]]
        bodies[0] = bodies[0][place:]
        tail = lines[row][stop + len(closing) :]
        return _comment(at, bodies, opening, closing, tail if tail.strip(" \t\r;") else "")
    return None


def _of_lines(lines: Sequence[str], at: int, end: int) -> Comment | None:
    first = _LINE.match(lines[at][:WIDEST])
    if first is None:
        return None
    bodies: list[str] = []
    for row in range(at, end):
        found = _LINE.match(lines[row][:WIDEST])
        if found is None or found.lastgroup != first.lastgroup:
            break
        bodies.append(lines[row][found.end() :])
    return _comment(at, bodies)


def _comment(at: int, bodies: Sequence[str], opening: str = "", closing: str = "", tail: str = "") -> Comment:
    words = [_DECORATION.sub("", " ".join(body[:WIDEST].split())) for body in bodies]
    told = frozenset(row for row, body in enumerate(bodies) if _TOLD_TO_TOOLS.search(body[:WIDEST]))
    return Comment(at, at + len(bodies), words, opening, closing, tail, told)
