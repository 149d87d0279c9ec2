"""Which tables of a large database a prompt shows: those needed, those that a question speaks of, and others."""

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from random import Random

from dataflow_ops.databases.graph import Joins, between, joins
from dataflow_ops.databases.quoting import LONGEST_NAME, showable
from dataflow_ops.databases.relevance import Relevance
from dataflow_ops.databases.render import one, rendered, tokens
from dataflow_ops.databases.result import Failed
from dataflow_ops.databases.schema import Schema, Table
from dataflow_ops.errors import nearest

SHARE = 0.4
"""Of the best score: tables with less have little to do with a question."""
MISFITS = 12
"""Tables in a row that find no room any more, after which no other is tried."""
OWN = {"sqlite": "main.", "postgres": "public."}
"""What may stand before the name of a table of the database itself."""


class Choice:
    """Tables of one schema, written with so many examples and sample rows; what is measured once is kept."""

    def __init__(self, schema: Schema, *, examples: int = 3, sample_rows: int = 0) -> None:
        self.schema, self.shown = schema, {"examples": examples, "sample_rows": sample_rows}
        self._costs: dict[str, int] = {}

    @cached_property
    def graph(self) -> Joins:
        """Which tables foreign keys join."""
        return joins(self.schema)

    @cached_property
    def _relevance(self) -> Relevance:
        return Relevance(self.schema)

    @cached_property
    def _names(self) -> list[str]:
        return list(self.schema.by_name)

    def text(self, tables: Sequence[str]) -> str:
        """Return the text of some tables."""
        return rendered(self.schema, tables, **self.shown)

    def relevant(
        self, *, needed: Sequence[str], words: str = "", max_tokens: int, draw: Random, others: int | None = None
    ) -> list[str] | Failed:
        """Return the names of tables whose text takes at most `max_tokens`, in the order of the schema.

        All that are needed; then, up to `others` if that is given, those that share words with `words`, those on the
        way between all these by foreign keys, those joined to the needed ones, and what is left as it is drawn. Failed
        where the needed tables alone are too large, or not there. With nothing needed at least one table is returned.
        """
        first = self._checked(needed, max_tokens)
        if isinstance(first, Failed):
            return first
        if others == 0 and first:
            chosen = set(first)
        else:
            at_most = None if others is None else max(others, 0 if first else 1)
            chosen = self._filled(first, self._wanted(first, words, draw), max_tokens, at_most)
        if not chosen:
            return Failed("error", f"no table of the database fits into {max_tokens:,} tokens")
        return [table.name for name, table in self.schema.by_name.items() if name in chosen]

    def _checked(self, needed: Sequence[str], max_tokens: int) -> list[str] | Failed:
        """Return the needed tables in lower case, each once, or why they cannot be shown."""
        found: dict[str, None] = {}
        for name in needed:
            key, shown = self._key(name), name[:LONGEST_NAME]
            if key is None:
                return Failed("unknown name", f"there is no table {shown!r}; {nearest(shown, _display(self.schema))}")
            if not presentable(self.schema.by_name[key]):
                return Failed("error", f"the name of table {shown!r}, or of all its columns, cannot stand in a prompt")
            found[key] = None
        if sum(map(self._cost, found)) > max_tokens and (size := tokens(self.text(list(found)))) > max_tokens:
            first = self.schema.by_name[next(iter(found))].name
            listed = f"{first!r} and {len(found) - 1} more" if len(found) > 1 else repr(first)
            return Failed("error", f"the text of {listed} takes {size:,} tokens: more than max_tokens={max_tokens:,}")
        return list(found)

    def _key(self, name: str) -> str | None:
        """Return a table's name in lower case; `main.orders` of SQLite and `public.orders` of PostgreSQL are `orders`."""
        lower = name.lower()
        bare = lower.removeprefix(OWN.get(self.schema.dialect, ""))
        return next((each for each in (lower, bare) if each in self.schema.by_name), None)

    def _wanted(self, needed: Sequence[str], words: str, draw: Random) -> Iterator[str]:
        """Name what to add, the most wanted first; names may come twice."""
        spoken_of = self._spoken_of(words)
        yield from spoken_of
        yield from between(self.graph, list(dict.fromkeys([*needed, *spoken_of])))
        joined = dict.fromkeys(other for name in needed for other in self.graph[name])
        yield from draw.sample(list(joined), len(joined))
        yield from draw.sample(self._names, len(self._names))

    def _spoken_of(self, words: str) -> list[str]:
        ranked = self._relevance.ranked(words) if words else []
        return [self._names[at] for at, score in ranked if score >= SHARE * ranked[0][1]]

    def _filled(self, first: Sequence[str], wanted: Iterable[str], max_tokens: int, others: int | None) -> set[str]:
        """Add what finds room, one after the other."""
        chosen, misfits = set(first), 0
        room = max_tokens - sum(map(self._cost, first))
        for name in wanted:
            if misfits == MISFITS or (others is not None and len(chosen) - len(first) >= others):
                break
            if name in chosen or not presentable(self.schema.by_name[name]):
                continue
            fits = self._cost(name) <= room
            misfits = 0 if fits else misfits + 1
            if fits:
                chosen.add(name)
                room -= self._cost(name)
        return chosen

    def _cost(self, name: str) -> int:
        """Return the most tokens that a table takes: with all its references, and the blank line behind it."""
        if name not in self._costs:
            text = one(self.schema.by_name[name], self.schema.dialect, None, **self.shown)
            self._costs[name] = tokens(text + "\n\n")
        return self._costs[name]


def relevant(
    schema: Schema,
    *,
    needed: Sequence[str],
    words: str = "",
    max_tokens: int,
    draw: Random,
    others: int | None = None,
    examples: int = 3,
    sample_rows: int = 0,
) -> list[str] | Failed:
    """Choose tables once; a `Choice` that is kept is faster for many."""
    choice = Choice(schema, examples=examples, sample_rows=sample_rows)
    return choice.relevant(needed=needed, words=words, max_tokens=max_tokens, draw=draw, others=others)


def presentable(table: Table) -> bool:
    """Return whether a table can be shown: its name, and at least one of its columns."""
    return showable(table.name) and any(showable(column.name) for column in table.columns)


def _display(schema: Schema) -> list[str]:
    return [table.name for table in schema.tables if showable(table.name)]
