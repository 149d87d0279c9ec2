import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dataflow_ops.errors import BadArgument
from dataflow_ops.models import tokens
from dataflow_ops.models.loading import Loaded
from dataflow_ops.models.runner import Row
from tests.tiny_models import bert_tokenizer, byte_tokenizer

BERT = Loaded("bert", None, None, bert_tokenizer(), "cpu", "float32", 64, 0)
BYTES = Loaded("bytes", None, None, byte_tokenizer(start=True), "cpu", "float32", 512, 0)


@settings(deadline=None)
@given(st.integers(0, 200), st.integers(2, 40), st.data())
def test_windows_score_every_token_but_the_first_once(length, window, data):
    stride = data.draw(st.integers(1, window - 1))
    row = Row(np.arange(length))
    parts = list(tokens.windows(row, window=window, stride=stride))
    scored = [token for part in parts for token in part.ids[part.first :]]
    assert scored == list(range(1, length))
    assert all(part.first >= 1 and len(part) <= window for part in parts)


@pytest.mark.parametrize("loaded", [BERT, BYTES], ids=["bert", "bytes"])
@pytest.mark.parametrize(
    "text",
    [
        "the sun is hot . " * 400,
        " " * 3000 + "the sun is hot . " * 400,
        "x" * 3000,
        " " * 3800,
        "ü" * 5000,
        "the " + "b" * 700 + " sun" * 3000,
    ],
    ids=["words", "blank first", "one word", "blank", "umlauts", "long word first"],
)
def test_the_start_of_a_very_long_text_is_cut_as_if_all_had_been_read(loaded, text):
    (row,) = tokens.texts_to_rows(loaded, [text], max_tokens=20)
    expected = loaded.tokenizer(text, truncation=True, max_length=20)["input_ids"]
    assert row.ids.tolist() == expected


@pytest.mark.parametrize("character", [" ", "x", "\x00", "日"])
def test_of_a_huge_text_only_the_start_is_looked_at(character):
    huge, some = (tokens.texts_to_rows(BERT, [character * size], max_tokens=8)[0] for size in (3_000_000, 8 * 192))
    assert huge.ids.tolist() == some.ids.tolist()


def test_a_text_is_cut_to_what_the_model_reads():
    (row,) = tokens.texts_to_rows(BERT, ["sun " * 500], max_tokens=10_000)
    assert len(row) == 64
    (row,) = tokens.texts_to_rows(BERT, ["sun " * 500], max_tokens=400, whole=True)
    assert len(row) == 400


def test_pairs_say_which_token_is_of_which_text():
    (row,) = tokens.pairs_to_rows(BERT, ["sun"], ["is hot"], max_tokens=64)
    assert row.types.tolist() == [0, 0, 0, 1, 1, 1]


@settings(deadline=None)
@given(st.text(max_size=300), st.integers(0, 40))
def test_a_shortened_text_is_a_prefix_of_no_more_tokens(text, limit):
    kept = tokens.shortened(BYTES, text, limit)
    assert text.startswith(kept)
    number = len(BYTES.tokenizer(kept, add_special_tokens=False)["input_ids"])
    assert number <= limit + 3
    if len(text.encode()) <= limit:
        assert kept == text


def test_a_limit_that_leaves_nothing_is_refused():
    with pytest.raises(BadArgument, match="max_tokens=3"):
        tokens.texts_to_rows(BERT, ["sun"], max_tokens=3)
