"""Footnotes of a PDF page: small print at the foot of a column, and the raised figures that lead to it."""

import re
from collections.abc import Sequence
from dataclasses import replace

from dataflow_ops.documents._pdf_blocks import Part
from dataflow_ops.documents._pdf_lines import Piece, Rule
from dataflow_ops.documents._pdf_words import run_on

SMALLER = 0.93
"""Size of a footnote as a share of that of the text, at most."""
_MARK = re.compile(r"(\d{1,3}|[⁰¹²³⁴⁵⁶⁷⁸⁹]{1,3}|[†‡§¶]{1,3})[.)]?\s*(?=\S)")
_RAISED = re.compile(r"(?<=[^\s\d⁰¹²³⁴⁵⁶⁷⁸⁹])([⁰¹²³⁴⁵⁶⁷⁸⁹]{1,3}|[†‡§¶]{1,3})(?!\w)")
_FIGURES = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")


def noted(columns: Sequence[Sequence[Part]], rules: Sequence[Rule], body: float, used: set[str]) -> list[list[Part]]:
    """Return `columns` with their footnotes as such; `used` are the labels of earlier pages, and grows."""
    labels: dict[str, str] = {}
    found = [_column(column, rules, body, labels, used) for column in columns]
    if labels:
        for column in found:
            for part in column:
                if part.kind != "footnote":
                    part.text = _RAISED.sub(lambda mark: _reference(mark[1], labels), part.text)
    return found


def _reference(mark: str, labels: dict[str, str]) -> str:
    label = labels.get(mark.translate(_FIGURES))
    return f"[^{label}]" if label else mark


def _column(
    column: Sequence[Part], rules: Sequence[Rule], body: float, labels: dict[str, str], used: set[str]
) -> list[Part]:
    rest = list(column)
    notes: list[Part] = []
    while rest and _small(rest[-1], body):
        notes.insert(0, rest.pop())
    begins = next((place for place, part in enumerate(notes) if _begins(part, rules)), None)
    if begins is None:
        return list(column)
    made = [each for part in notes[begins:] for each in _split(part)]
    for part in made:
        _label(part, labels, used)
    return [*rest, *notes[:begins], *made]


def _small(part: Part, body: float) -> bool:
    return part.kind in ("paragraph", "list") and bool(part.lines) and part.size <= SMALLER * body


def _begins(part: Part, rules: Sequence[Rule]) -> bool:
    """Return whether the first footnote is `part`: it has a mark, and a short rule or smaller print says so."""
    if not _MARK.match(part.lines[0].plain):
        return False
    x0, y0, x1, _ = part.around
    near = (rule for rule in rules if rule.level and y0 - 24 < rule.at <= y0 + 2)
    return any(rule.begin < x1 and rule.end > x0 - 20 for rule in near) or not part.lines[0].plain[0].isdigit()


def _split(part: Part) -> list[Part]:
    """Return one part for each note: a line that begins with the next number begins the next one."""
    groups: list[list[Piece]] = [[part.lines[0]]]
    for line in part.lines[1:]:
        begins = _MARK.match(line.plain)
        if begins and _follows(_MARK.match(groups[-1][0].plain), begins):
            groups.append([line])
        else:
            groups[-1].append(line)
    return [replace(part, kind="footnote", lines=lines, text=run_on(line.text for line in lines)) for lines in groups]


def _follows(one: re.Match[str] | None, two: re.Match[str]) -> bool:
    if one is None:
        return True
    a, b = one[1].translate(_FIGURES), two[1].translate(_FIGURES)
    return int(b) == int(a) + 1 if a.isdigit() and b.isdigit() else not b.isdigit()


def _label(part: Part, labels: dict[str, str], used: set[str]) -> None:
    """Write a note with a label that the document has not used yet."""
    mark = _MARK.match(part.text)
    if mark is None:
        return
    plain = mark[1].translate(_FIGURES)
    label = plain if plain not in used else f"{part.page}-{plain}"
    labels[plain] = label
    used.add(label)
    part.text = f"[^{label}]: {part.text[mark.end() :]}"
