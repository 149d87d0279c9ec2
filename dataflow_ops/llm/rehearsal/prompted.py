"""Rules, no model, that stand in for answers to the prompts of `prompted`: sentences of the text, ratings by length."""

import random
from collections.abc import Mapping, Sequence
from typing import Any

from dataflow_ops.llm.rehearsal.shapes import instance
from dataflow_ops.llm.rehearsal.wording import READ, sentences

SETTINGS = ("task", "form", "count", "choices", "verdicts", "at_least", "at_most")


def column(values: Mapping[str, Any], draw: random.Random) -> str:
    """Give back a sentence of the text."""
    return f"Rehearsed: {draw.choice(_sentences(values))}"


def columns(values: Mapping[str, Any], draw: random.Random) -> Any:
    """Fill the schema that the prompt shows, free text with sentences."""
    return _fitting(values["form"], _sentences(values), draw)


def rows(values: Mapping[str, Any], draw: random.Random) -> Any:
    """Make as many rows as the text has sentences, at most as many as are asked for."""
    found, one = _sentences(values), values["form"]["properties"]["rows"]["items"]
    most = int(values.get("count", values["form"]["properties"]["rows"]["maxItems"]))
    return {"rows": [_fitting(one, found[at:] + found[:at], draw) for at in range(min(most, len(found)))]}


def rating(values: Mapping[str, Any], _: random.Random) -> dict[str, Any]:
    """Rate by length: the more words, up to 100, the more."""
    low, high = int(values.get("at_least", 1)), int(values.get("at_most", 5))
    words = len(_text(values).split())
    found = low + round((high - low) * min(words, 100) / 100)
    return {"reason": f"Rehearsed: it has {words} words.", "rating": found}


def label(values: Mapping[str, Any], draw: random.Random) -> dict[str, Any]:
    """Choose the label that the text names, else any."""
    choices, text = values["choices"], _text(values).lower()
    named = [each for each in choices if each.lower() in text]
    return {"reason": f"Rehearsed: the text names {len(named)} labels.", "label": (named or [draw.choice(choices)])[0]}


def verdict(values: Mapping[str, Any], draw: random.Random) -> dict[str, Any]:
    """Accept what has five words or more; the fault of the rest is drawn."""
    accepted, *faults = values.get("verdicts", ("accepted", "not accepted"))
    words = len(_text(values).split())
    return {"reason": f"Rehearsed: it has {words} words.", "verdict": accepted if words >= 5 else draw.choice(faults)}


def rewrite(values: Mapping[str, Any], _: random.Random) -> str:
    """Give back the text with its white space put in order."""
    return " ".join(_text(values).split()) or "Rehearsed."


def _text(values: Mapping[str, Any]) -> str:
    """Return the hole `$text`; of a prompt without one, whatever text fills its holes."""
    given = [values["text"]] if "text" in values else [value for name, value in values.items() if name not in SETTINGS]
    return " ".join(str(each) for each in given)[:READ]


def _sentences(values: Mapping[str, Any]) -> list[str]:
    return sentences(_text(values), 40) or ["Nothing was given."]


def _fitting(schema: Mapping[str, Any], found: Sequence[str], draw: random.Random) -> Any:
    """Return what fits `schema`, with a sentence wherever free text is asked for."""
    filled = dict(instance(schema, draw))
    for at, (name, part) in enumerate(schema["properties"].items()):
        if part.get("type") == "string" and "enum" not in part and "const" not in part:
            filled[name] = found[at % len(found)][: part["maxLength"]]
    return filled
