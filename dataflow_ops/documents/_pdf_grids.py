"""Tables with rules: lines that cross make a grid, and the words of the page fall into its cells."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dataflow_ops.documents._pdf_lines import Rule
from dataflow_ops.documents._pdf_words import run_on
from dataflow_ops.documents.document import Box

NEAR = 3.0
"""Points by which rules that meet may miss each other."""
RULES = 1_500
"""Rules of a page that are looked at: a page with more is a drawing."""
CELLS = 20_000


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a page; `line` is the same for words of one line."""

    text: str
    box: Box
    line: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells and the place they take."""

    box: Box
    rows: list[list[str]]


def grids(rules: Sequence[Rule], words: Sequence[Word]) -> list[Table]:
    """Return the tables that rules draw: at least two rows or columns, with words in a third of their cells."""
    if not 4 <= len(rules) <= RULES:
        return []
    tables = (_table(group, words) for group in _crossing(rules))
    return _outermost([table for table in tables if table is not None])


def _outermost(tables: Sequence[Table]) -> list[Table]:
    return [
        table for table in tables if not any(other is not table and _inside(table.box, other.box) for other in tables)
    ]


def _inside(one: Box, two: Box) -> bool:
    starts = all(a >= b - NEAR for a, b in zip(one[:2], two[:2], strict=True))
    return starts and all(a <= b + NEAR for a, b in zip(one[2:], two[2:], strict=True))


def _crossing(rules: Sequence[Rule]) -> list[list[Rule]]:
    """Return groups of rules that touch each other."""
    parent = list(range(len(rules)))

    def root(place: int) -> int:
        while parent[place] != place:
            parent[place] = parent[parent[place]]
            place = parent[place]
        return place

    level = [place for place, rule in enumerate(rules) if rule.level]
    upright = [place for place, rule in enumerate(rules) if not rule.level]
    for one in level:
        for two in upright:
            if _meet(rules[one], rules[two]):
                parent[root(one)] = root(two)
    groups: dict[int, list[Rule]] = defaultdict(list)
    for place, rule in enumerate(rules):
        groups[root(place)].append(rule)
    return [group for group in groups.values() if len(group) >= 4]


def _meet(level: Rule, upright: Rule) -> bool:
    return (
        level.begin - NEAR <= upright.at <= level.end + NEAR and upright.begin - NEAR <= level.at <= upright.end + NEAR
    )


def _table(rules: Sequence[Rule], words: Sequence[Word]) -> Table | None:
    xs = _snapped(rule.at for rule in rules if not rule.level)
    ys = _snapped(rule.at for rule in rules if rule.level)
    rows, width = len(ys) - 1, len(xs) - 1
    if rows < 1 or width < 2 or rows * width < 2 or rows * width > CELLS:
        return None
    box = (xs[0], ys[0], xs[-1], ys[-1])
    cells = _filled(_merged(rules, xs, ys), xs, ys, [word for word in words if holds(box, word)])
    full = [[cell for cell in row if cell is not None] for row in cells]
    texts = [cell for row in full for cell in row]
    if 3 * sum(map(bool, texts)) < len(texts) or sum(any(row) for row in full) < min(2, rows):
        return None
    table = _without_empty([[cell or "" for cell in row] for row in cells])
    return Table(box, table) if table and len(table[0]) > 1 else None


def _snapped(places: Iterable[float]) -> list[float]:
    found: list[float] = []
    for place in sorted(places):
        if not found or place - found[-1] > NEAR:
            found.append(place)
    return found


def _merged(rules: Sequence[Rule], xs: Sequence[float], ys: Sequence[float]) -> list[list[tuple[int, int]]]:
    """Return for each field of the grid the first field of its cell: fields without a wall between are one."""
    owner = [[(row, column) for column in range(len(xs) - 1)] for row in range(len(ys) - 1)]
    walls = _at(xs, (rule for rule in rules if not rule.level))
    floors = _at(ys, (rule for rule in rules if rule.level))
    for row in range(len(ys) - 1):
        for column in range(len(xs) - 1):
            across, down = (xs[column] + xs[column + 1]) / 2, (ys[row] + ys[row + 1]) / 2
            if column and not _covers(walls[column], down):
                owner[row][column] = owner[row][column - 1]
            elif row and not _covers(floors[row], across):
                owner[row][column] = owner[row - 1][column]
    return owner


def _at(places: Sequence[float], rules: Iterable[Rule]) -> list[list[Rule]]:
    """Return for each place the rules that stand there."""
    found: list[list[Rule]] = [[] for _ in places]
    for rule in rules:
        found[min(range(len(places)), key=lambda number: abs(places[number] - rule.at))].append(rule)
    return found


def _covers(rules: Iterable[Rule], middle: float) -> bool:
    return any(rule.begin <= middle <= rule.end for rule in rules)


def _filled(
    owner: Sequence[Sequence[tuple[int, int]]], xs: Sequence[float], ys: Sequence[float], words: Sequence[Word]
) -> list[list[str | None]]:
    """Return the text of each cell, None for a field that belongs to a cell further left or up."""
    inside: dict[tuple[int, int], list[Word]] = defaultdict(list)
    for word in words:
        row, column = _place(ys, (word.box[1] + word.box[3]) / 2), _place(xs, (word.box[0] + word.box[2]) / 2)
        inside[owner[row][column]].append(word)
    return [
        [text_of(inside[field]) if (row, column) == field else None for column, field in enumerate(fields)]
        for row, fields in enumerate(owner)
    ]


def _place(edges: Sequence[float], value: float) -> int:
    return min(len(edges) - 2, max(0, sum(edge <= value for edge in edges) - 1))


def holds(box: Box, word: Word) -> bool:
    """Return whether the middle of `word` lies in `box`."""
    x, y = (word.box[0] + word.box[2]) / 2, (word.box[1] + word.box[3]) / 2
    return box[0] <= x <= box[2] and box[1] <= y <= box[3]


def text_of(words: Iterable[Word]) -> str:
    """Return words, in the order of the file, as one line of text."""
    lines: dict[tuple[int, int], list[str]] = defaultdict(list)
    for word in words:
        lines[word.line].append(word.text)
    return run_on(" ".join(line) for line in lines.values())


def _without_empty(rows: list[list[str]]) -> list[list[str]]:
    """Leave out rows and columns in which nothing stands: they were drawn for the distance."""
    kept = [row for row in rows if any(row)]
    columns = [place for place in range(len(rows[0])) if any(row[place] for row in kept)] if rows else []
    return [[row[place] for place in columns] for row in kept]
