"""Markdown of documents: blocks joined to one text that knows where each of them stands, and pieces written safely."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dataflow_ops.documents.document import Block

BETWEEN = "\n\n"

_STRUCTURE = re.compile(r"(#{1,6}|[-+*>]|\d{1,9}[.)])(?=\s|$)|(>|\||```|~~~|={3,}\s*$|-{3,}\s*$)")
_NUMBERED = re.compile(r"\d+")
_BREAKS = re.compile(r"\s*[\r\n\v\f\x85\u2028\u2029]+\s*")


@dataclass(frozen=True, slots=True)
class Written:
    """The Markdown of a document, and for each of its blocks the characters [begin, end) it takes there."""

    text: str
    spans: tuple[tuple[int, int], ...]


def written(blocks: Iterable[Block]) -> Written:
    """Join `blocks` by blank lines; a block without words is an empty span at the end of what stands before it."""
    pieces: list[str] = []
    spans: list[tuple[int, int]] = []
    end = 0
    for block in blocks:
        piece = of_block(block)
        begin = end + len(BETWEEN) if piece and pieces else end
        end = begin + len(piece)
        spans.append((begin, end))
        if piece:
            pieces.append(piece)
    return Written(BETWEEN.join(pieces), tuple(spans))


def of_block(block: Block) -> str:
    """Return `block` as it stands in the text of its document."""
    if block.kind == "heading":
        words = one_line(block.text)
        return f"{'#' * min(max(block.level or 1, 1), 6)} {words}" if words else ""
    if block.kind == "image":
        return image(block.text, block.image) if block.image else one_line(block.text)
    return block.text.strip("\r\n")


def one_line(text: str) -> str:
    """Return `text` without line breaks and without blanks at its ends."""
    return _BREAKS.sub(" ", text).strip()


def prose(text: str) -> str:
    """Return `text` so that no line of it begins like a heading, a list, a quotation, a table or a fence.

    The rest stays as it is: what is written for a model to learn from should not be full of backslashes.
    """
    return "\n".join(_plain(line) for line in text.splitlines())


def _plain(line: str) -> str:
    bare = line.lstrip()
    if not _STRUCTURE.match(bare):
        return line
    place = len(line) - len(bare)
    number = _NUMBERED.match(bare)
    place += number.end() if number else 0
    return f"{line[:place]}\\{line[place:]}"


def image(words: str, name: str) -> str:
    """Return a picture called `name` that is described by `words`."""
    return f"![{_in_brackets(words)}]({name})"


def link(words: str, address: str) -> str:
    """Return `words` as a link to `address`; an address that could end the link is written between <>."""
    address = re.sub(r"[\s<>]", lambda found: f"%{ord(found[0]):02X}" if ord(found[0]) < 128 else "", address)
    balanced = address.count("(") == address.count(")")
    return f"[{_in_brackets(words)}]({address if balanced else f'<{address}>'})"


def _in_brackets(words: str) -> str:
    return re.sub(r"(?<!\\)([\[\]])", r"\\\1", one_line(words))


def code(text: str, language: str = "") -> str:
    """Return `text` between fences that are longer than any run of backticks in it."""
    longest = max((len(run) for run in re.findall(r"`{3,}", text)), default=2)
    fence = "`" * (longest + 1)
    named = language if re.fullmatch(r"[\w+#.-]{1,30}", language) else ""
    lines = text.strip("\r\n")
    return f"{fence}{named}\n{lines}\n{fence}"


def table(rows: Sequence[Sequence[str]]) -> str:
    """Return `rows` of cells as a table, the first as its head; short rows are filled, "" when there is no cell."""
    width = max((len(row) for row in rows), default=0)
    if not width:
        return ""
    lines = [_row([*row, *([""] * (width - len(row)))]) for row in rows]
    return "\n".join([lines[0], _row(["---"] * width), *lines[1:]])


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(_cell(cell) for cell in cells)} |"


def _cell(text: str) -> str:
    return re.sub(r"(?<!\\)\|", r"\\|", one_line(text))
