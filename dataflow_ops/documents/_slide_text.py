"""The words and pictures of shapes on a slide."""

from collections.abc import Iterator
from typing import Any

from pptx.enum.shapes import PP_PLACEHOLDER
from pptx.oxml.ns import qn

from dataflow_ops.documents.document import BlockKind
from dataflow_ops.documents.markdown import link, prose


def furniture() -> frozenset[Any]:
    """Return the kinds of placeholders that every slide repeats."""
    return frozenset({PP_PLACEHOLDER.SLIDE_NUMBER, PP_PLACEHOLDER.DATE, PP_PLACEHOLDER.FOOTER, PP_PLACEHOLDER.HEADER})


def bodies() -> frozenset[Any]:
    """Return the kinds of placeholders whose paragraphs are items, unless they say otherwise."""
    return frozenset({PP_PLACEHOLDER.BODY, PP_PLACEHOLDER.OBJECT, PP_PLACEHOLDER.VERTICAL_BODY})


def blocks(frame: Any, *, bulleted: bool) -> Iterator[tuple[BlockKind, str]]:
    """Yield the paragraphs of a shape, those that follow each other as items of a list as one block."""
    items: list[str] = []
    number = 0
    paragraphs = [each for each in frame.paragraphs if _text(each)]
    bulleted = bulleted and len(paragraphs) > 1
    for each in paragraphs:
        mark = _mark(each, bulleted=bulleted)
        if mark is None:
            yield from _list(items)
            items, number = [], 0
            yield "paragraph", prose(_text(each))
            continue
        number = number + 1 if mark == "1. " and not each.level else number
        mark = f"{number}. " if mark == "1. " and not each.level else mark
        indent = "   " * each.level if items and items[0][0].isdigit() else "  " * each.level
        items.append(indent + mark + _text(each).replace("\n", "\n" + indent + " " * len(mark)))
    yield from _list(items)


def _list(items: list[str]) -> Iterator[tuple[BlockKind, str]]:
    if items:
        yield "list", "\n".join(items)


def lines(frame: Any) -> str:
    """Return the paragraphs of a shape as lines."""
    return "\n".join(filter(None, map(_text, frame.paragraphs)))


def _text(paragraph: Any) -> str:
    """Return the words of a paragraph with its links; a vertical tab is a line break."""
    pieces = []
    for run in paragraph.runs:
        address = _address(run)
        pieces.append(link(run.text, address) if address and run.text.strip() else run.text)
    text = "".join(pieces) if pieces and "\v" not in paragraph.text else paragraph.text
    return "\n".join(" ".join(line.split()) for line in text.replace("\v", "\n").strip().split("\n"))


def _address(run: Any) -> str | None:
    try:
        address = run.hyperlink.address
    except KeyError:  # it names a relation that is not there
        return None
    return address if address and address.startswith(("http://", "https://", "mailto:")) else None


def _mark(paragraph: Any, *, bulleted: bool) -> str | None:
    """Return what stands before an item; None for a paragraph that is none."""
    settings = paragraph._p.pPr
    if settings is not None and settings.find(qn("a:buNone")) is not None:
        return None
    if settings is not None and settings.find(qn("a:buAutoNum")) is not None:
        return "1. "
    own = settings is not None and settings.find(qn("a:buChar")) is not None
    return "- " if own or bulleted or paragraph.level else None


def described(shape: Any) -> str:
    """Return the words that describe a picture to who cannot see it."""
    told = next(iter(shape._element.iter(qn("p:cNvPr"))), None)
    return " ".join((told.get("descr") or "").split()) if told is not None else ""


def picture(shape: Any) -> bytes | None:
    """Return the bytes of the picture that a shape is or is filled with; None if there are none in the file."""
    shown = next(iter(shape._element.iter(qn("a:blip"))), None)
    related = shape.part.rels.get(shown.get(qn("r:embed")) or "") if shown is not None else None
    return None if related is None or related.is_external else related.target_part.blob


def numbers(plot: Any) -> list[list[str]]:
    """Return what a chart shows as rows: the names of its series, then a row for each category."""
    series = list(plot.series)
    columns = [[_number(value) for value in each.values] for each in series]
    rows = [
        [str(label), *(column[at] if at < len(column) else "" for column in columns)]
        for at, label in enumerate(plot.categories)
    ]
    return [["", *(str(each.name) for each in series)], *rows]


def _number(value: Any) -> str:
    return "" if value is None else f"{value:.15g}"
