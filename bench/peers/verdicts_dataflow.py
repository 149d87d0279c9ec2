"""What each rule of OpenDCAI DataFlow says of every document: `<python> verdicts_dataflow.py <file.jsonl> <out.parquet>`."""

import sys
from typing import Any

import pandas as pd
from run_dataflow import rules


class Kept:
    """A storage that hands out the same rows to every step and notes which it keeps."""

    def __init__(self, rows: pd.DataFrame) -> None:
        self.rows = rows
        self.kept = rows

    def read(self, _output_type: str = "dataframe") -> pd.DataFrame:
        """Return a copy of all rows."""
        return self.rows.copy()

    def write(self, data: Any) -> None:
        """Note the rows a step keeps."""
        self.kept = data


def main(source: str, target: str) -> None:
    """Write one column of verdicts per rule, true where the rule keeps the document."""
    rows = pd.read_json(source, lines=True)
    verdicts = rows[["id"]].copy()
    for rule in rules():
        storage = Kept(rows)
        rule.run(storage=storage, input_key="text")
        verdicts[type(rule).__name__] = rows["id"].isin(storage.kept["id"])
    verdicts.to_parquet(target)


if __name__ == "__main__":
    main(*sys.argv[1:])
