"""Answers to the prompts of `conversations` by plain rules. This is no model: nobody here listens to anybody."""

import random
from collections.abc import Mapping
from itertools import cycle, islice
from typing import Any

from dataflow_ops.llm.rehearsal.wording import gist, topic_of

MORE = (
    "What would you do about {} first?",
    "I tried something like that with {} and it did not help. What else is there?",
    "How long does that take, when {} is all I have time for?",
    "Can you give me an example for {}?",
    "Is there a risk with {} that I am not seeing?",
    "Which of these matters most for {}?",
    "And if {} turns out differently than planned?",
    "How will I know that {} is going well?",
    "Someone told me the opposite about {}. Who is right?",
)
REPLIES = (
    "With {} it helps to begin small. Take one step, see what it changes, and only then take the next.",
    "For {} two things matter most: that you write down what you tried, and that you give each attempt a week.",
    "Most people who deal with {} do too much at once. Choose the part that is easiest to undo and start there.",
    "That depends on how much time {} may take. With an hour a day you will see a difference within a month.",
)


def user_turns(values: Mapping[str, Any], draw: random.Random) -> dict[str, Any]:
    """Introduce the topic, then go on with phrases that fit any."""
    least, most = int(values["at_least"]), int(values["at_most"])
    topic = gist(values["topic"], 8)
    later = islice(cycle(draw.sample(MORE, len(MORE))), draw.randint(least, most) - 1)
    first = f"I need some help with {topic}. Where do I begin?"
    return {"questions": [first, *(each.format(topic) for each in later)]}


def replies(values: Mapping[str, Any], draw: random.Random) -> dict[str, Any]:
    """Reply to every message with a phrase about its longest word."""
    return {"replies": [draw.choice(REPLIES).format(topic_of(each)) for each in values["questions"]]}
