import itertools
import re
from random import Random

import pytest

from dataflow_ops.samples import vocabulary
from dataflow_ops.samples.junk_pages import DEFECTS
from dataflow_ops.samples.languages import foreign


def lines(text):
    return [line for line in text.splitlines() if line.strip()]


def share(text, pattern):
    return sum(bool(re.search(pattern, line)) for line in lines(text)) / len(lines(text))


def unique_words(text):
    words = text.lower().split()
    return len(set(words)) / len(words)


def longest_run(text):
    return max(len(part.split()) for part in re.split(r"[–.!?,;•|…\n]", text))


def sentences(text):
    return len(re.findall(r"\b[^.!?\n]+[.!?]*", text))


HAS_DEFECT = {
    "lorem_ipsum": lambda text: "lorem ipsum" in text.lower(),
    "ellipsis": lambda text: share(text, r"(\.\.\.|…)$") >= 0.3,
    "capitals": lambda text: sum(map(str.isupper, text.split())) > 0.2 * len(text.split()),
    "watermark": lambda text: re.search("Copyright|Watermark|Confidential", text),
    "unpunctuated": lambda text: longest_run(text) > 112,
    "id_numbers": lambda text: len(re.findall(r"(?i)identi|id number|id card|id no|resident regis", text)) >= 3,
    "replacement_characters": lambda text: re.search("[\ufffd□]", text),
    "colon_end": lambda text: text.endswith(":"),
    "few_sentences": lambda text: sentences(text) < 3,
    "too_short": lambda text: len(text.split()) < 20,
    "javascript": lambda text: len(lines(text)) > 3 > len([line for line in lines(text) if "javascript" not in line.lower()]),
    "bullets": lambda text: share(text, "^[•‣▶◦■▪–]") > 0.9,
    "symbols": lambda text: text.count("#") / len(re.findall(r"\w+|[^\w\s]+", text)) >= 0.4,
    "code": lambda text: len(re.findall("[{}]", text)) / len(text) >= 0.025,
    "repeated_words": lambda text: unique_words(text) <= 0.1,
    "repeated_lines": lambda text: unique_words(text) <= 0.1,
    "long_words": lambda text: sum(map(len, text.split())) / len(text.split()) >= 10,
    "empty": lambda text: not re.sub(r"<[^>]*>|&nbsp;|\s", "", text),
}  # fmt: skip


def test_every_defect_has_its_check():
    assert HAS_DEFECT.keys() == DEFECTS.keys()


@pytest.mark.parametrize("defect", DEFECTS)
def test_junk_has_the_defect_it_is_named_for(defect):
    for seed in range(60):
        text = DEFECTS[defect](Random(seed))
        assert HAS_DEFECT[defect](text), text


@pytest.mark.parametrize("defect", sorted(DEFECTS.keys() - {"empty", "too_short"}))
def test_junk_of_one_kind_differs(defect):
    rng = Random(7)
    sets = [shingles(DEFECTS[defect](rng), 3) for _ in range(40)]
    assert max(len(one & other) / len(one | other) for one, other in itertools.combinations(sets, 2)) < 0.45


def shingles(text, size):
    words = re.findall(r"\w+", text.lower())
    return {tuple(words[at : at + size]) for at in range(len(words) - size + 1)}


@pytest.mark.parametrize("code", ["de", "es", "fr", "ru", "zh"])
def test_texts_in_one_language_differ(code):
    rng = Random(7)
    found = [shingles(re.sub(r"([\u4e00-\u9fff])", r" \1 ", foreign(rng, code)), 5) for _ in range(40)]
    assert min(map(len, found)) > 60
    assert max(len(one & other) / len(one | other) for one, other in itertools.combinations(found, 2)) < 0.4


def test_every_language_has_sentences_of_its_own():
    for code, words in vocabulary.languages().items():
        assert len(set(words["sentences"])) == len(words["sentences"]) >= 25, code
