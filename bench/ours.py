"""Our ops at the three tasks, input and output included: `python -m bench.ours <task> <folder> <target> [variant]`.

Shards are read whole, one at a time, as a task of a DAG does; a reduce reads single columns of all. Survivors, the values
measured and what each dropped row duplicates are written in the form of the product's shards.
"""

import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from dataflow_ops.op import project
from dataflow_ops.shards import attach, encode

if TYPE_CHECKING:
    from dataflow_ops.score.text import Group

Reduce = Callable[["Files"], Iterator[pa.Table]]
LIKE_DATAFLOW: dict[str, dict[str, Any] | None] = {"alphabetic_word_ratio": {"above": 0.3}}
"""The preset `pretrain` has all rules of DataFlow's pretraining pipeline; this is the one more that is compared."""


@dataclass(frozen=True)
class Files:
    """Parquet files as a reduce op sees them: opened once, a few columns read at a time."""

    paths: Sequence[Path]
    published: int = 0
    opened: dict[int, pq.ParquetFile] = field(default_factory=dict)

    @property
    def counts(self) -> list[int]:
        """Rows of each file."""
        return [self._open(number).metadata.num_rows for number in range(len(self.paths))]

    def read(self, shard: int, columns: Sequence[str]) -> pa.Table:
        """Return `columns` of one file, `struct.field` included."""
        return project(self._open(shard).read(columns=list(columns)), columns)

    def _open(self, number: int) -> pq.ParquetFile:
        if number not in self.opened:
            self.opened[number] = pq.ParquetFile(self.paths[number])
        return self.opened[number]


def read(path: Path) -> pa.Table:
    """Read one shard in batches: reading it at one go takes twice the memory while it lasts."""
    return pa.Table.from_batches(pq.ParquetFile(path, buffer_size=1 << 20).iter_batches(1_000, use_threads=False))


def write(table: pa.Table, path: Path) -> None:
    """Write one shard as the product does."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(memoryview(encode(table)))


def rules(source: Path, target: Path, *, groups: "tuple[Group, ...]" = ("quality",)) -> None:
    """Measure, judge by the rules that DataFlow has too, and keep what passes; all values and verdicts are kept."""
    from dataflow_ops.filters.rules import passed
    from dataflow_ops.score.rules import failed
    from dataflow_ops.score.text import measures

    for path in sorted(source.iterdir()):
        table = read(path)
        judged = failed(measures(table, groups=groups), preset="pretrain", thresholds=LIKE_DATAFLOW)
        write(judged.drop_columns(["text"]), target / "values" / path.name)
        write(passed(judged).select(table.column_names), target / "survivors" / path.name)


def all_measures(source: Path, target: Path) -> None:
    """Do the same with every measure there is, those of repetition included."""
    rules(source, target, groups=("quality", "repetition"))


def near(source: Path, target: Path, *, threshold: float = 0.5) -> None:
    """Sketch every shard, compare the sketches of all, and keep rows that resemble no earlier one."""
    from dataflow_ops.dedup.minhash import duplicates, sketch

    _dedup(source, target, partial(sketch, threshold=threshold), partial(duplicates, threshold=threshold))


def near_stricter(source: Path, target: Path) -> None:
    """Do the same with about the threshold that 14 bands of 8 hashes have, as datatrove and Daft are run."""
    near(source, target, threshold=0.7)


def exact(source: Path, target: Path) -> None:
    """Hash every shard, compare the hashes of all, and keep the first row of each text."""
    from dataflow_ops.dedup.exact import content_hash, duplicates

    _dedup(source, target, content_hash, duplicates)


def copy(source: Path, target: Path) -> None:
    """Read and write all shards and do nothing: what the file format and starting a process cost."""
    for path in sorted(source.iterdir()):
        write(read(path), target / "survivors" / path.name)


def _dedup(source: Path, target: Path, mark: Callable[[pa.Table], pa.Table], duplicates: Reduce) -> None:
    from dataflow_ops.filters.duplicates import unique

    paths = sorted(source.iterdir())
    marked = [target / "marked" / path.name for path in paths]
    for path, side in zip(paths, marked, strict=True):
        write(mark(read(path)).drop_columns(["text"]), side)
    for path, found in zip(paths, duplicates(Files(marked)), strict=True):
        write(found, target / "duplicates" / path.name)
        table = read(path)
        write(unique(attach(table, found)).select(table.column_names), target / "survivors" / path.name)


TASKS = {
    "rules": rules,
    "rules-all measures": all_measures,
    "near": near,
    "near-threshold 0.7": near_stricter,
    "exact": exact,
    "exact-copy": copy,
}


if __name__ == "__main__":
    TASKS[sys.argv[1]](Path(sys.argv[2]), Path(sys.argv[3]))
