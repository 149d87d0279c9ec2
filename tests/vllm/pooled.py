"""Ask pooling models by vLLM and by transformers, in vLLM's environment; write what both say as JSON.

`python pooled.py models texts.json answers.json`
"""

import json
import sys
from pathlib import Path
from typing import Any

from dataflow_ops.llm.vllm.pooling import Pooling

SMALL: dict[str, Any] = {"dtype": "float32", "enforce_eager": True, "max_num_seqs": 32, "max_model_len": 512}
SMALL["kv_cache_memory_bytes"] = 64 << 20


def by_vllm(model: Path, task: Any, texts: list[str]) -> list[Any]:
    pooling = Pooling(str(model), task, **SMALL)
    answers = pooling.embed(texts) if task == "embed" else pooling.scores(texts)
    pooling.close()
    return answers


def by_transformers(kind: str, folder: Path, texts: list[str]) -> list[list[float]]:
    import torch
    import transformers

    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    model = getattr(transformers, kind).from_pretrained(folder).eval()
    found = []
    for text in texts:
        words = tokenizer(text, truncation=True, max_length=512, return_tensors="pt")
        with torch.no_grad():
            said = model(words.input_ids)
        found.append(said.logits[0] if "logits" in said else said.last_hidden_state[0, 0])
    return [one.tolist() for one in found]


if __name__ == "__main__":
    models, texts = Path(sys.argv[1]), json.loads(Path(sys.argv[2]).read_text())
    written = [text for text in texts if text]
    answers = {
        "embed": by_vllm(models / "embedder", "embed", texts),
        "reward": by_vllm(models / "classifier", "reward", texts),
        "vectors": by_transformers("AutoModel", models / "embedder", written),
        "logits": by_transformers("AutoModelForSequenceClassification", models / "classifier", written),
    }
    Path(sys.argv[3]).write_text(json.dumps(answers))
