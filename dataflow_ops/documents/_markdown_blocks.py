"""Markdown cut into its blocks: fences, headings, lists, tables, formulas and the paragraphs between them.

One pass over the lines, in time that is linear in them. The text of a block stays as it was written.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from dataflow_ops.documents.document import Block
from dataflow_ops.documents.markdown import code

_FENCE = re.compile(r"[ \t]*(?P<mark>`{3,}(?=[^`]*$)|~{3,})")
_HEADING = re.compile(r" {0,3}(#{1,6})(?:[ \t]+(.*))?$")
_CLOSED = re.compile(r"(?:^|[ \t]+)#+[ \t]*$")
_UNDERLINE = re.compile(r" {0,3}(=+|-{2,})[ \t]*$")
_RULE = re.compile(r" {0,3}(?:(?:\*[ \t]*){3,}|(?:-[ \t]*){3,}|(?:_[ \t]*){3,})$")
_ITEM = re.compile(r" {0,3}(?:[-+*]|\d{1,9}[.)])(?:[ \t]|$)")
_FIRST_ITEM = re.compile(r" {0,3}(?:[-+*]|1[.)])[ \t]+\S")
"""A list that may begin right below a line of a paragraph."""
_COLUMNS = re.compile(r"[ \t]*\|?(?:[ \t]*:?-+:?[ \t]*\|)+(?:[ \t]*:?-+:?[ \t]*)?$")
_NOTE = re.compile(r" {0,3}\[\^[^\]\s]{1,100}\]:")
_PICTURE = re.compile(r"[ \t]*!\[([^\]\n]*)\]\([^)\n]*\)[ \t]*$")
_INDENT = re.compile(r" {4}| {0,3}\t")
_QUOTE = re.compile(r" {0,3}>")
_FORMULA = re.compile(r"[ \t]*(?:\$\$|\\\[)")


def blocks(text: str) -> list[Block]:
    """Return the blocks of Markdown; comments and rules are left out."""
    return list(_Lines(text.split("\n")).blocks())


@dataclass
class _Lines:
    lines: list[str]
    at: int = 0
    comments_close: bool = True

    def blocks(self) -> Iterator[Block]:
        while self.at < len(self.lines):
            line = self.lines[self.at]
            if not line.strip() or _RULE.match(line):
                self.at += 1
            elif _HEADING.match(line):
                self.at += 1
                yield _heading(line)
            else:
                found = self._begun(line)()
                if found is not None:
                    yield found

    def _begun(self, line: str) -> Callable[[], Block | None]:
        """Choose what takes the lines from here on."""
        starts = (
            (_FENCE, self._fence), (_INDENT, self._indented), (_ITEM, self._list), (_NOTE, self._note),
            (_FORMULA, self._formula), (_QUOTE, self._quotation), (_PICTURE, self._picture),
        )  # fmt: skip
        found = next((take for pattern, take in starts if pattern.match(line)), None)
        if found is None and self.comments_close and line.lstrip().startswith("<!--"):
            return self._comment
        return found or (self._table if self._is_table(self.at) else self._paragraph)

    def _take(self, end: int) -> str:
        """Return the lines up to `end`, and go on there."""
        found = "\n".join(self.lines[self.at : end]).strip("\n")
        self.at = end
        return found

    def _fence_end(self, at: int) -> int:
        """Return the line behind the fence that opens at `at`: behind the last one where none closes it."""
        found = _FENCE.match(self.lines[at])
        mark = found["mark"] if found else "```"
        closing = re.compile(rf"[ \t]*{re.escape(mark[0])}{{{len(mark)},}}[ \t]*$")
        inside = range(at + 1, len(self.lines))
        return next((each + 1 for each in inside if closing.match(self.lines[each])), len(self.lines))

    def _fence(self) -> Block:
        return Block("code", self._take(self._fence_end(self.at)))

    def _indented(self) -> Block:
        end = last = self.at
        while end < len(self.lines) and (not self.lines[end].strip() or _INDENT.match(self.lines[end])):
            last = end + 1 if self.lines[end].strip() else last
            end += 1
        inside = self._take(last)
        return Block("code", code("\n".join(_INDENT.sub("", each, count=1) for each in inside.split("\n"))))

    def _list(self) -> Block:
        end = last = self.at
        while end < len(self.lines):
            end = self._fence_end(end) if _FENCE.match(self.lines[end]) else end + 1
            last = end
            end = self._behind_blanks(end)
            if end < len(self.lines) and not self._goes_on(end, apart=end > last):
                break
        return Block("list", self._take(last))

    def _behind_blanks(self, at: int) -> int:
        while at < len(self.lines) and not self.lines[at].strip():
            at += 1
        return at

    def _goes_on(self, at: int, *, apart: bool) -> bool:
        """Tell whether a line is still of the list above it; `apart` if there are empty lines between them."""
        line = self.lines[at]
        if line[:1] in (" ", "\t") and not re.match(r" ?\S", line):
            return True
        if _RULE.match(line):
            return False
        return bool(_ITEM.match(line)) or not (apart or self._interrupts(at))

    def _note(self) -> Block:
        end = self.at + 1
        while end < len(self.lines) and self.lines[end].strip() and not _NOTE.match(self.lines[end]):
            end += 1
        return Block("footnote", self._take(end))

    def _formula(self) -> Block:
        bare = self.lines[self.at].strip()
        closing = "$$" if bare.startswith("$$") else "\\]"
        if len(bare) > 2 and closing in bare[2:]:
            return Block("formula", self._take(self.at + 1)) if bare.endswith(closing) else self._paragraph()
        inside = range(self.at + 1, min(self.at + 200, len(self.lines)))
        end = next((each for each in inside if self.lines[each].strip().endswith(closing)), None)
        return self._paragraph() if end is None else Block("formula", self._take(end + 1))

    def _quotation(self) -> Block:
        end = self.at + 1
        while end < len(self.lines) and _QUOTE.match(self.lines[end]):
            end += 1
        return Block("paragraph", self._take(end))

    def _picture(self) -> Block | None:
        """Take the words of a picture, which is not at hand itself."""
        found = _PICTURE.match(self.lines[self.at])
        self.at += 1
        return Block("image", found[1].strip()) if found and found[1].strip() else None

    def _comment(self) -> Block | None:
        inside = range(self.at, len(self.lines))
        end = next((each for each in inside if "-->" in self.lines[each]), None)
        if end is None:
            self.comments_close = False  # nor will a later one
            return self._paragraph()
        rest = self.lines[end].partition("-->")[2]
        self._take(end + 1)
        return Block("paragraph", rest.strip()) if rest.strip() else None

    def _is_table(self, at: int) -> bool:
        under = self.lines[at + 1] if at + 1 < len(self.lines) else ""
        return "|" in self.lines[at] and "|" in under and bool(_COLUMNS.match(under))

    def _table(self) -> Block:
        end = self.at + 2
        while end < len(self.lines) and "|" in self.lines[end]:
            end += 1
        return Block("table", self._take(end))

    def _interrupts(self, at: int) -> bool:
        line = self.lines[at]
        starts = (_FENCE, _HEADING, _FIRST_ITEM, _QUOTE, _NOTE, _RULE)
        return not line.strip() or any(each.match(line) for each in starts) or self._is_table(at)

    def _paragraph(self) -> Block:
        end = self.at + 1
        while end < len(self.lines):
            under = _UNDERLINE.match(self.lines[end])
            if under:
                words = " ".join(each.strip() for each in self._take(end).split("\n"))
                self.at = end + 1
                return Block("heading", words, level=1 if under[1][0] == "=" else 2)
            if self._interrupts(end):
                break
            end += 1
        return Block("paragraph", self._take(end))


def _heading(line: str) -> Block:
    found = _HEADING.match(line)
    marks, words = (found[1], found[2] or "") if found else ("#", line)
    return Block("heading", _CLOSED.sub("", words).strip(), level=len(marks))
