"""Pages that never were articles: notices, lists, dumps, and nothing at all."""

import base64
import re
from collections.abc import Mapping
from random import Random

from dataflow_ops.samples import vocabulary
from dataflow_ops.samples.junk import SPOILED, Defect
from dataflow_ops.samples.prose import Writer, sentences

BULLETS = "•‣▶◦■▪–"
BLANKS = (" ", "\n", "\t", "\u00a0", "\r\n", "\u2003")
TAGS = ("<p></p>", "<br/>", "<div> </div>", "<span></span>", "&nbsp;")
SCRIPT_NOTICES = (
    "Please enable JavaScript to see {thing} number {n} and all {plural}.",
    "Your browser blocks JavaScript, so {plural} cannot be shown.",
    "This page needs JavaScript {n}. Without it {thing} and {plural} stay hidden.",
    "JavaScript is turned off! Turn it on to read about {plural}.",
    "To comment on {plural}, allow JavaScript for {n} minutes.",
    "The gallery of {plural} uses JavaScript from {n} sources.",
    "javascript:void({n}) opens {thing} in a new window.",
    "Loading {plural} with JavaScript, part {n} of {n}.",
)


def too_short(rng: Random) -> str:
    """Show a title, a link, or the beginning of a sentence."""
    writer = Writer(rng, rng.choice(vocabulary.topics()))
    start = " ".join(writer.sentence("scene").split()[: rng.randint(3, 12)])
    return rng.choice((writer.title(), start, f"Read more: {writer.title()}", f"{start}. Page {rng.randint(2, 99)}."))


def javascript(rng: Random) -> str:
    """Ask for JavaScript on all lines but one or two."""
    topic = rng.choice(vocabulary.topics())
    lines = [_notice(rng, topic, line) for line in rng.sample(SCRIPT_NOTICES, rng.randint(4, 8))]
    more = SCRIPT_NOTICES[1]
    lines = [f"{line} {_notice(rng, topic, more)}" if rng.random() < 0.5 else line for line in lines]
    return "\n".join([*lines, *sentences(rng, rng.randint(0, 2))])


def _notice(rng: Random, topic: Mapping[str, list[str]], line: str) -> str:
    return line.format(thing=rng.choice(topic["things"]), plural=rng.choice(topic["plurals"]), n=rng.randint(2, 99))


def bullets(rng: Random) -> str:
    """List sentences, each behind a bullet."""
    bullet = rng.choice(BULLETS)
    return "\n".join(f"{bullet} {line}" for line in sentences(rng, rng.randint(8, 24)))


def symbols(rng: Random) -> str:
    """Write tags and hash signs instead of sentences."""
    topic = rng.choice(vocabulary.topics())
    nouns = [word for noun in topic["plurals"] + topic["adjectives"] for word in re.split("[ -]", noun)]
    tags = [f"#{word}" if rng.random() < 0.93 else f"{word}." for word in rng.choices(nouns, k=rng.randint(60, 200))]
    return rng.choice((" ", " ", "\n")).join(tags)


def code(rng: Random) -> str:
    """Dump style sheets, scripts or JSON."""
    topic = rng.choice(vocabulary.topics())
    nouns = [noun.replace(" ", "-").replace("'", "") for noun in topic["things"]]
    line = rng.choice((_css, _script, _json))
    return "\n".join(line(rng, rng.choice(nouns)) for _ in range(rng.randint(20, 60)))


def _css(rng: Random, noun: str) -> str:
    side = rng.choice(("left", "right", "top", "bottom"))
    return f".{noun}-{rng.randint(1, 99)} {{ margin-{side}: {rng.randint(1, 40)}px; }}"


def _script(rng: Random, noun: str) -> str:
    name = noun.replace("-", "_")
    return f"function {name}_{rng.randint(1, 999)}(a) {{ if (a > {rng.randint(1, 99)}) {{ return a; }} }}"


def _json(rng: Random, noun: str) -> str:
    return f'{{"{noun}": {{"count": {rng.randint(1, 9999)}, "size": {rng.randint(1, 99)}}}}}'


def repeated_words(rng: Random) -> str:
    """Say a handful of words over and over, as pages do that want to be found."""
    topic = rng.choice(vocabulary.topics())
    few = rng.sample([word for noun in topic["plurals"] for word in noun.split()], rng.randint(6, 10))
    sets = [" ".join(rng.choices(few, k=rng.randint(5, 9))) for _ in range(rng.randint(30, 60))]
    return ". ".join(sets) + "."


def repeated_lines(rng: Random) -> str:
    """Repeat two or three sentences a dozen times and more."""
    return rng.choice(("\n", " ")).join(sentences(rng, rng.randint(2, 3)) * rng.randint(18, 30))


def long_words(rng: Random) -> str:
    """Dump encoded bytes."""
    encode = rng.choice((bytes.hex, lambda data: base64.b64encode(data).decode()))
    lines = [encode(rng.randbytes(rng.randint(18, 48))) for _ in range(rng.randint(25, 60))]
    return rng.choice(("\n", " ", ". ")).join(lines)


def empty(rng: Random) -> str:
    """Leave nothing but blanks, or markup around nothing."""
    if rng.random() < 0.2:
        return ""
    return "".join(rng.choices(rng.choice((BLANKS, TAGS)), k=rng.randint(1, 9)))


DEFECTS: Mapping[str, Defect] = {
    **SPOILED,
    "too_short": too_short,
    "javascript": javascript,
    "bullets": bullets,
    "symbols": symbols,
    "code": code,
    "repeated_words": repeated_words,
    "repeated_lines": repeated_lines,
    "long_words": long_words,
    "empty": empty,
}
"""Every way to be junk, by the rule that is meant to catch it."""
