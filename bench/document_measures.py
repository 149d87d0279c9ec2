"""How well Markdown made of a document agrees with what is known of it: words, order, paragraphs, tables, headings."""

import html
import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

_WORD = re.compile(r"[\u3040-\u9fff]|[^\W_](?:[^\W_\u3040-\u9fff]|[-'’.,;:/_](?=[^\W_]))*")
_MARKS = re.compile(r"<sup>[^<]*</sup>|\[\^?\d+\]|[⁰¹²³⁴⁵⁶⁷⁸⁹]+")
_NOTICES = re.compile(r"\*\*==>.*?<==\*\*|-{3,} (?:Start|End) of picture text -{3,}(?:<br>)?")
_LINK = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")
_BAR = re.compile(r"(?<!\\)\|")
_DASHES = re.compile(r":?-{2,}:?")

_NUMBER = re.compile(r"(?i)(?:chapter \d+\.?|(?:[A-Z]\.|\d+)(?:\.?\d+)*\.?)\s+")

KINDS = ("heading", "paragraph", "list", "table", "code", "image", "caption", "footnote")

Table = list[list[str]]
Truth = dict[str, Any]


@dataclass(frozen=True)
class Scores:
    """What is measured of one document; None where it holds nothing to measure. All but `words`..`whole` by Markdown.

    `words`, `cells`, `neighbours`, `headings` and `levels` are F1: of words as a multiset, of the cells of tables, of pairs
    of cells side by side or one below the other (Göbel et al., ICDAR 2013), of headings by text, by text and level.
    `distance` is the Levenshtein distance of the sequences of words over the longer of them; `disorder` the share of words
    that occur once in both and stand out of order; `whole` the share of paragraphs that are paragraphs again; `running`
    how many heads and feet of pages are left in the text, of how many.
    """

    words: float
    distance: float
    disorder: float
    whole: float | None
    cells: float | None
    neighbours: float | None
    headings: float | None
    levels: float | None
    running: float | None


def scores(truth: Truth, markdown: str) -> Scores:
    """Compare Markdown with what is known of a document."""
    known, blocks = words(known_text(truth)), truth["blocks"]
    found = words(markdown)
    tables = [block["cells"] for block in blocks if block["kind"] == "table"]
    titles = [(block.get("level"), key(block["text"])) for block in blocks if block["kind"] == "heading"]
    theirs = list(headings(markdown))
    return Scores(
        words=f1(known, found),
        distance=distance(known, found) / max(len(known), len(found), 1),
        disorder=disorder(known, found),
        whole=whole([block["text"] for block in blocks if block["kind"] == "paragraph"], markdown),
        cells=_tables_f1(tables, markdown, cells),
        neighbours=_tables_f1(tables, markdown, neighbours),
        headings=f1([text for _, text in titles], [text for _, text in theirs]) if titles else None,
        levels=f1(titles, theirs) if titles and titles[0][0] else None,
        running=running(truth, markdown),
    )


def known_text(truth: Truth) -> str:
    """Return what is known as one text."""
    return "\n\n".join(block["text"] for block in truth["blocks"])


def plain(markdown: str) -> str:
    """Return Markdown without its marks: links are their words, marks of footnotes and notices of tools are gone."""
    text = _NOTICES.sub(" ", markdown)
    lines = (" ".join(cell) if (cell := _cells(line)) is not None else line for line in text.splitlines())
    text = _LINK.sub(r"\1", _MARKS.sub("", "\n".join(lines)))
    text = re.sub(r"(?m)^```.*$|^\s*#{1,6} |<br/?>|</?(?:b|i|u|s|mark)>", " ", text)
    return html.unescape(re.sub(r"\*\*|__|`|\\(?=[^\w\s])", "", text))


def words(markdown: str) -> list[str]:
    """Return the words, without what stands around them; Chinese and Japanese characters are words."""
    return _WORD.findall(plain(markdown))


def f1(known: Iterable[Hashable], found: Iterable[Hashable]) -> float:
    """Return the harmonic mean of precision and recall of two multisets."""
    ours, theirs = Counter(known), Counter(found)
    total = ours.total() + theirs.total()
    return 2 * (ours & theirs).total() / total if total else 1.0


def distance(one: Sequence[str], other: Sequence[str]) -> int:
    """Return the Levenshtein distance of two sequences, by bit-parallel addition (Hyyrö 2003)."""
    if not one or not other:
        return max(len(one), len(other))
    places: dict[str, int] = {}
    for number, word in enumerate(one):
        places[word] = places.get(word, 0) | 1 << number
    every, last = (1 << len(one)) - 1, 1 << (len(one) - 1)
    up, down, found = every, 0, len(one)
    for word in other:
        match = places.get(word, 0)
        diagonal = (((match & up) + up) ^ up) | match | down
        right, left = down | ~(diagonal | up) & every, up & diagonal
        found += bool(right & last) - bool(left & last)
        right, left = (right << 1 | 1) & every, (left << 1) & every
        up, down = (left | ~(diagonal | right)) & every, right & diagonal
    return found


def disorder(known: Sequence[str], found: Sequence[str]) -> float:
    """Return the share of words that occur once in both and are not in their longest common order."""
    place = {word: number for number, word in enumerate(known)}
    once, again = Counter(known), Counter(found)
    order = [place[word] for word in found if again[word] == 1 and once.get(word) == 1]
    ends: list[int] = []
    for number in order:
        at = bisect_left(ends, number)
        ends[at : at + 1] = [number]
    return 1 - len(ends) / len(order) if order else 1.0


def whole(paragraphs: Sequence[str], markdown: str) -> float | None:
    """Return the share of paragraphs whose words make up a block between blank lines."""
    found = Counter(" ".join(words(part)) for part in re.split(r"\n\s*\n", markdown))
    known = Counter(" ".join(words(text)) for text in paragraphs)
    return (known & found).total() / known.total() if known else None


def kinds(truth: Truth, found: Iterable[tuple[str, str]]) -> Counter[tuple[str, str]]:
    """Count blocks by kind and by what became of them: `same` words under that kind, under `other`, or `cut` otherwise."""
    left = Counter((kind, " ".join(words(text))) for kind, text in found)
    told: Counter[tuple[str, str]] = Counter()
    for block in truth["blocks"]:
        kind, text = block["kind"], " ".join(words(block["text"]))
        if not text:
            continue
        other = next((each for each in (kind, *KINDS) if left[each, text] > 0), None)
        left[other or "", text] -= 1
        told[kind, "same" if other == kind else "other" if other else "cut"] += 1
    return told


def headings(markdown: str) -> Iterator[tuple[int, str]]:
    """Yield the headings: level and words."""
    outside = re.sub(r"(?ms)^```.*?^```", "", markdown)
    for match in re.finditer(r"(?m)^\s{0,3}(#{1,6})\s+(\S.*)$", outside):
        yield len(match[1]), key(match[2])


def key(title: str) -> str:
    """Return the words of a heading without its number, in small letters: some are printed in capitals."""
    return " ".join(words(_NUMBER.sub("", plain(title).strip()))).casefold()


def tables(markdown: str) -> list[Table]:
    """Return the tables."""
    found: list[Table] = []
    before = False
    for line in markdown.splitlines():
        row = _cells(line)
        if row is not None:
            if not before:
                found.append([])
            found[-1] += [row] if row else []
        before = row is not None
    return found


def _cells(line: str) -> list[str] | None:
    """Return the cells of a row of a table, none of its line of dashes, None of any other line."""
    bare = line.strip()
    if not (len(bare) > 1 and bare.startswith("|") and bare.endswith("|")):
        return None
    row = [part.strip() for part in _BAR.split(bare[1:-1])]
    if all(_DASHES.fullmatch(part) for part in row):
        return []
    return [_cell(part) for part in row]


def _cell(text: str) -> str:
    bare = re.sub(r"<br/?>", " ", _LINK.sub(r"\1", _MARKS.sub("", text)))
    return " ".join(html.unescape(re.sub(r"\*\*|`|\\(?=[^\w\s])", "", bare)).split())


def cells(table: Table) -> Iterator[Hashable]:
    """Yield the cells that are not empty."""
    yield from (cell for row in table for cell in row if cell)


def neighbours(table: Table) -> Iterator[Hashable]:
    """Yield pairs of cells that stand side by side or one below the other, empty ones passed over."""
    for line, below in [*((row, False) for row in table), *((column, True) for column in _columns(table))]:
        filled = [cell for cell in line if cell]
        yield from ((one, other, below) for one, other in pairwise(filled))


def _columns(table: Table) -> list[list[str]]:
    wide = max(map(len, table), default=0)
    return [[row[number] if number < len(row) else "" for row in table] for number in range(wide)]


def _tables_f1(known: Sequence[Table], markdown: str, parts: Any) -> float | None:
    if not known:
        return None
    return f1((part for table in known for part in parts(table)),
              (part for table in tables(markdown) for part in parts(table)))  # fmt: skip


def running(truth: Truth, markdown: str) -> float | None:
    """Return how many of the heads and feet of pages are left as lines of their own, as a share."""
    shown = [text.replace("#", str(page + 1)) for text in truth["running"] for page in range(truth["pages"] or 1)]
    if not shown:
        return None
    lines = Counter(" ".join(plain(line).split()) for line in markdown.splitlines())
    return (Counter(shown) & lines).total() / len(shown)
