"""Lines from right to left with figures or Latin words in them: their runs put into the order they are read."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

RTL = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")

Unit = tuple[str, float]
"""A letter with its marks, and how far to the right its middle is."""


def mixed(page: dict[str, Any]) -> bool:
    """Return whether a line of `page` has letters or figures of both directions."""
    return any(_both("".join(span["text"] for span in line["spans"])) for line in _lines(page))


def in_order(raw: dict[str, Any]) -> dict[str, Any]:
    """Return a page, given with each of its characters, as one with spans of text; mixed lines become one span."""
    for line in _lines(raw):
        for span in line["spans"]:
            span["text"] = "".join(each["c"] for each in span["chars"])
        text = "".join(span["text"] for span in line["spans"])
        if _both(text) and 2 * len(RTL.findall(text)) > sum(map(str.isalpha, text)):
            units = _units(line["spans"])
            if not _leftwards(units):
                largest = max(line["spans"], key=lambda span: len(span["text"]))
                line["spans"] = [{**largest, "text": _logical(units), "bbox": line["bbox"]}]
    return raw


def _lines(page: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for block in page["blocks"]:
        yield from block.get("lines", ())


def _both(text: str) -> bool:
    return RTL.search(text) is not None and any(map(_runs_right, text))


def _runs_right(letter: str) -> bool:
    return unicodedata.bidirectional(letter) in ("L", "EN", "AN")


def _units(spans: Sequence[dict[str, Any]]) -> list[Unit]:
    units: list[Unit] = []
    for each in (each for span in spans for each in span["chars"]):
        if units and unicodedata.combining(each["c"]):
            units[-1] = (units[-1][0] + each["c"], units[-1][1])
        else:
            units.append((each["c"], (each["bbox"][0] + each["bbox"][2]) / 2))
    return units


def _leftwards(units: Sequence[Unit]) -> bool:
    """Return whether runs stand from the right to the left already, as in files that were written in logical order."""
    strong = [unit for unit in units if _runs_right(unit[0][0]) or RTL.match(unit[0])]
    places = []
    for _, group in groupby(strong, key=lambda unit: _runs_right(unit[0][0])):
        middles = [middle for _, middle in group]
        places.append(sum(middles) / len(middles))
    return places == sorted(places, reverse=True)


def _logical(units: Sequence[Unit]) -> str:
    """Return units from the right to the left; runs of figures and Latin words from the left to the right."""
    letters = [text for text, _ in sorted(units, key=lambda unit: -unit[1])]
    marks = [_runs_right(text[0]) for text in letters]
    within = [_between(marks, letters, place) for place in range(len(marks))]
    found: list[str] = []
    for runs, group in groupby(range(len(letters)), key=within.__getitem__):
        places = list(group)
        found.extend(letters[place] for place in (reversed(places) if runs else places))
    return "".join(found)


def _between(marks: Sequence[bool], letters: Sequence[str], place: int) -> bool:
    """Return whether a letter runs to the right, or stands between two that do without another between."""
    if marks[place] or RTL.match(letters[place]):
        return marks[place]
    before = next((n for n in range(place - 1, max(-1, place - 4), -1) if marks[n] or RTL.match(letters[n])), None)
    after = next((n for n in range(place + 1, min(len(marks), place + 4)) if marks[n] or RTL.match(letters[n])), None)
    return before is not None and after is not None and marks[before] and marks[after]
