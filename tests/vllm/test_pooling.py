"""Embeddings and scores of vLLM's engine, beside those of transformers on the same weights."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from dataflow_ops.errors import BadArgument
from dataflow_ops.llm.vllm.pooling import Pooling
from tests.vllm.conftest import PROJECT, PYTHON

TEXTS = ["one", "", "héllo wörld " * 3, "x" * 100_000]


@pytest.fixture(scope="module")
def answers(models: Path, around: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> dict[str, list]:
    """What vLLM and transformers say of TEXTS."""
    folder = tmp_path_factory.mktemp("pooled")
    (folder / "texts.json").write_text(json.dumps(TEXTS))
    words = [PYTHON, Path(__file__).with_name("pooled.py"), models, folder / "texts.json", folder / "answers.json"]
    here = {"PYTHONPATH": str(PROJECT), "VLLM_ENABLE_V1_MULTIPROCESSING": "0"}
    subprocess.run(words, check=True, env={**around, **here})
    return json.loads((folder / "answers.json").read_text())


def test_vectors_are_those_of_transformers(answers: dict[str, list]) -> None:
    expected = np.array(answers["vectors"])
    expected /= np.linalg.norm(expected, axis=1, keepdims=True)
    assert np.allclose([one for one in answers["embed"] if one], expected, atol=1e-4)


def test_rewards_are_those_of_transformers(answers: dict[str, list]) -> None:
    assert np.allclose([one for one in answers["reward"] if one], answers["logits"], atol=1e-4)


def test_a_text_without_words_has_none(answers: dict[str, list]) -> None:
    assert [one is None for one in answers["embed"]] == [not text for text in TEXTS]
    assert [one is None for one in answers["reward"]] == [not text for text in TEXTS]


def test_it_says_where_vllm_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "vllm", None)
    with pytest.raises(BadArgument, match="no vLLM for 'm' in this environment"):
        Pooling("m")
    with pytest.raises(BadArgument, match="did you mean 'embed'"):
        Pooling("m", "embedd")  # type: ignore[arg-type]
