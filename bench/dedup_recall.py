"""What near-deduplication finds of the planted copies, and what else it drops: by strength of edit, in many shards.

Run as `python -m bench.dedup_recall 0.5 0.7`; the arguments are thresholds. Needs the corpus: `python -m bench.corpus`.
"""

import json
import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from bench.corpus import CORPUS, TRUTH
from bench.plants import STRENGTHS
from dataflow_ops.dedup import minhash
from dataflow_ops.op import InMemory

SHARDS = 16
Truth = Mapping[str, Mapping[str, Any]]


def sketched(threshold: float) -> tuple[InMemory, float]:
    """Return the sketches of the corpus, texts beside, and how many MB of text were sketched in a CPU second."""
    tables: list[pa.Table] = []
    size, spent = 0, 0.0
    for path in sorted((CORPUS / "parquet" / str(SHARDS)).glob("*.parquet")):
        table = pq.ParquetFile(path).read()
        if not tables:
            minhash.sketch(table.slice(0, 1), threshold=threshold)  # loads the compiled code
        start = time.process_time()
        tables.append(minhash.sketch(table, threshold=threshold))
        spent += time.process_time() - start
        size += table["text"].nbytes
    return InMemory(tables), size / 1e6 / spent


def report(threshold: float, truth: Truth) -> None:
    """Say what is found at a threshold."""
    shards, speed = sketched(threshold)
    bands = shards.tables[0].schema.field("minhash").type.num_fields - 2
    start = time.process_time()
    found = pa.concat_tables(minhash.duplicates(shards, threshold=threshold))
    spent = time.process_time() - start
    named = dict(zip(found["id"].to_pylist(), found["duplicate_of"].to_pylist(), strict=True))
    recall = {name: share_found(name, named, truth) for name in STRENGTHS}
    print(
        f"threshold {threshold:g}: {bands} bands, sketched at {speed:.0f} MB per CPU s, compared in {spent:.2f} CPU s"
    )
    print("  found: " + ", ".join(f"{name} {share:.3f}" for name, share in recall.items()))
    print(f"  {len(named)} rows go: {dict(Counter(reason(row, named[row], truth) for row in named))}")


def share_found(strength: str, named: Mapping[str, str], truth: Truth) -> float:
    """Return the share of planted pairs of which not both stay."""
    pairs = [(row["id"], row["of"]) for row in truth.values() if row["kind"] == f"copy {strength}"]
    return sum(one in named or other in named for one, other in pairs) / len(pairs)


def reason(row: str, winner: str, truth: Truth) -> str:
    """Say why a row may go: it is a copy, it is junk cut from the same words, or there is no reason."""
    if (truth[row]["of"] or row) == (truth[winner]["of"] or winner):
        return "planted"
    return "junk" if any(truth[each]["kind"].startswith("junk") for each in (row, winner)) else "wrong"


def main(arguments: Sequence[str]) -> None:
    """Report on each threshold."""
    with TRUTH.open() as file:
        truth = {row["id"]: row for row in map(json.loads, file)}
    for threshold in arguments or ("0.5", "0.7", "0.8"):
        report(float(threshold), truth)


if __name__ == "__main__":
    main(sys.argv[1:])
