"""CPU seconds to import one op, beside peers: `python -m bench.imports`. The best of five fresh interpreters each."""

import sys
from pathlib import Path

from bench.compare import ENVIRONMENTS, ROOT, environment
from bench.corpus import DATA
from bench.measure import measured
from bench.report import table

VERBS = ("score", "filters", "dedup", "refine", "extract", "generate")
PEERS = {
    "datatrove": "from datatrove.pipeline.filters import GopherQualityFilter",
    "datajuicer": "from data_juicer.ops.filter import WordsNumFilter",
    "daft": "import daft",
    "dataflow, words": "from dataflow.operators.general_text import WordNumberFilter",
    "dataflow, block list": "from dataflow.operators.general_text import BlocklistFilter",
}


def modules() -> list[str]:
    """Return the modules of the package that hold ops."""
    package = ROOT / "dataflow_ops"
    files = sorted(path for verb in VERBS for path in (package / verb).glob("[a-z]*.py"))
    return [".".join(path.relative_to(ROOT).with_suffix("").parts) for path in files]


def cost(python: Path, statement: str, runs: int = 5) -> tuple[float, float]:
    """Return the least CPU seconds and the least peak memory, in MB, of an interpreter that does nothing else."""
    log = DATA / "import.log"
    costs = [measured([python, "-c", statement], environment(), log) for _ in range(runs)]
    if any(each.status for each in costs):
        sys.exit(f"{statement!r} failed:\n{log.read_text()}")
    return min(each.cpu_s for each in costs), min(each.peak_mb for each in costs)


def main() -> None:
    """Print what each import costs."""
    ours = {name: (ROOT / ".venv/bin/python", f"import {name}") for name in modules()}
    homes = {name: ENVIRONMENTS / name.partition(",")[0] for name in PEERS}
    peers = {name: (homes[name] / "bin/python", line) for name, line in PEERS.items() if homes[name].exists()}
    rows = []
    for name, (python, statement) in (ours | peers).items():
        seconds, memory = cost(python, statement)
        rows.append([name, f"{seconds:.2f}", f"{memory:.0f}"])
    print(table(["import", "CPU s", "peak MB"], rows))


if __name__ == "__main__":
    main()
