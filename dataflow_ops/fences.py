"""Fenced blocks of code in Markdown, as CommonMark 0.31 defines them, and which of them is the program asked for."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

LINE = re.compile(r"([^\r\n]*+)(\r\n|\r|\n|\Z)")
"""A line: CommonMark knows three ends of lines, and none of the others that Unicode has."""
OPENING = re.compile(r"(?P<indent> {0,3}+)(?P<fence>`{3,}+(?=[^`]*+\Z)|~{3,}+)[ \t]*+(?P<info>.*+)", re.DOTALL)
"""A fence that opens; behind backticks there is no further backtick on the line, else it is code in a sentence."""
CLOSING = re.compile(r" {0,3}+(`{3,}+|~{3,}+)[ \t]*+")
TAG = re.compile(r"\{?[ \t]*\.?([^\s,:;{}]*)")
"""The language at the head of an info string: `python title=x`, `python:app.py`, `rust,ignore`, `{.python .long}`."""
RUN = re.compile("`+")


@dataclass(frozen=True)
class Block:
    """One fenced block: its language tag in lower case ("" for none), its lines, and whether it was closed."""

    tag: str
    text: str
    complete: bool


@dataclass
class _Open:
    fence: str
    indent: int
    tag: str
    lines: list[str] = field(default_factory=list)

    def closes(self, line: str) -> bool:
        found = CLOSING.fullmatch(line)
        return found is not None and found[1].startswith(self.fence)

    def add(self, line: str) -> None:
        """Take a line, without as much of its indentation as the fence has."""
        spaces = len(line) - len(line.lstrip(" "))
        self.lines.append(line[min(spaces, self.indent) :])

    def block(self, *, complete: bool) -> Block:
        return Block(self.tag, "\n".join(self.lines), complete)


def blocks(text: str) -> list[Block]:
    r"""Return the fenced blocks of `text` in their order; a last one that never closes is not complete.

    A fence is three or more of one of the characters "`" and "~", indented by at most three spaces; a block is closed
    by a fence of the same character that is at least as long and has nothing behind it, so that shorter fences and
    fences of the other character are part of it. Lines are joined by `\n`, whatever ended them. Fences inside lists
    and quotations that are indented more, or marked, are not seen. Time is linear in the length of `text`.
    """
    return list(_blocks(text))


def _blocks(text: str) -> Iterator[Block]:
    current: _Open | None = None
    for line in _lines(text):
        if current is None:
            current = _opened(line)
        elif current.closes(line):
            yield current.block(complete=True)
            current = None
        else:
            current.add(line)
    if current is not None:
        yield current.block(complete=False)


def _lines(text: str) -> Iterator[str]:
    for found in LINE.finditer(text):
        if found[0] or found.start() < len(text):
            yield found[1]


def _opened(line: str) -> _Open | None:
    found = OPENING.fullmatch(line)
    return _Open(found["fence"], len(found["indent"]), _tag(found["info"])) if found else None


def _tag(info: str) -> str:
    found = TAG.match(info)
    return found[1].lower() if found else ""


def last_block(text: str, tags: Collection[str]) -> str | None:
    """Return the last complete block with one of `tags`; where no block has one, the last without any tag; else None.

    What has another tag is something else: a shell session, output, a file of settings. A block without a tag that
    follows a tagged one is output more often than not.
    """
    complete = [block for block in blocks(text) if block.complete]
    tagged = [block.text for block in complete if block.tag in tags]
    untagged = [block.text for block in complete if not block.tag]
    return next(iter([*tagged[-1:], *untagged[-1:]]), None)


def fenced(text: str, tag: str) -> str:
    """Return `text` as a block with `tag`, its fence longer than any run of backticks in it."""
    longest = max((len(run[0]) for run in RUN.finditer(text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{tag}\n{text}\n{fence}"
