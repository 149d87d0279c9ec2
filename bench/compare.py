"""Measure ours and the peers on the corpus: `python -m bench.compare [--tasks ...] [--tools ...] [--runs N] [--report]`.

Every run is a whole process, from the start of the interpreter to the last file written. Runs
replace earlier ones of that tool and task in `bench/data/runs.jsonl`; the report takes the run of least CPU time.
"""

import argparse
import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from bench.corpus import CORPUS, DATA, TRUTH, in_sample, truth
from bench.corpus import main as make_corpus
from bench.measure import measured
from bench.peers.setup import ENVIRONMENTS, NLTK_DATA, make
from bench.quality import quality, survivors
from bench.report import RUNS, forget, print_report

ROOT = Path(__file__).parent.parent
PEERS = Path(__file__).parent / "peers"


@dataclass(frozen=True)
class Contender:
    """A tool at a task: the script, what it is given, and how often at most it is worth running."""

    tool: str
    task: str
    source: str = "parquet/4"
    variant: str = ""
    most_runs: int = 3

    @property
    def name(self) -> str:
        """How runs of it are called."""
        return " ".join(part for part in (self.tool, self.variant) if part)

    def command(self, target: Path) -> list[str | Path]:
        """Return the command line that reads the corpus and writes below `target`."""
        source = CORPUS / self.source
        if self.tool == "ours":
            task = (
                f"{self.task}-{self.variant}"
                if self.variant in {"all measures", "copy", "threshold 0.7"}
                else self.task
            )
            return [ROOT / ".venv/bin/python", "-m", "bench.ours", task, source, target]
        python = ENVIRONMENTS / self.tool / "bin" / "python"
        options = [self.variant] if self.tool == "dataflow" and self.variant else []
        task = f"{self.task}-{self.variant}" if self.tool == "daft" and self.variant else self.task
        return [python, PEERS / f"run_{self.tool}.py", task, source, target, *options]


CONTENDERS = [
    *(Contender("ours", task) for task in ("rules", "near", "exact")),
    *(
        Contender("ours", task, f"parquet/{count}", f"{count} shards" if count > 1 else "1 shard")
        for task in ("rules", "near", "exact")
        for count in (1, 16)
    ),
    Contender("ours", "rules", variant="all measures"),
    Contender("ours", "near", variant="threshold 0.7"),
    Contender("ours", "exact", variant="copy"),
    Contender("dataflow", "rules", "jsonl/1", most_runs=1),
    Contender("dataflow", "rules", "jsonl/1", "parquet", most_runs=1),
    Contender("dataflow", "near", "jsonl/sample", most_runs=1),
    Contender("dataflow", "exact", "jsonl/1"),
    Contender("datatrove", "rules", "parquet/sample"),
    Contender("datatrove", "near", "parquet/1", most_runs=1),
    Contender("datatrove", "exact", "parquet/1"),
    Contender("datajuicer", "rules", "jsonl/sample"),
    Contender("datajuicer", "near", "jsonl/1", most_runs=1),
    Contender("datajuicer", "exact", "jsonl/1"),
    Contender("daft", "near"),
    Contender("daft", "near", variant="normalised"),
    Contender("daft", "exact"),
]


def environment() -> Mapping[str, str]:
    """Return the environment of every run: one thread for numeric libraries, compiled code kept, nothing looked up online."""
    kept = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    return (
        kept
        | threads
        | {"NLTK_DATA": str(NLTK_DATA), "HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1", "DO_NOT_TRACK": "1"}
    )


def run(contender: Contender) -> dict[str, object]:
    """Run a contender once and return its cost and quality."""
    target = DATA / "out" / f"{contender.name}-{contender.task}".replace(" ", "-")
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    cost = measured(contender.command(target), environment(), target.with_suffix(".log"))
    rows = [row for row in truth() if not contender.source.endswith("/sample") or in_sample(row)]
    kept = survivors(target / "survivors" if contender.tool == "ours" else target)
    if not kept:
        raise SystemExit(f"{contender.name} kept no row of task {contender.task}: see {target.with_suffix('.log')}")
    shutil.rmtree(target)
    return {
        "tool": contender.name,
        "task": contender.task,
        "when": datetime.now(UTC).date().isoformat(),
        "mb": sum(row["bytes"] for row in rows) / 1e6,
        "rows": len(rows),
        "kept": len(kept),
        **asdict(cost),
        **quality(kept, rows),
    }


def prepare(contenders: list[Contender]) -> None:
    """Make what is missing: the corpus, and the environments of the peers asked for."""
    if not TRUTH.exists():
        make_corpus()
    for tool in {contender.tool for contender in contenders} - {"ours"}:
        if not (ENVIRONMENTS / tool).exists():
            make(tool)


def main() -> None:
    """Run what is asked for, then print the report over all runs kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tasks", nargs="*", default=["rules", "near", "exact"])
    parser.add_argument("--tools", nargs="*", default=sorted({contender.tool for contender in CONTENDERS}))
    parser.add_argument("--runs", type=int, default=3, help="runs each; slow peers run once")
    parser.add_argument("--report", action="store_true", help="print the report of earlier runs, measure nothing")
    asked = parser.parse_args()
    chosen = [each for each in CONTENDERS if each.task in asked.tasks and each.tool in asked.tools]
    if not asked.report:
        prepare(chosen)
        for contender in chosen:
            forget(contender.name, contender.task)
            for _ in range(min(asked.runs, contender.most_runs)):
                result = run(contender)
                print(
                    {key: round(value, 2) if isinstance(value, float) else value for key, value in result.items()},
                    flush=True,
                )
                with RUNS.open("a") as file:
                    file.write(json.dumps(result) + "\n")
    print_report()


if __name__ == "__main__":
    main()
