"""Answers to the prompts of `text` by plain rules. This is no model: sentences are copied, not understood."""

import random
from collections.abc import Mapping
from typing import Any

from dataflow_ops.llm.rehearsal.wording import sentences, topic_of

QUESTIONS = (
    "What is there to say about {}?",
    "What should one know about {}?",
    "How does {} come into this?",
    "Why is {} mentioned?",
)


def qa_style(values: Mapping[str, Any], draw: random.Random) -> str:
    """Ask for the longest word of each sentence and answer with the sentence."""
    found = sentences(values["text"], 8)
    pairs = (f"Question: {draw.choice(QUESTIONS).format(topic_of(each))}\nAnswer: {each}" for each in found)
    return "\n\n".join(pairs)
