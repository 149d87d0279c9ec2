from random import Random

import pyarrow as pa
import pytest

from dataflow_ops.refine import text as refine
from dataflow_ops.samples import noise
from dataflow_ops.samples.prose import article

CLEANERS = [
    refine.fix_mojibake,
    refine.strip_html,
    refine.drop_urls,
    refine.drop_emoji,
    refine.drop_control_characters,
    refine.normalize_unicode,
    refine.squeeze_punctuation,
    refine.squeeze_spaces,
]


def cleaned(text):
    table = pa.table({"id": ["1"], "text": [text]})
    for clean in CLEANERS:
        table = clean(table)
    return table["text"][0].as_py()


@pytest.mark.parametrize("name", noise.ALL)
def test_noise_changes_the_text(name):
    for seed in range(10):
        text = article(Random(seed), words=300)
        assert noise.add(Random(seed), text, {name}) != text or (name == "mojibake" and '"' not in text)


@pytest.mark.parametrize("names", [{name} for name in noise.INVISIBLE] + [set(noise.INVISIBLE)], ids=sorted)
def test_invisible_noise_is_repaired_without_a_trace(names):
    for seed in range(10):
        text = article(Random(seed), words=300)
        assert cleaned(noise.add(Random(seed), text, names)).split() == cleaned(text).split()


def test_mojibake_is_repaired():
    for seed in range(10):
        broken = noise.mojibake(Random(seed), article(Random(seed), words=300))
        assert not set(cleaned(broken)) & set("â€™œÃ©")


def test_sprinkle_changes_a_share_of_the_places_and_one_at_least():
    assert noise.sprinkle(Random(0), "a" * 100, "a", 0.25, str.upper).count("A") == 25
    assert noise.sprinkle(Random(0), "a" * 100, "a", 0.0, str.upper).count("A") == 1
    assert noise.sprinkle(Random(0), "bbb", "a", 0.5, str.upper) == "bbb"
