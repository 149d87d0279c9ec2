"""What a CREATE statement of SQLite says that its catalogue does not tell."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

TOKEN = re.compile(
    r"""(?P<line>--[^\n]*) | (?P<block>/\*.*?(?:\*/|\Z)) | (?P<space>\s+)
    | (?P<name>"(?:[^"]|"")*+(?:"|\Z) | `(?:[^`]|``)*+(?:`|\Z) | \[[^\]]*+(?:\]|\Z)) | (?P<text>'(?:[^']|'')*+(?:'|\Z))
    | (?P<word>[\w$]+) | (?P<mark>.)""",
    re.VERBOSE | re.DOTALL,
)
"""What is never closed goes to the end: else each of many would be looked for in the whole rest."""
LONGEST = 200
"""Characters of a comment that are kept."""
MOST = 200_000
"""Characters of a statement that are read."""
CONSTRAINTS = frozenset(("constraint", "primary", "unique", "check", "foreign"))


@dataclass
class Told:
    """What was found."""

    table: str | None = None
    columns: dict[str, str] = field(default_factory=dict)
    """Comments by the names of columns, in lower case."""


@dataclass
class _Reading:
    told: Told = field(default_factory=Told)
    depth: int = 0
    column: str | None = None
    """The column a comment belongs to."""
    begins: bool = True
    """Whether the next name is that of a column."""
    fresh: bool = False
    """Whether nothing but a comment has been on this line so far."""
    waiting: str | None = None
    """A comment on a line of its own: it belongs to the column that follows."""


def comments(sql: str | None) -> Told:
    """Return comments inside CREATE TABLE: those behind a column, on its line, and those on the lines before it."""
    reading = _Reading()
    for kind, text in _tokens(sql or ""):
        if kind == "space":
            reading.fresh = reading.fresh or "\n" in text
        elif kind in ("line", "block"):
            _comment(reading, _plain(text))
        else:
            _code(reading, kind, text)
    return reading.told


def _tokens(sql: str) -> Iterator[tuple[str, str]]:
    for found in TOKEN.finditer(sql[:MOST]):
        yield found.lastgroup or "mark", found.group()


def _plain(text: str) -> str:
    """Return what a comment says, on one line."""
    inner = text.removeprefix("--") if text.startswith("--") else text.removeprefix("/*").removesuffix("*/")
    return " ".join(inner.strip("-*# \t\r\n").split())[:LONGEST]


def _comment(reading: _Reading, said: str) -> None:
    told = reading.told
    if not said:
        return
    if reading.depth == 0 or reading.column is None:
        told.table = told.table or said
    elif reading.fresh:
        reading.waiting = said
    else:
        told.columns.setdefault(reading.column, said)


def _code(reading: _Reading, kind: str, text: str) -> None:
    reading.fresh = False
    if kind == "mark" and text in "()":
        reading.depth += 1 if text == "(" else -1
    elif kind == "mark" and text == "," and reading.depth == 1:
        reading.begins = True
    elif reading.depth == 1 and reading.begins and kind in ("name", "word", "text"):
        _column(reading, unquoted(text))


def _column(reading: _Reading, name: str) -> None:
    reading.begins, reading.column = False, name.lower()
    if reading.waiting is not None and reading.column not in CONSTRAINTS:
        reading.told.columns[reading.column] = reading.waiting
    reading.waiting = None


def unquoted(name: str) -> str:
    """Return a name without its quotes."""
    if name[:1] in "\"`'" and name[-1:] == name[:1] and len(name) > 1:
        return name[1:-1].replace(name[0] * 2, name[0])
    return name[1:-1] if name[:1] == "[" else name


def module(sql: str | None) -> str:
    """Return what a virtual table is made by, such as `fts5`; nothing for other tables."""
    words = [text for kind, text in _tokens(sql or "") if kind in ("name", "word")]
    places = [at for at, word in enumerate(words[:-1]) if word.lower() == "using"]
    return unquoted(words[places[0] + 1]).lower() if places else ""
