"""Tokens per second of the batch runner of models beside naive batching: `python -m bench.batch_runner`.

Naive is 32 rows as they come, padded to the longest of them, and one row at a time. Texts are made up, with lengths as
on the web: a log-normal distribution, median 120 tokens, cut at 512 (256 for the embedding model). Tokens are those of
the texts, without padding. On a GPU: `python -m bench.batch_runner --device cuda --rows 20000`, which computes in
bfloat16 and compares what comes out with float32.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from unittest import mock

import numpy as np

from bench.report import table
from dataflow_ops.models import causal, encoder, runner, tokens
from dataflow_ops.models.loading import Dtype, Loaded, load, packaged
from dataflow_ops.models.runner import Row

Score = Callable[[Loaded, Sequence[Row], int], np.ndarray]
WORDS = [
    "the",
    "of",
    "and",
    "to",
    "in",
    "is",
    "that",
    "for",
    "was",
    "on",
    "are",
    "with",
    "as",
    "it",
    "from",
    "this",
    "by",
    "be",
    "at",
    "or",
    "which",
    "an",
    "have",
    "not",
    "has",
    "but",
]


def texts(rows: int, seed: int = 0) -> list[str]:
    """Return texts of known words, one token each, of many lengths."""
    random = np.random.default_rng(seed)
    lengths = np.clip(random.lognormal(np.log(120), 0.9, rows), 3, 2000).astype(int)
    return [" ".join(random.choice(WORDS, length)) for length in lengths]


def language_model(folder: Path) -> str:
    """Make a language model of 7 million random weights over the vocabulary of the embedding model; return its folder."""
    import torch
    from transformers import AutoTokenizer, LlamaConfig, LlamaForCausalLM

    tokenizer = AutoTokenizer.from_pretrained(packaged())
    sizes = {"hidden_size": 192, "num_hidden_layers": 4, "num_attention_heads": 6, "intermediate_size": 512}
    torch.manual_seed(0)
    config = LlamaConfig(vocab_size=len(tokenizer), max_position_embeddings=512, tie_word_embeddings=True, **sizes)
    LlamaForCausalLM(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return str(folder)


def embed(loaded: Loaded, rows: Sequence[Row], batch_tokens: int) -> np.ndarray:
    """Return vectors."""
    return encoder.vectors(loaded, rows, normalize=True, batch_tokens=batch_tokens)


def perplexity(loaded: Loaded, rows: Sequence[Row], batch_tokens: int) -> np.ndarray:
    """Return sums of -log p."""
    return causal.losses(loaded, rows, batch_tokens=batch_tokens)[:, :1]


def in_order(score: Score, size: int, loaded: Loaded, rows: Sequence[Row]) -> np.ndarray:
    """Score `size` rows at a time, as they come."""
    parts = (rows[start : start + size] for start in range(0, len(rows), size))
    return np.concatenate([_together(score, loaded, part) for part in parts])


def _together(score: Score, loaded: Loaded, rows: Sequence[Row]) -> np.ndarray:
    """Score all `rows` in one batch, on a CPU as well."""
    with mock.patch.object(runner, "CPU_TOKENS", 10**9):
        return score(loaded, rows, 10**9)


def sorted_by_length(score: Score, budget: int, loaded: Loaded, rows: Sequence[Row]) -> np.ndarray:
    """Score all rows with the batch runner."""
    return score(loaded, rows, budget)


def measured(way: Callable[..., np.ndarray], loaded: Loaded, rows: Sequence[Row], repeats: int) -> list[float]:
    """Return seconds and CPU seconds, the best of some after a first run on a few rows."""
    import torch

    way(loaded, rows[:8])
    costs = []
    for _ in range(repeats):
        began, used = time.perf_counter(), time.process_time()
        way(loaded, rows)
        if torch.cuda.is_available():
            torch.cuda.synchronize()
        costs.append((time.perf_counter() - began, time.process_time() - used))
    return [min(each) for each in zip(*costs, strict=True)]


def compare(
    name: str, loaded: Loaded, rows: Sequence[Row], score: Score, *, budget: int, repeats: int
) -> list[list[str]]:
    """Return a line for each way to run one model."""
    number = sum(map(len, rows))
    ways = {
        f"sorted, {budget if loaded.device != 'cpu' else min(budget, runner.CPU_TOKENS)} tokens a batch": partial(
            sorted_by_length, score, budget
        ),
        "32 rows, as they come": partial(in_order, score, 32),
        "one row": partial(in_order, score, 1),
    }
    lines = []
    for way, run in ways.items():
        wall, used = measured(run, loaded, rows, repeats)
        lines.append([name, way, f"{number / wall:,.0f}", f"{number / used:,.0f}", f"{wall:.2f}", f"{used:.2f}"])
    return lines


def drift(kind: str, model: str, rows: Sequence[Row], score: Score, device: str | None) -> float:
    """Return how far bfloat16 is from float32: the median of relative differences."""
    both = [score(load(kind, model, device=device, dtype=dtype), rows, 16384) for dtype in ("bfloat16", "float32")]
    return float(np.median(np.linalg.norm(both[0] - both[1], axis=1) / np.linalg.norm(both[1], axis=1)))


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rows", type=int, default=128)
    parser.add_argument("--repeats", type=int, default=2)
    parser.add_argument("--device")
    parser.add_argument("--dtype", choices=Dtype.__args__, default="auto")
    parser.add_argument("--batch-tokens", type=int, default=16384)
    given = parser.parse_args()
    lines = []
    with tempfile.TemporaryDirectory() as folder:
        models = [
            ("all-MiniLM-L6-v2, 22 M", "encoder", packaged(), embed, 256),
            ("Llama, random, 7 M", "causal", language_model(Path(folder)), perplexity, 512),
        ]
        for name, kind, model, score, most in models:
            loaded = load(kind, model, device=given.device, dtype=given.dtype)
            rows = tokens.texts_to_rows(loaded, texts(given.rows), max_tokens=most)
            lines += compare(name, loaded, rows, score, budget=given.batch_tokens, repeats=given.repeats)
            if loaded.dtype == "bfloat16":
                print(f"{name}: bfloat16 differs from float32 by {drift(kind, model, rows, score, given.device):.1e}")
    import torch

    where = (
        torch.cuda.get_device_name() if loaded.device.startswith("cuda") else f"CPU, {torch.get_num_threads()} threads"
    )
    print(f"{given.rows} texts, {loaded.dtype}, {where}\n")
    print(table(["model", "batches", "tokens/s", "tokens/CPU s", "s", "CPU s"], lines))


if __name__ == "__main__":
    sys.exit(main())
