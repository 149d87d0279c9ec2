"""What a listener takes from a text one by one: marks, phrases, names, numbers and lists."""

from collections.abc import Callable, Sequence
from itertools import takewhile
from typing import TypeVar

from dataflow_ops.llm.rehearsal.sql_schema import Tables
from dataflow_ops.llm.rehearsal.sql_words import (
    CLAUSE,
    LONGEST_NAME,
    Phrases,
    Scope,
    Token,
    table_phrases,
)

T = TypeVar("T")
DEEPEST, MOST_STEPS = 25, 20_000
"""Beyond these a text is not listened to any longer."""


class Deaf(Exception):
    """A text is not understood."""


class Listener:
    """A place in a text, what may be named there, and what is heard from there on."""

    def __init__(self, found: Sequence[Token], tables: Tables, at: int):
        self.found, self.tables, self.at = found, tables, at
        self.scope = Scope(tables, ())
        self.steps, self.deep = 0, 0

    def _token(self) -> Token:
        self.steps += 1
        if self.steps > MOST_STEPS or self.at >= len(self.found):
            raise Deaf
        return self.found[self.at]

    def _depth(self) -> int:
        token = self._token()
        return {"(": 1, ")": -1}.get(token.text, 0) if token.kind == "mark" else 0

    def expect(self, found: bool) -> None:
        """Stop where something has to be and is not."""
        if not found:
            raise Deaf

    def mark(self, text: str) -> bool:
        """Take a mark."""
        here = self.at < len(self.found) and self.found[self.at] == Token("mark", text)
        self.at += here
        return here

    def skip(self, *texts: str) -> None:
        """Take marks as long as there are some."""
        while any(map(self.mark, texts)):
            pass

    def _longest(self, known: Phrases) -> str | None:
        """Take the longest of the phrases that stands here."""
        if self.at >= len(self.found) or self.found[self.at].text not in known.firsts:
            return None
        near = takewhile(lambda each: each.kind in ("word", "mark"), self.found[self.at : self.at + LONGEST_NAME])
        texts = tuple(each.text for each in near)
        for size in range(len(texts), 0, -1):
            if (meant := known.get(texts[:size])) is not None:
                self.at += size
                return meant
        return None

    def clause(self, concept: str) -> bool:
        """Take the words for a clause."""
        start = self.at
        if self._longest(CLAUSE) == concept:
            return True
        self.at = start
        return False

    def name(self) -> str:
        """Take a quoted name."""
        return self._of_kind("name")

    def number(self, *, whole: bool = False) -> str:
        """Take a number."""
        text = self._of_kind("number")
        self.expect(not whole or (text.isdecimal() and len(text) < 16))
        return text

    def _of_kind(self, kind: str) -> str:
        token = self._token()
        self.expect(token.kind == kind)
        self.at += 1
        return token.text

    def table(self) -> str:
        """Take the name of a table."""
        token = self._token()
        if token.kind == "name":
            self.at += 1
            self.expect(self.tables.find(token.text) is not None)
            return token.text
        name = self._longest(table_phrases(self.tables))
        self.expect(name is not None)
        return str(name)

    def listed(self, hear: Callable[[], T], last: str) -> tuple[T, ...]:
        """Hear a list: parts between commas and, before the last one, a word."""
        found = [hear()]
        while True:
            start, steps = self.at, self.deep
            comma = self.mark(",")
            if not comma and not self.clause(last):
                return tuple(found)
            try:
                found.append(hear())
            except Deaf:
                self.at, self.deep = start, steps
                return tuple(found)
