"""Answers to the prompts of `sft` by plain rules. This is no model: replies are of the right shape and no use."""

import random
from collections.abc import Mapping
from typing import Any

from dataflow_ops.llm.rehearsal.wording import gist, sentences, topic_of

LEVELS = {
    "easy": "As someone new to {domain}: what is the first thing to know about {theme}?",
    "medium": "Explain how {theme} works out in {domain}, with {number} examples from practice.",
    "hard": "Weigh {number} ways of handling {theme} in {domain} against each other when time and money are short.",
}
POINTS = (
    "Begin with what is known for certain about {}.",
    "Write down what {} costs in time, in money and in attention.",
    "Ask someone who has dealt with {} before, and compare notes.",
    "Try {} on a small scale before anything depends on it.",
    "Look again after a week: what has changed about {}, and why?",
    "Leave out whatever makes {} harder without making it better.",
)


def pairs(values: Mapping[str, Any], draw: random.Random) -> dict[str, Any]:
    """Ask about parts of the document and answer with their sentences."""
    found, made = sentences(values["text"], 60), []
    for start in draw.sample(range(len(found)), min(int(values["count"]), len(found))):
        part = found[start : start + draw.randint(2, 6)]
        asked = f"Explain in a few sentences what there is to know about {topic_of(part[0])}."
        made.append({"instruction": asked, "output": " ".join(part)})
    return {"pairs": made}


def questions(values: Mapping[str, Any], draw: random.Random) -> dict[str, Any]:
    """Put domain and theme into one sentence for each level."""
    known = {name: gist(values[name], 12) for name in ("domain", "theme")}
    return {level: asked.format(number=draw.randint(2, 5), **known) for level, asked in LEVELS.items()}


def answers(values: Mapping[str, Any], draw: random.Random) -> str:
    """Give advice that fits anything; one reply in eight is much too short."""
    subject = gist(values["instruction"].rpartition(":")[2])
    if draw.random() < 0.125:
        return f"It depends on {subject}."
    chosen = draw.sample(POINTS, draw.randint(3, len(POINTS)))
    return f"This is about {subject}. " + " ".join(each.format(subject) for each in chosen)


def critique(values: Mapping[str, Any], draw: random.Random) -> str:
    """Find fault with the length of the reply."""
    words = len(values["output"].split())
    if words < 40:
        return f"The reply has only {words} words. Say more about {topic_of(values['instruction'])}."
    return f"The reply is sound, but its {words} words lack an example; add {draw.randint(1, 3)}."


def rewrite_by_critique(values: Mapping[str, Any], draw: random.Random) -> str:
    """Keep the reply and add a sentence or two."""
    subject = topic_of(values["instruction"])
    more = " ".join(each.format(subject) for each in draw.sample(POINTS, 2))
    return f"{values['output'].strip()[:15_000]} {more}".strip()
