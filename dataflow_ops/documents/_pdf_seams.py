"""Where a column or a page ends: paragraphs and lists that go on in the next one become whole again."""

from collections.abc import Iterable, Sequence

from dataflow_ops.documents._pdf_blocks import ENDS, Part
from dataflow_ops.documents._pdf_words import run_on

BESIDE = ("footnote", "caption", "image", "table")
"""What may stand between the two halves of a paragraph."""
RECENT = 12
"""Parts at the end of what has been read that may be the first half of something."""


def sewn(found: list[Part], columns: Iterable[Sequence[Part]]) -> None:
    """Add the parts of `columns` to `found`; the first text of each goes on with the last one if it begins amid it."""
    for column in columns:
        rest = list(column)
        place = next((number for number, part in enumerate(rest) if part.kind not in BESIDE), None)
        before = next((part for part in reversed(found[-RECENT:]) if part.kind not in BESIDE), None)
        if place is not None and before is not None and _goes_on(before, rest[place]):
            _append(before, rest.pop(place))
        found.extend(rest)


def settle(found: Sequence[Part], begin: int) -> int:
    """Let parts from `begin` on that nothing can go on with forget their lines; return where the others begin."""
    end = max(begin, len(found) - RECENT)
    for part in found[begin:end]:
        part.box = part.around
        if part.kind != "heading":
            part.lines = []
    return end


def _goes_on(before: Part, after: Part) -> bool:
    if before.kind == "list" and after.kind == "list":
        return after.page - before.page <= 1 and _number(after) == _last_number(before) + 1
    if before.kind not in ("paragraph", "list") or after.kind != "paragraph":
        return False
    if abs(before.lines[-1].size - after.lines[0].size) > 0.6 or after.page - before.page > 1:
        return False
    if ENDS.search(before.lines[-1].plain):
        return False
    begins = after.text[:1]
    return begins.islower() or (before.kind == "paragraph" and _full(before) and not begins.isspace())


def _full(part: Part) -> bool:
    """Return whether the last line of a paragraph reaches as far as the others."""
    if len(part.lines) < 2:
        return False
    x0, _, x1, _ = part.around
    last = part.lines[-1].box
    return last[2] > x1 - 0.04 * (x1 - x0) and last[0] < x0 + 0.04 * (x1 - x0)


def _append(before: Part, after: Part) -> None:
    """Let a part end with the words of one that follows; it keeps the place where it begins."""
    before.box = before.around
    if before.kind == after.kind == "list":
        before.text = f"{before.text}\n{after.text}"
    elif before.kind == "list":
        rows = before.text.split("\n")
        before.text = "\n".join([*rows[:-1], run_on([rows[-1], after.text])])
    else:
        before.text = run_on([before.text, after.text])
    before.lines = [*before.lines, *after.lines]


def _number(part: Part) -> int:
    """Return the number of the first item, 0 for a bullet, so that a list of bullets goes on with bullets."""
    return _leading(part.text.split("\n")[0]) or 1


def _last_number(part: Part) -> int:
    return _leading([row for row in part.text.split("\n") if not row.startswith(" ")][-1])


def _leading(row: str) -> int:
    number = row.partition(".")[0]
    return int(number) if number.isascii() and number.isdigit() else 0
