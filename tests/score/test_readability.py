import math
from collections import Counter

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dataflow_ops.errors import BadArgument
from dataflow_ops.score import readability as subject
from tests.score import plain


def read(text: str | None) -> dict:
    table = pa.table({"id": ["1"], "text": pa.array([text], pa.string())})
    return subject.readability(table).to_pylist()[0]


def varied(text: str | None) -> dict:
    table = pa.table({"id": ["1"], "text": pa.array([text], pa.string())})
    return subject.diversity(table).to_pylist()[0]


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("a", 1), ("cat", 1), ("made", 1), ("makes", 1), ("table", 2), ("tables", 2), ("boxes", 2), ("filled", 1),
        ("added", 2), ("churches", 2), ("window", 2), ("beautiful", 3), ("education", 4), ("yes", 1), ("the", 1),
        ("be", 1), ("rhythm", 1), ("naïve", 1), ("café", 1), ("don't", 1), ("I", 1), ("straße", 1), ("мир", 1),
        ("reed", 1), ("see", 1), ("pfft", 1), ("sleeves", 1), ("belle", 1), ("little", 2), ("tabled", 2),
    ],
)  # fmt: skip
def test_syllables(word, expected):
    assert read(word)["syllables"] == expected


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("One. Two! Three?", 3),
        ("It costs 3.14 dollars at e.g.example now", 1),
        ("A line\nthat goes on", 1),
        ("A title\n\nThen text.", 2),
        ("Wait... what?!", 2),
        ("He said “stop.” Then he left.", 2),
        ("我们走。你来", 2),
        ("... !", 0),
        ("", 0),
        ("12 34.", 0),
    ],
)
def test_sentences(text, sentences):
    assert read(text)["prose_sentences"] == sentences


def test_formulas():
    row = read("The cat sat on the mat. Education is beautiful, 7 times in Barcelona!")
    assert [row[name] for name in ("prose_words", "prose_sentences", "letters", "syllables", "monosyllables")] == [
        12,
        2,
        53,
        20,
        9,
    ]
    assert (row["polysyllables"], row["difficult_words"]) == (3, 2)
    assert row["flesch_reading_ease"] == pytest.approx(206.835 - 1.015 * 6 - 84.6 * 20 / 12)
    grades = {
        "flesch_kincaid_grade": 0.39 * 6 + 11.8 * 20 / 12 - 15.59,
        "automated_readability_index": 4.71 * 54 / 12 + 0.5 * 6 - 21.43,
        "coleman_liau_index": 5.88 * 53 / 12 - 29.6 / 6 - 15.8,
        "smog_index": 1.043 * math.sqrt(30 * 3 / 2) + 3.1291,
        "gunning_fog_index": 0.4 * (6 + 100 * 2 / 12),
    }
    assert {name: row[name] for name in grades} == pytest.approx(grades)
    assert row["reading_grade"] == pytest.approx(sorted(grades.values())[2])


def test_endings_make_no_word_difficult():
    assert read("He considers, considered, considering it. They are businesses")["difficult_words"] == 4
    assert read("he visited and is visiting churches")["difficult_words"] == 0


def test_no_word_has_no_grade_and_null_has_no_measures():
    empty = read("... 12")
    assert (empty["prose_words"], empty["flesch_reading_ease"], empty["reading_grade"]) == (0, None, None)
    assert {value for name, value in read(None).items() if name != "id"} == {None}


def test_a_word_of_any_length_is_one_word():
    row = read("a" * 100_000 + " " + "ab" * 5000)
    assert (row["prose_words"], row["letters"]) == (2, 110_000)


def mtld(words: list[str]) -> float:
    factors, stretch = 0.0, []
    for word in words:
        stretch.append(word)
        if len(set(stretch)) / len(stretch) < 0.72:
            factors, stretch = factors + 1, []
    if stretch:
        factors += (1 - len(set(stretch)) / len(stretch)) / (1 - 0.72)
    return len(words) / factors if factors else float(len(words))


def hdd(words: list[str]) -> float:
    n = len(words)
    return sum(1 - math.comb(n - count, 42) / math.comb(n, 42) for count in Counter(words).values()) / 42


@given(st.lists(st.sampled_from([*"abcdefghij", "A", "b.", "...", "中", "文"]), max_size=150))
@settings(max_examples=200, deadline=None)
def test_diversity_is_what_its_definitions_say(tokens):
    text = " ".join(tokens)
    words = [plain.letters(word) for word, _ in plain.words_of(text) if plain.letters(word)]
    row = varied(text)
    assert row["mtld"] == (pytest.approx((mtld(words) + mtld(words[::-1])) / 2) if words else None)
    assert row["hdd"] == (pytest.approx(hdd(words)) if len(words) >= 42 else None)


def test_each_text_is_measured_by_itself():
    texts = ["a b a b a b " * 20, None, "", "one two three", "a b a b a b " * 20, "x " * 60_000, "the cat"] * 3
    table = pa.table({"id": [str(i) for i in range(len(texts))], "text": pa.array(texts, pa.large_string())})
    got = [
        {**row, "id": "1"} for row in subject.diversity(subject.readability(table)).drop_columns(["text"]).to_pylist()
    ]
    assert got == [{name: value for name, value in {**read(t), **varied(t)}.items() if name != "text"} for t in texts]


def test_columns_and_prefix():
    table = pa.table({"id": ["1"], "text": ["a b"]})
    assert {"mtld", "hdd"} <= set(subject.diversity(table).column_names)
    assert "q_syllables" in subject.readability(table, prefix="q_").column_names
    assert subject.readability(table.slice(0, 0)).schema.field("syllables").type == pa.int32()
    with pytest.raises(BadArgument, match="did you mean 'text'"):
        subject.diversity(table, text="texd")
