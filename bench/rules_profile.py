"""Where the time of the text rules goes: MB of text a CPU second, whole task and by part.

python bench/rules_profile.py texts.parquet [quality] [repetition]

Reads a Parquet file of `id` and `text`, measures, judges, filters, and writes survivors and side values as Parquet.
"""

import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from dataflow_ops.filters import rules as filters
from dataflow_ops.score import rules, text


class Spent:
    """CPU seconds by part; the first part began when Python started."""

    def __init__(self) -> None:
        self.parts: dict[str, float] = {}
        self.last = 0.0

    def on(self, part: str) -> None:
        """Book the time since the last booking on `part`."""
        now = time.process_time()
        self.parts[part] = self.parts.get(part, 0.0) + now - self.last
        self.last = now


class Output:
    """Parquet files that grow by row groups."""

    def __init__(self, folder: str) -> None:
        self.folder, self.files = Path(folder), {}

    def write(self, name: str, table: pa.Table) -> None:
        """Add a row group."""
        if name not in self.files:
            path = self.folder / f"{name}.parquet"
            self.files[name] = pq.ParquetWriter(path, table.schema, compression="zstd", compression_level=3)
        self.files[name].write_table(table)

    def close(self) -> None:
        """Finish the files."""
        for file in self.files.values():
            file.close()


def task(source: str, groups: tuple[str, ...], output: Output, spent: Spent) -> Iterator[tuple[int, int, int]]:
    """Yield bytes of text, rows and kept rows of each row group."""
    with pq.ParquetFile(source) as file:
        for number in range(file.num_row_groups):
            table = file.read_row_group(number, columns=["id", "text"])
            size = sum(chunk.nbytes for chunk in table["text"].chunks)
            spent.on("read")
            table = text.measures(table, groups=groups)
            spent.on("measure" if number else "measure, first call")
            judged = rules.failed(table)
            good = filters.passed(judged)
            spent.on("judge, filter")
            output.write("kept", good.select(["id", "text"]))
            output.write("values", judged.drop_columns(["text"]))
            spent.on("write")
            yield size, judged.num_rows, good.num_rows


def main(source: str, groups: tuple[str, ...]) -> None:
    """Run the task once in this process, and print what it cost."""
    spent = Spent()
    spent.on("python, imports")
    with tempfile.TemporaryDirectory() as folder:
        output = Output(folder)
        size, rows, kept = map(sum, zip(*task(source, groups, output, spent), strict=True))
        output.close()
        spent.on("write")
    for part, seconds in spent.parts.items():
        print(f"{part:24}{seconds:7.2f} s")
    print(f"{'whole':24}{spent.last:7.2f} s  {size / spent.last / 1e6:.1f} MB per CPU second; kept {kept} of {rows}")


if __name__ == "__main__":
    main(sys.argv[1], tuple(sys.argv[2:]) or ("quality", "repetition"))
