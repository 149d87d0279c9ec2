import itertools
import re
from random import Random

import pytest

from dataflow_ops.samples import prose, vocabulary

STOP_WORDS = {"the", "be", "to", "of", "and", "that", "have", "with"}


@pytest.fixture(scope="module")
def articles():
    rng = Random(11)
    return [prose.article(rng, words=rng.randint(150, 870)) for _ in range(150)]


def shingles(text):
    words = ["0" if word.isdigit() else word for word in re.findall(r"\w+", text.lower())]
    return [tuple(words[start : start + 5]) for start in range(len(words) - 4)]


def test_no_slot_is_left_open(articles):
    assert not [text for text in articles if re.search(r"[{}^]", text)]


def test_articles_have_the_length_that_was_asked_for():
    for words in (150, 400, 870):
        lengths = [len(prose.article(Random(seed), words=words).split()) for seed in range(20)]
        assert words - 40 < min(lengths) <= max(lengths) < words + 60, lengths


def test_any_two_articles_share_little(articles):
    sets = [set(shingles(text)) for text in articles]
    assert max(len(one & other) / len(one | other) for one, other in itertools.combinations(sets, 2)) < 0.15


def test_articles_repeat_little_within_themselves(articles):
    for text in articles:
        found = shingles(text)
        assert 1 - len(set(found)) / len(found) < 0.1


def test_articles_are_good_by_the_rules_of_pretraining_data(articles):
    for text in articles:
        words = text.split()
        assert 3 <= sum(map(len, words)) / len(words) < 10
        assert len({word.lower() for word in words}) > len(words) * 0.2
        assert not text.endswith(":")
        assert sum(word.isupper() for word in words) <= len(words) * 0.05
        assert not re.search(r"(?i)javascript|lorem|copyright|watermark|confidential|identi|[#�…]|\.\.", text)
        assert max(len(part.split()) for part in re.split(r"[.,!?;\n]", text)) < 112
        assert len(STOP_WORDS & set(words)) >= 2
        assert len(re.findall(r"[.!?](?:\s|$)", text)) >= 3


def test_paragraphs_begin_with_a_capital_and_end_with_a_stop(articles):
    for text in articles:
        title, *paragraphs = [line for line in text.split("\n") if line]
        assert title[0].isupper()
        assert len(paragraphs) >= 2
        for paragraph in paragraphs:
            assert re.match(r'[A-Z0-9]|"[A-Z]', paragraph)
            assert paragraph.endswith(".")
            assert not re.search(r" a [aeio][a-z]|[,;] ?[,;.]|  ", paragraph)


@pytest.mark.parametrize("topic", vocabulary.topics(), ids=lambda topic: topic["subject"])
def test_every_topic_has_enough_words_of_every_kind(topic):
    least = {
        "things": 24,
        "plurals": 24,
        "actions": 25,
        "adjectives": 24,
        "qualities": 14,
        "facts": 14,
        "roles": 6,
        "groups": 6,
    }
    for kind, count in least.items():
        assert len(set(topic[kind])) == len(topic[kind]) >= count, kind


def test_every_frame_names_slots_that_exist():
    writer = prose.Writer(Random(0), vocabulary.topics()[0])
    for frames in vocabulary.read("frames").values():
        assert len(set(frames)) == len(frames)
        for slot in {slot for frame in frames for slot in re.findall(r"\{(\w+)\^?\}", frame)}:
            assert writer._word(slot)
