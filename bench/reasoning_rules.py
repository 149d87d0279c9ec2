"""Rows and megabytes per CPU second of the rules for solutions, beside DataFlow's: `python -m bench.reasoning_rules`.

Solutions are made up: words and formulas drawn at random, their lengths log-normal with a median of 200 words, one in
ten of them a loop. Rows are in memory, and loading and compiling is not counted. DataFlow's n-gram filter runs in its
own environment (`python -m bench.peers.setup dataflow`); its filter by tokens needs a package that is not part of that,
and what it does, one text a call, is timed here instead, with the tokenizer that ours uses (`make models`).
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from bench.compare import environment
from bench.peers.setup import ENVIRONMENTS
from bench.report import table
from dataflow_ops.models.counting import tokenizer_of
from dataflow_ops.models.loading import packaged
from dataflow_ops.score.length import tokens
from dataflow_ops.score.repetition import unique_ngrams

WORDS = ["the", "sum", "of", "both", "sides", "is", "so", "we", "have", "therefore", "each", "angle", "number", "then"]
FORMULAS = ["$x^2 + 3x = 10$", r"\frac{1}{2}", "3x+5=20", r"\sqrt{3}", "12 * 7 = 84", r"$n \ge 2$", "1,000", "45%"]
SCRIPT = Path(__file__).parent / "peers" / "ngrams_dataflow.py"


def solved(rows: int, seed: int = 0) -> pa.Table:
    """Return questions with solutions."""
    random = np.random.default_rng(seed)
    known = [*WORDS, *FORMULAS, *(f"word{number}" for number in range(500))]
    lengths = np.clip(random.lognormal(np.log(200), 0.7, rows), 5, 5000).astype(int)
    drawn = [random.choice(known, size).tolist() for size in lengths]
    loops = [" ".join(words[:7] * (size // 7 + 1)) for words, size in zip(drawn, lengths, strict=True)]
    texts = [loop if row % 10 == 0 else " ".join(drawn[row]) for row, loop in enumerate(loops)]
    questions = [" ".join(random.choice(known, 40)) for _ in range(rows)]
    return pa.table({"id": [str(row) for row in range(rows)], "question": questions, "solution": texts})


def timed(run: Callable[[], object], repeats: int) -> float:
    """Return CPU seconds, the least of some runs after a first one."""
    run()
    costs = []
    for _ in range(repeats):
        began = time.process_time()
        run()
        costs.append(time.process_time() - began)
    return min(costs)


def of_dataflow(rows: pa.Table, script: Path) -> dict[str, Any]:
    """Return what `script`, run on rows in DataFlow's environment, says of cost and rows kept in its last line."""
    with tempfile.TemporaryDirectory() as folder:
        pq.write_table(rows, Path(folder) / "rows.parquet")
        command = [ENVIRONMENTS / "dataflow/bin/python", script, Path(folder) / "rows.parquet"]
        done = subprocess.run(command, env=environment(), check=True, capture_output=True, text=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def one_a_call(rows: pa.Table) -> list[int]:
    """Count tokens as DataFlow does: each text by itself."""
    loaded = tokenizer_of(packaged())
    return [len(loaded.encode(text, add_special_tokens=False)) for text in rows["solution"].to_pylist()]


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--tokenized", type=int, default=1_000, help="rows whose tokens are counted by a tokenizer")
    parser.add_argument("--repeats", type=int, default=3)
    given = parser.parse_args()
    rows = solved(given.rows)
    few, lines = rows.slice(0, given.tokenized), []
    runs = {
        "unique 5-grams": (rows, lambda: unique_ngrams(rows)),
        "tokens, characters / 4": (rows, lambda: tokens(rows)),
        "tokens, by a tokenizer": (few, lambda: tokens(few, tokenizer=packaged())),
        "the same, one text a call": (few, lambda: one_a_call(few)),
    }
    costs = [(name, part, timed(run, given.repeats)) for name, (part, run) in runs.items()]
    if (ENVIRONMENTS / "dataflow").exists():
        theirs = of_dataflow(rows, SCRIPT)
        costs.insert(1, ("unique 5-grams, DataFlow", rows, theirs["cpu_s"]))
        ours = pc.sum(pc.greater_equal(unique_ngrams(rows)["unique_ngram_ratio"], 0.3)).as_py()
        print(f"of {given.rows:,} rows {theirs['kept']:,.0f} are kept by DataFlow, {ours:,} by ours\n")
    for name, part, cost in costs:
        read = ["question", "solution"] if name.startswith("unique") else ["solution"]
        size = sum(part[column].nbytes for column in read) / 1e6
        lines.append([name, f"{part.num_rows / cost:,.0f}", f"{size / cost:,.1f}", f"{cost:.3f}"])
    print(table(["rule", "rows/CPU s", "MB/CPU s", "CPU s"], lines))


if __name__ == "__main__":
    sys.exit(main())
