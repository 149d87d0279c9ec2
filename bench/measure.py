"""What one command costs: `python bench/measure.py <result.json> <command ...>`.

A small process of its own, so that the memory of whoever asks is not counted: on Linux a child starts with the peak of
the process it was forked from.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Cost:
    """CPU seconds of the command and all processes it waited for, peak memory of its largest process, wall time."""

    cpu_s: float
    peak_mb: float
    wall_s: float
    status: int


def measured(command: Sequence[str | Path], env: Mapping[str, str], log: Path) -> Cost:
    """Run a command to its end and return what it cost; its output goes to `log`."""
    with tempfile.NamedTemporaryFile(suffix=".json") as result, log.open("w") as output:
        launcher = [sys.executable, "-I", "-S", __file__, result.name, *map(str, command)]
        subprocess.run(launcher, env=dict(env), stdout=output, stderr=subprocess.STDOUT, check=True)
        return Cost(**json.load(result))


def _run(result: str, *command: str) -> None:
    begun = time.monotonic()
    process = subprocess.Popen(command)
    _, status, usage = os.wait4(process.pid, 0)
    cost = Cost(
        cpu_s=usage.ru_utime + usage.ru_stime,
        peak_mb=usage.ru_maxrss * 1024 / 1e6,
        wall_s=time.monotonic() - begun,
        status=os.waitstatus_to_exitcode(status),
    )
    Path(result).write_text(json.dumps(asdict(cost)))


if __name__ == "__main__":
    _run(*sys.argv[1:])
