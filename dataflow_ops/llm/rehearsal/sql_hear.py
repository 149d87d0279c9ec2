"""Plans heard in English: what `sql_say` says, in any of its registers, with any words around it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import TypeVar

from dataflow_ops.llm.rehearsal.sql_hear_parts import PartListener
from dataflow_ops.llm.rehearsal.sql_listen import Deaf
from dataflow_ops.llm.rehearsal.sql_plan import SETS, Cond, Expr, Item, Join, Key, Lit, Query, Source
from dataflow_ops.llm.rehearsal.sql_schema import Tables
from dataflow_ops.llm.rehearsal.sql_words import Scope, Token, tokens

T = TypeVar("T")

HEADS = (
    ("provide",), ("report",), ("determine",), ("get",), ("need",), ("list",), ("show",), ("find",), ("return",),
    ("what", "is"), ("what", "are"), ("like", "to", "know"), ("know", "about"), ("wonder", "about"), ("refers", "to"), ("refer", "to"),
)  # fmt: skip
"""The words behind which a question says what it asks for."""
TRIES, FAR = 6, 20
"""Places of one text at which a question may begin; how far from names that are given."""


@lru_cache(maxsize=256)
def heard(text: str, tables: Tables) -> Query | None:
    """Return what a text asks for; None where that is not understood."""
    found = tokens(text)
    for start in _starts(found):
        try:
            return _Hearing(found, tables, start).whole()
        except Deaf:
            continue
    return None


def _starts(found: Sequence[Token]) -> list[int]:
    """Return the places at which a question may begin, the likeliest first."""
    words = [token.text if token.kind == "word" else "" for token in found]
    named = [i for i, word in enumerate(words) if word in ("let", "say")][:1]
    return [*named, *_behind_heads(found), 0][:TRIES]


def _behind_heads(found: Sequence[Token]) -> list[int]:
    words = [token.text if token.kind == "word" else "" for token in found]
    return [
        i + len(head)
        for i in range(len(words))
        for head in HEADS
        if words[i] == head[0] and tuple(words[i : i + len(head)]) == head
    ]


class _Hearing(PartListener):
    """The clauses of a question."""

    def whole(self) -> Query:
        """Return the query that the text from here to the end of its sentence asks for."""
        self.skip(":")
        query = self.core(None)
        if self.at < len(self.found) and not (self.mark(".") or self.mark("?") or self.mark("!")):
            raise Deaf
        return query

    def core(self, outer: Scope | None) -> Query:
        known, around = self.tables, self.scope
        named = tuple(self._lets())
        first = self._select(outer)
        scope = self.scope
        also = tuple(self._also(outer))
        self.scope = scope
        order = self._list(self._key) if self._clause("order") else ()
        limit = self._count("limit")
        offset = self._count("offset")
        self.tables, self.scope = known, around
        return replace(first, also=also, order=order, limit=limit, offset=offset, named=named)

    def _lets(self) -> Iterator[tuple[str, Query]]:
        while self.clause("let"):
            name = self.name()
            self.expect(self.clause("stand") and self.mark("("))
            query = self.core(None)
            self.expect(self.mark(")"))
            self.skip(";", ",")
            if self.mark("."):
                self._head()
            self.tables = self.tables.with_named([(name, query)])
            yield name, query

    def _head(self) -> None:
        """Go to where the next sentence says what it asks for, if it does not name anything."""
        start = self.at
        if self.clause("let"):
            self.at = start
            return
        starts = [place for place in _behind_heads(self.found) if self.at < place < self.at + FAR]
        self.at = min(starts, default=self.at)
        self.skip(":")

    def _also(self, outer: Scope | None) -> Iterator[tuple[str, Query]]:
        while True:
            start = self.at
            self.skip(";")
            kind = next((each for each in SETS if self.clause(each)), None)
            if kind is None or not self.mark("("):
                self.at = start
                return
            yield kind, self._select(outer)
            self.expect(self.mark(")"))

    def _select(self, outer: Scope | None) -> Query:
        """Hear what a result consists of; names count only once it is clear where rows come from."""
        distinct, start = self.clause("distinct"), self.at
        source, joins = self._look_ahead(outer)
        self.at = start
        items = self._list(self._item)
        if source:
            self.expect(self.clause("from"))
            source, joins = self._sources()
        where = self.cond() if self._clause("where") else None
        group = self._list(self.expr) if self._clause("group") else ()
        having = self.cond() if self._clause("having") else None
        return Query(items, source, joins, distinct, where, group, having)

    def _look_ahead(self, outer: Scope | None) -> tuple[Source | None, tuple[Join, ...]]:
        """Find where rows come from, further on at the same depth, and open the scope of their columns."""
        depth = 0
        self.scope = Scope(self.tables, (), outer)
        while self.at < len(self.found):
            depth += self._depth()
            if depth < 0:
                break
            if not depth and self.clause("from"):
                return self._opened(outer)
            self.at += 1
        return None, ()

    def _opened(self, outer: Scope | None) -> tuple[Source, tuple[Join, ...]]:
        start = self.at
        sources = tuple(self._only_sources())
        self.scope = Scope(self.tables, sources, outer)
        self.at = start
        return self._sources()

    def _only_sources(self) -> Iterator[Source]:
        """Yield the sources from here on, their conditions left out."""
        yield self._source()
        while next((kind for kind in ("left", "cross", "inner") if self.clause(kind)), None):
            yield self._source()
            if self.clause("on"):
                self._skip_bracket()

    def _skip_bracket(self) -> None:
        depth = 0
        while self.at < len(self.found):
            depth += self._depth()
            self.at += 1
            if depth <= 0:
                return

    def _sources(self) -> tuple[Source, tuple[Join, ...]]:
        first, joins = self._source(), []
        while kind := next((kind for kind in ("left", "cross", "inner") if self.clause(kind)), None):
            source = self._source()
            joins.append(Join(source, kind, self._on()))
        return first, tuple(joins)

    def _on(self) -> Cond | None:
        if not self.clause("on"):
            return None
        self.expect(self.mark("("))
        cond = self.cond()
        self.expect(self.mark(")"))
        return cond

    def _source(self) -> Source:
        table = self.table()
        return Source(table, self.name() if self.clause("called") else table)

    def _item(self) -> Item:
        expr = self.expr()
        return Item(expr, self.name() if self.clause("called") else None)

    def _key(self) -> Key:
        by: Expr = Lit(self.number(), number=True) if self.clause("column") else self.expr()
        down = self.clause("down")
        self.expect(down or self.clause("up"))
        return Key(by, down)

    def _count(self, clause: str) -> int | None:
        return int(self.number(whole=True)) if self._clause(clause) else None

    def _clause(self, concept: str) -> bool:
        """Tell whether a clause begins here, with or without a comma before it."""
        start = self.at
        self.skip(",")
        if self.clause(concept):
            return True
        self.at = start
        return False

    def _list(self, hear: Callable[[], T]) -> tuple[T, ...]:
        return self.listed(hear, "and")

    def exists(self) -> Query:
        """Hear the rows that there have to be."""
        around = self.scope
        self.expect(self.mark("("))
        source, joins = self._opened(around)
        where = self.cond() if self._clause("where") else None
        self.scope = around
        return Query((Item(Lit("1", number=True)),), source, joins, where=where)
