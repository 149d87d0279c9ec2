"""What one run in the sandbox came to."""

from dataclasses import dataclass
from typing import Literal

Ending = Literal["exit", "signal", "wall time", "cpu time", "memory", "output"]
"""Why a run is over: it ended by itself, by a signal, or at a limit."""


@dataclass(frozen=True)
class Result:
    """How a run ended, what it wrote and what it used.

    `code` is the exit status, None when the program was killed. `stdout` and `stderr` are cut at `output_kib`.
    A program that exits with a status of 129 to 192 counts as ended by a signal, as in a shell.
    """

    ended: Ending
    code: int | None
    stdout: bytes
    stderr: bytes
    seconds: float
    cpu_seconds: float
    peak_mib: float
