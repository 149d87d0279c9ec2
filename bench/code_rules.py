"""Megabytes per CPU second of the rules for code files, beside DataFlow's: `python -m bench.code_rules`.

The files are the sources of the standard library of the Python that runs this. Rows are in memory, and loading and
compiling is not counted; all of it on one core. DataFlow's filters run in their own environment
(`python -m bench.peers.setup dataflow`), each over all files, with the thresholds of its pipeline.
"""

import argparse
import sys
import sysconfig
from pathlib import Path

import pyarrow as pa

from bench.peers.setup import ENVIRONMENTS
from bench.reasoning_rules import of_dataflow, timed
from bench.report import table
from dataflow_ops.filters.rules import passed
from dataflow_ops.score.code import language, measures, parses
from dataflow_ops.score.rules import failed

SCRIPT = Path(__file__).parent / "peers" / "code_dataflow.py"


def files() -> pa.Table:
    """Return the sources of the standard library."""
    folder = Path(sysconfig.get_path("stdlib"))
    found = [path for path in sorted(folder.rglob("*.py")) if "site-packages" not in path.parts]
    names = [str(path.relative_to(folder)) for path in found]
    codes = [path.read_text("utf-8", errors="replace") for path in found]
    return pa.table({"id": names, "path": names, "code": codes})


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--repeats", type=int, default=5)
    given = parser.parse_args()
    rows = files()
    size = rows["code"].nbytes / 1e6
    unnamed = rows.slice(0, 200)
    named = language(rows)
    measured = measures(named)
    kept = passed(failed(measured, preset="code")).num_rows
    runs = {
        "language by name": (rows, lambda: language(rows)),
        "language by content": (unnamed, lambda: language(unnamed, path=None)),
        "measures": (rows, lambda: measures(named)),
        "rules": (rows, lambda: passed(failed(measured, preset="code"))),
        "all of these but by content": (rows, lambda: passed(failed(measures(language(rows)), preset="code"))),
    }
    lines = []
    for name, (part, run) in runs.items():
        cost, mega = timed(run, given.repeats), part["code"].nbytes / 1e6
        lines.append([name, f"{mega / cost:,.1f}", f"{cost:.3f}"])
    ours = cost
    if (ENVIRONMENTS / "dataflow").exists():
        theirs = of_dataflow(named, SCRIPT)
        total = sum(step["cpu_s"] for step in theirs["steps"])
        lines += [[f"DataFlow: {step['name']}", f"{size / step['cpu_s']:,.2f}", f"{step['cpu_s']:.2f}"]
                  for step in theirs["steps"]]  # fmt: skip
        lines.append(["DataFlow: all filters", f"{size / total:,.2f}", f"{total:.2f}"])
        print(f"DataFlow keeps {theirs['kept']} files and takes {total / ours:,.0f} times as long")
    print(f"of {rows.num_rows:,} files, {size:,.1f} MB, ours keep {kept}, and {parsing(named)} parse\n")
    print(table(["step", "MB/CPU s", "CPU s"], lines))


def parsing(named: pa.Table) -> int:
    """Return how many files parse."""
    return sum(parses(named)["parses"].to_pylist())


if __name__ == "__main__":
    sys.exit(main())
