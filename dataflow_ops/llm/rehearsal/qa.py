"""Answers to the prompts of `qa` by plain rules. This is no model: sentences are copied, not understood."""

import random
from collections.abc import Mapping
from typing import Any

from dataflow_ops.llm.rehearsal.wording import gist, sentences, topic_of

KINDS = ("what the text says about", "the reason given for", "what follows from", "how it compares with others:")

QUESTIONS = ("What is known about {}?", "Which statement can be made about {}?", "What should one remember about {}?")


def focuses(values: Mapping[str, Any], draw: random.Random) -> dict[str, Any]:
    """Point at some sentences, each by its first words."""
    found = sentences(values["text"], 40)
    chosen = draw.sample(found, min(int(values["count"]), len(found)))
    return {"focuses": [f"Ask {draw.choice(KINDS)} “{gist(each)}”." for each in chosen]}


def pairs(values: Mapping[str, Any], draw: random.Random) -> dict[str, Any]:
    """Answer with the sentence that the focus points at, else with any."""
    found = sentences(values["text"], 40) or ["Nothing is said."]
    pointed = [each for each in found if gist(each) in values["focus"]]
    answer = (pointed or [draw.choice(found)])[0]
    return {"question": draw.choice(QUESTIONS).format(topic_of(answer)), "answer": answer}
