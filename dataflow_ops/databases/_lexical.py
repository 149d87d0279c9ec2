"""The words of a statement as its engine reads them: quotes, comments and names, before anything is parsed.

Parsers differ in small things: what ends a string, whether comments nest, which blanks there are. What a check reads in
one way and an engine in another is a way around the check. So these rules are narrow: what is not clearly one thing is
refused.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import pairwise
from typing import NamedTuple

from dataflow_ops.databases.result import Failed, Kind
from dataflow_ops.databases.schema import Dialect

MOST_BYTES = 100_000
MOST_PIECES = 5_000
"""A parser takes half a second for this many; some chains take it the square of their length."""
DEEPEST = 100
MOST_OPEN = 8
JOINS, JOINED = frozenset({"join", "straight_join"}), frozenset({"on", "using", "cross", "natural"})
QUERIES = frozenset({"select", "with", "values"})
"""What a statement begins with that only reads."""

_OTHERS = """
abort alter analyze analyse attach audit backup begin binlog cache call change check checkpoint checksum clone close
cluster comment commit copy create deallocate declare delete delimiter desc describe detach discard do drop end execute
exec explain fetch flush get grant handler help import insert install kill listen load lock merge move notify optimize
pragma prepare purge reassign refresh reindex release rename repair replace reset resignal restart restore revoke
rollback savepoint security set show shutdown signal start stop table truncate uninstall unlisten unlock update use
vacuum xa
"""
OTHERS = frozenset(_OTHERS.split())
"""What other statements begin with."""
WRITING = frozenset({"into", "outfile", "dumpfile"})
"""Words, reserved in all engines or in one, of results that go elsewhere; names have to stand between quotes."""
CLEAR = frozenset({"number", "operator"})
"""Kinds of parts that hold nothing but digits and signs."""
OPENING, CLOSING = frozenset({"(", "[", "case"}), frozenset({")", "]", "end"})
SQUARE = frozenset({"["})


class Piece(NamedTuple):
    """A part of a statement: its kind, its text, and where it starts."""

    kind: str
    text: str
    start: int

    @property
    def end(self) -> int:
        """Where it ends."""
        return self.start + len(self.text)


_ENCLOSED = r"/\*(?:[^*/]++|\*(?!/)|/(?!\*))*+\*/"
_COMMENTS = {
    "sqlite": rf"--[^\n]*|{_ENCLOSED}",
    "postgres": rf"--[^\n]*|{_ENCLOSED}",
    "mysql": rf"--(?=[ \t\n\r]|\Z)[^\n]*|\#[^\n]*|{_ENCLOSED}",
}
_STRINGS = {
    "sqlite": r"[xX]?'(?:[^']++|'')*+'",
    "postgres": r"[eE]'(?:[^'\\]++|''|\\.)*+'|[bBxXnN]?'(?:[^']++|'')*+'",
    "mysql": r"[bBxXnN]?'(?:[^'\\]++|''|\\.)*+'|\"(?:[^\"\\]++|\"\"|\\.)*+\"",
}
_QUOTED = {
    "sqlite": r"\"(?:[^\"]++|\"\")++\"|`(?:[^`]++|``)++`|\[[^\]]+\]",
    "postgres": r"\"(?:[^\"]++|\"\")++\"",
    "mysql": r"`(?:[^`]++|``)++`",
}
_SIGNS = r"\*(?!/)|/(?!\*)|-(?!-)|[+%<>=!~&|.,();]"
_OPERATORS = {"sqlite": _SIGNS, "postgres": rf"{_SIGNS}|[:?@\#^\[\]]", "mysql": rf"{_SIGNS}|[\^@:]"}


@cache
def _reader(dialect: Dialect) -> re.Pattern[str]:
    return re.compile(
        rf"(?P<blank>[ \t\n\r\f]+)|(?P<comment>{_COMMENTS[dialect]})|(?P<string>{_STRINGS[dialect]})"
        rf"|(?P<quoted>{_QUOTED[dialect]})|(?P<number>0[xX][0-9a-fA-F]+(?!\w)|(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?(?!\w))"
        rf"|(?P<name>[^\W\d][\w$]*)|(?P<operator>{_OPERATORS[dialect]})",
        re.DOTALL,
    )


def read(sql: str, dialect: Dialect) -> list[Piece] | Failed:
    """Return the words, quoted parts and signs of one query, without blanks and comments; or why it is not to be run."""
    try:
        size = len(sql.encode())
    except UnicodeEncodeError as error:
        return Failed("refused", f"character {sql[error.start]!r} stands for no text")
    if size > MOST_BYTES:
        return Failed("refused", f"a statement of {size:,} bytes; at most {MOST_BYTES:,} are read")
    pieces: list[Piece] = []
    place, match = 0, _reader(dialect).match
    while place < len(sql):
        found = match(sql, place)
        if found is None or found.lastgroup is None:
            return _unread(sql, place)
        kind, text, start, place = found.lastgroup, found[0], place, found.end()
        if kind == "blank":
            continue
        if kind not in CLEAR and (why := _doubtful(kind, text, dialect)):
            return Failed("refused", why)
        if kind != "comment":
            pieces.append(Piece(kind, text, start))
    return _one_query(pieces)


def _unread(sql: str, place: int) -> Failed:
    """Say what cannot be read here: a quote or comment without end, a number that runs into letters, an odd character."""
    here = sql[place]
    if here in "'\"`[" or sql.startswith("/*", place):
        return Failed("syntax", f"{sql[place : place + 20]!r} has no end, or opens a comment within a comment")
    if here in "-*":
        return Failed("refused", f"{sql[place : place + 2]!r} opens no comment: write a blank behind it, or within it")
    if here.isdigit():
        return Failed("refused", f"number {sql[place : place + 20]!r} runs into letters; engines read that in two ways")
    code = f"U+{ord(here):04X}"
    return Failed("refused", f"character {here!r} ({code}) is not read outside of quotes")


def _doubtful(kind: str, text: str, dialect: Dialect) -> str | None:
    """Return why parsers may read this part in two ways."""
    if "\0" in text:
        return "a character NUL"
    if kind == "comment" and "\r" in text.removesuffix("\r"):
        return "a comment with a carriage return: for some engines it ends there"
    if kind == "comment" and dialect == "mysql" and text.startswith(("/*!", "/*M!", "/*m!", "/*+")):
        return f"comment {text[:20]!r} is run by the engine"
    if kind == "name" and not text.isascii() and unicodedata.normalize("NFKC", text) != text:
        return f"name {text[:40]!r} is written with letters that stand for others"
    return None


def _one_query(pieces: Sequence[Piece]) -> list[Piece] | Failed:
    ended = next((at for at, piece in enumerate(pieces) if piece.text == ";"), len(pieces))
    if any(piece.text != ";" for piece in pieces[ended:]):
        return Failed("refused", "more than one statement")
    words = list(pieces[:ended])
    first = next((piece for piece in words if piece.text != "("), None)
    if first is None:
        return Failed("syntax", "there is no statement")
    if first.text.lower() not in QUERIES:
        kind: Kind = "refused" if first.text.lower() in OTHERS else "syntax"
        return Failed(kind, f"a statement that begins with {first.text[:40]!r}: expected SELECT, WITH or VALUES")
    if written := next((piece.text for piece in words if piece.text.lower() in WRITING), None):
        return Failed("refused", f"{written} writes what is read elsewhere")
    if len(words) > MOST_PIECES:
        return Failed("refused", f"a statement of {len(words):,} words and signs; at most {MOST_PIECES:,} are read")
    tangled = _tangled([piece.text.lower() if piece.kind in {"name", "operator"} else "" for piece in words])
    return Failed("refused", tangled) if tangled else words


def _tangled(words: Sequence[str]) -> str | None:
    """Return what is nested too deeply: for open joins and square brackets a parser doubles its time at every level."""
    opened, brackets, joins = (sum(map(each.__contains__, words)) for each in (OPENING, SQUARE, JOINS))
    if opened > DEEPEST and _highest((word in OPENING) - (word in CLOSING) for word in words) > DEEPEST:
        return f"nested deeper than {DEEPEST} levels"
    if brackets > MOST_OPEN and _highest((word == "[") - (word == "]") for word in words) > MOST_OPEN:
        return f"more than {MOST_OPEN} square brackets within each other"
    if brackets > DEEPEST:
        return f"more than {DEEPEST} square brackets"
    met = ((word in JOINS) - (word in JOINED and before != "distinct") for before, word in pairwise(["", *words]))
    open_joins = _highest(met) if joins > MOST_OPEN else 0
    return f"more than {MOST_OPEN} joins without ON or USING; write CROSS JOIN" if open_joins > MOST_OPEN else None


def _highest(steps: Iterable[int]) -> int:
    """Return the highest count that is reached; it does not go below zero."""
    highest = count = 0
    for step in steps:
        count = max(0, count + step)
        highest = max(highest, count)
    return highest


def calls(pieces: Sequence[Piece]) -> list[Piece]:
    """Return the names that a round bracket follows."""
    pairs = pairwise(pieces)
    return [piece for piece, after in pairs if after.text == "(" and piece.kind in {"name", "quoted"}]


def unquoted(piece: Piece) -> str:
    """Return a name without its quotes, in lower case."""
    if piece.kind != "quoted":
        return piece.text.lower()
    closing = piece.text[-1]
    return piece.text[1:-1].replace(closing * 2, closing).lower()


def arguments(pieces: Sequence[Piece], at: int) -> int:
    """Return how many arguments the call at a place has: the commas of its own bracket and one, none where it is empty."""
    if at + 2 < len(pieces) and pieces[at + 2].text == ")":
        return 0
    depth = commas = 0
    for piece in pieces[at + 1 :]:
        word = piece.text if piece.kind == "operator" else ""
        depth += (word in OPENING) - (word in CLOSING)
        commas += word == "," and depth == 1
        if depth == 0:
            break
    return commas + 1
