"""Instructions with replies that fit: sums worked out, passages read, letters and articles written."""

from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Any

from dataflow_ops.samples import vocabulary
from dataflow_ops.samples.prose import Writer, sentences

Values = Mapping[str, Any]


def compose(rng: Random, kind: str) -> tuple[str, str]:
    """Return an instruction of a kind, one of `KINDS`, and a reply that does what it asks."""
    frame, values = vocabulary.read("instructions")[kind], KINDS[kind](rng)
    return frame["instruction"].strip().format(**values), frame["output"].strip().format(**values)


def _shopping(rng: Random) -> Values:
    count, price, percent = rng.randint(3, 19), rng.randint(2, 40), rng.choice((5, 10, 20, 25, 50))
    total = count * price
    off = total * percent / 100
    thing = rng.choice(vocabulary.read("instructions")["goods"])
    known = {"count": count, "price": price, "percent": percent, "thing": thing}
    return known | {"buyer": _people(rng, 1)[0], "total": total, "off": off, "left": total - off}


def _journey(rng: Random) -> Values:
    speed, hours, rest = rng.choice((12, 16, 20, 60, 75, 80)), rng.randint(2, 7), rng.choice((15, 20, 30, 45))
    start, end = _places(rng, 2)
    return {"start": start, "end": end, "way": speed * hours, "speed": speed, "hours": hours, "rest": rest}


def _mean(rng: Random) -> Values:
    numbers = [rng.randint(1, 60) for _ in range(rng.randint(4, 7))]
    numbers[0] += -sum(numbers) % len(numbers)  # so that the mean is a whole number
    total, count, largest, smallest = sum(numbers), len(numbers), max(numbers), min(numbers)
    known = {"listed": ", ".join(map(str, numbers)), "total": total, "count": count, "mean": total // count}
    return known | {"largest": largest, "smallest": smallest, "range": largest - smallest}


def _order(rng: Random) -> Values:
    words = rng.sample(_topic(rng)["plurals"], rng.randint(6, 10))
    ordered = "\n".join(f"{number}. {word}" for number, word in enumerate(sorted(words), 1))
    known = {"listed": "; ".join(words), "ordered": ordered, "count": len(words)}
    return known | {"first": min(words), "last": max(words)}


def _facts(rng: Random) -> Values:
    topic = _topic(rng)
    goal, action = rng.sample(topic["actions"], 2)
    listed = "\n".join(f"- {fact[:1].upper()}{fact[1:]}." for fact in rng.sample(topic["facts"], 4))
    known = {"subject": topic["subject"], "role": rng.choice(topic["roles"]), "listed": listed}
    return known | {"goal": goal, "action": action}


def _letter(rng: Random) -> Values:
    sender, to = _people(rng, 2)
    old, new = rng.sample(vocabulary.read("names")["weekday"], 2)
    return {"sender": sender, "to": to, "old": old, "new": new, "thing": rng.choice(_topic(rng)["things"])}


def _passage(rng: Random) -> Values:
    found = sentences(rng, rng.randint(4, 6))
    lengths = [len(each.split()) for each in found]
    known = {"passage": " ".join(found), "count": len(found), "fewest": min(lengths)}
    said = {"lengths": ", ".join(map(str, lengths[:-1])), "length": lengths[-1]}
    return known | said | {"shortest": found[lengths.index(min(lengths))]}


def _article(rng: Random) -> Values:
    topic = _topic(rng)
    writer = Writer(rng, topic)
    plan = ("scene", "explain", rng.choice(("advice", "past", "people")), "close")
    title = writer.title()
    paragraphs = "\n\n".join(writer.paragraph(subject, rng.randint(2, 3)) for subject in plan)
    return {
        "subject": topic["subject"],
        "title": title,
        "paragraphs": paragraphs,
        "words": round(len(paragraphs.split()), -1),
    }


def _function(rng: Random) -> Values:
    written = rng.choice(vocabulary.read("instructions")["functions"])
    return written | {"body": written["body"].strip("\n"), "things": rng.choice(_topic(rng)["plurals"])}


KINDS: Mapping[str, Callable[[Random], Values]] = {
    "shopping": _shopping,
    "journey": _journey,
    "mean": _mean,
    "order": _order,
    "facts": _facts,
    "letter": _letter,
    "passage": _passage,
    "article": _article,
    "function": _function,
}


def _topic(rng: Random) -> Mapping[str, Any]:
    return rng.choice(vocabulary.topics())


def _people(rng: Random, count: int) -> Sequence[str]:
    names = vocabulary.read("names")
    return [f"{first} {rng.choice(names['last'])}" for first in rng.sample(names["first"], count)]


def _places(rng: Random, count: int) -> Sequence[str]:
    names = vocabulary.read("names")
    return [begin + rng.choice(names["place_end"]) for begin in rng.sample(names["place_begin"], count)]
