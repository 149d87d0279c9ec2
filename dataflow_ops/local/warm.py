"""Compile the kernels of the text ops once, on a tiny table: the first task then finds them on disk."""

import hashlib
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

import dataflow_ops

# Ops whose inner loops numba compiles, half a minute all in all, and what they must be given.
MAPS = (
    "score.text.measures",
    "score.readability.readability",
    "score.readability.diversity",
    "score.language.language",
    "score.overlap.benchmark_overlap",
    "score.repetition.unique_ngrams",
    "score.code.measures",
    "dedup.minhash.sketch",
)
REDUCES = ("dedup.minhash.duplicates",)


def main() -> int:
    """Run every op once; return an exit code."""
    import pyarrow as pa  # noqa: PLC0415 - the plan of the set-up imports this module for its fingerprint only

    from dataflow_ops.op import InMemory, call, find_op  # noqa: PLC0415

    words = " ".join(f"word{number % 90} and so, on." for number in range(300))
    table = pa.table({"id": ["a", "b"], "text": [words, f"{words} Nearly the same."]})
    given: dict[str, dict[str, Any]] = {
        "score.overlap.benchmark_overlap": {"benchmark": table.select(["text"])},
        "score.repetition.unique_ngrams": {"question": None, "text": "text"},
        "score.code.measures": {"code": "text", "path": None},
    }
    for name in MAPS:
        table = call(find_op(name), table, **given.get(name, {}))
    for name in REDUCES:
        list(find_op(name)(InMemory([table])))
    return 0


def fingerprint() -> str:
    """Return what changes when something must be compiled again: the code, by the times numba goes by, and numba."""
    folder = Path(dataflow_ops.__file__).parent
    files = sorted((str(path), path.stat().st_mtime_ns) for path in folder.rglob("*.py"))
    return hashlib.sha256(f"{files}{version('numba')}".encode()).hexdigest()


if __name__ == "__main__":
    sys.exit(main())
