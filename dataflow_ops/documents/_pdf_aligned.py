"""Tables without a grid: rows of short pieces whose columns leave the same gaps free from top to bottom."""

import re
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from dataflow_ops.documents._pdf_blocks import BULLET, NUMBER, captioned
from dataflow_ops.documents._pdf_grids import Table
from dataflow_ops.documents._pdf_lines import Piece, Rule, around
from dataflow_ops.documents._pdf_words import run_on

SHORT = 0.33
"""Share of the width of a page that a piece in a cell takes at most; longer ones are prose."""
GAP = 0.5
"""Sizes of type between two columns, at least."""
_FIGURE = re.compile(r"[-+−±~<>≤≥]?[€$£¥]?\s?\d[\d\s.,:/%–-]*\s?[%‰°€$£\w]{0,5}$|[-–—]$|n/?a$", re.IGNORECASE)
_LEADER = re.compile(r"\.{4}|(\. ){4}|…{2}")

Row = list[Piece]


@dataclass(slots=True)
class _Group:
    """Rows under each other that may be a table."""

    rows: list[Row]
    ruled: bool = False

    @property
    def pieces(self) -> list[Piece]:
        """All pieces."""
        return [piece for row in self.rows for piece in row]


def aligned(pieces: Sequence[Piece], rules: Sequence[Rule], width: float) -> list[tuple[Table, list[Piece]]]:
    """Return tables, each with the pieces it is made of."""
    free = [piece for piece in pieces if not piece.mono]
    found = []
    for group in _framed(free, rules):
        table = _table(group)
        if table is not None:
            found.append((table, group.pieces))
    used = {id(piece) for _, inside in found for piece in inside}
    for group in _groups(_rows([piece for piece in free if id(piece) not in used]), width):
        table = _table(_between_rules(group, rules))
        if table is not None:
            found.append((table, group.pieces))
    return found


def _framed(pieces: Sequence[Piece], rules: Sequence[Rule]) -> list[_Group]:
    """Return what stands between level rules of the same length, if no piece there is as long as they are."""
    groups = []
    for same in _stacks(rules):
        rows: list[Row] = []
        for over, under in pairwise(same):
            inside = [piece for piece in pieces if _between(piece, over, under)]
            if inside and max(piece.box[2] - piece.box[0] for piece in inside) < 0.75 * (over.end - over.begin):
                rows.extend(_rows(inside))
                continue
            groups.append(_Group(rows, ruled=True))
            rows = []
        groups.append(_Group(rows, ruled=True))
    return [group for group in groups if len(group.rows) > 1]


def _stacks(rules: Sequence[Rule]) -> list[list[Rule]]:
    """Return level rules of the same length that stand over each other, from the top."""
    stacks: list[list[Rule]] = []
    for rule in sorted(rules, key=lambda each: each.at):
        near = (stack for stack in stacks if abs(stack[0].begin - rule.begin) < 3 and abs(stack[0].end - rule.end) < 3)
        stack = next(near, None) if rule.level and rule.end - rule.begin > 40 else None
        if stack is not None and rule.at - stack[-1].at > 3:
            stack.append(rule)
        elif stack is None and rule.level and len(stacks) < 200:
            stacks.append([rule])
    return [stack for stack in stacks if len(stack) > 1]


def _between(piece: Piece, over: Rule, under: Rule) -> bool:
    middle = (piece.box[0] + piece.box[2]) / 2
    return over.begin - 2 <= middle <= over.end + 2 and over.at - 2 < piece.middle < under.at + 2


def _rows(pieces: Sequence[Piece]) -> list[Row]:
    rows: list[Row] = []
    for piece in sorted(pieces, key=lambda each: each.middle):
        if rows and abs(rows[-1][0].middle - piece.middle) < 0.35 * piece.size:
            rows[-1].append(piece)
        else:
            rows.append([piece])
    return [sorted(row, key=lambda piece: piece.box[0]) for row in rows]


def _runs(row: Row, width: float) -> list[Row]:
    """Return neighbouring short pieces of a row; a long one, or a bullet with its words, divides them."""
    runs: list[Row] = [[]]
    for piece in row:
        prose = piece.box[2] - piece.box[0] > SHORT * width or len(piece.plain) > 60
        if prose or (BULLET.match(piece.plain) and len(piece.plain) > 2) or _LEADER.search(piece.plain):
            runs.append([])
        else:
            runs[-1].append(piece)
    return [run for run in runs if run]


def _groups(rows: Sequence[Row], width: float) -> list[_Group]:
    """Return runs of rows, with at least two pieces each, that stand close to each other."""
    groups: list[_Group] = []
    for row in rows:
        for run in _runs(row, width):
            near = [group for group in groups[-8:] if _under(group, run)]
            if near and len(run) >= 1:
                near[-1].rows.append(run)
            elif len(run) >= 2:
                groups.append(_Group([run]))
    return [_trimmed(group) for group in groups]


def _under(group: _Group, run: Row) -> bool:
    above, below = around(piece.box for piece in group.rows[-1]), around(piece.box for piece in run)
    whole = around(piece.box for row in group.rows[-20:] for piece in row)
    size = max(piece.size for piece in run)
    if below[1] - above[3] > 1.9 * size or abs(size - group.rows[-1][0].size) > 2.1 or captioned(run[0].plain):
        return False
    if len(run) == 1:
        return whole[0] - 2 <= below[0] and below[2] <= whole[2] + 2
    return below[0] < whole[2] and whole[0] < below[2]


def _trimmed(group: _Group) -> _Group:
    """Leave out single pieces at the end: they are what follows the table."""
    while group.rows and len(group.rows[-1]) == 1:
        group.rows.pop()
    return group


def _between_rules(group: _Group, rules: Sequence[Rule]) -> _Group:
    """Remember whether a rule stands over the rows, and one under them or under their head."""
    if len(group.rows) < 2:
        return group
    x0, y0, x1, y1 = around(piece.box for piece in group.pieces)
    over = [
        rule.at
        for rule in rules
        if rule.level and rule.begin <= x0 + 8 and rule.end >= x1 - 8 and rule.end - rule.begin < 1.6 * (x1 - x0)
    ]
    group.ruled = any(y0 - 12 < at < y0 + 4 for at in over) and any(y0 + 4 < at < y1 + 12 for at in over)
    return group


def _table(group: _Group) -> Table | None:
    rows = group.rows
    if len(rows) < (2 if group.ruled else 3):
        return None
    columns = _columns(rows)
    if len(columns) < 2 or not _likely(group, columns):
        return None
    cells = [_cells(row, columns) for row in rows]
    return Table(around(piece.box for piece in group.pieces), _wrapped(cells, rows))


def _columns(rows: Sequence[Row]) -> list[tuple[float, float]]:
    """Return the columns: what the pieces of full rows cover, with the gaps no piece of them crosses."""
    usual = statistics.median_high([len(row) for row in rows])
    full = [piece for row in rows if len(row) >= usual for piece in row]
    size = statistics.median(piece.size for piece in full)
    columns: list[tuple[float, float]] = []
    for piece in sorted(full, key=lambda each: each.box[0]):
        if columns and piece.box[0] < columns[-1][1] + GAP * size:
            columns[-1] = (columns[-1][0], max(columns[-1][1], piece.box[2]))
        else:
            columns.append((piece.box[0], piece.box[2]))
    return columns


def _likely(group: _Group, columns: Sequence[tuple[float, float]]) -> bool:
    """Return whether rows are a table and not prose in narrow columns."""
    pieces, rows = group.pieces, group.rows
    filled = len(pieces) / (len(rows) * len(columns))
    if filled < 0.5 or sum(len(row) > 1 for row in rows) < 0.5 * len(rows):
        return False
    figures = sum(_FIGURE.match(piece.plain) is not None for piece in pieces) / len(pieces)
    letters = statistics.mean(len(piece.plain) for piece in pieces)
    if sum(NUMBER.match(row[0].plain) is not None for row in rows) > 0.5 * len(rows) and len(columns) == 2:
        return False
    if group.ruled:
        return letters < 45 and (letters < 24 or figures > 0.1 or len(rows) < 12)
    tight = statistics.mean(_share(piece, columns) for piece in pieces)
    if len(columns) == 2:
        return letters < 28 and (figures > 0.25 or (filled > 0.85 and tight < 0.75 and letters < 20))
    return figures > 0.15 or letters < 16 or tight < 0.75


def _share(piece: Piece, columns: Sequence[tuple[float, float]]) -> float:
    begin, end = columns[_column_of(piece, columns)]
    return min(1.0, (piece.box[2] - piece.box[0]) / max(1.0, end - begin))


def _column_of(piece: Piece, columns: Sequence[tuple[float, float]]) -> int:
    overlaps = [min(piece.box[2], end) - max(piece.box[0], begin) for begin, end in columns]
    return overlaps.index(max(overlaps))


def _cells(row: Row, columns: Sequence[tuple[float, float]]) -> list[str]:
    """Return the text of each column; a piece over several columns stands in the one it covers most."""
    inside: list[list[str]] = [[] for _ in columns]
    for piece in row:
        inside[_column_of(piece, columns)].append(piece.text)
    return [run_on(texts) for texts in inside]


def _wrapped(cells: Sequence[list[str]], rows: Sequence[Row]) -> list[list[str]]:
    """Join rows that go on with the cells of the row above: nothing in their first column, and little distance."""
    whole: list[list[str]] = []
    for place, texts in enumerate(cells):
        if whole and not texts[0] and 2 * sum(map(bool, texts)) <= len(texts) and _close(rows[place - 1], rows[place]):
            whole[-1] = [run_on(pair) for pair in zip(whole[-1], texts, strict=True)]
        else:
            whole.append(list(texts))
    return whole


def _close(above: Row, below: Row) -> bool:
    size = max(piece.size for piece in below)
    return min(piece.box[1] for piece in below) - max(piece.box[3] for piece in above) < 0.5 * size
