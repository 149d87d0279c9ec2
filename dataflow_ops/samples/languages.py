"""Texts in other languages than English: paragraphs of sentences of their own, with other names and numbers each time."""

from random import Random

from dataflow_ops.samples import vocabulary


def foreign(rng: Random, language: str) -> str:
    """Write two or three paragraphs in `language`, an ISO 639-1 code: de, es, fr, ru or zh."""
    chosen = rng.sample(vocabulary.languages()[language]["sentences"], rng.randint(8, 11))
    sentences = [_filled(rng, sentence) for sentence in chosen]
    space = "" if language == "zh" else " "
    return "\n".join(space.join(sentences[start : start + 4]) for start in range(0, len(sentences), 4))


def _filled(rng: Random, sentence: str) -> str:
    names = vocabulary.read("names")
    return sentence.format(
        place=rng.choice(names["place_begin"]) + rng.choice(names["place_end"]),
        name=f"{rng.choice(names['first'])} {rng.choice(names['last'])}",
        year=rng.randint(1890, 2023),
        n=rng.randint(3, 96),
    )
