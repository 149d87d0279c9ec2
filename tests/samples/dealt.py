"""Read back a sample that lies in files of several formats."""

import csv
import json

import pyarrow.parquet as pq


def rows(folder, names):
    """Return by key the values of a row's own columns, as `names` gives them for each file, and the file."""
    csv.field_size_limit(10_000_000)
    found = {file: _records(folder / file) for file in names}
    return {row["key"]: (*map(row.get, names[file]), file) for file in found for row in found[file]}


def _records(path):
    if path.suffix == ".parquet":
        return pq.read_table(path).to_pylist()
    if path.suffix == ".jsonl":
        return [json.loads(line) for line in path.read_bytes().splitlines()]
    with path.open(newline="") as file:
        return list(csv.DictReader(file))
