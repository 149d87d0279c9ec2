import re

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dataflow_ops.errors import BadArgument
from dataflow_ops.score.repetition import unique_ngrams


def solved(*pairs, kind="string"):
    questions, solutions = zip(*pairs, strict=True) if pairs else ((), ())
    ids = [str(number) for number in range(len(pairs))]
    return pa.table({"id": ids, "question": pa.array(questions, kind), "solution": pa.array(solutions, kind)})


def ratios(table, **given_settings):
    return unique_ngrams(table, **given_settings)["unique_ngram_ratio"].to_pylist()


def by_counting(words, n):
    grams = [tuple(words[place : place + n]) for place in range(len(words) - n + 1)]
    return len(set(grams)) / len(grams) if grams else 1.0


@pytest.mark.parametrize(
    ("question", "solution", "expected"),
    [
        ("what is it", "it is one", 1.0),
        ("so", "x " * 20, 2 / 17),
        ("So so, so: so", "SO so! (so)", 1 / 3),
        ("one two three", "four", 1.0),
        ("", "", 1.0),
        ("+ - = *", "! ? .", 1.0),
        ("一二三", "一二三一二三一二三", 3 / 8),
        ("", "一 二 三 一 二 三 一 二 三", 3 / 5),
        ("", "=2" * 20, 1 / 16),
        ("", "3x+5=20, 3X + 5 = 20; 3x+5==20", 3 / 5),
        ("ÉTÉ été", "Été été ÉtÉ ÉTÉ", 1 / 2),
        ("x", None, None),
        (None, "x", None),
    ],
)
@pytest.mark.parametrize("kind", ["string", "large_string"])
def test_the_share_of_different_5_grams(question, solution, expected, kind):
    assert ratios(solved((question, solution), kind=kind)) == [pytest.approx(expected)]


def test_a_text_alone():
    table = solved((None, "a b a b a b"), ("a b a b", None))
    assert ratios(table, question=None, n=2) == [2 / 5, None]


words = st.lists(st.sampled_from(["a", "bc", "bcd", "e"]), max_size=60)


@settings(deadline=None)
@given(st.lists(st.tuples(words, words), max_size=6), st.integers(1, 9))
def test_it_is_what_counting_finds(rows, n):
    table = solved(*((" ".join(first), "\n".join(second)) for first, second in rows))
    parts = pa.concat_tables([table.slice(0, 2), table.slice(2)])
    assert ratios(parts, n=n) == pytest.approx([by_counting(first + second, n) for first, second in rows])


@settings(deadline=None)
@given(st.text("ab19 +=-.,(){}\\^_$ßÉé\n", max_size=200), st.integers(1, 4))
def test_words_are_runs_of_letters_and_digits(text, n):
    expected = by_counting(re.findall(r"\w+", text.lower()), n)
    assert ratios(solved(("", text)), n=n) == [pytest.approx(expected)]


@settings(deadline=None)
@given(st.text(max_size=60))
def test_any_text_said_twenty_times_has_little_that_differs(text):
    (share,) = ratios(solved((text, " ".join([text] * 19))))
    assert share <= 1 / 16 or (share == 1 and not re.search("[A-Za-z0-9]", text))


def test_a_huge_text_and_many_small_ones():
    table = solved(("", "again and " * 500_000), *[("q", "a b c")] * 10_000, ("", "x" * 3_000_000))
    found = ratios(table)
    assert (found[0], set(found[1:])) == (pytest.approx(2 / 999_996), {1.0})


def test_the_table_is_as_it_was_but_for_the_ratio():
    table = solved(("", "a b"))
    ruled = unique_ngrams(unique_ngrams(table, n=2), unique_ngram_ratio="other")
    assert ruled.column_names == ["id", "question", "solution", "unique_ngram_ratio", "other"]
    assert ruled.select(table.column_names).equals(table)
    assert ratios(solved()) == []


@pytest.mark.parametrize(
    ("given_settings", "message"),
    [({"n": 0}, "n=0: expected 1"), ({"text": "solutions"}, "did you mean 'solution'"), ({"question": "n"}, "int64")],
)
def test_what_does_not_fit_is_refused(given_settings, message):
    with pytest.raises(BadArgument, match=message):
        unique_ngrams(solved(("", "a")).append_column("n", pa.array([1])), **given_settings)
