import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from dataflow_ops.errors import BadArgument
from dataflow_ops.models.loading import load
from tests.tiny_models import LABELS


@pytest.mark.parametrize(
    ("model", "message"),
    [
        ("s3://bucket/models/edu", "sync it to a folder"),
        ("/no/such/folder", "no such folder"),
        ("a/b/c", "looked in .*hub"),
    ],
)
def test_a_model_that_is_not_there_is_told_with_the_cure(model, message):
    with pytest.raises(BadArgument, match=message):
        load("classifier", model)


def test_without_the_hub_it_says_where_it_looked():
    script = "from dataflow_ops.models.loading import load; load('causal', 'nobody/nothing')"
    env = {**os.environ, "HF_HUB_OFFLINE": "1"}
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, env=env, check=False)
    assert "BadArgument: model 'nobody/nothing' cannot be loaded" in done.stderr
    assert "HF_HUB_OFFLINE is set" in done.stderr


def test_a_folder_without_weights_is_told(tiny, tmp_path):
    for path in Path(tiny("regressor")).iterdir():
        if path.suffix != ".safetensors":
            (tmp_path / path.name).write_bytes(path.read_bytes())
    with pytest.raises(BadArgument, match=r"looked in its folder: .*model\.safetensors"):
        load("classifier", str(tmp_path))


def test_a_head_without_weights_is_refused_rather_than_drawn_at_random(tiny):
    with pytest.raises(BadArgument, match=r"no weights for .*it was not trained as a classifier"):
        load("classifier", tiny("encoder"))
    with pytest.raises(BadArgument, match="it was not trained as a classifier"):
        load("classifier", tiny("gpt2"))


def test_code_that_comes_with_a_model_does_not_run(tiny, tmp_path):
    for path in Path(tiny("regressor")).iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    settings = json.loads((tmp_path / "config.json").read_text())
    settings |= {
        "model_type": "mine",
        "auto_map": {"AutoConfig": "mine.C", "AutoModelForSequenceClassification": "mine.M"},
    }
    (tmp_path / "config.json").write_text(json.dumps(settings))
    (tmp_path / "mine.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\nclass C: pass\nclass M: pass\n")
    with pytest.raises(BadArgument, match="cannot be loaded"):
        load("classifier", str(tmp_path))
    assert not (tmp_path / "ran").exists()


def test_a_model_is_loaded_once_and_two_are_kept(tiny):
    first = load("classifier", tiny("regressor"))
    assert load("classifier", tiny("regressor"), device="cpu", dtype="float32") is first
    load("encoder", tiny("encoder"))
    assert load("classifier", tiny("regressor")) is first
    load("causal", tiny("gpt2"))
    load("causal", tiny("llama"))
    assert load("classifier", tiny("regressor")) is not first


@pytest.mark.parametrize("device", ["gpux", "cuda:99"])
def test_a_device_that_is_not_there_is_told(tiny, device):
    import torch

    if device.startswith("cuda") and torch.cuda.is_available():
        pytest.skip("there is a GPU")
    with pytest.raises(BadArgument, match="device="):
        load("classifier", tiny("regressor"), device=device)


def test_a_model_in_16_bits_is_computed_in_32_on_a_cpu(tiny, tmp_path):
    import torch
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    AutoModelForSequenceClassification.from_pretrained(tiny("many"), dtype=torch.bfloat16).save_pretrained(tmp_path)
    AutoTokenizer.from_pretrained(tiny("many")).save_pretrained(tmp_path)
    loaded = load("classifier", str(tmp_path), device="cpu")
    assert loaded.model.dtype == torch.float32
    assert list(loaded.model.config.id2label.values()) == list(LABELS)


@pytest.mark.parametrize("name", ["gpt2", "four", "regressor", "mixin"])
def test_every_model_has_something_to_pad_with(tiny, name):
    loaded = load("causal" if name == "gpt2" else "classifier", tiny(name))
    assert isinstance(loaded.pad, int)
    assert loaded.longest in {64, 512}
