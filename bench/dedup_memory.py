"""Memory of the reduces over millions of rows that need not exist: sketches and hashes made up as they are read.

Run as `python -m bench.dedup_memory 1 3`; the arguments are millions of rows. One row in five is a near or exact
duplicate of another. Each measure is taken in a process of its own, over what the process takes with ten thousand rows.
"""

import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import pyarrow as pa

from dataflow_ops.dedup import exact, minhash, paragraphs
from dataflow_ops.dedup._sketch import Recipe
from dataflow_ops.op import Shards

SHARD = 20_000
RECIPE = Recipe(rows=4, ngram=5, fold_numbers=True, seed=0)
LINES = 20
REDUCES: Mapping[str, Callable[[Shards], Iterator[pa.Table]]] = {
    "exact": exact.duplicates,
    "minhash first": minhash.duplicates,
    "minhash longest": partial(minhash.duplicates, keep="longest"),
    "paragraphs": paragraphs.repeated,
}


@dataclass(frozen=True)
class MadeUp:
    """Shards of rows of which every fifth repeats a row anywhere before it; of its sketch, in two bands of three."""

    rows: int
    published: int = 0

    @property
    def counts(self) -> list[int]:
        """Rows of each shard."""
        return [min(SHARD, self.rows - first) for first in range(0, self.rows, SHARD)]

    def read(self, shard: int, columns: Sequence[str]) -> pa.Table:
        """Make up `columns` of one shard."""
        rows = np.arange(shard * SHARD, shard * SHARD + self.counts[shard], dtype=np.uint64)
        source = np.where(rows % 5 == 0, scattered(rows) % (rows + 1), rows).astype(np.uint64)
        return pa.table({name: self._column(name, rows, source) for name in columns})

    def _column(self, name: str, rows: np.ndarray, source: np.ndarray) -> pa.Array:
        field = name.removeprefix("minhash.")
        if field == "id":
            return pa.array([f"https://example.org/{row:016x}" for row in rows.tolist()])
        if field == "minhash":
            return pa.nulls(len(rows), RECIPE.type)
        if field == "content_hash":
            twice = np.stack([scattered(source), scattered(source + 1)], axis=1).tobytes()
            return pa.FixedSizeBinaryArray.from_buffers(exact.HASH, len(rows), [None, pa.py_buffer(twice)])
        if field == "paragraph_hashes":
            lines = scattered(
                np.repeat(source, LINES) * np.uint64(LINES) + np.tile(np.arange(LINES, dtype=np.uint64), len(rows))
            )
            return pa.ListArray.from_arrays(
                pa.array(np.arange(0, len(lines) + 1, LINES, dtype=np.int32)), pa.array(lines)
            )
        if field in ("words", "recipe"):
            return pa.array(np.full(len(rows), RECIPE.mark if field == "recipe" else 600, np.uint32))
        band = np.uint64(field[1:])
        alike = scattered(rows + band) % 3 > 0
        return pa.array(scattered(np.where(alike, source, rows) * np.uint64(RECIPE.bands) + band))


def scattered(numbers: np.ndarray) -> np.ndarray:
    """Return a hash of each number."""
    mixed = (numbers + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(32))) * np.uint64(0xD6E8FEB86659FD93)
    return mixed ^ (mixed >> np.uint64(29))


def peak_mib() -> float:
    """Return the peak RSS of this process."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measure(reduce: str, millions: float) -> None:
    """Run one reduce and say what it took."""
    sum(table.num_rows for table in REDUCES[reduce](MadeUp(10_000)))
    before, start = peak_mib(), time.process_time()
    named = sum(table.num_rows for table in REDUCES[reduce](MadeUp(round(millions * 1e6))))
    spent, after = time.process_time() - start, peak_mib()
    print(
        f"{reduce:16} {millions:4g} million rows: {after - before:5.0f} MiB over {before:.0f}, "
        f"{(after - before) / millions:4.0f} per million, {spent:5.1f} CPU s with making up, {named} rows named"
    )


def main(arguments: Sequence[str]) -> None:
    """Measure all reduces, or with a name and a number one."""
    if arguments and arguments[0] in REDUCES:
        measure(arguments[0], float(arguments[1]))
        return
    for reduce in REDUCES:
        for millions in arguments or ("1", "3"):
            subprocess.run([sys.executable, "-m", "bench.dedup_memory", reduce, millions], check=True)


if __name__ == "__main__":
    main(sys.argv[1:])
