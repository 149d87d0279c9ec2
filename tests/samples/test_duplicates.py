import re
from random import Random

import pytest

from dataflow_ops.samples.duplicates import EDITS, STRONG_EDITS, words
from dataflow_ops.samples.prose import article


def similarity(one, other):
    one, other = ({tuple(found[at : at + 5]) for at in range(len(found) - 4)} for found in map(split, (one, other)))
    return len(one & other) / len(one | other)


def split(text):
    return re.findall(r"\w+", text.lower())


@pytest.mark.parametrize("name", sorted(EDITS.keys() - {"markup"}))
def test_edits_leave_four_fifths_of_the_shingles(name):
    for seed in range(30):
        rng = Random(seed)
        text = article(rng, words=rng.randint(220, 800))
        edited = EDITS[name](rng, text)
        assert edited != text
        assert similarity(text, edited) > 0.78


def test_the_strong_edit_leaves_about_two_thirds():
    (edit,) = STRONG_EDITS.values()
    found = [
        similarity(text, edit(Random(1), text)) for text in (article(Random(seed), words=400) for seed in range(30))
    ]
    assert 0.55 < min(found) < max(found) < 0.75


@pytest.mark.parametrize("share", [0.01, 0.02, 0.05])
def test_a_share_of_the_words_is_replaced(share):
    text = article(Random(2), words=500)
    before, after = text.split(), words(Random(3), text, share).split()
    changed = sum(one != other for one, other in zip(before, after, strict=True))
    assert changed == round(len(before) * share)
