import re
import unicodedata

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dataflow_ops.dedup._sketch import HASHES, ROWS, rows_of_band
from dataflow_ops.dedup.minhash import duplicates, mark, sketch
from dataflow_ops.errors import BadArgument
from dataflow_ops.op import InMemory
from tests.dedup.shards import cut, cuts, named, survivors, table

WORDS = [f"{first}{second}" for first in "bcdfghjklmnpqrstvwxz" for second in ("a", "ent", "ilo", "uz", "oth", "ymp")]


def document(seed, words=120):
    return " ".join(np.random.default_rng(seed).choice(WORDS, words))


def edited(text, share, seed=0):
    random, words = np.random.default_rng(seed), text.split()
    for place in random.choice(len(words), round(share * len(words)), replace=False):
        words[place] = random.choice(WORDS) + "x"
    return " ".join(words)


def sketched(texts, **given_settings):
    return sketch(table(texts), **given_settings)


def alike(*texts, **given_settings):
    return named(duplicates, InMemory([sketched(texts, **given_settings)]))


near = st.builds(
    edited, st.builds(document, st.integers(0, 3), st.just(60)), st.sampled_from([0, 0.03, 0.3]), st.integers(0, 3)
)
short = st.sampled_from(["", " ", "!", "cat", "Cat.", "dog", "12", "13", "one two three four five", "漢字"])
texts = st.lists(st.none() | short | near, max_size=20)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["cat", "dog", "cat"], {"row-002": "row-000"}),
        (["cat", "Cat!", "CÁT"], {"row-001": "row-000", "row-002": "row-000"}),
        (["", "", "!", "!", "?", None, None], {"row-001": "row-000", "row-003": "row-002"}),
        (["1 2 3 4 5 6 7", "1 2 3 4 5 6 8", "1 2 3 4 5 6 7"], {"row-002": "row-000"}),
        (["What is 3 + 4?", "What is 5 + 4?"], {}),
        (["What is the capital city of France?", "What is the capital city of Italy?"], {}),
        (["漢字", "字漢", "漢 字"], {"row-002": "row-000"}),
        ([], {}),
    ],
)
def test_short_texts_are_compared_as_a_whole(values, expected):
    assert alike(*values) == expected


@pytest.mark.parametrize(
    ("change", "same"),
    [
        (str.upper, True),
        (lambda text: text.replace(" ", "\n\t "), True),
        (lambda text: re.sub(" ", ", ", text), True),
        (lambda text: unicodedata.normalize("NFD", text.replace("a", "à")), True),
        (lambda text: edited(text, 0.02), True),
        (lambda text: f"Home | About us | Sign in\n\n{text}\n\nAll rights reserved.", True),
        (lambda text: edited(text, 0.4), False),
        (lambda text: " ".join(reversed(text.split())), False),
        (lambda text: text[: len(text) // 3], False),
    ],
)
def test_what_counts_as_the_same_text(change, same):
    text = document(1, 300)
    assert alike(text, change(text)) == ({"row-001": "row-000"} if same else {})


def test_numbers_are_one_unless_told_apart():
    pages = [
        " ".join(f"{word} {number * seed}" for number, word in enumerate(document(7).split(), 1)) for seed in (1, 3)
    ]
    assert alike(*pages) == {"row-001": "row-000"}
    assert alike(*pages, fold_numbers=False) == {}


def test_scripts_without_spaces_are_compared_by_characters():
    text = "".join(chr(0x4E00 + int(code)) for code in np.random.default_rng(0).integers(0, 3000, 200))
    assert alike(text, text[:100] + "新" + text[101:], text[::-1], text[:80]) == {"row-001": "row-000"}


def shingles(text, ngram):
    words = [re.sub(r"\d+", "0", word) for word in re.findall(r"\w+", text.lower())]
    return {tuple(words[place : place + ngram]) for place in range(len(words) - ngram + 1)}


@given(st.integers(0, 5), st.integers(10, 400), st.sampled_from([0, 0.01, 0.05, 0.1]), st.sampled_from([1, 3, 5]))
@settings(deadline=None)
def test_verify_gives_the_true_similarity_and_the_sketch_comes_near(seed, words, share, ngram):
    one = document(seed, words) + " 17 and 4,000"
    other = edited(one, share, seed)
    left, right = shingles(one, ngram), shingles(other, ngram)
    true = len(left & right) / len(left | right)
    shards = InMemory([sketched([one, other], ngram=ngram, threshold=0.1)])
    checked = named(duplicates, shards, "similarity", similarity="similarity", verify=0.1)
    assert checked == pytest.approx({"row-001": true} if true > 0.3 or checked else {}, abs=1e-6)
    estimated = named(duplicates, shards, "similarity", similarity="similarity", threshold=0.1)
    assert all(value == pytest.approx(true, abs=0.25) for value in estimated.values())


@given(texts, cuts, st.sampled_from(["first", "longest"]))
@settings(deadline=None, max_examples=50)
def test_shards_make_no_difference(values, places, keep):
    whole = sketched(values)
    gone = named(duplicates, InMemory([whole]), keep=keep)
    assert named(duplicates, cut(whole, places), keep=keep) == gone
    assert not gone.keys() & set(gone.values()), "what is named as the one to keep is kept"


@given(texts)
@settings(deadline=None, max_examples=50)
def test_of_identical_texts_exactly_one_stays_and_a_second_run_finds_nothing(values):
    whole = sketched(values)
    left = survivors(whole, named(duplicates, InMemory([whole])))
    kept = [value for value in left["text"].to_pylist() if value is not None]
    assert len(kept) == len(set(kept))
    assert set(kept) <= set(values)
    assert left["text"].null_count == values.count(None)
    assert named(duplicates, InMemory([left])) == {}


@given(texts, cuts, st.integers(0, 3), st.sampled_from(["first", "longest"]))
@settings(deadline=None, max_examples=50)
def test_published_rows_win_and_are_not_named(values, places, published, keep):
    shards = cut(sketched(values), places, min(published, len(places)))
    old = [row for part in shards.tables[: shards.published] for row in part.to_pylist()]
    gone = named(duplicates, shards, keep=keep)
    old_ids, old_texts = {row["id"] for row in old}, {row["text"] for row in old} - {None}
    assert not gone.keys() & old_ids
    new = [row for part in shards.tables[shards.published :] for row in part.to_pylist()]
    assert all(gone[row["id"]] in old_ids for row in new if row["text"] in old_texts)


def test_a_chain_loses_only_what_is_like_the_row_that_stays():
    words = document(3, 200).split()
    first, middle, last = (" ".join(words[start : start + 120]) for start in (0, 28, 56))
    # Neighbours share 92 of 148 words, .6 of the shingles; the ends 64 of 176.
    assert alike(first, middle, last) == {"row-001": "row-000"}
    assert alike(middle, first, last) == {"row-001": "row-000", "row-002": "row-000"}


@pytest.mark.parametrize(
    ("keep", "score", "winner"),
    [
        ("first", None, "row-000"),
        ("longest", None, "row-002"),
        ("best", "quality", "row-001"),
        ("lowest", "quality", "row-003"),
    ],
)
def test_who_stays(keep, score, winner):
    text = document(5)
    values = [f"{text} end", text, f"{text} at the very end", f"the {text} end at last"]
    whole = sketched(values).append_column("quality", pa.array([None, 0.7, 0.7, -1.0]))
    gone = named(duplicates, cut(whole, [1, 3]), keep=keep, score=score)
    assert gone == {row: winner for row in whole["id"].to_pylist() if row != winner}


def test_published_rows_need_no_score():
    text = document(5)
    old, new = sketched([text]), sketched([text, document(6), document(6)])
    new = new.set_column(0, "id", pa.array(["x", "y", "z"])).append_column("quality", pa.array([9, 1, 2]))
    shards = InMemory([old, new], published=1)
    assert named(duplicates, shards, keep="best", score="quality") == {"x": "row-000", "y": "z"}


def test_given_rows_stay_and_made_ones_go_whatever_shard_they_are_in():
    text = document(5)
    values = [text, f"{text} end", document(6), f"the {text}", f"{text} at last", document(6)]
    made = pa.array([None, True, True, False, True, False])
    whole = sketched(values).append_column("synthetic", made)
    expected = {"row-000": "row-003", "row-001": "row-003", "row-004": "row-003", "row-002": "row-005"}
    for places in ([], [1], [2, 4], [1, 2, 3, 4, 5]):
        assert named(duplicates, cut(whole, places), keep="lowest", score="synthetic") == expected
    published = cut(whole, [2], published=1)
    kept = {"row-003": "row-000", "row-004": "row-000", "row-002": "row-005"}
    assert named(duplicates, published, keep="lowest", score="synthetic") == kept


def test_verify_reads_texts_in_blocks(monkeypatch):
    monkeypatch.setattr("dataflow_ops.dedup._verify.HELD", 150)
    values = [document(seed) for seed in (1, 2, 1, 3, 2, 1)] + [edited(document(3), 0.02)]
    gone = named(duplicates, cut(sketched(values), [2, 3]), verify=0.8)
    assert gone == {"row-002": "row-000", "row-004": "row-001", "row-005": "row-000", "row-006": "row-003"}


def test_verify_is_strict_where_the_estimate_is_not():
    text = document(1, 300)
    other = edited(text, 0.05)
    shards = InMemory([sketched([text, other])])
    assert named(duplicates, shards) == {"row-001": "row-000"}
    assert named(duplicates, shards, verify=0.9) == {}


def test_a_text_longer_than_any_block_is_sketched_whole():
    text = document(1, 30_000)
    assert alike(text, text.upper(), document(2, 30_000), "a" * 1_000_000 + " b") == {"row-001": "row-000"}
    assert sketched([text])["minhash"].to_pylist()[0]["words"] == 30_000


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string()])
def test_a_sketch_does_not_depend_on_where_the_text_lies(kind):
    values = ["other", document(1), None, "", document(2), "cat"]
    whole = sketch(table(values, kind))["minhash"].to_pylist()
    parts = pa.concat_tables([table(values, kind).slice(1, 2), table(values, kind).slice(3)])
    assert sketch(parts)["minhash"].to_pylist() == whole[1:]


@given(st.text(max_size=300))
@example("\U0001f600 \U00020000\U000e0001 \ud7ff\ue000 \x00\x7f\u0301")
@settings(deadline=None)
def test_any_text_is_like_itself_in_capitals_or_out_of_its_letters(text):
    assert alike(text, text) == {"row-001": "row-000"}


def test_no_shards_no_rows_all_null():
    assert list(duplicates(InMemory([]))) == []
    empty = sketched([])
    assert [part.num_rows for part in duplicates(InMemory([empty, empty], published=1))] == [0]
    nulls = sketch(pa.table({"id": ["a", "b"], "text": pa.nulls(2)}))
    assert named(duplicates, InMemory([nulls])) == {}
    assert named(duplicates, InMemory([empty, nulls, sketched(["cat", "cat"])])) == {"row-001": "row-000"}


def test_sketches_of_different_settings_are_not_compared():
    shards = InMemory([sketched(["cat"]), sketched(["cat"], seed=1)])
    with pytest.raises(BadArgument, match="shard 1 were made with other settings than those of shard 0"):
        list(duplicates(shards))


@pytest.mark.parametrize(
    ("op", "wrong", "message"),
    [
        (sketch, {"threshold": 0}, "threshold=0.*above 0"),
        (sketch, {"threshold": 1.5}, "threshold=1.5"),
        (sketch, {"ngram": 0}, "ngram=0.*1 to 127"),
        (sketch, {"ngram": 128}, "ngram=128"),
    ],
)
def test_settings_that_do_not_fit(op, wrong, message):
    with pytest.raises(BadArgument, match=message):
        op(table(["cat"]), **wrong)


@pytest.mark.parametrize("wrong", [{"threshold": 0.3}, {"verify": 0.3}])
def test_sketches_must_be_good_enough_for_the_threshold(wrong):
    with pytest.raises(BadArgument, match=r"32 bands, too few .* similarity 0.3: sketch with threshold=0.3"):
        list(duplicates(InMemory([sketched(["cat"])]), **wrong))


@pytest.mark.parametrize(
    "wrong", [{"keep": "best"}, {"keep": "lowest"}, {"score": "quality"}, {"keep": "longest", "score": "q"}]
)
def test_a_score_is_named_when_and_only_when_it_decides_who_stays(wrong):
    with pytest.raises(BadArgument, match="score"):
        list(duplicates(InMemory([sketched(["cat"])]), **wrong))


@pytest.mark.parametrize(("threshold", "rows"), [(0.3, 2), (0.5, 4), (0.7, 6), (0.8, 9), (0.9, 14), (1.0, 16)])
def test_bands_follow_from_the_threshold(threshold, rows):
    assert rows_of_band(threshold) == rows
    assert len(sketched(["cat"], threshold=threshold)["minhash"].type) == HASHES // rows + 2


def test_the_number_of_bands_tells_their_rows():
    assert all(HASHES // (HASHES // rows) == rows for rows in ROWS)


def test_mark_one_table():
    df = pd.DataFrame({"id": ["a", "b", "c"], "text": [document(1), document(2), edited(document(1), 0.01)]})
    marked = mark(df)
    assert marked["duplicate_of"].fillna("").tolist() == ["", "", "a"]
    assert marked["similarity"].iloc[2] > 0.8
    assert list(df.columns) == ["id", "text"]
