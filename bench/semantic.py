"""Rows alike by their embeddings: ours beside comparing all pairs, and choosing few rows beside choosing one by one.

Run as `python -m bench.semantic`. Embeddings are made up: loose groups, most of the variance along few axes as in the
embeddings of texts, and a fifth of the rows near or not so near to an earlier row. Each way runs in a process of its
own, on one core, and is measured whole, reading included.
"""

import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from bench.measure import Cost, measured
from dataflow_ops.dedup import coverage, semantic
from dataflow_ops.op import project
from dataflow_ops.score import diversity

WIDTH, SHARD, THRESHOLD, CHOSEN = 384, 20_000, 0.95, 1000
BLOCK = 2048


@dataclass(frozen=True)
class Folder:
    """Parquet files, seen as shards."""

    path: Path
    published: int = 0

    @property
    def files(self) -> list[Path]:
        """The files, in order."""
        return sorted(self.path.glob("*.parquet"))

    @property
    def counts(self) -> list[int]:
        """Rows of each file."""
        return [pq.read_metadata(file).num_rows for file in self.files]

    def read(self, shard: int, columns: Sequence[str]) -> pa.Table:
        """Return `columns` of one file."""
        return project(pq.read_table(self.files[shard], columns=list(columns)), columns)

    def all(self) -> np.ndarray:
        """Return the embeddings of all rows, each of length one."""
        parts = [self.read(shard, ["embedding"])["embedding"] for shard in range(len(self.files))]
        rows = np.concatenate([part.combine_chunks().flatten().to_numpy().reshape(-1, WIDTH) for part in parts])
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)
        return rows


def make(folder: Path, rows: int, *, flat: bool) -> None:
    """Write made-up embeddings: a fifth of the rows have a cosine of .88 to 1 with an earlier one."""
    rng = np.random.default_rng(0)
    axes = np.ones(WIDTH) if flat else np.arange(1, WIDTH + 1) ** -0.5
    axes /= np.linalg.norm(axes)
    groups = rng.standard_normal((rows // 200, WIDTH))
    made = ((groups[rng.integers(0, len(groups), rows)] + rng.standard_normal((rows, WIDTH))) * axes).astype(np.float32)
    made /= np.linalg.norm(made, axis=1, keepdims=True)
    for row in np.sort(rng.permutation(rows - 1)[: rows // 5]) + 1:
        made[row] = made[rng.integers(0, row)] + rng.standard_normal(WIDTH) * axes * rng.uniform(0, 0.5)
    for shard, low in enumerate(range(0, rows, SHARD)):
        part = made[low : low + SHARD]
        values = pa.FixedSizeListArray.from_arrays(pa.array(part.ravel()), WIDTH)
        ids = pa.array([f"row-{low + number:08d}" for number in range(len(part))])
        pq.write_table(pa.table({"id": ids, "embedding": values}), folder / f"{shard:05d}.parquet")


def ours(folder: Folder) -> list[list[int]]:
    """Return the rows named and the rows that stand for them."""
    named = [part.select([0, 1]) for part in semantic.duplicates(folder, threshold=THRESHOLD)]
    return [[int(name[4:]) for part in named for name in part.column(column).to_pylist()] for column in (0, 1)]


def by_blocks(folder: Folder) -> list[list[int]]:
    """Compare each row with every earlier one, some thousand rows at a time: the same result, all embeddings held."""
    rows = folder.all()
    stays, gone, firsts = np.ones(len(rows), bool), [], []
    for low in range(0, len(rows), BLOCK):
        alike = np.tril(rows[low : low + BLOCK] @ rows[: low + BLOCK].T >= THRESHOLD, low - 1)
        for number in np.flatnonzero(alike.any(axis=1)):
            others = np.flatnonzero(alike[number] & stays[: alike.shape[1]])
            if len(others):
                stays[low + number] = False
                gone.append(int(low + number))
                firsts.append(int(others[0]))
    return [gone, firsts]


def all_at_once(folder: Folder) -> list[list[int]]:
    """Compare all pairs in one matrix, and drop what is alike to any earlier row, one that is dropped itself included."""
    rows = folder.all()
    alike = np.tril(rows @ rows.T, -1) >= THRESHOLD
    gone = np.flatnonzero(alike.any(axis=1))
    return [gone.tolist(), alike[gone].argmax(axis=1).tolist()]


def centres(folder: Folder) -> list[list[int]]:
    """Choose rows by the op."""
    found = pa.concat_tables(coverage.k_center(folder, count=CHOSEN)).sort_by("selection_rank")
    return [[int(name[4:]) for name in found["id"].to_pylist()]]


def centres_one_by_one(folder: Folder) -> list[list[int]]:
    """Choose rows by comparing all with each one chosen; the first is that of the op."""
    rows = folder.all()
    order = [int(np.random.default_rng(0).integers(len(rows)))]
    near = rows @ rows[order[0]]
    while len(order) < CHOSEN:
        near[order[-1]] = np.inf
        order.append(int(near.argmin()))
        near = np.maximum(near, rows @ rows[order[-1]])
    return [order]


def vendi(folder: Folder) -> list[list[int]]:
    """Measure the Vendi score."""
    return [[round(_measures(diversity.vendi(folder))["vendi"])]]


def mmd(folder: Folder) -> list[list[int]]:
    """Measure the discrepancy between all rows and the first shard."""
    _measures(diversity.mmd(folder, reference=folder.read(0, ["embedding"])))
    return [[]]


def _measures(tables: Iterator[pa.Table]) -> Mapping[str, float]:
    *_, last = tables
    measures: Mapping[str, float] = json.loads(last.schema.metadata[b"measures"])
    return measures


WAYS: Mapping[str, Callable[[Folder], list[list[int]]]] = {
    each.__name__: each for each in (ours, by_blocks, all_at_once, centres, centres_one_by_one, vendi, mmd)
}
PLAN: Sequence[tuple[int, bool, Sequence[str]]] = (
    (10_000, False, ("ours", "by_blocks", "all_at_once")),
    (100_000, False, ("ours", "by_blocks", "centres", "centres_one_by_one", "vendi", "mmd")),
    (100_000, True, ("ours",)),
)


def run(way: str, folder: Path, log: Path) -> tuple[Cost, list[list[int]]]:
    """Run one way in a process of its own."""
    env = os.environ | dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
    result = folder / f"{way}.json"
    cost = measured([sys.executable, "-m", "bench.semantic", way, folder, result], env, log)
    if cost.status:
        raise SystemExit(log.read_text())
    return cost, json.loads(result.read_text())


def compare(rows: int, ways: Sequence[str], *, flat: bool) -> None:
    """Measure some ways on the same rows, and how far they agree with the first of their kind."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make(folder, rows, flat=flat)
        found: dict[str, list[list[int]]] = {}
        for way in ways:
            cost, found[way] = run(way, folder, folder / "log")
            kind = "flat" if flat else "decaying"
            print(
                f"{rows:7} x {WIDTH} {kind:8} {way:18} {cost.cpu_s:7.1f} CPU s {cost.peak_mb / 1.048576:6.0f} MiB, "
                f"{len(found[way][0])} rows",
                flush=True,
            )
        _agree(found, "ours", "by_blocks")
        _agree(found, "centres", "centres_one_by_one")


def _agree(found: Mapping[str, list[list[int]]], one: str, other: str) -> None:
    if one in found and other in found:
        left, right = (set(zip(*found[way], strict=True)) for way in (one, other))
        print(
            f"    of {len(right)} that {other} finds, {one} finds {len(left & right)}, and {len(left - right)} others"
        )


def main(arguments: Sequence[str]) -> None:
    """Measure all, or run one way on a folder and write what it finds."""
    if arguments:
        way, folder, result = arguments
        Path(result).write_text(json.dumps(WAYS[way](Folder(Path(folder)))))
        return
    for rows, flat, ways in PLAN:
        compare(rows, ways, flat=flat)


if __name__ == "__main__":
    main(sys.argv[1:])
