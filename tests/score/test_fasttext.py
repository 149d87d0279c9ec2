"""Labels by a fastText model that is trained on the spot."""

import pyarrow as pa
import pytest

from dataflow_ops.errors import BadArgument
from dataflow_ops.score.fasttext import label
from tests.rows import rows

ENGLISH = ["the river is long and cold", "what is the name of the old town", "she went to the market in the morning"]
GERMAN = ["der Fluss ist lang und kalt", "wie heißt die alte Stadt am Meer", "sie ging am Morgen auf den Markt"]


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    import fasttext

    folder = tmp_path_factory.mktemp("fasttext")
    lines = [f"__label__{name} {text}" for name, texts in (("en", ENGLISH), ("de", GERMAN)) for text in texts * 20]
    (folder / "train.txt").write_text("\n".join(lines))
    # Ten threads: each fills a tenth of the weights with numbers, what is left out may be anything, NaN as well.
    trained = fasttext.train_supervised(
        str(folder / "train.txt"), dim=8, epoch=20, lr=0.5, minn=2, maxn=4, bucket=2000, thread=10, verbose=0
    )
    trained.save_model(str(folder / "tiny.bin"))
    return str(folder / "tiny.bin")


def test_texts_are_told_apart(model):
    texts = ["the old town", "die alte Stadt", None, " \n", "the\nriver\nis cold", "der Fluss " * 100_000]
    made = label(rows(text=pa.array(texts)), model=model)
    assert made["label"].to_pylist() == ["en", "de", None, None, "en", "de"]
    assert all(each is None or 0.5 < each <= 1 for each in made["label_probability"].to_pylist())


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string()])
def test_types_stay_without_rows(model, kind):
    made = label(pa.table({"id": pa.array([], pa.string()), "text": pa.array([], kind)}), model=model)
    assert [made.schema.field(name).type for name in ("label", "label_probability")] == [pa.string(), pa.float32()]


def test_what_is_no_model_is_named(tmp_path):
    (tmp_path / "not.bin").write_text("nothing of the kind")
    for name, words in (("none.bin", "there is no file"), ("not.bin", "is no fastText model")):
        with pytest.raises(BadArgument, match=words):
            label(rows(text=["a"]), model=str(tmp_path / name))
