"""Tables of the runs kept: speed and memory beside ours, and what each tool found."""

import json
from typing import Any

from bench.corpus import DATA
from bench.plants import STRENGTHS

RUNS = DATA / "runs.jsonl"
TARGETS = {"rules": 20.0, "near": 18.0, "exact": 40.0}
"""MB of text per CPU second ours must reach."""
FOUND = {"rules": ["junk"], "near": list(STRENGTHS), "exact": ["exact"]}
"""Of what is planted, what is worth a column: the share found."""
TITLES = {"rules": "21 text rules and filters", "near": "Near-duplicates", "exact": "Exact duplicates"}


def forget(tool: str, task: str) -> None:
    """Drop earlier runs: they were of other code."""
    if RUNS.exists():
        lines = RUNS.read_text().splitlines(keepends=True)
        RUNS.write_text("".join(line for line in lines if not _is(json.loads(line), tool, task)))


def _is(run: dict[str, Any], tool: str, task: str) -> bool:
    return (run["tool"], run["task"]) == (tool, task)


def best_runs() -> list[dict[str, Any]]:
    """Return per tool and task the run of least CPU time among those that ended well, with the number of runs."""
    best: dict[tuple[str, str], dict[str, Any]] = {}
    with RUNS.open() as lines:
        for run in map(json.loads, lines):
            key = (run["task"], run["tool"])
            if run["kept"] == 0:
                continue
            known = best.get(key, run | {"runs": 0})
            best[key] = (run if run["cpu_s"] < known["cpu_s"] else known) | {"runs": known["runs"] + 1}
    return list(best.values())


def table(headers: list[str], rows: list[list[str]]) -> str:
    """Return a Markdown table, numbers to the right."""
    rule = ["---"] + ["---:"] * (len(headers) - 1)
    return "\n".join("| " + " | ".join(row) + " |" for row in [headers, rule, *rows])


def row(run: dict[str, Any], ours: float | None) -> list[str]:
    """Return the line of one tool; `ours` is the speed it is compared with."""
    speed = run["mb"] / run["cpu_s"]
    return [
        run["tool"],
        f"{speed:.2f}",
        f"{ours / speed:.1f}" if ours else "",
        f"{run['cpu_s']:.1f}",
        f"{run['peak_mb']:.0f}",
        str(run["runs"]),
        f"{run['kept']:,} of {run['rows']:,}",
        *(f"{run[name]:.2f}" for name in FOUND[run["task"]]),
        f"{run['others']:.3f}",
    ]


def print_report() -> None:
    """Print one table per task."""
    runs = best_runs()
    for task, title in TITLES.items():
        here = [run for run in runs if run["task"] == task]
        ours = next((run["mb"] / run["cpu_s"] for run in here if run["tool"] == "ours"), None)
        headers = ["tool", "MB/CPU s", "ours / it", "CPU s", "peak MB", "runs", "kept", *FOUND[task], "others dropped"]
        print(f"\n## {title} (ours must reach {TARGETS[task]:.0f} MB/CPU s)\n")
        print(table(headers, [row(run, ours) for run in here]))
