import re

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dataflow_ops.errors import BadArgument
from dataflow_ops.op import describe
from dataflow_ops.score.overlap import benchmark_overlap

FOX = "The quick, brown fox jumps over the lazy dog and then runs away home again today"
BENCHMARK = pa.table(
    {"id": ["q1", "q2", "q3", "q4", "q5"], "text": [FOX, "What is the capital of France?", "Yes", None, ""]}
)


def compared(values, benchmark=BENCHMARK, **params):
    result = benchmark_overlap(pa.table({"text": pa.array(values, pa.string())}), benchmark=benchmark, **params)
    return list(zip(result["benchmark_overlap"].to_pylist(), result["benchmark_match"].to_pylist(), strict=True))


@pytest.mark.parametrize(
    ("text", "share", "match"),
    [
        (FOX, 1, ("q1", "the quick, brown fox jumps over the lazy dog and then runs away")),
        (
            "I said: THE quick brown FOX jumps over the (lazy) dog - and then runs away home again today!",
            4 / 6,
            ("q1", "the quick brown fox jumps over the (lazy) dog - and then runs away"),
        ),
        ("so what is the capital of France? tell", 1, ("q2", "what is the capital of france")),
        ("ｗｈａｔ is the capital of FRANCE", 1, ("q2", "what is the capital of france")),
        # 20 words, 8 windows of 13, of which 3 hold all six words of q2
        ("what is the capital of France " + " ".join("abcdefghijklmn"), 1 / 8, ("q2", "what is the capital of france")),
        ("yes!", 1, ("q3", "yes")),
        ("Yes sir", 0, None),
        ("what is the capital of Spain", 0, None),
        ("the quick brown fox jumps", 0, None),
        ("", 0, None),
        ("… !", 0, None),
    ],
)  # fmt: skip
def test_shares(text, share, match):
    [(found, where)] = compared([text])
    assert found == pytest.approx(share)
    assert where == (match and dict(zip(("benchmark", "words"), match, strict=True)))


def test_each_character_is_a_word_where_no_spaces_are():
    benchmark = pa.table({"text": ["小明有五个苹果，他吃了两个，还剩几个？"]})
    assert compared(["题目：小明有五个苹果 他吃了两个 还剩几个", "小明有六个苹果"], benchmark)[1] == (0, None)
    [(share, match), _] = compared(["题目：小明有五个苹果 他吃了两个 还剩几个", ""], benchmark)
    assert share == pytest.approx(4 / 6)
    assert match == {"benchmark": "0", "words": "小明有五个苹果 他吃了两个 还"}


def test_without_a_benchmark_nothing_overlaps():
    for benchmark in (None, BENCHMARK.slice(0, 0), BENCHMARK.slice(3)):
        assert compared(["a b c", None, ""], benchmark) == [(0, None), (None, None), (0, None)]


def test_settings():
    assert compared(["quick brown fox and more"], ngram=3)[0][0] == pytest.approx(1 / 3)
    assert compared(["well yes sir"], min_words=1)[0] == (1, {"benchmark": "q3", "words": "yes"})
    questions = pa.table({"question": ["how many apples are left"]})
    assert compared(["How many apples are left?"], questions, benchmark_text="question")[0][0] == 1
    with pytest.raises(BadArgument, match="benchmark_text: there is no column 'text'; there are: 'question'"):
        compared(["a"], questions)
    with pytest.raises(BadArgument, match="text: there is no column 'txt'"):
        compared(["a"], text="txt")
    with pytest.raises(BadArgument, match="'n' holds int64, expected strings"):
        compared(["a"], pa.table({"n": [1]}), benchmark_text="n")
    nulls = benchmark_overlap(pa.table({"text": pa.nulls(2)}), benchmark=BENCHMARK)
    assert nulls["benchmark_overlap"].to_pylist() == [None, None]
    with pytest.raises(BadArgument, match="ngram=0"):
        compared(["a"], ngram=0)
    assert describe(benchmark_overlap, benchmark="s3://bucket/benchmarks/").writes == (
        "benchmark_overlap",
        "benchmark_match",
    )


def test_types_chunks_slices_and_columns_that_exist():
    text = pa.chunked_array(
        [pa.array(["skip", FOX, None], pa.large_string()).slice(1), pa.array(["yes"], pa.large_string())]
    )
    table = pa.table({"id": ["a", "b", "c"], "benchmark_overlap": [9, 9, 9], "text": text})
    benchmark = pa.table({"id": [7, 8], "text": pa.chunked_array([["nothing here at all"], [FOX]])})
    result = benchmark_overlap(table, benchmark=benchmark)
    assert result.column_names == ["id", "benchmark_overlap", "text", "benchmark_match"]
    assert result["benchmark_overlap"].to_pylist() == [1, None, 0]
    assert result["benchmark_match"].to_pylist()[0]["benchmark"] == "8"
    assert benchmark_overlap(table.slice(0, 0), benchmark=benchmark).schema == result.schema


def expected(text, benchmark, ngram, least):
    words = re.findall(r"\w+", text)
    items = [tuple(item.split()) for item in benchmark if item.split()]
    grams = {item[at : at + ngram] for item in items for at in range(len(item) - ngram + 1)}
    whole = [item for item in items if len(item) < ngram]
    windows = [tuple(words[at : at + ngram]) for at in range(len(words) - ngram + 1)] or [tuple(words)] * bool(words)

    def known(window):
        def holds(item):
            return any(window[at : at + len(item)] == item for at in range(len(window)))

        return window in grams or any(holds(i) if len(i) >= least else i == tuple(words) for i in whole)

    return sum(map(known, windows)) / len(windows) if windows else 0


TEXTS = st.lists(st.sampled_from("abc"), max_size=12).map(" ".join)


@settings(max_examples=300, deadline=None)
@given(st.lists(TEXTS, max_size=5), st.lists(TEXTS, max_size=5), st.integers(1, 6), st.integers(1, 4))
def test_shares_are_those_of_a_plain_search(texts, benchmark, ngram, least):
    known = pa.table({"text": pa.array(benchmark, pa.string())})
    found = compared(texts, known, ngram=ngram, min_words=least)
    assert [share for share, _ in found] == pytest.approx([expected(text, benchmark, ngram, least) for text in texts])
    for text, (share, match) in zip(texts, found, strict=True):
        assert (match is not None) == (share > 0)
        assert match is None or (match["words"] in text and match["words"] in benchmark[int(match["benchmark"])])


@settings(max_examples=100, deadline=None)
@given(st.lists(st.text(max_size=40), max_size=4))
def test_any_text_can_be_compared(texts):
    for text, (share, _) in zip(texts, compared(texts, pa.table({"text": texts}), ngram=2, min_words=1), strict=True):
        assert share == (1 if any(char.isalnum() for char in text) else share)


def test_the_compiled_loop_reads_the_flags_as_they_are_written():
    from dataflow_ops.score import _overlap_kernel, _text_kernel_unicode

    assert _overlap_kernel.WORD == _text_kernel_unicode.WORD
    assert _overlap_kernel.SINGLE == _text_kernel_unicode.SINGLE
