"""Vectors are kept like answers."""

from typing import ClassVar

import pyarrow as pa
import pytest

from dataflow_ops.llm.answers import Answers
from dataflow_ops.llm.chat import Failure, Kind
from dataflow_ops.llm.model import Model
from dataflow_ops.llm.rehearsal import DIMENSIONS, Rehearsal
from dataflow_ops.op import ANSWERED_BY, REJECTED
from dataflow_ops.score.embeddings import served
from dataflow_ops.store import Folder


class Counting(Rehearsal):
    """Answers as the rehearsal does, counts what it is sent, and declines one text."""

    sent: ClassVar[list] = []

    def embed(self, texts):
        self.sent.extend(texts)
        return [
            Failure(Kind.REFUSED, "no") if each == "bad" else super(Counting, self).embed([each])[0] for each in texts
        ]


@pytest.fixture
def model(tmp_path):
    Counting.sent = []
    with Model("tested", Counting(), memory=Answers(Folder(), f"{tmp_path}/a", local=tmp_path / "j")) as made:
        yield made


def test_a_text_is_embedded_once(model):
    first = model.embed(["a b", "c", "a b"])
    again = model.embed(["c", "a b", "d"])
    assert Counting.sent == ["a b", "c", "d"]
    assert first[0] == first[2]
    assert again[1].value == pytest.approx(first[0].value, abs=1e-6)
    assert (model.usage.requests, model.usage.cached) == (3, 3)


def test_what_failed_is_asked_for_again(model):
    assert [str(each.failure) for each in model.embed(["bad"])] == ["refused: no"]
    model.embed(["bad"])
    assert Counting.sent == ["bad", "bad"]


def test_rows_get_vectors_nulls_none_and_failures_their_reason(model):
    made = served(pa.table({"id": ["a", "b", "c"], "text": ["x y", None, "bad"]}), model)
    assert made["embedding"].type == pa.list_(pa.float32(), DIMENSIONS)
    assert made["embedding"].is_null().to_pylist() == [False, True, True]
    assert made[REJECTED].to_pylist() == [None, None, "refused: no"]
    assert set(made[ANSWERED_BY].to_pylist()) == {"tested"}


def test_no_rows_and_only_nulls(model):
    for texts in ([], [None]):
        made = served(pa.table({"id": ["a"] * len(texts), "text": pa.array(texts, pa.string())}), model)
        assert made["embedding"].null_count == len(texts)
