import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dataflow_ops.errors import BadArgument
from dataflow_ops.models import counting
from dataflow_ops.score.length import tokens
from tests.tiny_models import bert_tokenizer, byte_tokenizer

TEXTS = [None, "", "a", "abcd", "abcde", "日本語の文", "🙂" * 8, " " * 9]


def solved(texts, kind="string"):
    return pa.table({"id": [str(number) for number in range(len(texts))], "solution": pa.array(texts, kind)})


@pytest.mark.parametrize("kind", ["string", "large_string"])
@pytest.mark.parametrize("tokenizer", [None, ""])
def test_four_characters_of_any_script_are_a_token(kind, tokenizer):
    whole = solved(["before", *TEXTS], kind)
    table = pa.concat_tables([whole.slice(1, 3), whole.slice(4)])
    counted = tokens(table, tokenizer=tokenizer)
    assert counted["tokens"].to_pylist() == [None, 0, 1, 1, 2, 2, 2, 3]
    assert counted["tokens"].type == pa.int64()
    assert set(counted["tokens_by"].to_pylist()) == {"characters / 4"}
    assert counted.select(["id", "solution"]).equals(table)


def test_a_tokenizer_counts_whole_texts_without_their_marks(tiny):
    table = solved([None, "", "the sun is hot.", "the " * 5000, "x" * 200])
    counted = tokens(table, tokenizer=tiny("encoder"), tokens="n", tokens_by="by")
    # 64 tokens is all that the model reads; a word of more than 100 letters is one unknown word to it.
    assert counted["n"].to_pylist() == [None, 0, 5, 5000, 1]
    assert counted["by"].to_pylist() == ["encoder"] * 5


def test_a_folder_with_nothing_but_a_tokenizer_will_do(tmp_path):
    byte_tokenizer(start=True).save_pretrained(tmp_path / "bytes")
    counted = tokens(solved(["ab 1", "é", None]), tokenizer=str(tmp_path / "bytes"))
    assert counted["tokens"].to_pylist() == [4, 2, None]
    assert counted["tokens_by"][0].as_py() == "bytes"


@settings(deadline=None)
@given(st.lists(st.none() | st.text(max_size=60), max_size=8), st.integers(1, 30), st.integers(1, 50))
def test_slices_change_no_count_of_bytes(texts, size, together):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(counting, "SLICE", size)
        patch.setattr(counting, "TOGETHER", together)
        found = counting.counts(byte_tokenizer(start=True), texts, len(texts))
    assert found.tolist() == [len((text or "").encode()) for text in texts]


def test_slices_part_texts_between_words(monkeypatch):
    monkeypatch.setattr(counting, "SLICE", 100)
    text = "the river is old because the moon was cold " * 40
    assert counting.counts(bert_tokenizer(), [text], 1).tolist() == [360]


def test_an_empty_table():
    assert tokens(solved([])).schema.field("tokens").type == pa.int64()
    assert tokens(pa.table({"id": ["a"], "solution": pa.nulls(1)}))["tokens"].to_pylist() == [None]


@pytest.mark.parametrize(
    ("given_settings", "message"),
    [
        ({"text": "solutoin"}, "no column 'solutoin'; did you mean 'solution'"),
        ({"text": "number"}, "column 'number' is int64: expected a string column"),
        ({"tokenizer": "/no/such/folder"}, "tokenizer='/no/such/folder': there is no such folder"),
        ({"tokenizer": "s3://bucket/model"}, "expected a hub name or a folder"),
    ],
)
def test_what_does_not_fit_is_refused(given_settings, message):
    table = solved(["a"]).append_column("number", pa.array([1]))
    with pytest.raises(BadArgument, match=message):
        tokens(table, **given_settings)


def test_a_folder_without_a_tokenizer_is_refused(tmp_path):
    with pytest.raises(BadArgument, match=r"cannot be loaded: .*tokenizer\.json, or none for characters / 4"):
        tokens(solved(["a"]), tokenizer=str(tmp_path))
