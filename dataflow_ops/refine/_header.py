"""Notices of licence and copyright at the top of a file: found, named and taken out."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dataflow_ops.refine._comments import MOST_LINES, Comment, leading_comments
from dataflow_ops.refine._licences import UNKNOWN, licence_named

NEEDED = (
    r"(?i)licen[cs]e|copyright|copr\.|spdx-|©|\(c\)|rights reserved|public domain|redistribution and use"
    r"|permission (?:is|to use)|free software"
)
"""An RE2 pattern that every file with a notice has in its first LOOKED_AT characters."""
LOOKED_AT = 8192

_COPYRIGHT = re.compile(
    r"""(?i:copyright|copr\.|©)\s*(?:(?i:\(c\)|©|&copy;|:|by\b|(?:19|20)\d\d)|[-,–0-9 ]*[A-Z(])
    |(?i:\(c\)\s*(?:copyright\ )?(?:19|20)\d\d|\(c\)\s.*licen[cs]e|all\ rights\ reserved|SPDX-|proprietary\ and\ confidential)""",
    re.VERBOSE,
)
_TERMS = re.compile(
    r"""(?:licen[cs]ed|released|distributed|available|use[ds]?|modified|copied)\ (?:\w+\ ){0,4}under
    |under\ (?:the|an?)\ [^.]{0,60}licen[cs]e|licen[cs]e:|permission\ is\ (?:hereby|granted)|permission\ to\ use,\ copy
    |redistribution\ and\ use|redistributions?\ (?:of|in)\b|is\ free\ software|unencumbered\ software
    |this\ file\ is\ part\ of|warrant(?:y|ies)|\bas[\ -]is\b|as\ published\ by|governed\ by
    |you\ may\ (?:not\ use\ this|obtain\ a\ copy|choose)|you\ should\ have\ received\ a\ copy
    |(?:see|in)\ (?:the\ )?[^.]{0,30}licen[cs]e|(?:see|in)\ (?:the\ )?(?:file\ )?[`'"]?(?:copying|notice)
    |distributed\ in\ the\ hope|additional\ permissions|alter\ or\ remove\ copyright
    |above\ copyright\ notice|neither\ the\ name|unless\ required\ by|subject\ to\ the|public\ domain|disclaims\ copyright
    |public\ licen[cs]e|apache\ licen|gnu\.org/licen|apache\.org/licen|opensource\.org/licen
    |(?:mit|bsd|isc|boost\ software)\ licen[cs]e""",
    re.IGNORECASE | re.VERBOSE,
)
_YEAR = re.compile(r"(?:19|20)\d\d\b")
_STRONG = re.compile(
    r"licen[cs]ed under|released under|permission is hereby|redistribution and use|is free software|governed by a"
    r"|under the terms of|permission to use, copy",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Notice:
    """The lines of a comment, by their place in it, that are notices, and what they say."""

    comment: Comment
    rows: frozenset[int]
    text: str


def without_header(text: str, strip: bool) -> tuple[str, str | None]:
    """Return a file without the notices at its top, unless `strip` is false, and their licence, None for no notice."""
    lines = text.split("\n", MOST_LINES)
    notices = [found for comment in leading_comments(lines) if (found := _notice(comment))]
    said = " ".join(each.text for each in notices)
    licence = licence_named(said) if said else None
    if licence is None and not _COPYRIGHT.search(said) and not _STRONG.search(said):
        return text, None
    if strip:
        for each in reversed(notices):
            _take_out(lines, each)
    return "\n".join(lines) if strip else text, licence or UNKNOWN


def _notice(comment: Comment) -> Notice | None:
    """Return the notices in a comment: of a paragraph with terms all from where they begin, of others single lines."""
    paragraphs = list(_paragraphs(comment.words))
    texts = [" ".join(comment.words[rows.start : rows.stop]) for rows in paragraphs]
    terms = [_TERMS.search(each) is not None for each in texts]
    noted = [stated or _COPYRIGHT.search(each) is not None for stated, each in zip(terms, texts, strict=True)]
    last = max((place for place, each in enumerate(noted) if each), default=-1)
    taken: set[int] = set()
    for place, rows in enumerate(paragraphs[: last + 1]):
        if terms[place]:
            taken.update(range(_beginning(comment.words, rows, texts[place]), rows.stop))
        elif noted[place]:
            taken.update(_copyright_lines(comment.words, rows))
        elif any(terms[:place]):
            taken.update(rows)
    if not taken:
        return None
    return Notice(comment, frozenset(taken), " ".join(comment.words[row] for row in sorted(taken)))


def _copyright_lines(words: Sequence[str], rows: range) -> Iterator[int]:
    """Yield the lines of a paragraph that state a copyright, and those that go on with years and names."""
    goes_on = False
    for row in rows:
        stated = _COPYRIGHT.search(words[row]) is not None
        if stated or (goes_on and _YEAR.match(words[row])):
            yield row
        goes_on = stated or (goes_on and _YEAR.match(words[row]) is not None)


def _beginning(words: Sequence[str], rows: range, text: str) -> int:
    """Return the line in which the notice of a paragraph begins; one that goes on with a small letter does not."""
    found = [match.start() for pattern in (_COPYRIGHT, _TERMS) if (match := pattern.search(text))]
    begin, end = rows.start, len(words[rows.start])
    while end < min(found):
        begin += 1
        end += 1 + len(words[begin])
    while begin > rows.start and words[begin][0].islower():
        begin -= 1
    return begin


def _paragraphs(words: Sequence[str]) -> Iterator[range]:
    """Yield the runs of lines that hold words."""
    start = 0
    for row in range(len(words) + 1):
        if row == len(words) or not words[row]:
            if row > start:
                yield range(start, row)
            start = row + 1


def _take_out(lines: list[str], notice: Notice) -> None:
    """Remove a notice from `lines`: the whole comment with the empty lines behind it, if nothing else is in it."""
    comment, gone = notice.comment, notice.rows - notice.comment.kept
    rest = [row for row, words in enumerate(comment.words) if words and row not in gone]
    if rest:
        lines[comment.first : comment.last] = _remaining(lines, comment, gone)
        return
    last = comment.last
    before = lines[comment.first - 1].strip() if comment.first else ""
    while not comment.tail and not before and last < len(lines) and not lines[last].strip():
        last += 1
    lines[comment.first : last] = [comment.tail.lstrip()] if comment.tail else []


def _remaining(lines: Sequence[str], comment: Comment, gone: frozenset[int]) -> list[str]:
    """Return the lines of a comment without those that are gone and the empty ones about them, its marks kept."""
    marks = {0, len(comment.words) - 1} if comment.opening else set()
    kept = []
    for row, dropped in enumerate(_dropped(comment.words, gone)):
        line = lines[comment.first + row]
        if row in marks:
            kept.append(_mark(line, comment, row == 0) if row in gone else line)
        elif not dropped:
            kept.append(line)
    return kept


def _dropped(words: Sequence[str], gone: frozenset[int]) -> list[bool]:
    """Return which lines go: those that are gone, and empty ones that would part nothing from nothing."""
    full = [row for row, each in enumerate(words) if each]
    last_kept = max(row for row in full if row not in gone)
    dropped, seen = [], 0
    for row, each in enumerate(words):
        seen += bool(each)
        above, below = (full[seen - 1] if seen else None), (full[seen] if seen < len(full) else None)
        to_part = above not in gone and (below not in gone or (above is not None and row < last_kept))
        dropped.append(row in gone if each else not to_part)
    return dropped


def _mark(line: str, comment: Comment, opens: bool) -> str:
    """Return a line that only opens or closes a comment: what else stood there is gone."""
    if opens:
        return line[: line.index(comment.opening) + len(comment.opening)]
    indent = line[: len(line) - len(line.lstrip())]
    return f"{indent}{line[line.index(comment.closing) :]}"
