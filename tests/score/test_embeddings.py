import numpy as np
import pyarrow as pa
import pytest

from dataflow_ops.errors import BadArgument
from dataflow_ops.models import loading
from dataflow_ops.score import embeddings

TEXTS = [
    "The cat sits on the mat.",
    None,
    "A kitten is sitting on a rug.",
    "",
    "Interest rates rose again in March. " * 40,
]
TABLE = pa.table({"id": list("abcde"), "text": TEXTS})


def values(table: pa.Table, name: str = "embedding") -> np.ndarray:
    return np.array([row or [np.nan] * table[name].type.list_size for row in table[name].to_pylist()])


def test_the_packaged_model_puts_near_each_other_what_says_the_same(tiny):
    found = embeddings.embedding(TABLE)
    assert found["embedding"].type == pa.list_(pa.float32(), 384)
    vectors = values(found)
    assert found["embedding"].is_valid().to_pylist() == [True, False, True, True, True]
    assert np.linalg.norm(vectors[[0, 2, 3, 4]], axis=1) == pytest.approx(1, abs=1e-5)
    assert vectors[0] @ vectors[2] > 0.5
    assert vectors[0] @ vectors[4] < 0.2


@pytest.mark.parametrize("batch_tokens", [1, 100, 16384])
def test_vectors_do_not_depend_on_batches(tiny, batch_tokens):
    whole = embeddings.embedding(TABLE, model=tiny("encoder"))
    order = [4, 2, 0, 3, 1]
    shuffled = embeddings.embedding(TABLE.take(order), model=tiny("encoder"), batch_tokens=batch_tokens)
    np.testing.assert_allclose(values(shuffled), values(whole)[order], atol=1e-5)


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        (None, "mean"),
        ('{"pooling_mode_mean_tokens": true, "pooling_mode_cls_token": false}', "mean"),
        ('{"pooling_mode_mean_tokens": false, "pooling_mode_cls_token": true}', "first"),
        ('{"pooling_mode_lasttoken": true}', "last"),
    ],
)
def test_tokens_are_pooled_as_the_model_says(tiny, tmp_path, settings, expected):
    import torch
    from transformers import AutoModel, AutoTokenizer

    tokenizer, model = AutoTokenizer.from_pretrained(tiny("encoder")), AutoModel.from_pretrained(tiny("encoder")).eval()
    tokenizer.save_pretrained(tmp_path)
    model.save_pretrained(tmp_path)
    if settings:
        (tmp_path / "1_Pooling").mkdir()
        (tmp_path / "1_Pooling" / "config.json").write_text(settings)
    with torch.inference_mode():
        states = model(**tokenizer("the sun is hot", return_tensors="pt")).last_hidden_state[0]
    wanted = {"mean": states.mean(0), "first": states[0], "last": states[-1]}[expected]
    table = pa.table({"text": ["the sun is hot", "the moon and the river are very old"]})
    found = embeddings.embedding(table, model=str(tmp_path), normalize=False)
    np.testing.assert_allclose(values(found)[0], wanted.numpy(), atol=1e-5)


def test_a_pooling_we_do_not_know_is_refused(tiny, tmp_path):
    from transformers import AutoModel, AutoTokenizer

    AutoTokenizer.from_pretrained(tiny("encoder")).save_pretrained(tmp_path)
    AutoModel.from_pretrained(tiny("encoder")).save_pretrained(tmp_path)
    (tmp_path / "1_Pooling").mkdir()
    (tmp_path / "1_Pooling" / "config.json").write_text('{"pooling_mode_max_tokens": true}')
    with pytest.raises(BadArgument, match="pools by"):
        embeddings.embedding(TABLE, model=str(tmp_path))


def test_a_table_of_nulls_has_the_size_of_the_model(tiny):
    table = pa.table({"text": pa.nulls(3, pa.string())})
    for each in (table, table.slice(0, 0)):
        found = embeddings.embedding(each, model=tiny("encoder"), embedding="vector")
        assert found["vector"].type == pa.list_(pa.float32(), 32)
        assert found["vector"].null_count == each.num_rows


def test_without_the_package_the_cure_is_told(tiny, monkeypatch):
    monkeypatch.setattr(loading, "PACKAGED", "no_such_package")
    with pytest.raises(Exception, match=r"make models.*name another model or folder"):
        embeddings.embedding(TABLE)
