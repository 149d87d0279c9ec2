"""Questions put in one of eight styles, around what is asked for."""

from collections.abc import Mapping
from random import Random
from types import MappingProxyType

from dataflow_ops.llm.rehearsal.sql_plan import Query, main_source
from dataflow_ops.llm.rehearsal.sql_say import said, things
from dataflow_ops.llm.rehearsal.sql_schema import Tables
from dataflow_ops.llm.rehearsal.sql_words import LOOSE, PLAIN, SHORT

FRAMES: Mapping[str, tuple[int, tuple[str, ...]]] = MappingProxyType({
    "formal": (PLAIN, (
        "Please provide {core}.", "Kindly report {core}.", "The annual review requires that we determine {core}.",
    )),
    "colloquial": (LOOSE, (
        "Hey, can you get me {core}? Thanks!", "So I need {core}.", "Could you quickly find {core}? Cheers!",
    )),
    "imperative": (PLAIN, ("List {core}.", "Show {core}.", "Find {core}.", "Return {core}.")),
    "interrogative": (PLAIN, ("What {is} {core}?", "What do we know about {core}?", "Here is a question: what {is} {core}?")),
    "descriptive": (PLAIN, (
        "I am going through the {things} before the next meeting. For it I would like to know {core}.",
        "Our team looks after the {things}. To plan its work we need {core}.",
        "This is about the {things} and what can be learnt from them. I wonder about {core}.",
    )),
    "concise": (SHORT, ("{core}", "{core}?", "Need {core}")),
})  # fmt: skip
IMAGES: Mapping[str, tuple[tuple[str, str], ...]] = MappingProxyType({
    "vague": (
        ("Which {things} deserve a closer look?", "deserve a closer look"),
        ("How do things stand with the {things} that matter?", "matter"),
        ("Is there anything remarkable about the {things}?", "remarkable"),
    ),
    "metaphorical": (
        ("If the {things} were a night sky, what would shine in it?", "shine"),
        ("Which flowers grow in the garden of the {things}?", "flowers"),
        ("What does the tide wash ashore from the sea of {things}?", "wash ashore"),
    ),
})  # fmt: skip
"""What is asked loosely, and the words that the evidence explains."""


def asked(query: Query, tables: Tables, style: str, draw: Random, *, explained: bool) -> tuple[str, str]:
    """Return a question for a query in a style, and the evidence it needs, "" for none."""
    style, source = style.strip().lower(), main_source(query)
    about = things(source, tables) if source else "numbers"
    if style in IMAGES and explained:
        question, words = draw.choice(IMAGES[style])
        lets, core = said(query, tables, PLAIN)
        return question.replace("{things}", about), f"{_sentence(lets)}'{words}' refers to {core}."
    register, frames = FRAMES.get(style, FRAMES["imperative"])
    lets, core = said(query, tables, register)
    frame = draw.choice(frames).replace("{things}", about)
    frame = frame.replace("{is}", "is" if len(query.items) == 1 else "are")
    text = frame.replace("{core}", core)
    return _sentence(lets) + _begun(text), ""


def unclear(names: list[str], draw: Random) -> str:
    """Return a question for a query that no rule can say: it is honest, and too general to be answered."""
    about = " and ".join(names[:3]) or "this database"
    forms = (
        "Which rows does a query that no rule can put into words find in {about}?",
        "What comes out of {about} by a calculation that cannot be told here?",
        "What is there to be found in {about}, in ways too intricate to say?",
    )
    return draw.choice(forms).replace("{about}", about)


def _sentence(lets: str) -> str:
    return f"{_begun(lets)}. " if lets else ""


def _begun(text: str) -> str:
    return text[:1].upper() + text[1:]
