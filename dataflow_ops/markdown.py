"""Markdown from data: whatever a value holds, it is shown as it is and never acts on the page around it."""

import html
import re
import unicodedata
from collections.abc import Sequence

CELL = 200
"""Characters of a value that a page shows; the rest is an ellipsis."""

_ACTIVE = re.compile(r"[\\`*_\[\]|~$@#{}]|:(?=//)|(?<=www)\.")
_PLAIN_CODE = re.compile(r"[^`|\\$]+")
_WORD_UNDERSCORE = re.compile(r"(?<=[A-Za-z0-9])_(?=[A-Za-z0-9])")


def clean(value: object, most: int | None = CELL) -> str:
    """Return `value` as one line of visible characters, cut to `most` with an ellipsis.

    Control characters, characters that turn the direction of writing, lone surrogates and non-characters become U+FFFD:
    they break XML and YAML, or show something else than what is there.
    """
    head = str(value) if most is None else str(value)[: 2 * most]
    line = " ".join("".join(letter if _visible(letter) else "\ufffd" for letter in " ".join(head.split())).split())
    return line if most is None or len(line) <= most else line[: most - 1] + "…"


def _visible(letter: str) -> bool:
    if letter.isascii():
        return letter >= " " and letter != "\x7f"
    kind, code_point = unicodedata.category(letter), ord(letter)
    turns = 0x202A <= code_point <= 0x202E or 0x2066 <= code_point <= 0x2069
    return kind not in ("Cc", "Cs", "Zl", "Zp") and not turns and code_point & 0xFFFE != 0xFFFE


def text(value: object, most: int | None = CELL) -> str:
    """Return `value` as Markdown that reads as the value, in a paragraph or in a cell of a table.

    What could be markup is written as a character reference, which no Markdown dialect takes for structure.
    """
    line = html.escape(clean(value, most), quote=False)
    line = _ACTIVE.sub(_reference, _WORD_UNDERSCORE.sub("\0", line)).replace("\0", "_")
    return re.sub(r"^([-+=]|\d+(?=[.)]))", lambda found: "".join(map(_numbered, found[0])), line)


def _reference(found: re.Match[str]) -> str:
    return _numbered(found[0])


def _numbered(letter: str) -> str:
    return f"&#{ord(letter)};"


def code(value: object, most: int | None = CELL) -> str:
    """Return `value` in code style, in a paragraph or in a cell of a table."""
    line = clean(value, most)
    return f"`{line}`" if _PLAIN_CODE.fullmatch(line) and line.strip() == line else f"<code>{text(line, None)}</code>"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table of cells that are Markdown already; a column whose name starts with `#` is set to the right."""
    rule = ["---:" if name.startswith("#") else "---" for name in head]
    lines = [[name.removeprefix("#") for name in head], rule, *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines) + "\n"


def fence(lines: str, language: str = "") -> str:
    """Return `lines` as a code block, behind a fence that they cannot close."""
    longest = max((len(run) for run in re.findall(r"`+", lines)), default=0)
    marks = "`" * max(3, longest + 1)
    return f"{marks}{language}\n{lines}\n{marks}"
