"""The words in which plans are said and heard: a phrase in three registers for each thing, and names of columns."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from types import MappingProxyType

from dataflow_ops.llm.rehearsal.sql_plan import Col, Source
from dataflow_ops.llm.rehearsal.sql_schema import Tables, in_words

PLAIN, LOOSE, SHORT = range(3)
"""Registers: whole sentences, talk, notes."""
READ = 20_000
"""Characters of a text that are listened to."""
LONGEST_NAME = 8
"""Words of a name that is not quoted."""

CLAUSES: Mapping[str, tuple[str, str, str]] = MappingProxyType({
    "distinct": ("distinct", "unique", "distinct"),
    "from": ("among", "across", "from"),
    "inner": ("together with", "along with", "with"),
    "left": ("with or without", "maybe with", "optionally with"),
    "cross": ("combined with every", "next to every", "times every"),
    "on": ("matched where", "hooked up where", "matched where"),
    "where": ("where", "but only where", "if"),
    "group": ("for each", "per", "per"),
    "having": ("keeping groups where", "as long as", "having"),
    "order": ("ordered by", "sorted by", "sort"),
    "down": ("from highest to lowest", "biggest first", "descending"),
    "up": ("from lowest to highest", "smallest first", "ascending"),
    "limit": ("limited to first", "just first", "top"),
    "offset": ("after skipping", "past first", "skip"),
    "union": ("merged with", "mixed with", "union"),
    "union all": ("followed by", "and then", "followed by"),
    "intersect": ("as far as they are also in", "that also show up in", "also in"),
    "except": ("leaving out those in", "without those in", "except"),
    "column": ("result column", "result column", "result column"),
    "called": ("called", "called", "called"),
    "let": ("let", "say", "let"),
    "stand": ("stand for", "means", "="),
    "result": ("result of", "outcome of", "result of"),
    "exists": ("there is some row of", "something exists of", "exists"),
    "not exists": ("there is no row of", "nothing exists of", "not exists"),
    "formula": ("formula", "formula", "formula"),
    "over": ("over rows", "over rows", "over"),
    "within": ("with same", "sharing", "same"),
    "rounded": ("rounded to", "rounded to", "rounded to"),
    "of": ("of", "of", "of"),
    "and": ("and", "and", "and"),
    "or": ("or", "or", "or"),
})  # fmt: skip
COMPARED: Mapping[str, tuple[str, str, str]] = MappingProxyType({
    "=": ("is", "is exactly", "="),
    "<>": ("is not", "differs from", "<>"),
    "<": ("is less than", "is under", "<"),
    "<=": ("is at most", "is no more than", "<="),
    ">": ("is greater than", "is over", ">"),
    ">=": ("is at least", "is no less than", ">="),
    "between": ("lies between", "is between", "between"),
    "not between": ("does not lie between", "is not between", "not between"),
    "in": ("is one of", "is any of", "in"),
    "not in": ("is none of", "is not any of", "not in"),
    "contains": ("contains", "has in it", "contains"),
    "starts": ("starts with", "begins with", "starts with"),
    "ends": ("ends with", "ends in", "ends with"),
    "like": ("is like", "looks like", "like"),
    "not contains": ("does not contain", "has not in it", "not contains"),
    "not starts": ("does not start with", "does not begin with", "not starts with"),
    "not ends": ("does not end with", "does not end in", "not ends with"),
    "not like": ("is not like", "does not look like", "not like"),
    "null": ("is missing", "is empty", "is null"),
    "not null": ("is known", "is filled in", "is not null"),
    "near": ("is near in meaning to", "sounds like", "near"),
    "holds": ("comes out true", "comes out true", "true"),
})  # fmt: skip
FUNCTIONS: Mapping[str, tuple[str, str, str]] = MappingProxyType({
    "count": ("number of known", "how many known", "count of"),
    "count distinct": ("number of different", "how many different", "count of different"),
    "sum": ("sum of", "summed up", "sum"),
    "sum distinct": ("sum of different", "summed up different", "sum different"),
    "avg": ("average", "mean", "avg"),
    "avg distinct": ("average of different", "mean of different", "avg different"),
    "min": ("lowest", "smallest", "min"),
    "max": ("highest", "biggest", "max"),
    "upper": ("upper case of", "upper case of", "upper"),
    "lower": ("lower case of", "lower case of", "lower"),
    "length": ("length of", "length of", "length"),
    "abs": ("absolute value of", "absolute value of", "abs"),
    "year": ("calendar year of", "calendar year of", "calendar year of"),
    "month": ("calendar month of", "calendar month of", "calendar month of"),
    "year and month": ("calendar year with month of", "calendar year with month of", "calendar year with month of"),
})  # fmt: skip
BARE: Mapping[str, tuple[str, str, str]] = MappingProxyType({
    "count": ("number of rows", "how many rows", "row count"),
    "rank": ("rank", "rank", "rank"),
    "dense_rank": ("dense rank", "dense rank", "dense rank"),
    "row_number": ("running number", "running number", "running number"),
})  # fmt: skip
SUMS: Mapping[str, tuple[str, str, str]] = MappingProxyType({
    "plus": ("plus", "plus", "plus"),
    "minus": ("minus", "minus", "minus"),
    "times": ("times", "times", "times"),
    "divided by": ("divided by", "divided by", "divided by"),
})  # fmt: skip
NOISE = frozenset(["the", "a", "an", "please", "all", "their", "our", "me", "i"])
"""Words that are not listened to."""

_TOKEN = re.compile(
    r"(?<!\w)'((?:[^']|'')*+)'(?!\w)|`((?:[^`]|``)++)`|((?<![\w.])-?\d++(?:\.\d++)?(?:[eE][+-]?\d++)?+)(?![\w])"
    r"|([^\W_][^\W_]*+)|(<>|<=|>=|[^\w\s])"
)


@dataclass(frozen=True)
class Token:
    """`kind` is `text`, `name`, `number`, `word` or `mark`."""

    kind: str
    text: str


def tokens(text: str) -> list[Token]:
    """Take a text apart; words in lower case, those that say nothing left out."""
    found = []
    for quoted, name, number, word, mark in _TOKEN.findall(text[:READ]):
        if mark:
            found.append(Token("mark", mark))
        elif word:
            found += [Token("word", word.lower())] if word.lower() not in NOISE else []
        elif number or name:
            found.append(Token("number", number) if number else Token("name", name.replace("``", "`")))
        else:
            found.append(Token("text", quoted.replace("''", "'")))
    return found


class Phrases(dict[tuple[str, ...], str]):
    """What phrases mean, as they are heard."""

    @cached_property
    def firsts(self) -> frozenset[str]:
        """The words that they begin with."""
        return frozenset(phrase[0] for phrase in self)


def _phrases(said: Mapping[str, Sequence[str]]) -> Phrases:
    return Phrases(
        {tuple(each.text for each in tokens(text)): meant for meant, texts in said.items() for text in texts}
    )


CLAUSE, OPERATOR, FUNCTION, PLAIN_CALL, SUM = map(_phrases, (CLAUSES, COMPARED, FUNCTIONS, BARE, SUMS))
ALL = frozenset(phrase for heard in (CLAUSE, OPERATOR, FUNCTION, PLAIN_CALL, SUM) for phrase in heard)
BEGUN = frozenset(phrase[:size] for phrase in ALL for size in range(1, len(phrase)))
LONGER = frozenset(phrase[size] for phrase in ALL for size in range(1, len(phrase)) if phrase[:size] in ALL)
"""What phrases begin with, and words that make a longer phrase of one: names must not be mistaken for these."""


@lru_cache(maxsize=4096)
def spoken(name: str) -> tuple[str, ...]:
    """Return a name in words, `()` for one that has to be quoted."""
    words = in_words(name)
    heard = tuple(each.text for each in tokens(" ".join(words)) if each.kind == "word")
    if not words or words != heard or len(words) > LONGEST_NAME or words in BEGUN or words[0] in LONGER:
        return ()
    inside = (words[start:end] for start in range(len(words)) for end in range(start + 1, len(words) + 1))
    return () if any(each in ALL for each in inside) else words


def quoted(name: str) -> str:
    """Return a name between backquotes."""
    return f"`{name.replace('`', '``')}`"


class Scope:
    """The columns that can be named at one place, and the phrases that name them; queries around lend theirs."""

    def __init__(self, tables: Tables, sources: Sequence[Source], outer: "Scope | None" = None):
        self.tables, self.sources, self.outer = tables, tuple(sources), outer
        self.heard: dict[tuple[str, ...], Col | None] = dict(outer.lent) if outer else {}
        self.lent: dict[tuple[str, ...], Col | None] = {}
        self.owners: Phrases = Phrases(outer.owners if outer else {})
        counted: dict[tuple[str, ...], list[Col]] = {}
        for source in self.sources:
            self._learn(source, counted)
        self.heard |= self.lent | {words: cols[0] if len(cols) == 1 else None for words, cols in counted.items()}
        by_size = sorted(self.heard.items(), key=lambda each: -len(each[0]))
        self.said = {col: words for words, col in by_size if col is not None}
        self.longest = max(map(len, self.heard), default=0)

    def _learn(self, source: Source, counted: dict[tuple[str, ...], list[Col]]) -> None:
        table = self.tables.find(source.table)
        owner = table_words(self.tables, source)
        self.owners.update({owner: source.alias} if owner else {})
        for column in table.columns if table else ():
            words, col = spoken(column.name), Col(source.alias, column.name)
            if words:
                counted.setdefault(words, []).append(col)
            if words and owner:
                whole = (*words, "of", *owner)
                self.lent[whole] = None if whole in self.lent else col

    def phrase(self, col: Col) -> str:
        """Return how a column is said here."""
        if words := self.said.get(col):
            return " ".join(words)
        if self.named(col.name, None) == col:
            return quoted(col.name)
        owner = next((words for words, alias in self.owners.items() if alias == col.of), None)
        return f"{quoted(col.name)} of {' '.join(owner) if owner else quoted(col.of)}"

    def named(self, name: str, owner: str | None) -> Col | None:
        """Return the column with a quoted name; None where there is none, or more than one."""
        found = [
            Col(source.alias, column.name)
            for source in self.sources
            if owner is None or source.alias == owner
            if (table := self.tables.find(source.table))
            if (column := table.by_name.get(name.lower())) and column.name == name
        ]
        if not found and self.outer:
            return self.outer.named(name, owner)
        return found[0] if len(found) == 1 else None


def table_words(tables: Tables, source: Source) -> tuple[str, ...]:
    """Return the words for a source; `()` where its name has to be quoted."""
    words = () if source.renamed else spoken(source.table)
    return words if words and tables.alike[words] == 1 else ()


@lru_cache(maxsize=64)
def table_phrases(tables: Tables) -> Phrases:
    """Return the tables that can be named by words."""
    named = {table_words(tables, Source(table.name, table.name)): table.name for table in tables.tables}
    return Phrases({words: name for words, name in named.items() if words})
