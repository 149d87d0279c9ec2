"""How much the tables of a database have to do with a question, by the words of their names, comments and values."""

from collections import Counter
from collections.abc import Iterator
from math import log

from dataflow_ops.databases.schema import Schema, Table
from dataflow_ops.databases.words import stem, words

_IN_TABLE_NAME, _IN_COLUMN_NAME, _IN_TEXT = 6, 2, 1
"""How often a word counts by where it stands; the words of a table's name share its weight."""
_SATURATION, _LENGTH = 1.2, 0.5
LONGEST = 2_000
"""Characters of a question and of a comment that are looked at."""
_COMMON_WORDS = (
    "a all also among an and any are as at be been but by can did do does each every find for from get give had has have how id "
    "i if in into is it its list many me more most much my no not number of on one or our per please show tell than that "
    "the their them then there these they this to up was we were what when where which who whose why will with you"
)
_COMMON = frozenset(map(stem, words(_COMMON_WORDS)))


class Relevance:
    """Okapi BM25 (Robertson and Zaragoza 2009) over the tables of a schema; a word counts more in a name than in text."""

    def __init__(self, schema: Schema) -> None:
        counts = [_counts(table) for table in schema.tables]
        mean = sum(map(Counter.total, counts)) / len(counts) if counts else 0.0
        found = Counter(word for each in counts for word in each)
        self._rare = {word: log(1 + (len(counts) - n + 0.5) / (n + 0.5)) for word, n in found.items()}
        self._weights: dict[str, list[tuple[int, float]]] = {}
        for at, each in enumerate(counts):
            damp = _SATURATION * (1 - _LENGTH + _LENGTH * each.total() / mean) if mean else 1.0
            for word, count in each.items():
                self._weights.setdefault(word, []).append((at, count * (_SATURATION + 1) / (count + damp)))

    def ranked(self, text: str) -> list[tuple[int, float]]:
        """Return the places of tables that share a word with a text, and their scores, the best first."""
        scores: dict[int, float] = {}
        for word in sorted({stem(each) for each in words(text[:LONGEST])} - _COMMON):
            for at, weight in self._weights.get(word, ()):
                scores[at] = scores.get(at, 0.0) + self._rare[word] * weight
        return sorted(scores.items(), key=lambda each: (-each[1], each[0]))


def _counts(table: Table) -> Counter[str]:
    counts: Counter[str] = Counter()
    for text, weight in _texts(table):
        for word in words(text[:LONGEST]):
            if (stemmed := stem(word)) not in _COMMON:
                counts[stemmed] += weight
    return counts


def _texts(table: Table) -> Iterator[tuple[str, int]]:
    yield table.name, max(1, _IN_TABLE_NAME // max(1, len(words(table.name[:LONGEST]))))
    yield table.comment or "", _IN_TEXT
    # A foreign key speaks of the table that it names.
    keys = {name for key in table.foreign_keys for name in key.columns}
    for column in table.columns:
        yield "" if column.name in keys else column.name, _IN_COLUMN_NAME
        yield column.comment or "", _IN_TEXT
        yield " ".join(column.examples), _IN_TEXT
